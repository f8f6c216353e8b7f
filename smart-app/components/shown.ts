import type { Decision } from '../../src/ledger/decision.ts';
import { html } from '../html.ts';
import { Severity, severityWords } from './marks.ts';

/** Which cards the EHR was given: the summary of each, in the order given. */
export function ShownCards({ decision, level }: { readonly decision: Decision; readonly level: 1 | 2 }) {
  const { cards } = decision;
  const [only] = cards;
  if (only === undefined) return null;
  const title =
    cards.length === 1 && level === 1
      ? only.summary
      : cards.length === 1
        ? 'The card shown in the chart'
        : `The ${cards.length} cards shown in the chart`;
  const list = html`<ul class="shown">${cards.map(
    ({
      uuid,
      summary,
      indicator,
    }) => html`<li key=${uuid ?? summary} class=${indicator} data-testid="shown-card">
      <${Severity} severity=${indicator} /><span><span class="sr">${severityWords[indicator]}: </span>${summary}</span>
    </li>`,
  )}</ul>`;
  return level === 1
    ? html`<div class="cards-shown"><h1 id="headline">${title}</h1>${(cards.length > 1 || level !== 1) && list}</div>`
    : html`<section class="card cards-shown" aria-labelledby="cards-title"><h2 id="cards-title">${title}</h2>${list}</section>`;
}
