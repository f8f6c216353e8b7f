/** Which of the readings within the look-back decide, newest first. */
import { type Moment, newestFirst, windowStart } from '../fhir/time.ts';
import type { Context } from './context.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, type Missing, missing, type Observed } from './feature.ts';
import { agree, mean, readValue, sameInstant, type Value } from './measure.ts';
import type { Dated } from './reading.ts';
import { knownSetting } from './setting.ts';
import { readableQuantity } from './words.ts';

type Entry = EntryFrom<'observation'>;

/** The newest record, whatever it is: if it cannot be used the value is Missing; older ones never stand in for it. */
export function latest(entry: Entry, current: readonly Dated[]): Feature {
  const [newest] = current;
  if (newest === undefined) return missing('not-recorded');
  const together = sameInstant(newest, current);
  const value = agree(entry, together);
  return 'kind' in value ? value : observed(value, together);
}

function observed({ value, notes }: Value, used: readonly Dated[]): Observed {
  const at = used[0]?.moment.text;
  return {
    kind: 'observed',
    value,
    ...(at === undefined ? {} : { at }),
    sources: used.map((each) => each.source()),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/**
 * The least or the greatest of all usable readings; one that cannot be used is named in the notes, and if it is the
 * newest the value is Missing. Of equal ones the newest is the source.
 */
export function worst(entry: Entry, current: readonly Dated[], which: 'min' | 'max'): Feature {
  const newest = latest(entry, current);
  if (newest.kind !== 'observed') return newest;
  const refused: Missing[] = [];
  let best: { readonly value: number; readonly from: Dated; readonly notes: readonly string[] } | undefined;
  let read = 0;
  for (const from of current) {
    const reading = readValue(entry, from);
    if ('kind' in reading) {
      refused.push(reading);
      continue;
    }
    read += 1;
    const value = Number(reading.value);
    const better = best === undefined || (which === 'min' ? value < best.value : value > best.value);
    if (better) best = { value, from, notes: reading.notes };
  }
  if (best === undefined) return newest;
  const name = which === 'min' ? 'lowest' : 'highest';
  const notes = [
    ...best.notes,
    ...(read > 1 ? [`${name} of ${read} readings${within(entry)}`] : []),
    ...leftOut(refused),
  ];
  return observed({ value: best.value, notes }, [best.from]);
}

const within = ({ lookback }: Entry): string => (lookback === undefined ? '' : ` within ${lookback}`);

function leftOut(refused: readonly Missing[]): readonly string[] {
  const reasons = [...new Set(refused.map(({ reason }) => reason))].join(', ');
  const one = refused.length === 1;
  return refused.length === 0
    ? []
    : [`${refused.length} reading${one ? ' was' : 's were'} left out: ${reasons}`];
}

/** At how many distinct instants it was recorded, readable or not. */
export function count(entry: Entry, current: readonly Dated[]): Feature {
  const instants = new Set(current.map(({ moment }) => `${moment.start} ${moment.end}`));
  const notes = [`${instants.size} recorded${within(entry)}`];
  return observed({ value: instants.size, notes }, current);
}

/** On how many calendar days there is a reading that can be used; a date that is no day is none. */
export function countDays(entry: Entry, current: readonly Dated[], unit: string): Feature {
  const readable = current.filter((each) => 'value' in readValue({ ...entry, unit }, each));
  const used = readable.filter(({ moment: { precision } }) => precision === 'day' || precision === 'instant');
  const days = new Set(used.map(({ moment }) => moment.date)).size;
  const left = current.length - used.length;
  const notes = [
    `on ${days} day${days === 1 ? '' : 's'}${within(entry)}`,
    ...(left === 0 ? [] : [`${left} reading${left === 1 ? ' was' : 's were'} left out`]),
  ];
  return observed({ value: days, notes }, used);
}

/**
 * Is there any record? With answers for and against presence: does any say "present"? Then one that cannot be read
 * leaves it open where none does.
 */
export function any(entry: Entry, current: readonly Dated[]): Feature {
  const notes = [`none on record${within(entry)}`];
  const { answers } = entry.from;
  if (answers === undefined || 'word' in answers) {
    return current.length === 0
      ? { kind: 'observed', value: false, sources: [], notes }
      : observed({ value: true, notes: [] }, current);
  }
  const read = current.map((each) => ({ each, value: readValue(entry, each) }));
  const present = read.filter(({ value }) => 'value' in value && value.value === true);
  if (present.length > 0)
    return observed(
      { value: true, notes: [] },
      present.map(({ each }) => each),
    );
  const open = read.flatMap(({ value }) => ('kind' in value ? [value] : []));
  return open[0] ?? observed({ value: false, notes: current.length === 0 ? notes : [] }, current);
}

/** The newest reading that is at least that much older than the newest of all, however their dates are read. */
export function latestBefore(entry: Entry, current: readonly Dated[], age: string): Feature {
  const [newest] = current;
  if (newest === undefined) return missing('not-recorded');
  const limit = windowStart(new Date(newest.moment.start), age);
  const earlier = current.filter(({ moment }) => moment.end <= limit);
  if (earlier.length === 0)
    return missing('not-recorded', `no record is at least ${age} older than the newest`);
  return latest(entry, earlier);
}

/** Mean of the latest reading on each of the newest days (the reading's own calendar date). */
export function meanOfDays(entry: Entry, current: readonly Dated[], most: number, context: Context): Feature {
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
  return observed({ value: mean(values), notes: [...notes, ...unknownSettings(entry, used, context)] }, used);
}

function unknownSettings({ setting }: Entry, used: readonly Dated[], context: Context): readonly string[] {
  const unknown = used.filter(({ reading }) => !knownSetting(reading.observation, context)).length;
  if (setting !== 'outpatient' || unknown === 0) return [];
  return [`setting of ${unknown} of ${used.length} readings unknown: counted as outpatient`];
}

/** Newest first. */
export const byNewest = (one: { readonly moment: Moment }, other: { readonly moment: Moment }): number =>
  newestFirst(one.moment, other.moment);
