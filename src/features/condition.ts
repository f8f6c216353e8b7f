import { isBefore, type Moment, newestFirst, windowStart } from '../fhir/time.ts';
import type { Episode } from './coded-condition.ts';
import { absence, type Context } from './context.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, missing, type Source } from './feature.ts';

type Entry = EntryFrom<'condition'>;

/**
 * Presence of a condition now. True: a Condition counts (status active, recurrence, relapse or absent; not abated;
 * confirmed or unsaid). `history` entries count whatever the status; `unconfirmed` entries also count what is not
 * confirmed yet; with a look-back, only what began or was recorded within it. False: the list came and none counts;
 * but one that nothing describes may be any condition: Missing(unsuitable).
 */
export function conditionPresent(entry: Entry, context: Context): Feature {
  const { now } = context.chart;
  const { conditions } = context.index;
  const from = entry.lookback === undefined ? Number.NEGATIVE_INFINITY : windowStart(now, entry.lookback);
  const counts = (episode: Episode): boolean => {
    const known = [episode.onset, episode.recorded].filter((each) => each !== undefined);
    const recent = known.length === 0 || known.some((each) => !isBefore(each, from));
    return recent && (entry.history === true || !episode.over) && isSaid(entry, episode);
  };
  const counted = (conditions.byValueSet.get(entry.from.valueSet) ?? []).filter(counts);
  if (counted.length > 0) return present(counted);
  const absent = absence(context.chart, 'conditions');
  if (absent !== undefined) return absent;
  const untold = conditions.untold.filter(counts);
  if (untold.length > 0)
    return missing(
      'unsuitable',
      'a condition has neither code nor words',
      untold.map(({ source }) => source),
    );
  const notes = [`none among ${conditions.count} conditions on record`];
  return { kind: 'observed', value: false, sources: [], notes };
}

function present(counted: readonly Episode[]): Feature {
  const moments = counted.map((each) => each.onset ?? each.recorded).filter((each) => each !== undefined);
  const at = moments.toSorted(newestFirst)[0]?.text;
  const sources = counted.map((each) => each.source);
  return { kind: 'observed', value: true, ...(at === undefined ? {} : { at }), sources };
}

const isSaid = (entry: Entry, episode: Episode): boolean =>
  entry.unconfirmed === true || !episode.unconfirmed;

/** Records that say the condition was there at that moment, whether or not it is over now. */
export function episodesAt(entry: Entry, moment: Moment, context: Context): readonly Source[] {
  const now = context.chart.now.getTime();
  const typical = entry.lookback === undefined ? 0 : now - windowStart(context.chart.now, entry.lookback);
  return (context.index.conditions.byValueSet.get(entry.from.valueSet) ?? [])
    .filter((episode) => isSaid(entry, episode))
    .filter(({ onset, recorded, abated, over }) => {
      const began = onset ?? recorded;
      if (began === undefined) return false;
      const ended = abated?.end ?? (over ? began.end + typical : now);
      return began.start <= moment.end && ended >= moment.start;
    })
    .map((episode) => episode.source);
}
