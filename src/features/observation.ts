import { isBefore, isFuture, windowStart } from '../fhir/time.ts';
import { absence, type Context, type Reading } from './context.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, type Missing, type MissingReason, missing, type Source } from './feature.ts';
import { any, byNewest, count, countDays, latest, latestBefore, meanOfDays, worst } from './pick.ts';
import { type Dated, datedOf, holdsSomething, isUsableStatus, readingsOf, sourceOf } from './reading.ts';
import { isInpatient, isOutpatient } from './setting.ts';

type Entry = EntryFrom<'observation'>;

/**
 * A value from Observations. Final, amended and corrected ones only. The newest record decides, whatever it is: if
 * it cannot be used the value is Missing with that reason; older ones never stand in for it. Records are counted
 * (`any`, `count`) without being read; `days` counts those that can be.
 */
export function observe(entry: Entry, context: Context): Feature {
  const absent = absence(context.chart, entry.group);
  if (absent !== undefined) return absent;
  const readings = readingsOf(entry, context).filter(isUsableStatus).filter(holdsSomething);
  const suitable = readings.filter((each) => isSuitable(entry, each, context));
  if (entry.pick === 'any') return presence(entry, suitable, context);
  const dated = datesOf(entry, suitable);
  if ('kind' in dated) return dated;
  const newest = dated[0];
  if (isCount(entry)) return newest === undefined ? tally(entry, []) : counted(entry, dated, context);
  if (newest === undefined) {
    return readings.length > 0 ? unsuitable(entry, readings) : none(entry, 'not-recorded', undefined, []);
  }
  if (isFuture(newest.moment, context.chart.now)) return inTheFuture(newest);
  const current = currentOf(entry, dated, context);
  if (current.length === 0) {
    return none(entry, 'stale', `the newest record is older than ${entry.lookback ?? ''}`, [newest.source()]);
  }
  return choose(entry, current, context);
}

function choose(entry: Entry, current: readonly Dated[], context: Context): Feature {
  const { pick } = entry;
  if (pick === 'min' || pick === 'max') return worst(entry, current, pick);
  if (typeof pick !== 'object' || 'days' in pick) return latest(entry, current);
  return 'latestBefore' in pick
    ? latestBefore(entry, current, pick.latestBefore)
    : meanOfDays(entry, current, pick.meanOfLatestOnDays, context);
}

function isSuitable({ setting }: Entry, { observation }: Reading, context: Context): boolean {
  switch (setting) {
    case 'outpatient':
      return isOutpatient(observation, context);
    case 'inpatient':
      return isInpatient(observation, context);
    case undefined:
      return true;
  }
}

const unsuitable = (entry: Entry, readings: readonly Reading[]): Missing =>
  missing(
    'unsuitable',
    entry.setting === 'inpatient'
      ? 'no reading is known to be of hospital or emergency care'
      : 'only inpatient or emergency readings are on record',
    readings.map((each) => sourceOf(entry)(each)),
  );

/** Newest first; one record without a usable date leaves open which is the newest. */
function datesOf(entry: Entry, readings: readonly Reading[]): readonly Dated[] | Missing {
  const dated: Dated[] = [];
  for (const reading of readings) {
    const moment = reading.moment();
    if (moment === undefined) return undatedRecord(entry, reading);
    dated.push(datedOf(entry, reading, moment));
  }
  return dated.sort(byNewest);
}

const undatedRecord = (entry: Entry, reading: Reading): Missing =>
  missing('invalid-date', 'a record has no usable date', [sourceOf(entry)(reading)]);
const inTheFuture = (newest: Dated): Missing =>
  missing('invalid-date', 'the newest record lies in the future', [newest.source()]);

function currentOf({ lookback }: Entry, dated: readonly Dated[], { chart }: Context): readonly Dated[] {
  if (lookback === undefined) return dated;
  const from = windowStart(chart.now, lookback);
  return dated.filter(({ moment }) => !isBefore(moment, from));
}

function counted(entry: Entry, dated: readonly Dated[], context: Context): Feature {
  const [newest] = dated;
  if (newest !== undefined && isFuture(newest.moment, context.chart.now)) return inTheFuture(newest);
  return tally(entry, currentOf(entry, dated, context));
}

const isCount = ({ pick }: Entry): boolean =>
  pick === 'count' || (typeof pick === 'object' && 'days' in pick);

const tally = (entry: Entry, current: readonly Dated[]): Feature =>
  typeof entry.pick === 'object' && 'days' in entry.pick
    ? countDays(entry, current, entry.pick.days)
    : count(entry, current);

/** Any record of the past within the look-back. One that nothing dates leaves it open. */
function presence(entry: Entry, readings: readonly Reading[], context: Context): Feature {
  const dated = readings.flatMap((reading) => {
    const moment = reading.moment();
    return moment === undefined ? [] : [datedOf(entry, reading, moment)];
  });
  const past = dated.filter(({ moment }) => !isFuture(moment, context.chart.now)).sort(byNewest);
  const found = any(entry, currentOf(entry, past, context));
  if (found.kind === 'observed' && found.value === true) return found;
  const undated = readings.find((reading) => reading.moment() === undefined);
  if (undated !== undefined) return undatedPresence(entry, undated);
  const future = dated.find((each) => !past.includes(each));
  return future === undefined ? found : inTheFuture(future);
}

/** Without a look-back it does not matter when it was recorded. */
function undatedPresence(entry: Entry, reading: Reading): Feature {
  if (entry.lookback !== undefined || entry.from.answers !== undefined) return undatedRecord(entry, reading);
  return { kind: 'observed', value: true, sources: [sourceOf(entry)(reading)] };
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
