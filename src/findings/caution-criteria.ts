import { absence } from '../features/context.ts';
import type { Feature } from '../features/feature.ts';
import { readableQuantity } from '../features/words.ts';
import { isRecord, recordsIn, wordOf } from '../fhir/coding.ts';
import { parseMoment } from '../fhir/time.ts';
import type { Course, Criterion, DrugRule, Measure } from './caution.ts';
import type { OrderedDrug, OrderView } from './finder.ts';
import { membersOf } from './orders.ts';

export type Truth = 'yes' | 'no' | 'unknown';

/** Does the criterion hold for this order? What was not observed is unknown, never a no. */
export function holds(criterion: Criterion, drug: OrderedDrug, view: OrderView): Truth {
  if ('newStart' in criterion) return isNewStart(drug, view);
  if ('others' in criterion) {
    if (othersOf(criterion.others, drug, view).length >= criterion.atLeast) return 'yes';
    return listIsKnown(view) ? 'no' : 'unknown';
  }
  const told = view.feature(criterion.value);
  if (told.kind !== 'observed') return 'unknown';
  if ('is' in criterion) return told.value === criterion.is ? 'yes' : 'no';
  if (typeof told.value !== 'number') return 'unknown';
  return isWithin(told.value, criterion) ? 'yes' : 'no';
}

const isWithin = (value: number, { from, above, below, upTo }: Measure): boolean =>
  (from === undefined || value >= from) &&
  (above === undefined || value > above) &&
  (below === undefined || value < below) &&
  (upTo === undefined || value <= upTo);

const listIsKnown = ({ chart }: OrderView): boolean => absence(chart, 'medications') === undefined;

/** Unknown where the list of medications did not come: what is not on a list that is not here says nothing. */
function isNewStart(drug: OrderedDrug, view: OrderView): Truth {
  const codes = new Set(drug.ingredients.map(({ code }) => code));
  const same = view.active.some((each) => each.ingredients.some(({ code }) => codes.has(code)));
  if (same || drug.resource.priorPrescription !== undefined) return 'no';
  return listIsKnown(view) ? 'yes' : 'unknown';
}

/** Names of other drugs of these sets, each ingredient once: other drafts and what the patient is on. */
export function othersOf(sets: readonly string[], drug: OrderedDrug, view: OrderView): readonly string[] {
  const own = new Set(drug.ingredients.map(({ code }) => code));
  const drugs = [...view.drafts, ...view.active].filter((each) => each !== drug);
  const found = new Map(
    sets.flatMap((valueSet) =>
      drugs.flatMap((each) =>
        membersIn({ valueSet }, each, view).map(({ code, name }) => [code, name] as const),
      ),
    ),
  );
  return [...found].filter(([code]) => !own.has(code)).map(([, name]) => name);
}

/** The ingredients of an order that the rule is about; none: it is not. */
export function membersIn(
  rule: DrugRule,
  drug: OrderedDrug,
  { vocabulary }: Pick<OrderView, 'vocabulary'>,
): OrderedDrug['ingredients'] {
  if ('code' in rule) {
    return drug.ingredients
      .filter(({ code }) => code === rule.code)
      .map(({ code }) => ({ code, name: rule.name }));
  }
  if (!drug.is(rule.valueSet)) return [];
  const members = membersOf(rule.valueSet, vocabulary);
  const listed = drug.ingredients.filter(({ code }) => members.has(code));
  return listed.length > 0 ? listed : drug.ingredients.slice(0, 1);
}

/** In a sentence, why the criterion holds; none where that says nothing of the patient. */
export function reasonOf(criterion: Criterion, drug: OrderedDrug, view: OrderView): readonly string[] {
  if ('newStart' in criterion) return [];
  if ('others' in criterion) return [`Together with ${othersOf(criterion.others, drug, view).join(', ')}.`];
  const entry = view.vocabulary.entries.get(criterion.value);
  const label = entry?.label ?? criterion.value;
  const told = view.feature(criterion.value);
  if (told.kind !== 'observed') return [];
  if (typeof told.value === 'number')
    return [`${label}: ${readableQuantity(told.value, entry?.unit)}${dated(told)}.`];
  return told.value === true ? [`${label} is on record.`] : [];
}

const dated = (feature: Extract<Feature, { kind: 'observed' }>): string => {
  const moment = parseMoment(feature.at);
  return moment === undefined ? '' : ` (${moment.date})`;
};

/** What is not known and why, for a criterion that could not be told. */
export function openOf(criterion: Criterion, view: OrderView): string {
  if ('newStart' in criterion) return 'Whether it is a new treatment: the list of medications did not come';
  if ('others' in criterion) return 'Other drugs: the list of medications did not come';
  const label = view.vocabulary.entries.get(criterion.value)?.label ?? criterion.value;
  const told = view.feature(criterion.value);
  return told.kind === 'missing' ? `${label}: ${told.detail ?? told.reason}` : `${label}: not observed`;
}

/** Is the order known to end that soon? One that does not say for how long, or that may be refilled, is not. */
export function isShort({ upToDays, asNeeded }: Course, drug: OrderedDrug): boolean {
  const known = daysOf(drug);
  return (asNeeded !== true || drug.prn) && known !== undefined && known <= upToDays;
}

const perDay: Readonly<Record<string, number>> = { min: 1 / 1440, h: 1 / 24, d: 1, wk: 7, mo: 31, a: 366 };

/** Days that the order supplies, or that its instructions say; the longest of them. */
function daysOf({ resource }: OrderedDrug): number | undefined {
  const supply = isRecord(resource.dispenseRequest) ? resource.dispenseRequest : {};
  const refills = supply.numberOfRepeatsAllowed;
  if (typeof refills === 'number' && refills > 0) return undefined;
  const told = recordsIn(resource, 'dosageInstruction').map(({ timing }) =>
    isRecord(timing) && isRecord(timing.repeat) ? days(timing.repeat.boundsDuration) : undefined,
  );
  const bounded = told.filter((each) => each !== undefined);
  if (bounded.length > 0 && bounded.length === told.length) return Math.max(...bounded);
  return days(supply.expectedSupplyDuration);
}

function days(duration: unknown): number | undefined {
  if (!isRecord(duration) || typeof duration.value !== 'number' || !(duration.value > 0)) return undefined;
  const factor = perDay[wordOf(duration.code)];
  return factor === undefined ? undefined : duration.value * factor;
}
