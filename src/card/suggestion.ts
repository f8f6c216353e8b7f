import type { MedicationRequest, Resource, ServiceRequest } from '@medplum/fhirtypes';
import type { Action, Suggestion } from 'cds-hooks-types';
import type { FindingAction } from '../findings/finding.ts';
import type { SuggestionRule } from './service.ts';

/** For whom and when, and where uuids come from. */
export interface SuggestionContext {
  readonly patientId: string;
  readonly now: Date;
  readonly uuid: () => string;
}

/** One suggestion with one action: create the draft order. Its uuid lets an acceptance be told from another. */
export function suggestionOf(rule: SuggestionRule, context: SuggestionContext): Suggestion {
  return {
    label: rule.label,
    uuid: context.uuid(),
    actions: [{ type: 'create', description: rule.description, resource: draftOf(rule, context) }],
  };
}

/** What a finding proposes: take the draft back, change it, or order something else in its place. */
export function findingSuggestion(action: FindingAction, context: SuggestionContext): Suggestion {
  return { label: action.label, uuid: context.uuid(), actions: [actionOf(action, context)] };
}

function actionOf(action: FindingAction, context: SuggestionContext): Action {
  const { type, label: description } = action;
  switch (type) {
    case 'delete':
      return { type, description, resourceId: action.reference };
    case 'update':
      return { type, description, resource: action.resource };
    case 'create':
      return { type, description, resource: { ...action.resource, ...addressed(context) } };
  }
}

const addressed = ({ patientId, now }: SuggestionContext) => ({
  subject: { reference: `Patient/${patientId}` },
  authoredOn: now.toISOString(),
});

/**
 * A proposal for the clinician to sign or discard (FHIR R4): status draft, intent proposal. A drug is one clinical
 * drug in RxNorm with dosage and reason in the package's own words; a test or referral is a ServiceRequest.
 */
export function draftOf(rule: SuggestionRule, context: SuggestionContext): Resource {
  return rule.kind === 'medication' ? draftOrder(rule, context) : draftService(rule, context);
}

function draftOrder(
  { medication, dosage, reason }: Extract<SuggestionRule, { kind: 'medication' }>,
  context: SuggestionContext,
): MedicationRequest {
  const { system, code, display } = medication;
  return {
    resourceType: 'MedicationRequest',
    status: 'draft',
    intent: 'proposal',
    medicationCodeableConcept: { coding: [{ system, code, display }], text: display },
    ...addressed(context),
    reasonCode: [conceptOf(reason)],
    dosageInstruction: [{ text: dosage }],
  };
}

function draftService(
  { service, reason }: Extract<SuggestionRule, { kind: 'service' }>,
  context: SuggestionContext,
): ServiceRequest {
  return {
    resourceType: 'ServiceRequest',
    status: 'draft',
    intent: 'proposal',
    code: conceptOf(service),
    ...addressed(context),
    ...(reason === undefined ? {} : { reasonCode: [conceptOf(reason)] }),
  };
}

const conceptOf = ({ coding, text }: { readonly coding?: object | undefined; readonly text: string }) => ({
  ...(coding === undefined ? {} : { coding: [{ ...coding }] }),
  text,
});
