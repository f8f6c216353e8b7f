/** Records that say something was done, ordered or declined: their dates, and the yes or no that they come to. */
import { isBefore, isFuture, type Moment, newestFirst, windowStart } from '../fhir/time.ts';
import type { Context } from './context.ts';
import { type Feature, type Missing, missing, type Source } from './feature.ts';

/** A record that counts if its time does; `doubt`: why it may or may not be meant. */
export interface Recorded {
  readonly reference: string;
  readonly moment: Moment | undefined;
  readonly code?: string;
  readonly display?: string;
  readonly doubt?: 'elsewhere' | 'unread';
}

/**
 * True if a member is on record within the look-back. Else, in this order: why a list is absent; what may be a member
 * (described elsewhere, or without a code that can be read), or cannot be dated; else false.
 */
export function recordedWithin(
  records: readonly Recorded[],
  lookback: string | undefined,
  absent: Missing | undefined,
  { chart }: Context,
): Feature {
  const from = lookback === undefined ? undefined : windowStart(chart.now, lookback);
  const timed = records.map((record) => ({ record, time: timeOf(record, from, chart.now) }));
  const sure = timed
    .filter(({ record, time }) => record.doubt === undefined && time === 'in')
    .map(({ record }) => record);
  if (sure.length > 0) return present(sure);
  if (absent !== undefined) return absent;
  const open = timed.filter(({ time }) => time !== 'out');
  const elsewhere = open.filter(({ record }) => record.doubt === 'elsewhere');
  if (elsewhere.length > 0)
    return missing(
      'fetch-failed',
      'a drug is described elsewhere',
      elsewhere.map(({ record }) => sourceOf(record)),
    );
  const unread = open.filter(({ record }) => record.doubt === 'unread');
  if (unread.length > 0)
    return missing(
      'unsuitable',
      'a record has no code that can be read',
      unread.map(({ record }) => sourceOf(record)),
    );
  const undated = open.map(({ record }) => sourceOf(record));
  if (undated.length > 0) return missing('invalid-date', 'a record has no usable date', undated);
  const notes = [`none on record${lookback === undefined ? '' : ` within ${lookback}`}`];
  return { kind: 'observed', value: false, sources: [], notes };
}

function timeOf({ moment }: Recorded, from: number | undefined, now: Date): 'in' | 'out' | 'unknown' {
  if (moment === undefined) return from === undefined ? 'in' : 'unknown';
  if (isFuture(moment, now)) return 'unknown';
  return from !== undefined && isBefore(moment, from) ? 'out' : 'in';
}

function present(sure: readonly Recorded[]): Feature {
  const moments = sure.map(({ moment }) => moment).filter((each) => each !== undefined);
  const at = moments.toSorted(newestFirst)[0]?.text;
  return { kind: 'observed', value: true, ...(at === undefined ? {} : { at }), sources: sure.map(sourceOf) };
}

const sourceOf = ({ reference, moment, code, display }: Recorded): Source => ({
  reference,
  ...(moment === undefined ? {} : { at: moment.text }),
  ...(code === undefined ? {} : { value: code }),
  ...(display === undefined ? {} : { display }),
});
