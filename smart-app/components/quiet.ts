import type { Decision, Outcome } from '../../src/ledger/decision.ts';
import { html } from '../html.ts';
import { reasonWords } from '../reading.ts';
import { missingWords, readable } from '../words.ts';

const sentences: Record<Exclude<Outcome, 'show'>, readonly [title: string, words: string]> = {
  silent: ['No card was needed', 'The service looked at this chart and found nothing to say.'],
  abstained: [
    'No answer',
    'The model does not answer for this patient. That is not a low risk: the risk is not known.',
  ],
  undetermined: [
    'Could not be decided',
    'Something the decision rests on is not known. That is not a low risk.',
  ],
};

const aboutOrders =
  'The service held these orders against this chart and found nothing to say. That does not prove them safe.';

/** Why a decision showed no card: silence is explained too. */
export function Quiet({ decision, level }: { readonly decision: Decision; readonly level: 1 | 2 }) {
  if (decision.outcome === 'show') return null;
  const [title, general] = sentences[decision.outcome];
  const words = decision.outcome === 'silent' && decision.hook.startsWith('order-') ? aboutOrders : general;
  const problems = decision.results.flatMap((result) => (result.kind === 'abstention' ? result.because : []));
  const label = (name: string) => decision.values.find((value) => value.name === name)?.label ?? name;
  return html`<div class=${`quiet ${decision.outcome}`} data-testid="quiet">
    ${level === 1 ? html`<h1 id="headline">${title}</h1>` : html`<h2>${title}</h2>`}
    <p>${words}</p>
    <p><b>Reason:</b> ${reasonWords(decision)}.</p>
    ${
      problems.length > 0 &&
      html`<ul>${problems.map(({ input, value, detail }) => html`<li key=${input}><b>${label(value ?? input)}</b>: ${problemWords(detail)}</li>`)}</ul>`
    }
  </div>`;
}

/** A detail is a sentence, or the bare reason of a missing value. */
export function problemWords(detail: string): string {
  const known = Object.entries(missingWords).find(([reason]) => reason === detail)?.[1];
  return known?.toLowerCase() ?? readable(detail);
}
