import { daysOf } from '../features/dose-rate.ts';
import { isRecord, recordsIn } from '../fhir/coding.ts';
import { parseMoment } from '../fhir/time.ts';
import {
  type Allowance,
  type DuplicateClass,
  type DuplicateWords,
  duplicateTable,
} from './duplicate-rules.ts';
import type { Finder, OrderedDrug, OrderView } from './finder.ts';
import type { Finding, FindingSource } from './finding.ts';
import { isLongActingForm } from './opioid-form.ts';
import { medicationsOf, membersOf, rxcuisOfOrder } from './orders.ts';

const { same, classes, localRoutes, shortCourseDays, longActingForms } = duplicateTable;

/** A selected draft and another order in force. */
interface Pair {
  readonly view: OrderView;
  readonly draft: OrderedDrug;
  readonly other: OrderedDrug;
}

/**
 * Therapy ordered twice: the same ingredient, or two drugs of a class where that matters. An order that the draft
 * replaces is no longer active; another strength of the same drug only asks whether it replaces it. Usual pairs are
 * silent: as needed beside scheduled, long-acting beside short-acting, where the table says so. A stated short course
 * lowers the severity. Needs no clinical value.
 */
export const duplicate: Finder = {
  kind: 'duplicate',
  needs: [],
  lists: ['medications'],
  find: (view) => pairsOf(view).flatMap((pair) => sameDrug(pair) ?? sameClass(pair) ?? []),
};

/** Each selected draft against what is active and the other drafts; two selected drafts meet once. */
function pairsOf(view: OrderView): readonly Pair[] {
  return view.drafts.flatMap((draft, at) => {
    if (!draft.selected) return [];
    const others = view.drafts.filter((each, place) => place < at || (place > at && !each.selected));
    return [...view.active, ...others].map((other) => ({ view, draft, other }));
  });
}

function sameDrug(pair: Pair): Finding | undefined {
  const { draft, other } = pair;
  const never = new Set(same.never.map(({ code }) => code));
  const shared = draft.ingredients.find(
    ({ code }) => !never.has(code) && other.ingredients.some((each) => each.code === code),
  );
  if (shared === undefined || actElsewhere(pair)) return undefined;
  const usual = same.allowances.some(
    ({ set, allow }) => draft.is(set) && other.is(set) && allow.some((each) => isAllowed(each, pair)),
  );
  if (usual) return undefined;
  return finding(pair, sameWords(pair), shared.name, shared.name, same.source, sameDetail(pair, shared.name));
}

function sameWords(pair: Pair): DuplicateWords {
  const spell = ({ ingredients }: OrderedDrug) =>
    ingredients
      .map(({ code }) => code)
      .sort()
      .join();
  if (spell(pair.draft) !== spell(pair.other)) return same.contained;
  return sameProduct(pair) ? same.repeated : same.otherStrength;
}

const sameDetail = (pair: Pair, name: string): readonly string[] =>
  sameWords(pair) === same.contained ? [`Both contain ${name}.`] : [];

/** Do both carry a code of one product? */
function sameProduct({ view, draft, other }: Pair): boolean {
  const medications = medicationsOf(view.chart);
  const codes = new Set(rxcuisOfOrder(draft.resource, medications, view.vocabulary.drugs));
  return rxcuisOfOrder(other.resource, medications, view.vocabulary.drugs).some((each) => codes.has(each));
}

const isLocal = ({ route }: OrderedDrug): boolean => route !== undefined && localRoutes.includes(route);

/** Local drugs repeat only themselves at the same place. */
const actElsewhere = ({ draft, other }: Pair): boolean =>
  (isLocal(draft) || isLocal(other)) && draft.route !== other.route;

function sameClass(pair: Pair): Finding | undefined {
  if (isLocal(pair.draft) || isLocal(pair.other)) return undefined;
  for (const row of classes) {
    const [mine, theirs] = [memberOf(pair.draft, row, pair.view), memberOf(pair.other, row, pair.view)];
    if (mine === undefined || theirs === undefined || mine.code === theirs.code) continue;
    if (row.allow?.some((each) => isAllowed(each, pair)) || isUsualPair(pair, row)) continue;
    return finding(pair, row, mine.name, theirs.name, row.source, []);
  }
  return undefined;
}

/** The first ingredient of an order that is in the class. */
function memberOf(drug: OrderedDrug, { sets, without = [] }: DuplicateClass, { vocabulary }: OrderView) {
  return drug.ingredients.find(
    ({ code }) => !without.includes(code) && sets.some((set) => membersOf(set, vocabulary).has(code)),
  );
}

const isUsualPair = ({ draft, other }: Pair, { allowPairs = [] }: DuplicateClass): boolean =>
  allowPairs.some(([one, two]) => (draft.is(one) && other.is(two)) || (draft.is(two) && other.is(one)));

function isAllowed(allowance: Allowance, pair: Pair): boolean {
  const { draft, other, view } = pair;
  switch (allowance) {
    case 'any':
      return true;
    case 'prn-with-scheduled':
      return draft.prn !== other.prn;
    case 'long-with-short':
      return (
        isLongActingForm(view, draft, longActingForms) !== isLongActingForm(view, other, longActingForms)
      );
    case 'short-course':
      return isShortCourse(draft) || isShortCourse(other);
  }
}

/** Every instruction is bounded, to at most the days of the table. */
function isShortCourse({ resource }: OrderedDrug): boolean {
  const lengths = recordsIn(resource, 'dosageInstruction').map(({ timing }) => boundOf(timing));
  return lengths.length > 0 && lengths.every((each) => each !== undefined && each <= shortCourseDays);
}

/** Days that a timing is bounded to, none for a single dose; undefined: not bounded, or not to be read. */
function boundOf(timing: unknown): number | undefined {
  const repeat = isRecord(timing) && isRecord(timing.repeat) ? timing.repeat : {};
  const { boundsDuration, boundsPeriod, count } = repeat;
  if (count === 1) return 0;
  if (isRecord(boundsDuration)) {
    const { value, code, unit } = boundsDuration;
    const unitDays =
      typeof code === 'string' ? daysOf(code) : typeof unit === 'string' ? daysOf(unit) : undefined;
    return typeof value === 'number' && unitDays !== undefined ? value * unitDays : undefined;
  }
  if (!isRecord(boundsPeriod)) return undefined;
  const [start, end] = [parseMoment(boundsPeriod.start), parseMoment(boundsPeriod.end)];
  return start === undefined || end === undefined ? undefined : (end.start - start.start) / 86_400_000;
}

function finding(
  pair: Pair,
  { id, severity, problem, advice }: DuplicateWords,
  mine: string,
  theirs: string,
  source: FindingSource,
  because: readonly string[],
): Finding {
  const { draft, other } = pair;
  const course = isShortCourse(draft) || isShortCourse(other);
  const [subject, partner] = [mine.slice(0, 24), theirs.slice(0, 24)];
  const where = other.status === 'draft' ? 'in another draft' : 'active';
  return {
    kind: 'duplicate',
    rule: id,
    severity: course ? 'info' : severity,
    order: draft.reference,
    words: { subject, other: partner, problem, advice },
    because: [
      `${partner} is ${where}.`,
      ...because,
      ...(draft.prn === other.prn ? [] : ['One of them is as needed.']),
      ...(course ? ['One of them is a short course.'] : []),
    ],
    unknown: [],
    values: [],
    source: { label: source.label, ...(source.url === undefined ? {} : { url: source.url }) },
    actions: [{ type: 'delete', label: `Remove the order for ${subject}`, reference: draft.reference }],
  };
}
