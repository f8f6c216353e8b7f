import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import { isRecord, recordsIn, wordOf } from '../fhir/coding.ts';
import { referenceTo } from '../fhir/reference.ts';
import { isFuture, type Moment, momentOfPeriod, parseMoment } from '../fhir/time.ts';
import type { OrderedDrug } from './finder.ts';

/** A record that says a drug is given, was given, or is to be given. */
export interface Given {
  readonly status: OrderedDrug['status'];
  readonly reference: string;
  /** As sent; statements and administrations in the shape of a request. */
  readonly request: MedicationRequest;
  /** When it began and when it ended, as far as the record says. */
  readonly begun?: Moment;
  readonly end?: Moment;
}

const types = [
  'MedicationRequest',
  'MedicationStatement',
  'MedicationAdministration',
  'MedicationDispense',
] as const;
type GivenResource = Extract<Resource, { resourceType: (typeof types)[number] }>;

/** The kinds of resource that a list of drugs is read from. */
export const isGivenResource = (resource: Resource): resource is GivenResource =>
  isRecord(resource) && types.some((type) => type === resource.resourceType);

/**
 * Is it taken now or was it taken? Undefined: neither. A request that was cancelled was never given (R4
 * medicationrequest-status), proposals and plans are no orders, and "do not give" is none either.
 */
export function givenOf(resource: GivenResource, now: Date): Given | undefined {
  const request = asRequest(resource);
  const ended = endOf(request);
  const status = statusOf(resource, ended !== undefined && !isFuture(ended, now));
  if (status === undefined) return undefined;
  const begun = parseMoment(request.authoredOn);
  return {
    status,
    reference: referenceTo(resource),
    request,
    ...(begun === undefined ? {} : { begun }),
    ...(ended === undefined || isFuture(ended, now) ? {} : { end: ended }),
  };
}

function statusOf(resource: GivenResource, past: boolean): 'active' | 'recent' | undefined {
  const status = wordOf(resource.status);
  switch (resource.resourceType) {
    case 'MedicationRequest':
      if (resource.doNotPerform === true || ['proposal', 'plan'].includes(wordOf(resource.intent)))
        return undefined;
      if (status === 'active') return 'active';
      return ['on-hold', 'completed', 'stopped'].includes(status) ? 'recent' : undefined;
    case 'MedicationStatement':
      if (status === 'active') return past ? 'recent' : 'active';
      return ['on-hold', 'completed', 'stopped'].includes(status) ? 'recent' : undefined;
    case 'MedicationAdministration':
      if (status === 'in-progress') return 'active';
      return ['on-hold', 'completed', 'stopped'].includes(status) ? 'recent' : undefined;
    case 'MedicationDispense':
      return status === 'completed' ? 'recent' : undefined;
  }
}

/** When a drug ended: the end of its validity, else of the periods its instructions name. */
export function endOf(request: MedicationRequest): Moment | undefined {
  const ends = recordsIn(request, 'dosageInstruction').map(({ timing }) => {
    const repeat = isRecord(timing) && isRecord(timing.repeat) ? timing.repeat : {};
    return isRecord(repeat.boundsPeriod) ? parseMoment(repeat.boundsPeriod.end) : undefined;
  });
  const validity: unknown = request.dispenseRequest?.validityPeriod;
  const known = [isRecord(validity) ? parseMoment(validity.end) : undefined, ...ends];
  return known.find((each) => each !== undefined);
}

/** A statement, administration or dispense in the shape of a request: same drug, its time as validity. */
function asRequest(resource: GivenResource): MedicationRequest {
  if (resource.resourceType === 'MedicationRequest') return resource;
  const { id, contained, medicationCodeableConcept, medicationReference, subject } = resource;
  const dosage = 'dosage' in resource && Array.isArray(resource.dosage) ? resource.dosage : undefined;
  const { begun, end } = timesOf(resource);
  return {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    ...(id === undefined ? {} : { id }),
    ...(contained === undefined ? {} : { contained }),
    ...(medicationCodeableConcept === undefined ? {} : { medicationCodeableConcept }),
    ...(medicationReference === undefined ? {} : { medicationReference }),
    subject: subject ?? {},
    ...(begun === undefined ? {} : { authoredOn: begun }),
    ...(dosage === undefined ? {} : { dosageInstruction: dosage }),
    ...(end === undefined ? {} : { dispenseRequest: { validityPeriod: { end } } }),
  };
}

function timesOf(resource: Exclude<GivenResource, MedicationRequest>): { begun?: string; end?: string } {
  if (resource.resourceType === 'MedicationDispense') {
    const at = resource.whenHandedOver ?? resource.whenPrepared;
    return at === undefined ? {} : { begun: at };
  }
  const { effectiveDateTime, effectivePeriod } = resource;
  if (effectivePeriod === undefined) {
    if (effectiveDateTime === undefined) return {};
    const done = resource.resourceType === 'MedicationAdministration';
    return done ? { begun: effectiveDateTime, end: effectiveDateTime } : { begun: effectiveDateTime };
  }
  const begun = momentOfPeriod({ start: effectivePeriod?.start })?.text;
  const end = momentOfPeriod({ end: effectivePeriod?.end })?.text;
  return { ...(begun === undefined ? {} : { begun }), ...(end === undefined ? {} : { end }) };
}
