import type { Decision, OutputRecord } from '../../src/ledger/decision.ts';
import { html } from '../html.ts';
import { headlineOf, isProportion, outcomeDetail, outcomeLabel, outcomeOf, outputWords } from '../reading.ts';
import { durationWords } from '../words.ts';

interface Props {
  readonly decision: Decision;
  /** Of one model. */
  readonly outputs: readonly OutputRecord[];
  readonly title?: string;
}

/** Every output of a model, outcome by horizon. An output that does not apply says so. */
export function Outcomes({ decision, outputs, title = 'All outcomes' }: Props) {
  const horizons = [...new Set(outputs.map(({ horizon }) => horizon ?? ''))];
  const rows = [
    ...new Map(outputs.map((output) => [`${output.model} ${outcomeOf(output)}`, output])).values(),
  ];
  const shown = headlineOf(decision)?.output;
  const id = `outcomes-${outputs[0]?.model}`;
  const cell = (row: OutputRecord, horizon: string) =>
    outputs.find(
      (each) =>
        each.model === row.model && outcomeOf(each) === outcomeOf(row) && (each.horizon ?? '') === horizon,
    );
  return html`<section class="card outcomes" aria-labelledby=${id}>
    <h2 id=${id}>${title}</h2>
    <table class="grid">
      <caption class="sr">Risk by outcome and horizon</caption>
      <thead><tr><th scope="col">Outcome</th>${horizons.map((horizon) => html`<th scope="col" class="num" key=${horizon}>${horizon === '' ? 'Result' : durationWords(horizon)}</th>`)}</tr></thead>
      <tbody>${rows.map(
        (
          row,
        ) => html`<tr key=${row.name}><th scope="row">${outcomeLabel(row)}${outcomeDetail(row) && html`<small>${outcomeDetail(row)}</small>`}</th>
          ${horizons.map((horizon) => {
            const found = cell(row, horizon);
            return html`<td class=${`num${found === shown ? ' on-card' : ''}`} key=${horizon}>${found === undefined ? 'does not apply' : outputWords(found)}</td>`;
          })}</tr>`,
      )}</tbody>
    </table>
    ${rows.length > 1 && outputs.every(isProportion) && html`<p class="aside"><b>Do not add these up.</b> The outcomes overlap: one person can have several${rows.some((row) => outcomeOf(row) === 'total_cvd') && ', and total CVD already contains the others'}.</p>`}
  </section>`;
}
