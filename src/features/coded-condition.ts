import type { Condition } from '@medplum/fhirtypes';
import { codesOf, statusCodesOf, wordsOf } from '../fhir/coding.ts';
import { referenceTo } from '../fhir/reference.ts';
import { isFuture, type Moment, momentOfPeriod, parseMoment } from '../fhir/time.ts';
import type { Source } from './feature.ts';
import { membershipsOf } from './membership.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A Condition that nobody took back, with its course. */
export interface Episode {
  /** With the display of the value set it was asked by. */
  readonly source: Source;
  readonly onset: Moment | undefined;
  readonly recorded: Moment | undefined;
  readonly abated: Moment | undefined;
  /** Resolved, in remission, inactive, or with an abatement that is past or not a date. */
  readonly over: boolean;
  /** Unconfirmed, provisional or differential. */
  readonly unconfirmed: boolean;
}

/** The conditions of a chart, each looked up once in all value sets. */
export interface CodedConditions {
  readonly count: number;
  /** By the value set that holds one of its codes. */
  readonly byValueSet: ReadonlyMap<string, readonly Episode[]>;
  /** Neither a code nor a word: each may be any condition. */
  readonly untold: readonly Episode[];
}

export function codedConditions(
  conditions: readonly Condition[],
  vocabulary: Vocabulary,
  now: Date,
): CodedConditions {
  const byValueSet = new Map<string, Episode[]>();
  const untold: Episode[] = [];
  for (const condition of conditions) {
    const codes = codesOf(condition.code);
    const sets = displaysOf(codes, vocabulary);
    const unnamed = codes.length === 0 && wordsOf(condition.code).trim() === '';
    if ((sets.size === 0 && !unnamed) || isTakenBack(condition)) continue;
    const episode = episodeOf(condition, codes[0]?.code, now);
    if (unnamed) untold.push(episode);
    for (const [url, display] of sets) {
      const named = { ...episode, source: { ...episode.source, display } };
      const found = byValueSet.get(url);
      if (found === undefined) byValueSet.set(url, [named]);
      else found.push(named);
    }
  }
  return { count: conditions.length, byValueSet, untold };
}

/** The value sets that hold one of the codes; the first code that is a member names it. */
function displaysOf(codes: ReturnType<typeof codesOf>, vocabulary: Vocabulary): ReadonlyMap<string, string> {
  const [first, ...others] = codes.map((code) => membershipsOf(code, vocabulary));
  if (others.length === 0) return first ?? new Map();
  const all = new Map(first);
  for (const sets of others) for (const [url, display] of sets) if (!all.has(url)) all.set(url, display);
  return all;
}

interface Verifiable {
  readonly verificationStatus?: unknown;
}

/** verificationStatus refuted or entered-in-error: it never holds. */
const isTakenBack = ({ verificationStatus }: Verifiable): boolean =>
  statusCodesOf(verificationStatus).some((each) => each === 'refuted' || each === 'entered-in-error');

const isUnconfirmed = ({ verificationStatus }: Verifiable): boolean =>
  statusCodesOf(verificationStatus).some((each) =>
    ['unconfirmed', 'provisional', 'differential'].includes(each),
  );

/** Does it hold? What was taken back never does; what is not confirmed yet only where the entry says so. */
export const isHeld = (record: Verifiable, unconfirmed: boolean): boolean =>
  !isTakenBack(record) && (unconfirmed || !isUnconfirmed(record));

function episodeOf(condition: Condition, code: string | undefined, now: Date): Episode {
  const onset = parseMoment(condition.onsetDateTime ?? periodStart(condition.onsetPeriod));
  const recorded = parseMoment(condition.recordedDate);
  const abated = parseMoment(condition.abatementDateTime) ?? momentOfPeriod(condition.abatementPeriod);
  const at = (onset ?? recorded)?.text;
  const status = statusCodesOf(condition.clinicalStatus);
  const closed = status.some((each) => ['inactive', 'remission', 'resolved'].includes(each));
  return {
    source: {
      reference: referenceTo(condition),
      ...(at === undefined ? {} : { at }),
      ...(code === undefined ? {} : { value: code }),
    },
    onset,
    recorded,
    abated,
    over: closed || (hasAbatement(condition) && !(abated !== undefined && isFuture(abated, now))),
    unconfirmed: isUnconfirmed(condition),
  };
}

const hasAbatement = (condition: Condition): boolean =>
  Object.entries(condition).some(
    ([key, value]) => key.startsWith('abatement') && value !== undefined && value !== null,
  );

const periodStart = (period: unknown): unknown =>
  typeof period === 'object' && period !== null && 'start' in period ? period.start : undefined;
