import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import { isRecord, wordOf } from '../fhir/coding.ts';
import { drugOf } from '../fhir/medication.ts';
import { toUnit } from '../fhir/quantity.ts';
import { idIn, referenceOf, referenceTo } from '../fhir/reference.ts';
import { parseMoment } from '../fhir/time.ts';
import { absence, type Context } from './context.ts';
import { type DailyDose, dailyDose } from './dose.ts';
import { drugEvidence, matchDrug, memberIngredients } from './drug.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, type Missing, missing, type Source } from './feature.ts';
import { readableQuantity } from './words.ts';

/** An order in force with a member of a drug set, and its dose. */
export interface MemberDose {
  readonly dose: DailyDose;
  readonly source: Source;
  /** Member ingredients it contains, RxNorm code → name. */
  readonly members: ReadonlyMap<string, string>;
}

/**
 * The orders in force: active MedicationRequests (no proposals, no "do not give") that no draft replaces, and the
 * drafts. A draft replaces the active order of the same id, or the one its `priorPrescription` names.
 */
export function ordersInForce({ chart, index }: Context): readonly MedicationRequest[] {
  const drafts = chart.drafts.filter(isRequest).filter(isMeant);
  const replaced = new Set(drafts.flatMap(replacedIds));
  const active = index.requests.filter(
    ({ id, status, intent, doNotPerform }) =>
      status === 'active' && intent !== 'proposal' && doNotPerform !== true && !replaced.has(wordOf(id)),
  );
  return [...active, ...drafts];
}

const isRequest = (resource: Resource): resource is MedicationRequest =>
  isRecord(resource) && resource.resourceType === 'MedicationRequest';

const isMeant = ({ doNotPerform, status }: MedicationRequest): boolean =>
  doNotPerform !== true && !['entered-in-error', 'cancelled', 'stopped'].includes(wordOf(status));

/** Ids of the orders that a draft takes the place of: its own, and the one its `priorPrescription` names. */
export function replacedIds({ id, priorPrescription }: MedicationRequest): readonly string[] {
  const prior = idIn(referenceOf(priorPrescription) ?? '', 'MedicationRequest');
  return [wordOf(id), prior ?? ''].filter((each) => each !== '');
}

/**
 * The orders in force that contain a member of a drug set. Missing where one could be a member and cannot be told:
 * the list did not come, a drug is described elsewhere, or none of its codes is known and it names a member or nothing.
 */
export function memberDoses(valueSet: string, context: Context): readonly MemberDose[] | Missing {
  const absent = absence(context.chart, 'medications');
  if (absent !== undefined) return absent;
  const found: MemberDose[] = [];
  for (const request of ordersInForce(context)) {
    const source = sourceOf(request);
    const members = membersOf(request, valueSet, context);
    if ('kind' in members) return missing(members.reason, members.detail, [source]);
    if (members.size === 0) continue;
    const dose = dailyDose(request, context.vocabulary.drugs, context.index.medications);
    found.push({ dose, members, source: { ...source, display: [...members.values()].join(', ') } });
  }
  return found;
}

const sourceOf = (request: MedicationRequest): Source => {
  const at = parseMoment(request.authoredOn)?.text;
  return { reference: referenceTo(request), ...(at === undefined ? {} : { at }) };
};

/** The member ingredients of an order that belongs to the set; none of another. */
function membersOf(
  request: MedicationRequest,
  valueSet: string,
  { vocabulary, index }: Context,
): ReadonlyMap<string, string> | Missing {
  const drug = drugOf(request, index.medications);
  if (drug.kind === 'elsewhere') return missing('fetch-failed', 'a drug is described elsewhere');
  const evidence = drugEvidence(drug.codes, drug.words, vocabulary.drugs);
  const match = matchDrug({ valueSet }, evidence, vocabulary);
  if (match.kind === 'other' && !evidence.nameless) return new Map();
  const set = vocabulary.valueSets.get(valueSet);
  const members = evidence.rxcuis.flatMap((rxcui) =>
    set === undefined ? [] : [...memberIngredients(set, rxcui, vocabulary.drugs)],
  );
  return match.kind === 'match' && members.length > 0
    ? new Map(members)
    : missing('unsuitable', 'a drug has no code that can be read');
}

/** A patch's rate and an amount swallowed in a day are not one another, though their units convert. */
const isRate = (unit: string): boolean => unit.endsWith('/h');

/**
 * The amount of the member ingredients a day over all orders in force, in the entry's unit. None ordered: 0. Missing:
 * `memberDoses` is, or the dose of a member order cannot be told in this unit.
 */
export function doseFeature(entry: EntryFrom<'dose'>, context: Context): Feature {
  const orders = memberDoses(entry.from.valueSet, context);
  if ('kind' in orders) return orders;
  const unit = entry.unit ?? '';
  let total = 0;
  const notes: string[] = [];
  for (const { dose, members, source } of orders) {
    if (dose.kind === 'missing') return missing('unsuitable', dose.detail, [source]);
    for (const { ingredient, amount, unit: given } of dose.perDay) {
      const name = members.get(ingredient);
      if (name === undefined) continue;
      const converted = toUnit({ value: amount, unit: given }, unit);
      if (!converted.ok || isRate(given) !== isRate(unit))
        return missing('unsuitable', `${name}: the dose is not in ${unit}`, [source]);
      total += converted.value;
      notes.push([`${name} ${readableQuantity(converted.value, unit)}`, ...dose.notes].join('; '));
    }
  }
  const [low, high] = entry.plausible ?? [0, Number.POSITIVE_INFINITY];
  const sources = orders.map(({ source }) => source);
  if (total < low || total > high) return missing('implausible', `outside ${low}–${high} ${unit}`, sources);
  return { kind: 'observed', value: total, sources, ...(notes.length === 0 ? {} : { notes }) };
}
