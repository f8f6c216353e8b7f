/** What a decision record says, picked out for the page. Nothing is computed anew: the numbers are the record's. */
import type { Contribution } from '../src/explain/explanation.ts';
import { negligible } from '../src/explain/sentence.ts';
import { readablePercent } from '../src/features/words.ts';
import type { Decision, OutputRecord, ValueRecord } from '../src/ledger/decision.ts';
import { codeWords, durationWords, percentNumber, unitWords, valueWords } from './words.ts';

export interface Headline {
  readonly output: OutputRecord;
  /** "10-year ASCVD risk", as on the card. */
  readonly title: string;
  /** "a first heart attack or stroke": what would happen to the 10 in 100. */
  readonly event: string;
  /** The card says "just under": rounding alone would put the number onto a threshold that it does not reach. */
  readonly justUnder: boolean;
  /** With whom the risk is compared: the peer, else the reference person. */
  readonly comparison: { readonly label: string; readonly value: number } | undefined;
}

/** Short names of the outcomes that cards speak of, and what would happen. Others go by the manifest's label. */
const known: Record<string, { readonly label: string; readonly event: string }> = {
  ascvd: { label: 'ASCVD', event: 'a first heart attack or stroke' },
  total_cvd: { label: 'Total CVD', event: 'a first heart attack, stroke or heart failure' },
  heart_failure: { label: 'Heart failure', event: 'heart failure' },
  chd: { label: 'Coronary heart disease', event: 'a first heart attack or death from coronary disease' },
  stroke: { label: 'Stroke', event: 'a first stroke' },
};

/** `10yr_ascvd` → `ascvd`: the outcome, whatever the horizon. */
export const outcomeOf = ({ name }: Pick<OutputRecord, 'name'>): string => name.replace(/^\d+yr_/, '');

/** The outcome alone: a short name, else the label without "10-year risk of". */
export function outcomeLabel(output: OutputRecord): string {
  const own = output.label.replace(/^\d+-(year|month|day)\s+(risk of\s+)?/i, '').replace(/\s+risk$/i, '');
  return known[outcomeOf(output)]?.label ?? own;
}

/** What a short name stands for, in the manifest's words; empty where the label is shown whole. */
export function outcomeDetail(output: OutputRecord): string {
  const long = output.label.replace(/^\d+-(year|month|day)\s+(risk of\s+)?/i, '');
  return long.toLowerCase() === outcomeLabel(output).toLowerCase() ? '' : long;
}

export const isProportion = ({ unit, value }: OutputRecord): boolean =>
  unit === '1' && value >= 0 && value <= 1;

/** A result as it is printed: a risk in percent, anything else with its unit. */
export const outputWords = (output: OutputRecord): string =>
  isProportion(output)
    ? readablePercent(output.value)
    : `${valueWords(output.value, output.unit)} ${unitWords(output.unit)}`.trim();

/** The number the card speaks of: the explained output, else the model's first. Absent when no model answered. */
export function headlineOf(
  { explanation, outputs: all, cards }: Decision,
  outputs: readonly OutputRecord[] = all,
): Headline | undefined {
  const explained = outputs.find(
    ({ model, name }) => model === explanation?.model && name === explanation.output,
  );
  const output = explained ?? outputs[0];
  if (output === undefined) return undefined;
  const horizon = output.horizon === undefined ? '' : `${durationWords(output.horizon, true)} `;
  const label = outcomeLabel(output);
  return {
    output,
    title: isProportion(output) ? `${horizon}${label} risk` : output.label,
    justUnder: cards.some(({ summary }) => saysJustUnder(summary, output)),
    event: known[outcomeOf(output)]?.event ?? label,
    comparison: explained === undefined ? undefined : (explanation?.peer ?? explanation?.baseline),
  };
}

/** Contributions that matter, as on the card; largest first. */
export const drivers = ({ explanation }: Decision): readonly Contribution[] =>
  (explanation?.contributions ?? []).filter(({ phi }) => Math.abs(phi) >= negligible);

export const missingOf = ({ values }: Decision): readonly ValueRecord[] =>
  values.filter(({ feature }) => feature.kind === 'missing');

export const imputedOf = ({ values }: Decision): readonly ValueRecord[] =>
  values.filter(({ feature }) => feature.kind === 'imputed');

/** Names after the colon of a reason: `missing: totalCholesterol, egfr`. */
export function decisiveNames({ reason }: Decision): ReadonlySet<string> {
  const [, names = ''] = reason.split(/:(.*)/s);
  return new Set(names.split(',').map((name) => name.trim()));
}

/** `missing: totalCholesterol` → "Missing: Total cholesterol". */
export function reasonWords(decision: Decision): string {
  const code = codeWords(decision.reason.split(':')[0] ?? '');
  const label = (name: string) =>
    decision.values.find((value) => value.name === name)?.label ?? codeWords(name);
  const names = [...decisiveNames(decision)].filter((name) => name !== '').map(label);
  return names.length === 0 ? code : `${code}: ${names.join(', ')}`;
}

/** Was there an answer without this value? */
export const isOptional = (decision: Decision, value: ValueRecord): boolean =>
  !isNeeded(decision, value) && decision.results.some(({ kind }) => kind === 'prediction');

function isNeeded(decision: Decision, { name }: ValueRecord): boolean {
  return decisiveNames(decision).has(name) || blockers(decision).has(name);
}

/** Values that kept a model from answering. */
function blockers({ results }: Decision): ReadonlySet<string | undefined> {
  const problems = results.flatMap((result) => (result.kind === 'abstention' ? result.because : []));
  return new Set(problems.map(({ value }) => value));
}

/** How the absence of a value mattered to this decision. */
export function consequence(decision: Decision, { name, role }: ValueRecord): string {
  if (blockers(decision).has(name)) return 'Needed: the model gave no answer without it.';
  if (decisiveNames(decision).has(name)) return 'Needed: without it nothing could be decided.';
  if (role === 'check') return 'Not checked.';
  const prediction = decision.results.find((result) => result.kind === 'prediction');
  if (prediction === undefined) return 'Not available to the decision.';
  const variant = decision.models.find(({ id }) => id === prediction.model)?.variant;
  return variant === undefined
    ? 'Optional: the answer was computed without it.'
    : `Optional: the “${variant}” equation answered, which does without it.`;
}

/** Does the card's own sentence say of this very number that it is just under it? */
function saysJustUnder(summary: string, { value }: OutputRecord): boolean {
  const [, said] = /just under ([\d.]+) ?%/i.exec(summary) ?? [];
  return said !== undefined && Number(said) === Number(percentNumber(value));
}
