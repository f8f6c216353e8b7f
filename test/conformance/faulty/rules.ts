/** What the service demands of a request, one rule and the fault that forgets it per line. */
import { isObject, type Json } from '../faulty-service.ts';
import type { FaultyCdsService } from './answers.ts';

type RequestRule = readonly [fault: string, holds: (request: Json, service: FaultyCdsService) => boolean];

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const authorization = (request: Json): Json | undefined =>
  isObject(request.fhirAuthorization) ? request.fhirAuthorization : undefined;

/** What is absent is judged by the rule that demands it, and by no other. */
export const requestRules: readonly RequestRule[] = [
  ['takes-no-hook', ({ hook }) => isText(hook)],
  ['takes-no-hook-instance', ({ hookInstance }) => hookInstance !== undefined],
  ['takes-null', (request) => !Object.values(request).includes(null)],
  ['takes-any-hook-instance', ({ hookInstance }) => !isText(hookInstance) || uuid.test(hookInstance)],
  ['takes-no-context', ({ context }) => context !== undefined],
  ['takes-any-context', ({ context }) => context === undefined || isObject(context)],
  ['takes-other-hooks', ({ hook }, service) => !isText(hook) || service.hook === hook],
  [
    'takes-half-a-context',
    ({ context }, service) =>
      !isObject(context) || service.context.every((name) => context[name] !== undefined),
  ],
  ['takes-any-prefetch', ({ prefetch }) => prefetch === undefined || isObject(prefetch)],
  [
    'takes-token-without-server',
    (request) => request.fhirAuthorization === undefined || isText(request.fhirServer),
  ],
  ...['access_token', 'token_type', 'expires_in', 'scope', 'subject'].map(
    (name): RequestRule => [
      `takes-no-${name}`,
      (request) => request.fhirAuthorization === undefined || authorization(request)?.[name] !== undefined,
    ],
  ),
  [
    'takes-any-token-type',
    (request) => {
      const type = authorization(request)?.token_type;
      return type === undefined || (isText(type) && /^bearer$/i.test(type));
    },
  ],
];

/** What is right and yet refused, one fault per line. */
export const prejudices: readonly (readonly [fault: string, refuses: (request: Json) => boolean])[] = [
  ['crashes-on-extensions', ({ extension }) => extension !== undefined],
  ['answers-second-hook-with-400', ({ hook }) => hook === 'encounter-start'],
  ['knows-no-smart-scopes', (request) => String(authorization(request)?.scope).endsWith('launch/patient')],
  [
    'knows-smart-1-scopes-only',
    (request) => /\.(rs|cruds)|SEARCH/.test(String(authorization(request)?.scope)),
  ],
];

/** The service id is one that discovery names. */
export const isSameService = (id: string): boolean => id === 'greeting' || id === 'order-check';

type PatientRule = readonly [fault: string, holds: (request: Json) => boolean];

const patientIdOf = (request: Json): unknown =>
  isObject(request.context) ? request.context.patientId : undefined;

/** References of a resource to its patient; the Patient itself is one. */
function* patientsIn(node: unknown): Generator<unknown> {
  if (Array.isArray(node)) {
    for (const item of node) yield* patientsIn(item);
    return;
  }
  if (!isObject(node)) return;
  if (node.resourceType === 'Patient') yield node.id;
  for (const name of ['subject', 'patient', 'beneficiary'] as const) {
    const reference = isObject(node[name]) ? node[name].reference : undefined;
    if (typeof reference === 'string' && reference.includes('Patient/')) yield reference.split('/').at(-1);
  }
  for (const child of Object.values(node)) yield* patientsIn(child);
}

const isOnlyAbout = (node: unknown, patientId: unknown): boolean =>
  patientId === undefined || [...patientsIn(node)].every((id) => id === patientId);

/** Everything a request carries is about `context.patientId`. */
export const patientRules: readonly PatientRule[] = [
  ['takes-prefetch-of-others', (request) => isOnlyAbout(request.prefetch, patientIdOf(request))],
  ['takes-orders-for-others', (request) => isOnlyAbout(request.context, patientIdOf(request))],
  [
    'takes-tokens-of-others',
    (request) => {
      const patient = authorization(request)?.patient;
      return patient === undefined || String(patient).replace('Patient/', '') === patientIdOf(request);
    },
  ],
];

type FeedbackRule = readonly [fault: string, holds: (body: Json) => boolean];

const each = (judge: (item: Json) => boolean) => (body: Json) =>
  !Array.isArray(body.feedback) || body.feedback.every((item) => isObject(item) && judge(item));

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

export const feedbackPrejudices: readonly FeedbackRule[] = [
  ['feedback-only-overridden', each(({ outcome }) => outcome !== 'accepted')],
  ['feedback-one-at-a-time', ({ feedback }) => !Array.isArray(feedback) || feedback.length < 2],
];

export const feedbackRules: readonly FeedbackRule[] = [
  ['feedback-without-list', ({ feedback }) => feedback !== undefined],
  [
    'feedback-as-object',
    ({ feedback }) => feedback === undefined || (Array.isArray(feedback) && feedback.length > 0),
  ],
  ['feedback-without-card', each(({ card }) => isText(card))],
  ['feedback-without-outcome', each(({ outcome }) => outcome !== undefined)],
  [
    'feedback-with-any-outcome',
    each(({ outcome }) => outcome === undefined || outcome === 'accepted' || outcome === 'overridden'),
  ],
  ['feedback-without-timestamp', each(({ outcomeTimestamp }) => outcomeTimestamp !== undefined)],
  [
    'feedback-with-any-timestamp',
    each(
      ({ outcomeTimestamp }) => outcomeTimestamp === undefined || timestamp.test(String(outcomeTimestamp)),
    ),
  ],
  [
    'feedback-accepts-nothing',
    each(({ outcome, acceptedSuggestions }) => outcome !== 'accepted' || isFilled(acceptedSuggestions)),
  ],
  [
    'feedback-accepts-without-id',
    each(
      ({ acceptedSuggestions }) =>
        !isFilled(acceptedSuggestions) ||
        acceptedSuggestions.every((item) => isObject(item) && isText(item.id)),
    ),
  ],
  [
    'feedback-with-empty-reason',
    each(
      ({ overrideReason }) =>
        overrideReason === undefined ||
        (isObject(overrideReason) && (isObject(overrideReason.reason) || isText(overrideReason.userComment))),
    ),
  ],
];

const isFilled = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length > 0;
