import { useLayoutEffect, useState } from 'preact/hooks';
import { html } from '../html.ts';

/** Folds the checks that found nothing; one button shows every input. */
export function MoreInputs({ section, count }: { readonly section: HTMLElement; readonly count: number }) {
  const [all, setAll] = useState(false);
  const quiet = section.querySelectorAll('.quiet-row').length;
  useLayoutEffect(() => {
    section.dataset.show = all ? 'all' : 'few';
  }, [section, all]);
  if (quiet === 0) return null;
  return html`<button class="more" type="button" aria-expanded=${String(all)} aria-controls=${section.id} onClick=${() => setAll(!all)}>
    ${all ? `Hide ${quiet} checks that found nothing` : `Show all ${count} inputs`}
  </button>`;
}
