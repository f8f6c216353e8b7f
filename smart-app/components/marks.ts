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

/** A small tag for the state of an input or a service. */
export function Tag({ kind, children }: { readonly kind: string; readonly children?: unknown }) {
  return html`<span class=${`tag tag-${kind}`}>${children}</span>`;
}
