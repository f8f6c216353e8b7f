import type { MedicationRequest } from '@medplum/fhirtypes';
import type { Suggestion } from 'cds-hooks-types';
import type { SuggestionTemplate } from './package.ts';

/** For whom and when, and where uuids come from. */
export interface SuggestionContext {
  readonly patientId: string;
  readonly now: Date;
  readonly uuid: () => string;
}

/** One suggestion with one action: create the draft order. Its uuid lets an acceptance be told from another. */
export function suggestionOf(template: SuggestionTemplate, context: SuggestionContext): Suggestion {
  return {
    label: template.label,
    uuid: context.uuid(),
    actions: [{ type: 'create', description: template.description, resource: draftOrder(template, context) }],
  };
}

/**
 * A proposal for the clinician to sign or discard (FHIR R4 MedicationRequest): status draft, intent proposal, one
 * clinical drug in RxNorm, dosage and reason in the package's own words.
 */
export function draftOrder(template: SuggestionTemplate, context: SuggestionContext): MedicationRequest {
  const { system, code, display } = template.medication;
  const { coding, text } = template.reason;
  return {
    resourceType: 'MedicationRequest',
    status: 'draft',
    intent: 'proposal',
    medicationCodeableConcept: { coding: [{ system, code, display }], text: display },
    subject: { reference: `Patient/${context.patientId}` },
    authoredOn: context.now.toISOString(),
    reasonCode: [{ ...(coding === undefined ? {} : { coding: [{ ...coding }] }), text }],
    dosageInstruction: [{ text: template.dosage }],
  };
}
