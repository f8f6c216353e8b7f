import { html } from '../html.ts';

/** Up, down or level: shape and word, never colour alone. */
export function Direction({ phi }: { readonly phi: number }) {
  const [kind, words, path] = directionOf(phi);
  return html`<span class=${`direction ${kind}`}><svg viewBox="0 0 12 12" aria-hidden="true"><path d=${path} /></svg><span class="sr">${words}</span></span>`;
}

export function directionOf(phi: number): readonly [kind: string, words: string, path: string] {
  if (Math.abs(phi) < 0.005) return ['level', 'makes no difference:', 'M1 5h10v2H1z'];
  return phi > 0
    ? ['raises', 'raises the risk:', 'M6 1l5.500 10H.5z']
    : ['lowers', 'lowers the risk:', 'M6 11L.5 1h11z'];
}

export const severityWords = { info: 'Information', warning: 'Warning', critical: 'Critical' } as const;

const shapes = {
  info: html`<circle cx="8" cy="8" r="7" />`,
  warning: html`<path d="M8 1 15.5 15H.5z" />`,
  critical: html`<path d="M5 .7h6L15.3 5v6L11 15.3H5L.7 11V5z" />`,
} as const;

/** How grave: a shape of its own for each, beside a word. */
export function Severity({ severity }: { readonly severity: keyof typeof severityWords }) {
  const mark = severity === 'info' ? 'M8 7v4.5M8 4.2v.6' : 'M8 5v4.5M8 11.6v.6';
  return html`<svg class=${`severity ${severity}`} viewBox="0 0 16 16" aria-hidden="true">${shapes[severity]}<path class="severity-mark" d=${mark} /></svg>`;
}

/** A small tag for the state of an input or a service. */
export function Tag({ kind, children }: { readonly kind: string; readonly children?: unknown }) {
  return html`<span class=${`tag tag-${kind}`}>${children}</span>`;
}
