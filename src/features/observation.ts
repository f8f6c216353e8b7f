import { toUnit } from '../fhir/quantity.ts';
import { isBefore, isFuture, newestFirst, windowStart } from '../fhir/time.ts';
import { readAnswer } from './answer.ts';
import { absence, type Context } from './context.ts';
import type { EntryFrom } from './entry.ts';
import {
  type Feature,
  type FeatureValue,
  type Missing,
  type MissingReason,
  missing,
  type Source,
} from './feature.ts';
import {
  type Dated,
  datedOf,
  holdsSomething,
  isUsableStatus,
  matched,
  momentOf,
  readingsOf,
  sourceOf,
} from './reading.ts';
import { isOutpatient, knownSetting } from './setting.ts';
import { readableQuantity } from './words.ts';

/** What one reading, or all readings of one instant, come to. */
export type Value = { readonly value: FeatureValue; readonly notes: readonly string[] };
type Entry = EntryFrom<'observation'>;

/**
 * A value from Observations. Final, amended and corrected ones only. The newest record decides, whatever it is: if
 * it cannot be used the value is Missing with that reason; older ones never stand in for it.
 */
export function observe(entry: Entry, context: Context): Feature {
  const absent = absence(context.chart, entry.group);
  if (absent !== undefined) return absent;
  const { now } = context.chart;
  const readings = readingsOf(entry, context).filter(isUsableStatus).filter(holdsSomething);
  const suitable = readings.filter(
    (each) => entry.setting === undefined || isOutpatient(each.observation, context),
  );
  if (suitable.length === 0 && readings.length > 0) {
    return missing(
      'unsuitable',
      'only inpatient or emergency readings are on record',
      readings.map((each) => sourceOf(entry)(each)),
    );
  }
  const dated: Dated[] = [];
  for (const reading of suitable) {
    const moment = momentOf(reading);
    if (moment === undefined)
      return missing('invalid-date', 'a record has no usable date', [sourceOf(entry)(reading)]);
    dated.push(datedOf(entry, reading, moment));
  }
  dated.sort((one, other) => newestFirst(one.moment, other.moment));
  const newest = dated[0];
  if (newest === undefined) return none(entry, 'not-recorded', undefined, []);
  if (isFuture(newest.moment, now))
    return missing('invalid-date', 'the newest record lies in the future', [newest.source()]);
  const from = entry.lookback === undefined ? Number.NEGATIVE_INFINITY : windowStart(now, entry.lookback);
  const current = dated.filter(({ moment }) => !isBefore(moment, from));
  if (isBefore(newest.moment, from)) {
    return none(entry, 'stale', `the newest record is older than ${entry.lookback ?? ''}`, [newest.source()]);
  }
  return typeof entry.pick === 'object'
    ? meanOfDays(entry, current, entry.pick.meanOfLatestOnDays, context)
    : latest(entry, current);
}

function none(
  entry: Entry,
  reason: MissingReason,
  detail: string | undefined,
  sources: readonly Source[],
): Feature {
  if (entry.whenNone === undefined) return missing(reason, detail, sources);
  const why = `no ${entry.label.toLowerCase()} on record${entry.lookback === undefined ? '' : ` within ${entry.lookback}`}`;
  return { kind: 'observed', value: entry.whenNone, sources: [], notes: [why] };
}

function latest(entry: Entry, current: readonly Dated[]): Feature {
  const [newest] = current;
  if (newest === undefined) return missing('not-recorded');
  const together = sameInstant(newest, current);
  const value = agree(entry, together);
  if ('kind' in value) return value;
  return {
    kind: 'observed',
    at: newest.moment.text,
    sources: together.map((each) => each.source()),
    ...withNotes(value),
  };
}

const sameInstant = (one: Dated, all: readonly Dated[]): readonly Dated[] =>
  all.filter(({ moment }) => moment.start === one.moment.start && moment.end === one.moment.end);

const withNotes = ({ value, notes }: Value): { value: FeatureValue; notes?: readonly string[] } =>
  notes.length === 0 ? { value } : { value, notes };

/** One value from all readings of one instant: every one must be usable and near the others. */
function agree(entry: Entry, together: readonly Dated[]): Value | Missing {
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

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

function readValue(entry: Entry, dated: Dated): Value | Missing {
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
  const source = told();
  const unit = entry.unit ?? '';
  const { substance } = entry.from;
  const tries = matched(entry, reading).map(({ property }) =>
    toUnit(reading.holder.valueQuantity, unit, {
      ...(substance === undefined ? {} : { substance }),
      ...(property === undefined ? {} : { property }),
    }),
  );
  const result = tries.find((each) => each.ok) ?? tries[0];
  if (result === undefined || !result.ok) {
    const [reason, detail] = refusals[result?.reason ?? 'not-a-number'] ?? ['unsuitable', ''];
    return missing(reason, detail, [source]);
  }
  const { value, converted } = result;
  const [low, high] = entry.plausible ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (value < low || value > high) {
    return missing('implausible', `outside ${low}–${high} ${unit}`, [source]);
  }
  return { value, notes: converted ? [conversion(source, value, unit)] : [] };
}

function conversion({ value: sent, unit: sentUnit }: Source, value: number, unit: string): string {
  const was = typeof sent === 'number' ? readableQuantity(sent, sentUnit) : '';
  return `${was} = ${readableQuantity(value, unit)}`;
}

/** Mean of the latest reading on each of the newest days (the reading's own calendar date). */
function meanOfDays(entry: Entry, current: readonly Dated[], most: number, context: Context): Feature {
  const days = [...Map.groupBy(current, ({ moment }) => moment.date).values()].slice(0, most);
  const used: Dated[] = [];
  const values: number[] = [];
  const notes: string[] = [];
  for (const [position, readings] of days.entries()) {
    const [newest] = readings;
    if (newest === undefined) continue;
    const together = sameInstant(newest, readings);
    const value = agree(entry, together);
    if ('kind' in value) {
      if (position === 0) return value;
      notes.push(`a reading of ${newest.moment.date} was left out: ${value.reason}`);
      continue;
    }
    used.push(...together);
    values.push(Number(value.value));
    notes.push(...value.notes);
  }
  if (values.length > 1) {
    const each = values.map((value) => readableQuantity(value)).join(', ');
    notes.unshift(`mean of the latest reading on each of ${values.length} days: ${each} ${entry.unit ?? ''}`);
  }
  const unknown = used.filter(({ reading }) => !knownSetting(reading.observation, context)).length;
  if (entry.setting !== undefined && unknown > 0) {
    notes.push(`setting of ${unknown} of ${used.length} readings unknown: counted as outpatient`);
  }
  const value = { value: mean(values), notes };
  const at = used[0]?.moment.text;
  return {
    kind: 'observed',
    ...(at === undefined ? {} : { at }),
    sources: used.map((each) => each.source()),
    ...withNotes(value),
  };
}
