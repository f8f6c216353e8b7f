import type {
  AllergyIntolerance,
  Condition,
  Encounter,
  MedicationRequest,
  Observation,
  Resource,
} from '@medplum/fhirtypes';
import type { Chart } from '../fhir/chart.ts';
import { type Code, codeKey, codesOf, isRecord, recordsIn, wordsOf } from '../fhir/coding.ts';
import { type Feature, type Missing, missing, type ValueName } from './feature.ts';
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
}

/** A condition with its codes, read once: a dozen values look at every condition. */
export interface CodedCondition {
  readonly condition: Condition;
  readonly codes: readonly Code[];
  /** Neither a code nor a word: it may be any condition. */
  readonly untold: boolean;
}

export interface ChartIndex {
  /** By `system|code` of the part. */
  readonly readings: ReadonlyMap<string, readonly Reading[]>;
  readonly conditions: readonly CodedCondition[];
  readonly requests: readonly MedicationRequest[];
  readonly allergies: readonly AllergyIntolerance[];
  /** By id. */
  readonly medications: ReadonlyMap<string, Resource>;
  readonly encounters: ReadonlyMap<string, Encounter>;
}

/** R4 Observation.focus: what was measured is another's, a fetus's or a donor's, though it stands in this chart. */
const isAboutThePatient = ({ focus }: Observation): boolean => !Array.isArray(focus) || focus.length === 0;

/** One pass over the chart. Odd resources fall out; nothing throws. */
export function indexChart(chart: Chart): ChartIndex {
  const of = <Type extends Resource['resourceType']>(
    type: Type,
  ): Extract<Resource, { resourceType: Type }>[] =>
    chart.resources.filter(
      (each): each is Extract<Resource, { resourceType: Type }> =>
        isRecord(each) && each.resourceType === type,
    );
  const byId = <Type extends Resource>(resources: readonly Type[]): ReadonlyMap<string, Type> =>
    new Map(resources.map((each) => [String(each.id), each]));
  return {
    readings: readingsByCode(of('Observation').filter(isAboutThePatient)),
    conditions: of('Condition').map(codedCondition),
    requests: of('MedicationRequest'),
    allergies: of('AllergyIntolerance'),
    medications: byId(of('Medication')),
    encounters: byId(of('Encounter')),
  };
}

function codedCondition(condition: Condition): CodedCondition {
  const codes = codesOf(condition.code);
  return { condition, codes, untold: codes.length === 0 && wordsOf(condition.code).trim() === '' };
}

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
    if (isRecord(observation)) add({ observation, holder: observation, keys, panel: undefined });
    for (const component of recordsIn(observation, 'component')) {
      add({ observation, holder: component, keys: codesOf(component.code).map(codeKey), panel: keys });
    }
  }
  return readings;
}

/** Why a list says nothing, if it did not come; undefined when it was supplied. */
export function absence(chart: Chart, key: string): Missing | undefined {
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
