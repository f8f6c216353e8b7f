import type { Encounter, Observation } from '@medplum/fhirtypes';
import { isRecord } from '../fhir/coding.ts';
import { idIn, referenceOf } from '../fhir/reference.ts';
import type { Context } from './context.ts';

/** Where care is given. `observation`: kept under watch, not admitted; it may be hospital or emergency care. */
export type Care = 'admitted' | 'observation' | 'emergency' | 'outpatient';

/** HL7 v3 ActEncounterCode, and the words that DSTU2 had for it. */
const classes: ReadonlyMap<string, Care> = new Map([
  ['IMP', 'admitted'],
  ['ACUTE', 'admitted'],
  ['NONAC', 'admitted'],
  ['SS', 'admitted'],
  ['INPATIENT', 'admitted'],
  ['OBSENC', 'observation'],
  ['EMER', 'emergency'],
  ['EMERGENCY', 'emergency'],
  ['AMB', 'outpatient'],
  ['VR', 'outpatient'],
  ['HH', 'outpatient'],
  ['FLD', 'outpatient'],
  ['PRENC', 'outpatient'],
  ['AMBULATORY', 'outpatient'],
  ['OUTPATIENT', 'outpatient'],
  ['HOME', 'outpatient'],
  ['FIELD', 'outpatient'],
  ['VIRTUAL', 'outpatient'],
]);

/** The kind of care of an encounter; undefined: no class, or a local one. */
export const careOf = (encounter: Encounter): Care | undefined => classes.get(classOf(encounter) ?? '');

/** Was it taken outside hospital and emergency care? An unknown setting counts as outpatient. */
export function isOutpatient(observation: Observation, context: Context): boolean {
  const encounter = encounterOf(observation, context);
  const care = encounter === undefined ? undefined : careOf(encounter);
  return care === undefined || care === 'outpatient';
}

/** Was it taken in hospital or emergency care? An unknown setting is not known to be. */
export const isInpatient = (observation: Observation, context: Context): boolean =>
  !isOutpatient(observation, context);

/** Is the setting known at all: an encounter of the chart, with a class? */
export function knownSetting(observation: Observation, context: Context): boolean {
  const encounter = encounterOf(observation, context);
  return encounter !== undefined && classOf(encounter) !== undefined;
}

function encounterOf(observation: Observation, { index }: Context): Encounter | undefined {
  const reference = referenceOf(observation.encounter);
  const id = reference === undefined ? undefined : idIn(reference, 'Encounter');
  return id === undefined ? undefined : index.encounters.get(id);
}

function classOf(encounter: Encounter): string | undefined {
  const code = isRecord(encounter.class) ? encounter.class.code : undefined;
  return typeof code === 'string' && code !== '' ? code.trim().toUpperCase() : undefined;
}
