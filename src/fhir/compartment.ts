/**
 * How the resource types of the R4 patient compartment name their patient
 * (http://hl7.org/fhir/R4/compartmentdefinition-patient.html). Elements that name a performer, author, payer
 * or relative are left out: those may rightly be other people.
 */
export interface CompartmentRule {
  /** Dotted paths to references. */
  readonly elements: readonly string[];
  /** Is it a mismatch when none is there? */
  readonly required: boolean;
  /** May the elements rightly name things that are no patients too (participants, targets)? */
  readonly mixed: boolean;
}

const strict = (...elements: string[]): CompartmentRule => ({ elements, required: true, mixed: false });
const mixed = (...elements: string[]): CompartmentRule => ({ elements, required: true, mixed: true });
const loose = (...elements: string[]): CompartmentRule => ({ elements, required: false, mixed: true });

/** Outside the compartment (Medication, Practitioner, Device...): nobody need be named, but whoever is, counts. */
const outside = loose('subject', 'patient');

const bySubject = [
  'AdverseEvent',
  'Basic',
  'CarePlan',
  'CareTeam',
  'ChargeItem',
  'ClinicalImpression',
  'Communication',
  'CommunicationRequest',
  'Composition',
  'Condition',
  'DeviceRequest',
  'DeviceUseStatement',
  'DiagnosticReport',
  'DocumentManifest',
  'DocumentReference',
  'Encounter',
  'Flag',
  'Goal',
  'ImagingStudy',
  'Invoice',
  'List',
  'MeasureReport',
  'Media',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Procedure',
  'QuestionnaireResponse',
  'RequestGroup',
  'RiskAssessment',
  'ServiceRequest',
  'Specimen',
];

const byPatient = [
  'AllergyIntolerance',
  'BodyStructure',
  'Claim',
  'ClaimResponse',
  'Consent',
  'CoverageEligibilityRequest',
  'CoverageEligibilityResponse',
  'DetectedIssue',
  'EpisodeOfCare',
  'ExplanationOfBenefit',
  'FamilyMemberHistory',
  'Immunization',
  'ImmunizationEvaluation',
  'ImmunizationRecommendation',
  'MolecularSequence',
  'NutritionOrder',
  'RelatedPerson',
  'SupplyDelivery',
  'VisionPrescription',
];

const rules: ReadonlyMap<string, CompartmentRule> = new Map<string, CompartmentRule>([
  ...bySubject.map((type) => [type, strict('subject')] as const),
  ...byPatient.map((type) => [type, strict('patient')] as const),
  ['Account', mixed('subject')],
  ['Appointment', mixed('participant.actor')],
  ['AppointmentResponse', mixed('actor')],
  ['AuditEvent', loose('entity.what')],
  ['Coverage', strict('beneficiary')],
  ['EnrollmentRequest', strict('candidate')],
  ['Group', loose('member.entity')],
  ['Person', loose('link.target')],
  ['Provenance', loose('target')],
  ['ResearchSubject', strict('individual')],
  ['Schedule', loose('actor')],
  ['SupplyRequest', mixed('deliverTo')],
  ['Task', strict('for')],
]);

/** The rule of a resource type. */
export const compartmentRule = (type: string): CompartmentRule => rules.get(type) ?? outside;

/** Types that must name their patient. */
export const compartmentTypes: readonly string[] = [...rules]
  .filter(([, rule]) => rule.required)
  .map(([type]) => type);
