import { recordsIn } from '../fhir/coding.ts';
import { idIn, referenceOf } from '../fhir/reference.ts';
import { isBefore, type Moment, newestFirst, windowStart } from '../fhir/time.ts';
import { type Episode, namedConditions } from './coded-condition.ts';
import { absence, type Context } from './context.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, type Missing, missing, type Source } from './feature.ts';
import { visitId } from './visit.ts';

type Entry = EntryFrom<'condition'>;

/**
 * Presence of a condition now. True: a Condition counts (status active, recurrence, relapse or absent; not abated;
 * confirmed or unsaid). `history` entries count whatever the status; `unconfirmed` entries also count what is not
 * confirmed yet; with a look-back, only what began or was recorded within it; of the current encounter, only what names
 * it or is among its diagnoses (without an encounter in the hook: Missing). False: the list came and none counts; but one
 * that nothing describes may be any condition, and one that only words describe may be the one they name:
 * Missing(unsuitable).
 */
export function conditionPresent(entry: Entry, context: Context): Feature {
  const { now } = context.chart;
  const { conditions } = context.index;
  const isOfVisit = entry.from.encounter === undefined ? () => true : diagnosedIn(context);
  const from = entry.lookback === undefined ? Number.NEGATIVE_INFINITY : windowStart(now, entry.lookback);
  const counts = (episode: Episode): boolean => {
    const known = [episode.onset, episode.recorded].filter((each) => each !== undefined);
    const recent = known.length === 0 || known.some((each) => !isBefore(each, from));
    return (
      recent && (entry.history === true || !episode.over) && isSaid(entry, episode) && isOfVisit(episode)
    );
  };
  const counted = (conditions.byValueSet.get(entry.from.valueSet) ?? []).filter(counts);
  if (counted.length > 0) return present(counted);
  const absent = absence(context.chart, 'conditions') ?? unknownVisit(entry, context);
  if (absent !== undefined) return absent;
  const untold = conditions.untold.filter(counts);
  if (untold.length > 0)
    return missing(
      'unsuitable',
      'a condition has neither code nor words',
      untold.map(({ source }) => source),
    );
  const named = namedConditions(conditions, entry.from, context.vocabulary).filter(counts);
  if (named.length > 0)
    return missing(
      'unsuitable',
      'a condition that is named in words has no code that can be read',
      named.map(({ source }) => source),
    );
  const notes = [`none among ${conditions.count} conditions on record`];
  return { kind: 'observed', value: false, sources: [], notes };
}

/** Is it a diagnosis of the visit that the hook names: by its own reference, or by Encounter.diagnosis? */
function diagnosedIn({ chart, index }: Context): (episode: Episode) => boolean {
  const id = visitId(chart);
  if (id === undefined) return () => false;
  const diagnoses = new Set(
    recordsIn(index.encounters.get(id), 'diagnosis').flatMap(({ condition }) => {
      const reference = referenceOf(condition);
      return reference === undefined ? [] : [`Condition/${idIn(reference, 'Condition') ?? ''}`];
    }),
  );
  return ({ encounter, source }) => encounter === id || diagnoses.has(source.reference);
}

/** Why "none of this visit" cannot be said; undefined: it can. */
function unknownVisit({ from }: Entry, { chart, index }: Context): Missing | undefined {
  if (from.encounter === undefined) return undefined;
  const id = visitId(chart);
  if (id === undefined) return missing('not-supplied', 'the hook names no visit');
  if (index.encounters.has(id)) return undefined;
  return (
    absence(chart, 'encounters') ??
    missing('not-recorded', 'the visit is not among the encounters of the chart')
  );
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
