import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import { dailyDose } from '../features/dose.ts';
import { replacedIds } from '../features/dose-feature.ts';
import { memberIngredients } from '../features/drug.ts';
import { type Features, missing } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Chart } from '../fhir/chart.ts';
import { isRecord, recordsIn, rxnorm, wordOf } from '../fhir/coding.ts';
import { type DrugIndex, drugOf, rxcuisOf } from '../fhir/medication.ts';
import { referenceTo } from '../fhir/reference.ts';
import { isBefore, type Moment, windowStart } from '../fhir/time.ts';
import type { ValueSet } from '../fhir/value-set.ts';
import type { OrderedDrug, OrderView } from './finder.ts';
import { type Given, givenOf, isGivenResource } from './orders-given.ts';
import { routeOf, routesOf } from './orders-route.ts';

/** What the patient no longer takes still counts this long (HL7 drug-interaction guide 1.0.0, PDDI-CDS). */
const recently = 'P100D';

/**
 * The drugs at hand: drafts of the hook, what the patient is on, and what ended within the last 100 days. A draft
 * replaces the order that has its id or that it names as `priorPrescription`. Whatever a resource holds, nothing throws.
 */
export function readOrders(chart: Chart, vocabulary: Vocabulary, features: Features): OrderView {
  const medications = medicationsOf(chart);
  const drugs = (given: readonly Given[]): readonly OrderedDrug[] =>
    given.map((each) => orderedDrug(each, chart, vocabulary, medications));
  const drafts = chart.drafts.filter(isDraft);
  const replaced = new Set(drafts.flatMap(replacedBy));
  const given = chart.resources
    .filter(isGivenResource)
    .map((resource) => givenOf(resource, chart.now))
    .filter((each) => each !== undefined);
  const active = given.filter(({ status, reference }) => status === 'active' && !replaced.has(reference));
  const recent = given.filter(
    ({ status, end, begun }) => status === 'recent' && isRecent(end ?? begun, chart.now),
  );
  return {
    chart,
    vocabulary,
    drafts: drugs(drafts.map((request) => ({ status: 'draft', reference: referenceTo(request), request }))),
    active: drugs(active),
    recent: drugs(recent),
    feature: (name) => features.get(name) ?? missing('not-supplied', 'the value was not asked for'),
  };
}

const isDraft = (resource: Resource): resource is MedicationRequest =>
  isRecord(resource) &&
  resource.resourceType === 'MedicationRequest' &&
  resource.doNotPerform !== true &&
  !['entered-in-error', 'cancelled', 'stopped'].includes(wordOf(resource.status));

/** Without any date it may have been yesterday. */
const isRecent = (moment: Moment | undefined, now: Date): boolean =>
  moment === undefined || !isBefore(moment, windowStart(now, recently));

const replacedBy = (draft: MedicationRequest): readonly string[] =>
  replacedIds(draft).map((id) => `MedicationRequest/${id}`);

/** Medications that an order may refer to: of the record, and those sent along with the drafts. */
export const medicationsOf = (chart: Chart): ReadonlyMap<string, Resource> =>
  new Map(
    [...chart.resources, ...chart.drafts]
      .filter((each) => isRecord(each) && each.resourceType === 'Medication')
      .map((each) => [wordOf(each.id), each]),
  );

/** RxNorm codes of an order, with an index those of its NDC too; none where its Medication is not here. */
export function rxcuisOfOrder(
  request: MedicationRequest,
  medications: ReadonlyMap<string, Resource>,
  drugs?: DrugIndex,
): readonly string[] {
  const drug = drugOf(request, medications);
  return drug.kind === 'described' ? rxcuisOf(drug.codes, drugs) : [];
}

function orderedDrug(
  { reference, status, request }: Given,
  chart: Chart,
  vocabulary: Vocabulary,
  medications: ReadonlyMap<string, Resource>,
): OrderedDrug {
  const { drugs } = vocabulary;
  const known = rxcuisOfOrder(request, medications, drugs).filter(
    (each) => drugs.components(each) !== undefined,
  );
  const routes = known.flatMap((rxcui) => routesOf(request, rxcui, drugs));
  const local = routes.length > 0 && routes.every((each) => each === 'local');
  const codes = local ? [] : [...new Set(known.flatMap((rxcui) => drugs.ingredients(rxcui) ?? []))];
  const route = routeOf(request, known, drugs);
  const instructions = recordsIn(request, 'dosageInstruction');
  return {
    reference,
    status,
    selected: status === 'draft' && chart.selected.has(reference),
    ingredients: codes.map((code) => ({ code, name: nameOf(code, vocabulary) })),
    unread: known.length === 0,
    prn: instructions.length > 0 && instructions.every(isAsNeeded),
    ...(route === undefined ? {} : { route }),
    dose: dailyDose(request, vocabulary.drugs, medications),
    resource: request,
    is: (id) => {
      const set = valueSetOf(id, vocabulary);
      return known.some(
        (rxcui) =>
          memberIngredients(set, rxcui, drugs).size > 0 && set.counts(routesOf(request, rxcui, drugs)),
      );
    },
  };
}

const isAsNeeded = ({
  asNeededBoolean,
  asNeededCodeableConcept,
}: Readonly<Record<string, unknown>>): boolean =>
  asNeededBoolean === true || isRecord(asNeededCodeableConcept);

/** The ingredient's name in our tables, in lower case. */
export const nameOf = (ingredient: string, vocabulary: Vocabulary): string =>
  (vocabulary.drugs.nameOf(ingredient) ?? 'a drug').toLowerCase();

/** RxNorm ingredients of a drug set. @throws Error for one that the vocabulary does not have */
export const membersOf = (id: string, vocabulary: Vocabulary): ReadonlyMap<string, string> =>
  valueSetOf(id, vocabulary).members(rxnorm);

/** A value set by its id. @throws Error for one that the vocabulary does not have: a broken table of rules */
export function valueSetOf(id: string, { valueSets }: Vocabulary): ValueSet {
  const set = valueSets.get(`urn:auscult:ValueSet:${id}`);
  if (set === undefined) throw new Error(`${id} is not a value set of the vocabulary`);
  return set;
}
