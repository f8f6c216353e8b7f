/** What one reading, or all readings of one instant, come to. */
import { toUnit } from '../fhir/quantity.ts';
import { readAnswer } from './answer.ts';
import type { EntryFrom } from './entry.ts';
import { type FeatureValue, type Missing, type MissingReason, missing, type Source } from './feature.ts';
import { type Dated, matched } from './reading.ts';
import { readableQuantity } from './words.ts';

export type Value = { readonly value: FeatureValue; readonly notes: readonly string[] };
type Entry = EntryFrom<'observation'>;

/** One value from all readings of one instant: every one must be usable and near the others. */
export function agree(entry: Entry, together: readonly Dated[]): Value | Missing {
  const good: Value[] = [];
  for (const each of together) {
    const value = readValue(entry, each);
    if ('kind' in value) return value;
    good.push(value);
  }
  const distinct = [...new Set(good.map((each) => each.value))];
  const [first] = distinct;
  if (first === undefined) return missing('not-recorded');
  const notes = [...new Set(good.flatMap((each) => each.notes))];
  if (distinct.length === 1) return { value: first, notes };
  const numbers = distinct.filter((each) => typeof each === 'number');
  const spread = Math.max(...numbers) - Math.min(...numbers);
  if (numbers.length < distinct.length || spread > (entry.conflictAbove ?? Number.POSITIVE_INFINITY)) {
    return missing(
      'conflicting',
      'records of the same instant disagree',
      together.map((each) => each.source()),
    );
  }
  const all = good.map((each) => Number(each.value));
  return { value: mean(all), notes: [...notes, `mean of ${all.length} records of the same instant`] };
}

export const sameInstant = (one: Dated, all: readonly Dated[]): readonly Dated[] =>
  all.filter(({ moment }) => moment.start === one.moment.start && moment.end === one.moment.end);

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/** One reading: a coded answer, or a number in the entry's unit. */
export function readValue(entry: Entry, dated: Dated): Value | Missing {
  return entry.from.answers === undefined ? measure(entry, dated) : readAnswer(entry.from.answers, dated);
}

const refusals: Readonly<Record<string, readonly [MissingReason, string]>> = {
  'not-a-number': ['unsuitable', 'the newest record holds no number'],
  comparator: ['unsuitable', 'the newest record is a bound (less or greater than), not a value'],
  'no-unit': ['unknown-unit', 'the newest record has no unit'],
  'unknown-unit': ['unknown-unit', 'the unit of the newest record is not known'],
  'wrong-kind': ['unknown-unit', 'the unit of the newest record does not fit what the code measures'],
};

/** The reading in the entry's unit, within its plausible range. */
function measure(entry: Entry, { reading, source: told }: Dated): Value | Missing {
  const unit = entry.unit ?? '';
  const { valueQuantity, valueInteger } = reading.holder;
  const sent = valueQuantity ?? (valueInteger === undefined ? undefined : { value: valueInteger });
  const tries = matched(entry, reading).map(({ property, substance = entry.from.substance }) =>
    toUnit(sent, unit, { substance, property }),
  );
  const result = tries.find((each) => each.ok) ?? tries[0];
  if (result === undefined || !result.ok) {
    const [reason, detail] = refusals[result?.reason ?? 'not-a-number'] ?? ['unsuitable', ''];
    return missing(reason, detail, [told()]);
  }
  const { value, converted } = result;
  const [low, high] = entry.plausible ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (value < low || value > high) {
    return missing('implausible', `outside ${low}–${high} ${unit}`, [told()]);
  }
  return { value, notes: converted ? [conversion(told(), value, unit)] : [] };
}

function conversion({ value: sent, unit: sentUnit }: Source, value: number, unit: string): string {
  const was = typeof sent === 'number' ? readableQuantity(sent, sentUnit) : '';
  return `${was} = ${readableQuantity(value, unit)}`;
}
