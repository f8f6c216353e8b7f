import type { Encounter, Observation } from '@medplum/fhirtypes';
import { isRecord } from '../fhir/coding.ts';
import { idIn, referenceOf } from '../fhir/reference.ts';
import type { Context } from './context.ts';

/** HL7 v3 ActCode encounter classes that are not outpatient: hospital, emergency, observation unit, short stay. */
const notOutpatient = new Set(['IMP', 'ACUTE', 'NONAC', 'EMER', 'OBSENC', 'SS', 'INPATIENT', 'EMERGENCY']);

/** Was it taken outside hospital and emergency care? An unknown setting counts as outpatient. */
export const isOutpatient = (observation: Observation, context: Context): boolean =>
  !notOutpatient.has(classOf(observation, context) ?? '');

/** Is the setting known at all: an encounter of the chart, with a class? */
export const knownSetting = (observation: Observation, context: Context): boolean =>
  classOf(observation, context) !== undefined;

function classOf(observation: Observation, { index }: Context): string | undefined {
  const reference = referenceOf(observation.encounter);
  const id = reference === undefined ? undefined : idIn(reference, 'Encounter');
  const encounter: Encounter | undefined = id === undefined ? undefined : index.encounters.get(id);
  const code = isRecord(encounter?.class) ? encounter.class.code : undefined;
  return typeof code === 'string' && code !== '' ? code.toUpperCase() : undefined;
}
