import type { HookName } from 'cds-hooks-types';
import { z } from 'zod';
import { isFhirId } from '../fhir/base.ts';

/** Present means not empty (J2). */
const text = z.string().min(1);
const id = z.string().refine(isFhirId);
/** `Practitioner/123`: a type and an id, as the hook library writes every reference of a context. */
const reference = z.string().refine((value) => {
  const [type = '', id = '', ...rest] = value.split('/');
  return /^[A-Z][A-Za-z]{1,63}$/.test(type) && isFhirId(id) && rest.length === 0;
});
const references = z.array(reference).min(1);
const resource = (type: string) => z.looseObject({ resourceType: z.literal(type) });

/**
 * For every client: `type` is not asked for, nor any element of an order. Real clients leave both out, nothing
 * here is decided by them, and to refuse the call would cost the user the card and protect nobody.
 */
const bundle = z.looseObject({
  resourceType: z.literal('Bundle'),
  entry: z.array(z.looseObject({ resource: z.looseObject({ resourceType: text }) })).optional(),
});

/**
 * The context each hook requires (CDS Hooks Library). Unknown fields pass (the library's own example still spells
 * `fulfillment-tasks`); what is missing, null, empty or of a wrong type does not.
 */
function contextsWith(userId: z.ZodType) {
  const atScreen = { userId, patientId: id, encounterId: id.optional() };
  const inEncounter = { userId, patientId: id, encounterId: id };
  return {
    'allergyintolerance-create': z.looseObject({
      ...atScreen,
      allergyIntolerance: resource('AllergyIntolerance'),
    }),
    'appointment-book': z.looseObject({ ...atScreen, appointments: bundle }),
    'encounter-discharge': z.looseObject(inEncounter),
    'encounter-start': z.looseObject(inEncounter),
    'medication-refill': z.looseObject({ ...atScreen, userId: reference.optional(), medications: bundle }),
    'medication-verify': z.looseObject({ ...atScreen, medication: resource('MedicationRequest') }),
    'order-dispatch': z.looseObject({
      patientId: id,
      dispatchedOrders: references,
      performer: reference,
      fulfillmentTasks: z.array(resource('Task')).min(1).optional(),
    }),
    'order-select': z.looseObject({ ...atScreen, selections: references, draftOrders: bundle }),
    'order-sign': z.looseObject({ ...atScreen, draftOrders: bundle }),
    'patient-view': z.looseObject(atScreen),
    'problem-list-item-create': z.looseObject({ ...atScreen, conditions: bundle }),
  } as const satisfies Record<HookName, z.ZodType>;
}

/** Contexts by what the client's profile says of `userId` (`sends.userId`). */
export const contexts = {
  reference: contextsWith(reference),
  optional: contextsWith(reference.optional()),
} as const;

export const isHookName = (name: string): name is HookName => Object.hasOwn(contexts.reference, name);
