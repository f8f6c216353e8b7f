import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding, Reference } from '@medplum/fhirtypes';
import type { Decision, ModelRecord } from './decision.ts';
import type { ReceivedFeedback } from './feedback-record.ts';
import { encounterAs, type Naming, patientAs, pseudonymSystem, userAs } from './pseudonym.ts';

/**
 * Decisions and feedback as FHIR R4 AuditEvents after the patterns of IHE Basic Audit Log Patterns 1.1.3:
 * - a hook call is an operation of a RESTful service. BALP profiles none, so it follows PatientQuery (client is the
 *   Source Role, server the Destination Role, action E) without `entity:query`, which would hold the raw request
 *   and with it the chart; it claims no profile;
 * - feedback follows PatientCreate, and claims it where a patient and both network addresses are named.
 *
 * Neither holds a token, a clinical value, a card's text, a reason or a comment.
 */

const balp = 'https://profiles.ihe.net/ITI/BALP';
export const patientCreate = `${balp}/StructureDefinition/IHE.BasicAudit.PatientCreate`;

/** A system that took part: its name, and its address where that is known. */
export interface Party {
  readonly name: string;
  /** URL: for this server its own, for an EHR its registered FHIR base. */
  readonly address?: string;
}

export interface AuditOptions {
  /** This server. */
  readonly server: Party;
  /** Issuer → the registered EHR; one that is not registered any more goes by its id. */
  readonly site?: (issuer: string) => Party | undefined;
  /** Default `left-out`. An audit record repository of the site itself will want `identified`. */
  readonly naming?: Naming;
}

/** One decision: who asked, who was shown the answer, about whom, and which models spoke. Pure. */
export function auditDecision(decision: Decision, options: AuditOptions): AuditEvent {
  return {
    resourceType: 'AuditEvent',
    type: rest,
    subtype: [interaction('operation'), { system: 'urn:auscult:hook', code: decision.hook }],
    action: 'E',
    recorded: decision.decidedAt,
    outcome: '0',
    outcomeDesc: decision.outcome,
    purposeOfEvent: [treatment],
    agent: [...systems(decision.issuer, options), ...userAgent(decision, recipient, options)],
    source: sourceOf(options.server),
    entity: [
      { what: { identifier: { value: decision.hookInstance } }, type: requestId },
      decisionEntity(decision),
      ...about(decision, options),
      ...decision.models.map((model) => modelEntity(model, decision)),
    ],
  };
}

/**
 * One piece of feedback. Pure.
 * @param decision undefined where the feedback is not joined to one: then nobody is named, and the outcome is a
 *   minor failure (4)
 */
export function auditFeedback(
  decision: Decision | undefined,
  received: ReceivedFeedback,
  options: AuditOptions,
): AuditEvent {
  const { issuer, receivedAt, status } = received;
  const patient = decision === undefined ? [] : about(decision, options);
  const agents = systems(issuer, options);
  const claims = patient.length > 0 && agents.every(({ network }) => network !== undefined);
  return {
    resourceType: 'AuditEvent',
    ...(claims ? { meta: { profile: [patientCreate] } } : {}),
    type: rest,
    subtype: [interaction('create')],
    action: 'C',
    recorded: receivedAt,
    outcome: decision === undefined ? '4' : '0',
    outcomeDesc: status,
    purposeOfEvent: [treatment],
    agent: [...agents, ...(decision === undefined ? [] : userAgent(decision, author, options))],
    source: sourceOf(options.server),
    entity: [feedbackEntity(decision, received), ...patient],
  };
}

const terminology = 'http://terminology.hl7.org/CodeSystem';
const rest: Coding = {
  system: `${terminology}/audit-event-type`,
  code: 'rest',
  display: 'RESTful Operation',
};
const interaction = (code: string): Coding => ({
  system: 'http://hl7.org/fhir/restful-interaction',
  code,
  display: code,
});
const treatment = {
  coding: [{ system: `${terminology}/v3-ActReason`, code: 'TREAT', display: 'treatment' }],
};
const requestId: Coding = { system: `${balp}/CodeSystem/BasicAuditEntityType`, code: 'XrequestId' };
const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const sourceRole: Coding = { system: dicom, code: '110153', display: 'Source Role ID' };
const destinationRole: Coding = { system: dicom, code: '110152', display: 'Destination Role ID' };
const participation = `${terminology}/v3-ParticipationType`;
const recipient: Coding = { system: participation, code: 'IRCP', display: 'information recipient' };
const author: Coding = { system: participation, code: 'AUT', display: 'author (originator)' };
const entityTypes = `${terminology}/audit-entity-type`;
const person: Coding = { system: entityTypes, code: '1', display: 'Person' };
const systemObject: Coding = { system: entityTypes, code: '2', display: 'System Object' };
const otherThing: Coding = { system: entityTypes, code: '4', display: 'Other' };
const roles = `${terminology}/object-role`;
const patientRole: Coding = { system: roles, code: '1', display: 'Patient' };
const domainResource: Coding = { system: roles, code: '4', display: 'Domain Resource' };
const job: Coding = { system: roles, code: '20', display: 'Job' };
/** HL7 AI Transparency on FHIR, "Labeling": what carries it was asserted by an algorithm. */
const aiAsserted: Coding = {
  system: `${terminology}/v3-ObservationValue`,
  code: 'AIAST',
  display: 'Artificial Intelligence asserted',
};

