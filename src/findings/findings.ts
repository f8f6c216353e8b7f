import { absence } from '../features/context.ts';
import type { Features, ValueName } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Chart } from '../fhir/chart.ts';
import type { Finder, OrderedDrug, OrderView } from './finder.ts';
import { finders } from './finders.ts';
import { type Finding, type FindingKind, gravity } from './finding.ts';
import { readOrders } from './orders.ts';

const finderOf = (kind: FindingKind): Finder => finders[kind];

/** Clinical values that the finders of these kinds may ask for, each once. */
export const needsOf = (kinds: readonly FindingKind[]): readonly ValueName[] => [
  ...new Set(kinds.flatMap((kind) => finderOf(kind).needs)),
];

/** Keys of the chart's lists that the finders of these kinds read themselves, each once. */
export const listsOf = (kinds: readonly FindingKind[]): readonly string[] => [
  ...new Set(kinds.flatMap((kind) => finderOf(kind).lists)),
];

/** What was found among the draft orders, and what could not be looked at. */
export interface Found {
  readonly findings: readonly Finding[];
  /** `an order that could not be read`, `medications (not-supplied)`: without a finding this is no clearance. */
  readonly unchecked: readonly string[];
}

/**
 * All findings of these kinds about the selected drafts: critical first, then by rule, order and partner; one for a
 * rule and a pair. Each says in `unknown` which drugs could not be read and so were not checked.
 */
export function findAll(
  kinds: readonly FindingKind[],
  chart: Chart,
  vocabulary: Vocabulary,
  features: Features,
): Found {
  if (kinds.length === 0) return { findings: [], unchecked: [] };
  const view = readOrders(chart, vocabulary, features);
  return { findings: judge(kinds.map(finderOf), view), unchecked: uncheckedIn(kinds, view) };
}

/** An order nobody could read, and lists that did not come, in the words of a decision's reason. */
function uncheckedIn(kinds: readonly FindingKind[], view: OrderView): readonly string[] {
  const lists = listsOf(kinds).flatMap((list) => {
    const absent = absence(view.chart, list);
    return absent === undefined ? [] : [`${list} (${absent.reason})`];
  });
  return unreadOrders(view).length > 0 ? ['an order that could not be read', ...lists] : lists;
}

/** The same over any finders. */
export function judge(finders: readonly Finder[], view: OrderView): readonly Finding[] {
  const all = finders.flatMap((finder) => {
    const unchecked = uncheckedBy(finder, view);
    return finder
      .find(view)
      .map((finding) => fitted({ ...finding, unknown: [...new Set([...finding.unknown, ...unchecked])] }));
  });
  const found = new Map<string, Finding>();
  for (const finding of all.toSorted(gravestFirst)) {
    const { kind, rule, order, words } = finding;
    const key = JSON.stringify([kind, rule, order, words.subject, words.other]);
    if (!found.has(key)) found.set(key, finding);
  }
  return [...found.values()];
}

/** As a card can say it: names that leave the summary its room; no removal of what has no id, or none that is one. */
function fitted(finding: Finding): Finding {
  const { words, actions } = finding;
  const [subject, other] = [shortened(words.subject, widestSubject), shortened(words.other, widestOther)];
  const addressed = actions.filter(
    (action) => action.type !== 'delete' || addressable.test(action.reference),
  );
  return { ...finding, words: { ...words, subject, other }, actions: addressed };
}

const addressable = /^[A-Z][A-Za-z]+\/[\w.-]+$/;

/** With a problem of 60 characters a summary of the three stays under 140. */
const [widestSubject, widestOther] = [24, 36];

const shortened = (name: string, width: number): string =>
  name.length <= width ? name : `${name.slice(0, width - 1).trimEnd()}…`;

function gravestFirst(one: Finding, other: Finding): number {
  const keys = (each: Finding) => [each.rule, each.order, each.words.other].join('\n');
  return gravity[other.severity] - gravity[one.severity] || (keys(one) < keys(other) ? -1 : 1);
}

/**
 * Selected drafts whose drug could not be read: no finding is possible, and none is no clearance. Such a draft stays
 * silent by itself; the ledger keeps why.
 */
export const unreadOrders = (view: OrderView): readonly OrderedDrug[] =>
  view.drafts.filter(({ selected, unread }) => selected && unread);

function uncheckedBy({ lists }: Finder, view: OrderView): readonly string[] {
  const drafts = unreadOrders(view).length;
  const active = view.active.filter(({ unread }) => unread).length;
  const absent = (list: string): boolean => lists.includes(list) && absence(view.chart, list) !== undefined;
  return [
    ...(drafts > 0 ? [`${counted(drafts, 'order')} could not be read and ${were(drafts)} not checked`] : []),
    ...(active > 0 && lists.includes('medications')
      ? [
          `${counted(active, 'drug')} on the medication list could not be read and ${were(active)} not checked`,
        ]
      : []),
    ...(absent('medications') ? ['the medication list was not available: drugs on it were not checked'] : []),
    ...(absent('medicationHistory') ? ['drugs stopped within the last 100 days were not checked'] : []),
  ];
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
const were = (count: number): string => (count === 1 ? 'was' : 'were');
