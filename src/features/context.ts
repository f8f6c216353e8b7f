import type {
  AllergyIntolerance,
  Communication,
  Encounter,
  MedicationAdministration,
  MedicationRequest,
  MedicationStatement,
  Observation,
  Procedure,
  Resource,
  ServiceRequest,
} from '@medplum/fhirtypes';
import type { Chart } from '../fhir/chart.ts';
import { codeKey, codesOf, isRecord, recordsIn, wordOf } from '../fhir/coding.ts';
import type { Moment } from '../fhir/time.ts';
import { type ChartDrug, chartAllergens, chartDrugs } from './chart-drug.ts';
import { type CodedConditions, codedConditions } from './coded-condition.ts';
import type { DrugEvidence } from './drug.ts';
import { type Feature, type Missing, missing, type ValueName } from './feature.ts';
import { type Course, courseOf } from './intake.ts';
import { momentOf } from './moment.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What the extraction of one value may look at: the chart, indexed once, and the other values. */
export interface Context {
  readonly chart: Chart;
  readonly vocabulary: Vocabulary;
  readonly index: ChartIndex;
  /** Another value of the vocabulary, extracted at most once. */
  readonly feature: (name: ValueName) => Feature;
}

/** One value-bearing part of an Observation: itself or one of its components. */
export interface Reading {
  readonly observation: Observation;
  /** The element that holds value[x] and dataAbsentReason. */
  readonly holder: Readonly<Record<string, unknown>>;
  /** `system|code` of the part itself. */
  readonly keys: readonly string[];
  /** `system|code` of the Observation it is a component of; undefined where it stands alone. */
  readonly panel: readonly string[] | undefined;
  /** When it was true of the patient; undefined: no usable date. */
  readonly moment: () => Moment | undefined;
}

/** What the chart holds, by what it is asked for. Draft orders are not part of it. */
export interface ChartIndex {
  /** By `system|code` of the part. */
  readonly readings: ReadonlyMap<string, readonly Reading[]>;
  readonly conditions: CodedConditions;
  readonly requests: readonly MedicationRequest[];
  readonly statements: readonly MedicationStatement[];
  readonly administrations: readonly MedicationAdministration[];
  /** What those three say was taken. */
  readonly courses: () => readonly Course[];
  readonly procedures: readonly Procedure[];
  readonly serviceRequests: readonly ServiceRequest[];
  readonly communications: readonly Communication[];
  readonly allergies: readonly AllergyIntolerance[];
  /** By id. */
  readonly medications: ReadonlyMap<string, Resource>;
  readonly encounters: ReadonlyMap<string, Encounter>;
  /** The drug of an order, a statement or an administration, read once. */
  readonly drugOf: (record: DrugRecord) => ChartDrug;
  /** What an allergy is to, read once. */
  readonly allergenOf: (allergy: AllergyIntolerance) => DrugEvidence;
}

/** A record that names a drug. */
export type DrugRecord = MedicationRequest | MedicationStatement | MedicationAdministration;

/** R4 Observation.focus: what was measured is another's, a fetus's or a donor's, though it stands in this chart. */
const isAboutThePatient = ({ focus }: Observation): boolean => !Array.isArray(focus) || focus.length === 0;

/** One pass over the chart. Odd resources fall out; nothing throws. */
export function indexChart(chart: Chart, vocabulary: Vocabulary): ChartIndex {
  const byType = Map.groupBy(chart.resources.filter(isRecord), ({ resourceType }) => resourceType);
  const of = <Type extends Resource['resourceType']>(type: Type) =>
    (byType.get(type) ?? []) as unknown as readonly Extract<Resource, { resourceType: Type }>[];
  const medications = byId(of('Medication'));
  const records = [
    ...of('MedicationRequest'),
    ...of('MedicationStatement'),
    ...of('MedicationAdministration'),
  ];
  return {
    readings: readingsByCode(of('Observation').filter(isAboutThePatient)),
    conditions: codedConditions(of('Condition'), vocabulary, chart.now),
    requests: of('MedicationRequest'),
    statements: of('MedicationStatement'),
    administrations: of('MedicationAdministration'),
    courses: once(() => records.flatMap((each) => courseOf(each, chart.now) ?? [])),
    procedures: of('Procedure'),
    serviceRequests: of('ServiceRequest'),
    communications: of('Communication'),
    allergies: of('AllergyIntolerance'),
    medications,
    encounters: byId(of('Encounter')),
    drugOf: chartDrugs(medications, vocabulary.drugs),
    allergenOf: chartAllergens(vocabulary.drugs),
  };
}

const byId = <Type extends Resource>(resources: readonly Type[]): ReadonlyMap<string, Type> =>
  new Map(resources.map((each) => [wordOf(each.id), each]));

function readingsByCode(observations: readonly Observation[]): ReadonlyMap<string, readonly Reading[]> {
  const readings = new Map<string, Reading[]>();
  const add = (reading: Reading): void => {
    for (const key of reading.keys) {
      const found = readings.get(key);
      if (found === undefined) readings.set(key, [reading]);
      else found.push(reading);
    }
  };
  for (const observation of observations) {
    const keys = codesOf(observation.code).map(codeKey);
    const moment = once(() => momentOf(observation));
    if (isRecord(observation)) add({ observation, holder: observation, keys, panel: undefined, moment });
    for (const component of recordsIn(observation, 'component')) {
      const own = codesOf(component.code).map(codeKey);
      add({ observation, holder: component, keys: own, panel: keys, moment });
    }
  }
  return readings;
}

/** The same answer, worked out at most once. */
function once<Value>(work: () => Value): () => Value {
  let answer: { readonly value: Value } | undefined;
  return () => {
    answer ??= { value: work() };
    return answer.value;
  };
}

/** Why one of the lists says nothing, if it did not come; undefined when all were supplied. */
export function absence(chart: Chart, ...keys: readonly string[]): Missing | undefined {
  return keys.map((key) => absenceOf(chart, key)).find((each) => each !== undefined);
}

function absenceOf(chart: Chart, key: string): Missing | undefined {
  const supply = chart.supply.get(key);
  switch (supply?.state) {
    case 'supplied':
      return undefined;
    case 'fetch-failed':
      return missing('fetch-failed', `the list "${key}" could not be read: ${supply.reason}`);
    case 'not-supplied':
    case undefined:
      return missing('not-supplied', `the list "${key}" was not supplied`);
  }
}
