import type { Condition } from '@medplum/fhirtypes';
import { type Code, codesOf, statusCodesOf, wordsOf } from '../fhir/coding.ts';
import { idIn, referenceOf, referenceTo } from '../fhir/reference.ts';
import { isFuture, type Moment, momentOfPeriod, parseMoment } from '../fhir/time.ts';
import type { Source } from './feature.ts';
import { membershipsOf } from './membership.ts';
import type { Vocabulary } from './vocabulary.ts';

const snomed = 'http://snomed.info/sct';
const icd9 = 'http://hl7.org/fhir/sid/icd-9-cm';

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
  /** Id of the encounter that it names as its own. */
  readonly encounter: string | undefined;
}

/** The conditions of a chart, each looked up once in all value sets. */
export interface CodedConditions {
  readonly count: number;
  /** By the value set that holds one of its codes. */
  readonly byValueSet: ReadonlyMap<string, readonly Episode[]>;
  /** Neither a code nor a word: each may be any condition. */
  readonly untold: readonly Episode[];
  /** No value set holds a code of theirs: what they say in words may name a condition all the same. */
  readonly unread: readonly Unread[];
}

interface Unread {
  readonly episode: Episode;
  /** Its text and displays, each by itself, in lower case. */
  readonly texts: readonly string[];
  /** It has a code of ICD or SNOMED CT, which says what it is, only not to us. */
  readonly coded: boolean;
}

export function codedConditions(
  conditions: readonly Condition[],
  vocabulary: Vocabulary,
  now: Date,
): CodedConditions {
  const byValueSet = new Map<string, Episode[]>();
  const untold: Episode[] = [];
  const unread: Unread[] = [];
  for (const condition of conditions) {
    const codes = codesOf(condition.code);
    const sets = displaysOf(codes, vocabulary);
    const texts = textsOf(condition.code);
    const unnamed = codes.length === 0 && texts.length === 0;
    if ((sets.size === 0 && !unnamed && texts.length === 0) || isTakenBack(condition)) continue;
    const episode = episodeOf(condition, codes[0]?.code, now);
    if (unnamed) untold.push(episode);
    else if (sets.size === 0) unread.push({ episode, texts, coded: codes.some(isClinical) });
    for (const [url, display] of sets) {
      const named = { ...episode, source: { ...episode.source, display } };
      const found = byValueSet.get(url);
      if (found === undefined) byValueSet.set(url, [named]);
      else found.push(named);
    }
  }
  return { count: conditions.length, byValueSet, untold, unread };
}

const clinical = [snomed, 'http://hl7.org/fhir/sid/icd-10-cm', 'http://hl7.org/fhir/sid/icd-10', icd9];
const isClinical = ({ system }: Code): boolean => clinical.includes(system);

const textsOf = (concept: unknown): readonly string[] =>
  wordsOf(concept)
    .split('\n')
    .map(plain)
    .filter((text) => text !== '');
const plain = (text: string): string => text.trim().toLowerCase().replaceAll(/\s+/g, ' ');

/**
 * Those that words alone place in a value set: an entry's word stands in the text, or, without a code of ICD or SNOMED
 * CT, the text is a name of a member.
 */
export function namedConditions(
  { unread }: CodedConditions,
  { valueSet, words = [] }: { readonly valueSet: string; readonly words?: readonly string[] | undefined },
  vocabulary: Vocabulary,
): readonly Episode[] {
  const names = unread.length === 0 ? new Set<string>() : namesOf(valueSet, vocabulary);
  return unread
    .filter(({ texts, coded }) =>
      texts.some(
        (text) => (!coded && names.has(text)) || words.some((word) => text.includes(word.toLowerCase())),
      ),
    )
    .map(({ episode }) => episode);
}

const namesOfSets = new WeakMap<Vocabulary, Map<string, ReadonlySet<string>>>();

/** The displays of a value set's conditions. Worked out once a set. */
function namesOf(url: string, vocabulary: Vocabulary): ReadonlySet<string> {
  const all = namesOfSets.get(vocabulary) ?? new Map<string, ReadonlySet<string>>();
  namesOfSets.set(vocabulary, all);
  const set = vocabulary.valueSets.get(url);
  const found =
    all.get(url) ??
    new Set(clinical.flatMap((system) => [...(set?.members(system).values() ?? [])]).map(plain));
  all.set(url, found);
  return found;
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
  const encounter = referenceOf(condition.encounter);
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
    encounter: encounter === undefined ? undefined : idIn(encounter, 'Encounter'),
  };
}

const hasAbatement = (condition: Condition): boolean =>
  Object.entries(condition).some(
    ([key, value]) => key.startsWith('abatement') && value !== undefined && value !== null,
  );

const periodStart = (period: unknown): unknown =>
  typeof period === 'object' && period !== null && 'start' in period ? period.start : undefined;
