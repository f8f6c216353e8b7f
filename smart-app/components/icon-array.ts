import { html } from '../html.ts';
import { ofHundred } from '../words.ts';

const columns = 10;

interface CrowdWords {
  readonly both: string;
  readonly fewer: string;
  readonly rest: string;
  readonly spoken: (mine: number, theirs: number) => string;
}

const people: CrowdWords = {
  both: 'in the comparison too',
  fewer: 'fewer than in the comparison',
  rest: 'not affected',
  spoken: (mine, theirs) =>
    `${mine} of 100 people with these values are affected; ${theirs} of 100 in the comparison.`,
};

/**
 * One hundred people like this patient: those affected, and how that differs from a hundred people of the
 * comparison. Part and whole are both in view, so the number is neither inflated nor lost.
 */
export function IconArray({
  value,
  comparison,
  id = 'person',
  words = people,
}: {
  readonly value: number;
  readonly comparison: number | undefined;
  /** Of the figure's shape; one page may hold several arrays. */
  readonly id?: string;
  readonly words?: CrowdWords;
}) {
  const [mine, theirs] = [ofHundred(value), comparison === undefined ? undefined : ofHundred(comparison)];
  const both = Math.min(mine, theirs ?? mine);
  const figures = Array.from({ length: 100 }, (_, index) => kindOf(index, mine, theirs ?? mine));
  return html`<figure class="people" data-testid="icon-array">
    <svg viewBox="0 0 200 220" role="img" aria-label=${theirs === undefined ? `${mine} of 100 people with these values are affected.` : words.spoken(mine, theirs)}>
      <defs><symbol id=${id} viewBox="0 0 18 20">
        <circle cx="9" cy="5" r="4"/><path d="M9 10c-4 0-6.5 2.6-6.5 6.4V18c0 .9.6 1.5 1.5 1.5h10c.9 0 1.5-.6 1.5-1.5v-1.6C15.500 12.600 13 10 9 10Z"/>
      </symbol></defs>
      ${figures.map(
        (kind, index) =>
          html`<use key=${index} href=${`#${id}`} class=${`person ${kind}`} x=${(index % columns) * 20 + 1} y=${Math.floor(index / columns) * 22 + 1} width="18" height="20" />`,
      )}
    </svg>
    <figcaption>
      ${theirs !== undefined && key(id, 'hit', both, words.both)}
      ${theirs === undefined && key(id, 'hit', mine, 'affected')}
      ${theirs !== undefined && mine > theirs && key(id, 'more', mine - theirs, 'more with these values')}
      ${theirs !== undefined && mine < theirs && key(id, 'fewer', theirs - mine, words.fewer)}
      ${key(id, 'rest', 100 - Math.max(mine, theirs ?? mine), words.rest)}
    </figcaption>
  </figure>`;
}

function kindOf(index: number, mine: number, theirs: number): string {
  if (index < Math.min(mine, theirs)) return 'hit';
  if (index < mine) return 'more';
  return index < theirs ? 'fewer' : 'rest';
}

const key = (id: string, kind: string, count: number, words: string) =>
  html`<span class="key"><svg class=${`person ${kind}`} viewBox="0 0 18 20" aria-hidden="true"><use href=${`#${id}`} /></svg><b>${count}</b> ${words}</span>`;
