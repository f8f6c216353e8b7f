/** Parts of a correct request that attacks are planted in. */
import type { CdsService } from 'cds-hooks-types';
import { isObject, listOf } from '../rules/asking.ts';
import type { Body } from '../target.ts';

/** A prefetch key whose template is a search. */
export interface ListKey {
  readonly name: string;
  /** The resource type it searches. */
  readonly type: string;
}

/** Types that are about a patient (R4 patient compartment), and the element that names the patient. */
const subjectOf: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...[
        'CarePlan',
        'CareTeam',
        'Condition',
        'DeviceRequest',
        'DiagnosticReport',
        'DocumentReference',
        'Encounter',
      ],
      ...[
        'Flag',
        'Goal',
        'ImagingStudy',
        'MedicationAdministration',
        'MedicationDispense',
        'MedicationRequest',
      ],
      ...['MedicationStatement', 'Observation', 'Procedure', 'QuestionnaireResponse', 'RiskAssessment'],
      ...['ServiceRequest', 'Specimen'],
    ].map((type) => [type, 'subject']),
  ),
  ...Object.fromEntries(
    [
      ...['AllergyIntolerance', 'Claim', 'ClaimResponse', 'Consent', 'EpisodeOfCare', 'ExplanationOfBenefit'],
      ...[
        'FamilyMemberHistory',
        'Immunization',
        'ImmunizationRecommendation',
        'NutritionOrder',
        'VisionPrescription',
      ],
    ].map((type) => [type, 'patient']),
  ),
  Coverage: 'beneficiary',
};

export const subjectElement = (type: string): string => subjectOf[type] ?? 'subject';

/** The first prefetch key that searches one of these types, else the first that searches patient data at all. */
export function listKeyOf(
  { prefetch = {} }: CdsService,
  ...preferred: readonly string[]
): ListKey | undefined {
  const keys = Object.entries(prefetch).flatMap(([name, template]) => {
    const type = /^\/?([A-Z][A-Za-z]+)\?/.exec(template)?.[1];
    return type !== undefined && type in subjectOf ? [{ name, type }] : [];
  });
  return keys.find(({ type }) => preferred.includes(type)) ?? keys[0];
}

/** The prefetch key that reads the Patient. */
export const patientKeyOf = ({ prefetch = {} }: CdsService): string | undefined =>
  Object.entries(prefetch).find(([, template]) => /^\/?Patient[/?]/.test(template))?.[0];

export const patientIdOf = ({ context }: Body): string =>
  isObject(context) && typeof context.patientId === 'string' ? context.patientId : '';

/** What stands under a prefetch key. */
export const valueAt = ({ prefetch }: Body, key: string): unknown =>
  isObject(prefetch) ? prefetch[key] : undefined;

/** The request with this under a prefetch key. */
export const withPrefetch = (request: Body, key: string, value: unknown): Body => ({
  ...request,
  prefetch: { ...(isObject(request.prefetch) ? request.prefetch : {}), [key]: value },
});

/** Resources under a list key. */
export const resourcesAt = (request: Body, { name }: ListKey): readonly Body[] => {
  const bundle = valueAt(request, name);
  return (isObject(bundle) ? listOf(bundle.entry) : []).flatMap((entry) =>
    isObject(entry) && isObject(entry.resource) ? [entry.resource] : [],
  );
};

/** A resource as this list holds them (a copy of its first one, where it has one) with this subject. */
export function planted(request: Body, key: ListKey, subject: unknown): Body {
  const { [subjectElement(key.type)]: _, ...like } = resourcesAt(request, key)[0] ?? {
    resourceType: key.type,
    status: 'final',
    code: { text: 'planted' },
  };
  const about = subject === undefined ? {} : { [subjectElement(key.type)]: subject };
  return { ...structuredClone(like), id: 'planted', ...about };
}

/** A searchset of these resources. */
export const searchsetOf = (...resources: readonly unknown[]): Body => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: resources.length,
  entry: resources.map((resource) => ({ resource })),
});
