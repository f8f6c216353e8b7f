/** A risk without and with each candidate treatment, as the record of a benefit model tells it. */
import type { Decision, ModelRecord, OutputRecord } from '../src/ledger/decision.ts';
import { codeWords } from './words.ts';

export interface Benefit {
  readonly model: string;
  readonly title: string;
  readonly untreated: OutputRecord;
  readonly treatments: readonly Treatment[];
}

export interface Treatment {
  readonly name: string;
  readonly label: string;
  readonly defined: string | undefined;
  /** The risk under it. */
  readonly risk: OutputRecord;
  readonly reduction: Estimate | undefined;
  /** Absent where the reduction is too small to be inverted. */
  readonly needed: Estimate | undefined;
}

/** A number with its confidence limits, where the record has them. */
export interface Estimate {
  readonly value: number;
  readonly limits: readonly [low: number, high: number] | undefined;
}

/** Does this model compare treatments? */
export const isBenefit = (outputs: readonly OutputRecord[]): boolean =>
  outputs.some(({ name }) => reduces(name));
const reduces = (name: string): boolean => /^.+_arr$/.test(name);

/** @param outputs of one model: `<risk>`, and per treatment `<t>_<risk>`, `<t>_arr`, `<t>_nnt` with `_low`, `_high` */
export function benefitOf(
  decision: Decision,
  model: string,
  outputs: readonly OutputRecord[],
): Benefit | undefined {
  const facts: ModelRecord | undefined = decision.models.find(({ id }) => id === model);
  const names = outputs.map(({ name }) => name).filter(reduces);
  const prefixes = names.map((name) => name.slice(0, -'_arr'.length));
  const untreated = outputs.find(({ name }) =>
    prefixes.some((prefix) => outputs.some((each) => each.name === `${prefix}_${name}`)),
  );
  if (untreated === undefined) return undefined;
  const treatments = prefixes.flatMap((prefix) => treatment(prefix, untreated, outputs, facts));
  return { model, title: facts?.title ?? model, untreated, treatments };
}

function treatment(
  name: string,
  untreated: OutputRecord,
  outputs: readonly OutputRecord[],
  facts: ModelRecord | undefined,
): Treatment[] {
  const risk = outputs.find((each) => each.name === `${name}_${untreated.name}`);
  if (risk === undefined) return [];
  const known = facts?.treatments?.find((each) => each.name === name);
  return [
    {
      name,
      label: known?.label ?? codeWords(name.replaceAll('_', '-')),
      defined: known?.defined,
      risk,
      reduction: estimate(outputs, `${name}_arr`),
      needed: estimate(outputs, `${name}_nnt`),
    },
  ];
}

function estimate(outputs: readonly OutputRecord[], name: string): Estimate | undefined {
  const number = (wanted: string) => outputs.find((each) => each.name === wanted)?.value;
  const [value, low, high] = [number(name), number(`${name}_low`), number(`${name}_high`)];
  if (value === undefined) return undefined;
  return { value, limits: low === undefined || high === undefined ? undefined : [low, high] };
}
