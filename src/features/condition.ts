import type { Condition } from '@medplum/fhirtypes';
import { statusCodesOf } from '../fhir/coding.ts';
import { referenceTo } from '../fhir/reference.ts';
import {
  isBefore,
  isFuture,
  type Moment,
  momentOfPeriod,
  newestFirst,
  parseMoment,
  windowStart,
} from '../fhir/time.ts';
import { absence, type Context } from './context.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, missing, type Source } from './feature.ts';

type Entry = EntryFrom<'condition'>;

/** A Condition that the entry's value set holds and that nobody took back. */
interface Episode {
  readonly source: Source;
  readonly onset: Moment | undefined;
  readonly recorded: Moment | undefined;
  readonly abated: Moment | undefined;
  /** Resolved, in remission, inactive, or with an abatement that is past or not a date. */
  readonly over: boolean;
}

/**
 * Presence of a condition now. True: a Condition counts (status active, recurrence, relapse or absent; not abated;
 * confirmed or unsaid). `history` entries count whatever the status; `unconfirmed` entries also count what is not
 * confirmed yet; with a look-back, only what began or was recorded within it. False: the list came and none counts;
 * but one that nothing describes may be any condition: Missing(unsuitable).
 */
export function conditionPresent(entry: Entry, context: Context): Feature {
  const { now } = context.chart;
  const from = entry.lookback === undefined ? Number.NEGATIVE_INFINITY : windowStart(now, entry.lookback);
  const counts = (episode: Episode): boolean => {
    const known = [episode.onset, episode.recorded].filter((each) => each !== undefined);
    const recent = known.length === 0 || known.some((each) => !isBefore(each, from));
    return recent && (entry.history === true || !episode.over);
  };
  const counted = episodes(entry, context).filter(counts);
  if (counted.length > 0) return present(counted);
  const absent = absence(context.chart, 'conditions');
  if (absent !== undefined) return absent;
  const untold = untoldEpisodes(entry, context).filter(counts);
  if (untold.length > 0)
    return missing(
      'unsuitable',
      'a condition has neither code nor words',
      untold.map(({ source }) => source),
    );
  const total = context.index.conditions.length;
  return { kind: 'observed', value: false, sources: [], notes: [`none among ${total} conditions on record`] };
}

function present(counted: readonly Episode[]): Feature {
  const moments = counted.map((each) => each.onset ?? each.recorded).filter((each) => each !== undefined);
  const at = moments.toSorted(newestFirst)[0]?.text;
  const sources = counted.map((each) => each.source);
  return { kind: 'observed', value: true, ...(at === undefined ? {} : { at }), sources };
}

/** Records that say the condition was there at that moment, whether or not it is over now. */
export function episodesAt(entry: Entry, moment: Moment, context: Context): readonly Source[] {
  const now = context.chart.now.getTime();
  const typical = entry.lookback === undefined ? 0 : now - windowStart(context.chart.now, entry.lookback);
  return episodes(entry, context)
    .filter(({ onset, recorded, abated, over }) => {
      const began = onset ?? recorded;
      if (began === undefined) return false;
      const ended = abated?.end ?? (over ? began.end + typical : now);
      return began.start <= moment.end && ended >= moment.start;
    })
    .map((episode) => episode.source);
}

function episodes(entry: Entry, context: Context): readonly Episode[] {
  const valueSet = context.vocabulary.valueSets.get(entry.from.valueSet);
  return context.index.conditions.flatMap(({ condition, codes }) => {
    const display = codes.map((code) => valueSet?.display(code)).find((each) => each !== undefined);
    if (display === undefined || !isHeld(condition, entry.unconfirmed === true)) return [];
    return [episode(condition, display, codes[0]?.code, context.chart.now)];
  });
}

/** Conditions that may be any: nothing says what they are. */
const untoldEpisodes = (entry: Entry, { index, chart }: Context): readonly Episode[] =>
  index.conditions
    .filter(({ condition, untold }) => untold && isHeld(condition, entry.unconfirmed === true))
    .map(({ condition }) => episode(condition, undefined, undefined, chart.now));

/** verificationStatus: refuted and entered-in-error never hold; what is unconfirmed only where the entry says so. */
export function isHeld(
  { verificationStatus }: { verificationStatus?: unknown },
  unconfirmed: boolean,
): boolean {
  const status = statusCodesOf(verificationStatus);
  if (status.some((each) => each === 'refuted' || each === 'entered-in-error')) return false;
  return unconfirmed || !status.some((each) => ['unconfirmed', 'provisional', 'differential'].includes(each));
}

function episode(
  condition: Condition,
  display: string | undefined,
  code: string | undefined,
  now: Date,
): Episode {
  const onset = parseMoment(condition.onsetDateTime ?? periodStart(condition.onsetPeriod));
  const recorded = parseMoment(condition.recordedDate);
  const abated = parseMoment(condition.abatementDateTime) ?? momentOfPeriod(condition.abatementPeriod);
  const at = (onset ?? recorded)?.text;
  const status = statusCodesOf(condition.clinicalStatus);
  const closed = status.some((each) => ['inactive', 'remission', 'resolved'].includes(each));
  return {
    source: {
      reference: referenceTo(condition),
      ...(display === undefined ? {} : { display }),
      ...(at === undefined ? {} : { at }),
      ...(code === undefined ? {} : { value: code }),
    },
    onset,
    recorded,
    abated,
    over: closed || (hasAbatement(condition) && !(abated !== undefined && isFuture(abated, now))),
  };
}

const hasAbatement = (condition: Condition): boolean =>
  Object.entries(condition).some(
    ([key, value]) => key.startsWith('abatement') && value !== undefined && value !== null,
  );

const periodStart = (period: unknown): unknown =>
  typeof period === 'object' && period !== null && 'start' in period ? period.start : undefined;
