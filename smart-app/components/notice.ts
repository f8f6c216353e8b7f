import type { Notice, PageView } from '../../src/smart/shell.ts';
import { html } from '../html.ts';
import { PatientBanner } from './banner.ts';
import { TopBar } from './page.ts';

const chart = 'Close this and open it again from the card in the chart.';
const notices: Record<
  Notice | NonNullable<PageView['absence']>,
  readonly [title: string, ...words: string[]]
> = {
  'session-required': [
    'Open this from the chart',
    `This page shows one patient’s decision and has no session here, or it has ended. ${chart}`,
  ],
  'several-charts': ['Several charts are open', 'This address does not say which one is meant.', chart],
  'cookie-refused': [
    'The browser kept no session',
    'This browser refused the cookie that ties the page to the chart. Allow cookies for this address, or let the EHR open the app in its own window.',
    chart,
  ],
  'other-browser': [
    'This launch does not belong here',
    'It was begun in another browser session, has been used already or took too long.',
    chart,
  ],
  denied: ['The EHR did not give access', 'The authorization was cancelled or refused.', chart],
  'no-patient': [
    'No patient was named',
    'The EHR opened the app without a patient.',
    'Open it from within a patient’s chart.',
  ],
  refused: [
    'The launch was refused',
    'The EHR and this app could not agree. The EHR’s administrator can help:',
  ],
  failed: ['Something failed here', 'Nothing is shown rather than something wrong.', chart],
  'no-context': [
    'Opened without a card',
    'The EHR did not say which decision to explain, so there is nothing to show.',
    'Open the app by the link on a card.',
  ],
  'not-found': [
    'There is no such decision for this patient',
    'It was made for another patient, or its record has passed the retention period. It is not computed again.',
    'Open the app by the link on a current card.',
  ],
};

/** A page that says plainly why there is nothing to see. */
export function NoticePage({
  notice,
  details = [],
  view,
}: {
  readonly notice: keyof typeof notices;
  readonly details?: readonly string[];
  readonly view?: PageView;
}) {
  const [title, ...words] = notices[notice];
  return html`<${TopBar} title="auscult" />
    ${view && html`<${PatientBanner} view=${view} />`}
    <main><section class="notice" aria-labelledby="headline" data-testid="notice" data-notice=${notice}>
      <h1 id="headline">${title}</h1>
      ${words.map((line) => html`<p key=${line}>${line}</p>`)}
      ${details.length > 0 && html`<ul>${details.map((detail) => html`<li key=${detail}>${detail}</li>`)}</ul>`}
    </section></main>`;
}

export const noticeTitle = (notice: keyof typeof notices): string => notices[notice][0];
