/**
 * Types of CDS Hooks 2.0: discovery, every published hook, request, response and feedback. Additions of 3.0
 * are optional members marked `@since 3.0`. Types only; FHIR types come from `@medplum/fhirtypes`.
 * @see https://cds-hooks.hl7.org/2.0/
 */
export type * from './action.ts';
export type * from './coding.ts';
export type * from './discovery.ts';
export type * from './extension.ts';
export type * from './feedback.ts';
export type * from './fhir-authorization.ts';
export type * from './hooks/index.ts';
export type * from './request.ts';
export type * from './response.ts';
