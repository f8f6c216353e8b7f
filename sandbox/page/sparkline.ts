import { html } from 'htm/preact';
import type { VNode } from 'preact';

const width = 64;
const height = 18;
const inset = 3;

/** A small line of the values over time, the newest dotted; nothing with fewer than two. Decoration: the table says the value. */
export function sparkline(values: readonly number[]): VNode | null {
  if (values.length < 2) {
    return null;
  }
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const points = values.map((value, index) => ({
    x: inset + (index * (width - 2 * inset)) / (values.length - 1),
    y: height - inset - ((value - low) * (height - 2 * inset)) / span,
  }));
  const last = points.at(-1);
  return html`<svg class="spark" width=${width} height=${height} viewBox="0 0 ${width} ${height}" aria-hidden="true">
    <polyline points=${points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')} />
    <circle cx=${last?.x} cy=${last?.y} r="2.2" />
  </svg>`;
}
