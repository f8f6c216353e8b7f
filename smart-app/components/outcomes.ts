import { readablePercent, readableUnit } from '../../src/features/words.ts';
import type { Decision, OutputRecord } from '../../src/ledger/decision.ts';
import { html } from '../html.ts';
import { headlineOf, isProportion, outcomeDetail, outcomeLabel, outcomeOf } from '../reading.ts';
import { durationWords, valueWords } from '../words.ts';

/** Every output of the models, outcome by horizon. An output that does not apply says so. */
export function Outcomes({ decision }: { readonly decision: Decision }) {
  const { outputs } = decision;
  if (outputs.length < 2) return null;
  const horizons = [...new Set(outputs.map(({ horizon }) => horizon ?? ''))];
  const rows = [
    ...new Map(outputs.map((output) => [`${output.model} ${outcomeOf(output)}`, output])).values(),
  ];
  const shown = headlineOf(decision)?.output;
  const cell = (row: OutputRecord, horizon: string) =>
    outputs.find(
      (each) =>
        each.model === row.model && outcomeOf(each) === outcomeOf(row) && (each.horizon ?? '') === horizon,
    );
  return html`<section class="card outcomes" aria-labelledby="outcomes-title">
    <h2 id="outcomes-title">All outcomes</h2>
    <table class="grid">
      <caption class="sr">Risk by outcome and horizon</caption>
      <thead><tr><th scope="col">Outcome</th>${horizons.map((horizon) => html`<th scope="col" class="num" key=${horizon}>${horizon === '' ? 'Result' : durationWords(horizon)}</th>`)}</tr></thead>
      <tbody>${rows.map(
        (
          row,
        ) => html`<tr key=${row.name}><th scope="row">${outcomeLabel(row)}${outcomeDetail(row) && html`<small>${outcomeDetail(row)}</small>`}</th>
          ${horizons.map((horizon) => {
            const found = cell(row, horizon);
            return html`<td class=${`num${found === shown ? ' on-card' : ''}`} key=${horizon}>${found === undefined ? 'does not apply' : result(found)}</td>`;
          })}</tr>`,
      )}</tbody>
    </table>
    <p class="aside"><b>Do not add these up.</b> The outcomes overlap: one person can have several${rows.some((row) => outcomeOf(row) === 'total_cvd') && ', and total CVD already contains the others'}.</p>
  </section>`;
}

const result = (output: OutputRecord): string =>
  isProportion(output)
    ? readablePercent(output.value)
    : `${valueWords(output.value)} ${readableUnit(output.unit)}`.trim();