/** The EHR is the client, this server the server, of every call. */
function systems(issuer: string, { server, site }: AuditOptions): AuditEventAgent[] {
  const client: Party = site?.(issuer) ?? { name: issuer };
  const clientWho: Reference = {
    identifier: { system: 'urn:auscult:issuer', value: issuer },
    display: client.name,
  };
  return [systemAgent(sourceRole, clientWho, client), systemAgent(destinationRole, whoIs(server), server)];
}

const whoIs = ({ name }: Party): Reference => ({ display: name });

const systemAgent = (role: Coding, who: Reference, { address }: Party): AuditEventAgent => ({
  type: { coding: [role] },
  who: who as AuditEventAgent['who'],
  requestor: false,
  ...(address === undefined ? {} : { network: { address, type: '5' } }),
});

function userAgent(
  decision: Decision,
  role: Coding,
  { naming = 'left-out' }: AuditOptions,
): AuditEventAgent[] {
  const user = userAs(decision, naming);
  if (user === undefined) return [];
  const [, type] = /^(Practitioner|PractitionerRole|Patient|RelatedPerson)\/[\w.-]{1,64}$/.exec(user) ?? [];
  const isReference = type !== undefined && user === decision.userId;
  const who = isReference ? { reference: user } : { identifier: { value: user } };
  return [{ type: { coding: [role] }, who, requestor: true, purposeOfUse: [treatment] }];
}

/** Clients tell this server apart by its name; the observer of the event is this server. */
const sourceOf = (server: Party): AuditEvent['source'] => ({
  site: server.name,
  observer: whoIs(server) as AuditEvent['source']['observer'],
  type: [{ system: `${terminology}/security-source-type`, code: '4', display: 'Application Server' }],
});

function decisionEntity({
  id,
  service,
  outcome,
  cards,
  clinicalReview,
  results,
}: Decision): AuditEventEntity {
  const byModel = results.some(({ kind }) => kind === 'prediction');
  return {
    what: { identifier: { system: 'urn:auscult:decision', value: id } },
    type: systemObject,
    role: job,
    ...(byModel ? { securityLabel: [aiAsserted] } : {}),
    detail: details({ service, outcome, cards: String(cards.length), clinicalReview }),
  };
}

function feedbackEntity(
  decision: Decision | undefined,
  { service, feedback }: ReceivedFeedback,
): AuditEventEntity {
  const answered = decision === undefined ? {} : { decision: decision.id };
  return {
    what: { identifier: { system: 'urn:auscult:card', value: feedback.card } },
    type: systemObject,
    role: domainResource,
    detail: details({ service, outcome: feedback.outcome, ...answered }),
  };
}

/** Which model, to the byte, and whether it gave an answer. */
function modelEntity(model: ModelRecord, { results }: Decision): AuditEventEntity {
  const { id, title, version, digest, regulatoryTier, variant } = model;
  const result = results.find((each) => each.model === id && each.digest === digest)?.kind;
  return {
    what: { type: 'Device', identifier: { system: 'urn:auscult:model', value: id } },
    type: otherThing,
    name: title,
    detail: details({ version, digest, regulatoryTier, variant, result }),
  };
}

function about(decision: Decision, { naming = 'left-out' }: AuditOptions): AuditEventEntity[] {
  const patient = patientAs(decision, naming);
  const encounter = encounterAs(decision, naming);
  return [
    ...(patient === undefined
      ? []
      : [{ what: named('Patient', patient, naming), type: person, role: patientRole }]),
    ...(encounter === undefined ? [] : [{ what: named('Encounter', encounter, naming), type: otherThing }]),
  ];
}

const named = (type: 'Patient' | 'Encounter', id: string, naming: Naming): Reference =>
  naming === 'identified'
    ? { reference: `${type}/${id}` }
    : { type, identifier: { system: pseudonymSystem, value: id } };

const details = (facts: Readonly<Record<string, string | undefined>>): AuditEventEntity['detail'] =>
  Object.entries(facts).flatMap(([type, valueString]) =>
    valueString === undefined ? [] : [{ type, valueString }],
  );
