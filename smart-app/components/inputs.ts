import type { Feature, Source } from '../../src/features/feature.ts';
import type { Decision, ValueRecord } from '../../src/ledger/decision.ts';
import { html } from '../html.ts';
import { consequence } from '../reading.ts';
import { ago, dateWords, durationWords, missingWords, readable, unitWords, valueWords } from '../words.ts';
import { Tag } from './marks.ts';

interface Props {
  readonly decision: Decision;
  /** Registered base; a source is linked below it and nowhere else. */
  readonly fhirServer: string;
}

/** Every value that went in or should have: value, unit, date, age, source, and what became of it. */
export function Inputs({ decision, fhirServer }: Props) {
  const { values } = decision;
  return html`<section class="card inputs" id="inputs" aria-labelledby="inputs-title">
    <div class="card-head">
      <h2 id="inputs-title">What went in</h2>
      <div data-island="inputs" data-target="inputs" data-count=${values.length}></div>
    </div>
    <table class="grid stack" role="table">
      <caption class="sr">Inputs of the decision</caption>
      <thead role="rowgroup"><tr role="row">${['Input', 'Value', 'When', 'Source', 'State'].map((name) => html`<th scope="col" role="columnheader" key=${name}>${name}</th>`)}</tr></thead>
      <tbody role="rowgroup">${values.map((value) => html`<${InputRow} key=${value.name} value=${value} decision=${decision} fhirServer=${fhirServer} />`)}</tbody>
    </table>
  </section>`;
}

function InputRow({ value, decision, fhirServer }: Props & { readonly value: ValueRecord }) {
  const { feature, label, name } = value;
  const quiet = isQuiet(value);
  return html`<tr role="row" class=${`input ${feature.kind}${quiet ? ' quiet-row' : ''}`} data-testid="input-row" data-value=${name}>
    <th scope="row" role="rowheader">${label}</th>
    <td role="cell">${shownValue(value)}</td>
    <td role="cell">${when(value, decision.decidedAt)}</td>
    <td role="cell">${sourcesOf(feature, fhirServer)}</td>
    <td role="cell">${state(value, decision)}</td>
  </tr>`;
}

/** Checked, and nothing found: folded away where scripts run. */
const isQuiet = ({ feature, role }: ValueRecord): boolean =>
  feature.kind === 'observed' && feature.value === false && role === 'check';

/** The value with its unit and how it came about, or why there is none. */
export function shownValue({ feature, unit }: ValueRecord) {
  const words = unit === undefined ? '' : unitWords(unit);
  if (feature.kind === 'missing') return html`<span class="none">${missingWords[feature.reason]}</span>`;
  return html`<b class="value">${valueWords(feature.value, unit)}</b>${words && ` ${words}`}${notes(feature)}`;
}

const notes = (feature: Feature) =>
  feature.kind === 'observed'
    ? feature.notes?.map((note) => html`<small key=${note}>${sentence(readable(note))}</small>`)
    : undefined;

/** When it was recorded, how long before the decision, and how old it may be. */
export function when({ feature, lookback }: ValueRecord, decidedAt: string) {
  const at =
    feature.kind === 'observed'
      ? feature.at
      : feature.kind === 'missing'
        ? feature.sources[0]?.at
        : undefined;
  const limit = lookback === undefined ? undefined : durationWords(lookback);
  if (at !== undefined) {
    const age = limit === undefined ? ago(at, decidedAt) : `${ago(at, decidedAt)}; limit ${limit}`;
    return html`<time datetime=${at}>${dateWords(at)}</time> <small>${age}</small>`;
  }
  if (feature.kind === 'missing' && feature.reason === 'not-recorded' && limit !== undefined)
    return html`<small>none in ${limit}</small>`;
  return html`<span class="none dash">–</span>`;
}

/** The records it was read from, as links below the registered base. */
export function sourcesOf(feature: Feature, fhirServer: string) {
  if (feature.kind === 'imputed') return html`<span class="none dash">–</span>`;
  if (feature.sources.length === 0) {
    const searched = feature.kind === 'observed' && feature.value === false;
    return searched
      ? html`<span class="none">List read, no match</span>`
      : html`<span class="none dash">–</span>`;
  }
  return html`<ul class="sources">${feature.sources.map((source) => html`<li key=${source.reference}>${reference(source, fhirServer)}${asSent(source, feature)}</li>`)}</ul>`;
}

/** Text, and a link only where it stays below the registered base. */
export function reference({ reference: text }: Pick<Source, 'reference'>, fhirServer: string) {
  if (/^[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.test(text)) {
    return html`<a href=${`${fhirServer}/${text}`} target="_blank" rel="noopener noreferrer">${text}</a>`;
  }
  return text === '#' ? 'unnamed record' : text;
}

/** The record's own number, where it is not the one that stands beside it: of several, converted or refused. */
function asSent({ value, unit, at }: Source, feature: Feature) {
  const count = feature.kind === 'imputed' ? 0 : feature.sources.length;
  const same = count === 1 && feature.kind === 'observed' && feature.value === value;
  if (typeof value !== 'number' || same) return null;
  const words = [`${valueWords(value)}${unit === undefined ? '' : ` ${unitWords(unit)}`}`];
  if (count > 1 && at !== undefined) words.push(dateWords(at));
  return html`<small>${words.join(', ')}</small>`;
}

function state(value: ValueRecord, decision: Decision) {
  const { feature } = value;
  switch (feature.kind) {
    case 'observed':
      return html`<${Tag} kind=${useOf(decision, value)}>${useWords[useOf(decision, value)]}<//>`;
    case 'imputed':
      return html`<${Tag} kind="imputed">Assumed<//><small>${missingWords[feature.because]}. ${readable(feature.basis)}</small>`;
    case 'missing':
      return html`<${Tag} kind="missing">Missing<//>${feature.detail && html`<small>${sentence(readable(feature.detail))}</small>`}<small>${consequence(decision, value)}</small>`;
  }
}

const useWords = { used: 'Used', checked: 'Checked', read: 'Read' } as const;

/** Taken in by a model; looked at to make sure that the answer applies; or only read, as no model answered. */
function useOf({ results }: Decision, { role }: ValueRecord): keyof typeof useWords {
  if (role === 'check') return 'checked';
  return results.some(({ kind }) => kind === 'prediction') ? 'used' : 'read';
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
