import { html } from '../html.ts';
import { ofHundred } from '../words.ts';

const columns = 10;

/**
 * One hundred people like this patient: those affected, and how that differs from a hundred people of the
 * comparison. Part and whole are both in view, so the number is neither inflated nor lost.
 */
export function IconArray({
  value,
  comparison,
}: {
  readonly value: number;
  readonly comparison: number | undefined;
}) {
  const [mine, theirs] = [ofHundred(value), comparison === undefined ? undefined : ofHundred(comparison)];
  const both = Math.min(mine, theirs ?? mine);
  const figures = Array.from({ length: 100 }, (_, index) => kindOf(index, mine, theirs ?? mine));
  return html`<figure class="people" data-testid="icon-array">
    <svg viewBox="0 0 200 220" role="img" aria-label=${spoken(mine, theirs)}>
      <defs><symbol id="person" viewBox="0 0 18 20">
        <circle cx="9" cy="5" r="4"/><path d="M9 10c-4 0-6.5 2.6-6.5 6.4V18c0 .9.6 1.5 1.5 1.5h10c.9 0 1.5-.6 1.5-1.5v-1.6C15.500 12.600 13 10 9 10Z"/>
      </symbol></defs>
      ${figures.map(
        (kind, index) =>
          html`<use key=${index} href="#person" class=${`person ${kind}`} x=${(index % columns) * 20 + 1} y=${Math.floor(index / columns) * 22 + 1} width="18" height="20" />`,
      )}
    </svg>
    <figcaption>
      ${theirs !== undefined && key('hit', both, 'in the comparison too')}
      ${theirs === undefined && key('hit', mine, 'affected')}
      ${theirs !== undefined && mine > theirs && key('more', mine - theirs, 'more with these values')}
      ${theirs !== undefined && mine < theirs && key('fewer', theirs - mine, 'fewer than in the comparison')}
      ${key('rest', 100 - Math.max(mine, theirs ?? mine), 'not affected')}
    </figcaption>
  </figure>`;
}

function kindOf(index: number, mine: number, theirs: number): string {
  if (index < Math.min(mine, theirs)) return 'hit';
  if (index < mine) return 'more';
  return index < theirs ? 'fewer' : 'rest';
}

const key = (kind: string, count: number, words: string) =>
  html`<span class="key"><svg class=${`person ${kind}`} viewBox="0 0 18 20" aria-hidden="true"><use href="#person" /></svg><b>${count}</b> ${words}</span>`;

const spoken = (mine: number, theirs: number | undefined): string =>
  `${mine} of 100 people with these values are affected${theirs === undefined ? '' : `; ${theirs} of 100 in the comparison`}.`;
