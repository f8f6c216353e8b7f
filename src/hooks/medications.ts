import type { Resource } from '@medplum/fhirtypes';

/** More would not fit into the deadline. */
const most = 50;

/**
 * References of orders and statements to a Medication that is not among the resources: relative
 * (`Medication/1`) or absolute, as sent, without version, each once. Contained ones (`#1`) are there already.
 */
export function absentMedications(resources: readonly Resource[]): readonly string[] {
  const references = resources.flatMap((resource) =>
    'medicationReference' in resource ? [resource.medicationReference?.reference] : [],
  );
  if (references.length === 0) return [];
  const present = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
  const wanted = references
    .filter((reference) => typeof reference === 'string')
    .map((reference) => reference.replace(/\/_history\/[^/]*$/, ''))
    .filter((reference) => {
      const relative = /(?:^|\/)(Medication\/[A-Za-z0-9\-._]+)$/.exec(reference)?.[1];
      return relative !== undefined && !present.has(relative);
    });
  return [...new Set(wanted)].slice(0, most);
}
