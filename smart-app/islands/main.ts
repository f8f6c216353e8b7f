/** What scripts add to the page. Without them everything is in view; with them it can be folded. */
import { render } from 'preact';
import { html } from '../html.ts';
import { MoreInputs } from './more-inputs.ts';
import { ViewSwitch } from './view-switch.ts';

const islands = { view: ViewSwitch, inputs: MoreInputs } as const;

for (const place of document.querySelectorAll<HTMLElement>('[data-island]')) {
  const { island = '', target = '', count = '0' } = place.dataset;
  const section = document.getElementById(target);
  const Island = Object.entries(islands).find(([name]) => name === island)?.[1];
  if (section !== null && Island !== undefined) {
    render(html`<${Island} section=${section} count=${Number(count)} />`, place);
  }
}
