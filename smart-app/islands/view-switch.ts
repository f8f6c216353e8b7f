import { useLayoutEffect, useState } from 'preact/hooks';
import { html } from '../html.ts';

const views = ['chart', 'table'] as const;

/** Chart or table: two buttons that say which one is on. */
export function ViewSwitch({ section }: { readonly section: HTMLElement }) {
  const [view, setView] = useState<(typeof views)[number]>('chart');
  useLayoutEffect(() => {
    section.dataset.view = view;
  }, [section, view]);
  return html`<div class="switch" role="group" aria-label="Show as">
    ${views.map(
      (each) =>
        html`<button key=${each} type="button" aria-pressed=${String(view === each)} onClick=${() => setView(each)}>${each === 'chart' ? 'Chart' : 'Table'}</button>`,
    )}
  </div>`;
}
