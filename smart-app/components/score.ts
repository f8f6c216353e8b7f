import type { OutputRecord } from '../../src/ledger/decision.ts';
import { html } from '../html.ts';
import { outputWords } from '../reading.ts';
import type { Component, Score as ScoreRecord } from '../score.ts';
import { unitWords, valueWords } from '../words.ts';
import { shownValue, sourcesOf, when } from './inputs.ts';
import { Tag } from './marks.ts';

interface Props {
  readonly score: ScoreRecord;
  /** 1: it is what the page is about. */
  readonly level: 1 | 2;
  readonly decidedAt: string;
  readonly fhirServer: string;
}

/** A score: the sum within its range, its band, and what scored. */
export function Score({ score, level, decidedAt, fhirServer }: Props) {
  const { total, band, remarks, components, others } = score;
  const id = level === 1 ? 'headline' : `score-${score.model}`;
  const title = total.label;
  return html`<div class="score" data-testid="score" data-model=${score.model}>
    <div class="sum">
      ${level === 1 ? html`<h1 id=${id}>${title}</h1>` : html`<h2 id=${id}>${title}</h2>`}
      <p class="risk" data-testid=${level === 1 ? 'headline-risk' : 'score-sum'}><span class="risk-number">${valueWords(total.value)}</span> <span class="risk-unit">${unitWords(total.unit)}</span></p>
      <p class="within">${total.range && `on a scale of ${total.range.min} to ${total.range.max}`}${band && html` <${Tag} kind="band">${band}<//>`}</p>
      ${remarks.length > 0 && html`<p class="aside">${remarks.join('. ')}.</p>`}
    </div>
    <${Ruler} total=${total} />
    ${components.length > 0 ? html`<${WhatScored} score=${score} decidedAt=${decidedAt} fhirServer=${fhirServer} />` : html`<${WhatCounted} score=${score} level=${level} />`}
    ${others.length > 0 && html`<dl class="others">${others.map((output) => html`<div key=${output.name}><dt>${output.label}</dt><dd>${outputWords(output)}</dd></div>`)}</dl>`}
  </div>`;
}

/** Where the sum lies between the lowest and the highest there can be; nothing where the record does not say. */
function Ruler({ total: { value, range } }: { readonly total: OutputRecord }) {
  if (range === undefined || range.max <= range.min) return null;
  const share = ((value - range.min) / (range.max - range.min)) * 100;
  return html`<div class="ruler" aria-hidden="true">
    <svg viewBox="0 0 100 4" preserveAspectRatio="none"><rect class="track" width="100" height="4" /><rect class="fill" width=${Math.max(share, 0.6)} height="4" /></svg>
    <span>${range.min}</span><span>${range.max}</span>
  </div>`;
}

/** Points of every component, those that scored first, with the value behind each. */
function WhatScored({ score, decidedAt, fhirServer }: Omit<Props, 'level'>) {
  const ordered = score.components.toSorted(
    (a, b) => Number(a.output.value === 0) - Number(b.output.value === 0),
  );
  return html`<table class="grid scored" role="table">
    <caption>What scored</caption>
    <thead role="rowgroup"><tr role="row">${['Component', 'Points', 'Value', 'When', 'Source'].map((name) => html`<th scope="col" role="columnheader" key=${name}>${name}</th>`)}</tr></thead>
    <tbody role="rowgroup">${ordered.map(
      (component) =>
        html`<${Row} key=${component.output.name} component=${component} decidedAt=${decidedAt} fhirServer=${fhirServer} />`,
    )}</tbody>
    <tfoot role="rowgroup"><tr role="row"><th scope="row" role="rowheader">Together</th><td role="cell"><b class="points">${valueWords(score.total.value)}</b></td><td role="cell" colspan="3"></td></tr></tfoot>
  </table>`;
}

interface RowProps {
  readonly component: Component;
  readonly decidedAt: string;
  readonly fhirServer: string;
}

function Row({ component: { output, label, values }, decidedAt, fhirServer }: RowProps) {
  const lines = (content: (value: (typeof values)[number]) => unknown) =>
    values.map((value) => html`<div class="line" key=${value.name}>${content(value)}</div>`);
  return html`<tr role="row" class=${output.value === 0 ? 'zero' : 'some'} data-testid="component">
    <th scope="row" role="rowheader">${label}</th>
    <td role="cell"><${Points} output=${output} /></td>
    <td role="cell">${lines((value) => html`${values.length > 1 && html`<small>${value.label}</small>`}${shownValue(value)}`)}</td>
    <td role="cell">${lines((value) => when(value, decidedAt))}</td>
    <td role="cell">${lines((value) => sourcesOf(value.feature, fhirServer))}</td>
  </tr>`;
}

function Points({ output: { value, range } }: { readonly output: OutputRecord }) {
  const most = range?.max;
  return html`<span class="points-cell"><b class="points">${valueWords(value)}</b>${most !== undefined && html`<span class="of">of ${most}</span><svg class="cells" viewBox=${`0 0 ${most * 10} 8`} width=${most * 10} height="8" aria-hidden="true">${Array.from({ length: Math.min(most, 12) }, (_, at) => html`<rect key=${at} class=${at < value ? 'on' : 'off'} x=${at * 10} width="8" height="8" rx="1.5" />`)}</svg>`}</span>`;
}

/** A score without points per component: what of its items is present, and the numbers it took. */
function WhatCounted({ score: { inputs }, level }: Pick<Props, 'score' | 'level'>) {
  if (inputs.length === 0) return null;
  const found = inputs.flatMap(({ label, unit, feature }) =>
    feature.kind === 'missing' ? [] : [{ label, unit, value: feature.value }],
  );
  const named = (wanted: boolean) => found.filter(({ value }) => value === wanted).map(({ label }) => label);
  const measured = found.flatMap(({ label, unit, value }) =>
    typeof value === 'boolean'
      ? []
      : [
          `${label}: ${valueWords(value, unit).toLowerCase()}${unit === undefined ? '' : ` ${unitWords(unit)}`}`.trim(),
        ],
  );
  const line = (name: string, words: readonly string[]) =>
    html`<div><dt>${name}</dt><dd>${words.length === 0 ? 'none' : words.join('; ')}</dd></div>`;
  return html`<div class="counted">${level === 1 ? html`<h2>What counted</h2>` : html`<h3>What counted</h3>`}<dl class="counted-list">
    ${line('Present', named(true))}${line('Measured', measured)}${line('Not present', named(false))}
  </dl></div>`;
}
