import assert from 'node:assert/strict';
import { check, coded, order, procedure } from './record-rows.ts';
import { drug, prescription, snomed } from './sample-chart.ts';
import { asked, said, scan, shipped, statin } from './small-vocabulary.ts';

const notDone = (url: string): object => ({
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/cqf-notDoneValueSet', valueCanonical: url }],
});
const atorvastatin = drug('617310');
const metformin = drug('860975');
const statusReasons = 'http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason';
const ended = (reason: object | undefined, more: object = {}): object =>
  prescription(atorvastatin, { status: 'stopped', authoredOn: '2026-05-01', statusReason: reason, ...more });

describe('declined, a drug', () => {
  check({ from: { kind: 'declined', valueSet: statin } }, [
    {
      rule: 'an order not to give it',
      given: [prescription(atorvastatin, { doNotPerform: true })],
      expect: true,
    },
    {
      rule: 'whatever its status',
      given: [prescription(atorvastatin, { doNotPerform: true, status: 'completed' })],
      expect: true,
    },
    {
      rule: 'but not a draft or a mistake',
      given: ['draft', 'entered-in-error'].map((status) =>
        prescription(atorvastatin, { doNotPerform: true, status }),
      ),
      expect: false,
    },
    {
      rule: 'an order not to give another drug',
      given: [prescription(metformin, { doNotPerform: true })],
      expect: false,
    },
    {
      rule: 'a statement that it is not taken',
      given: [
        { resourceType: 'MedicationStatement', status: 'not-taken', medicationCodeableConcept: atorvastatin },
      ],
      expect: true,
    },
    {
      rule: 'an administration not done',
      given: [
        {
          resourceType: 'MedicationAdministration',
          status: 'not-done',
          medicationCodeableConcept: atorvastatin,
        },
      ],
      expect: true,
    },
    { rule: 'stopped because it was refused', given: [ended(coded('refused'))], expect: true },
    {
      rule: 'cancelled because of an allergy',
      given: [ended(coded('allergic'), { status: 'cancelled' })],
      expect: true,
    },
    {
      rule: 'stopped for a reason of HL7 that says nothing against it',
      given: [ended({ coding: [{ system: statusReasons, code: 'altchoice' }] })],
      expect: false,
    },
    {
      rule: 'stopped for a reason that nobody knows is no "no"',
      given: [ended(coded('cost'))],
      expect: 'missing: unsuitable',
    },
    { rule: 'stopped without a reason', given: [ended(undefined)], expect: false },
    {
      rule: 'stopped for a reason in words is no "no"',
      given: [ended({ text: 'muscle pain' })],
      expect: 'missing: unsuitable',
    },
    {
      rule: 'another drug stopped for a reason in words',
      given: [prescription(metformin, { status: 'stopped', statusReason: { text: 'x' } })],
      expect: false,
    },
    {
      rule: 'completed is not declined',
      given: [ended(coded('refused'), { status: 'completed' })],
      expect: false,
    },
    {
      rule: 'a value set instead of a code, the same',
      given: [prescription(notDone(`${statin}|2026`), { doNotPerform: true })],
      expect: true,
    },
    {
      rule: 'a value set instead of a code, another',
      given: [prescription(notDone('urn:other'), { doNotPerform: true })],
      expect: false,
    },
    { rule: 'before the look-back', given: [ended(coded('refused'))], lookback: 'P7D', expect: false },
    {
      rule: 'undated, with a look-back, is no "no"',
      given: [ended(coded('refused'), { authoredOn: undefined })],
      lookback: 'P7D',
      expect: 'missing: invalid-date',
    },
    {
      rule: 'a drug only named is no "no"',
      given: [prescription({ text: 'Atorvastatin' }, { doNotPerform: true })],
      expect: 'missing: unsuitable',
    },
    {
      rule: 'a drug described elsewhere is no "no"',
      given: [
        prescription(
          {},
          {
            doNotPerform: true,
            medicationCodeableConcept: undefined,
            medicationReference: { reference: 'Medication/9' },
          },
        ),
      ],
      expect: 'missing: fetch-failed',
    },
    {
      rule: 'on hold is withheld for now',
      given: [prescription(atorvastatin, { status: 'on-hold', authoredOn: '2026-05-01' })],
      lookback: 'P1Y',
      expect: true,
    },
    {
      rule: 'on hold and written before the look-back: nothing tells since when',
      given: [prescription(atorvastatin, { status: 'on-hold', authoredOn: '2024-05-01' })],
      lookback: 'P1Y',
      expect: 'missing: invalid-date',
    },
    {
      rule: 'a set of the authority center that nobody knows, without a word',
      given: [prescription(notDone('urn:oid:2.16.840.1.113762.1.4.1.9999'), { doNotPerform: true })],
      expect: 'missing: unsuitable',
    },
    {
      rule: 'a set that nobody knows, in words of another drug',
      given: [
        prescription(
          { ...notDone('urn:oid:2.16.840.1.113762.1.4.1.9999'), text: 'Metformin' },
          { doNotPerform: true },
        ),
      ],
      expect: false,
    },
    { rule: 'taking it is not declining it', given: [prescription(atorvastatin)], expect: false },
  ]);
});

describe('an order ended for a reason', () => {
  const reason = (system: string, code: string): object => ({ coding: [{ system, code }] });
  const told = (statusReason: object): unknown =>
    shipped('statinDeclined', { resources: [ended(statusReason)] });

  it('of HL7’s own list is known, for or against', () => {
    const benign = 'altchoice clarif drughigh hospadm labint non-avail sddi sdupther surg washout'.split(' ');
    for (const code of benign) assert.equal(told(reason(statusReasons, code)), false, code);
    for (const code of ['salg', 'sintol', 'preg'])
      assert.equal(told(reason(statusReasons, code)), true, code);
  });

  it('of SNOMED CT is known where a measure or the free set names it', () => {
    for (const code of ['105480006', '183932001', '397745006', '407563006', '416098002', '62014003'])
      assert.equal(told(reason(snomed, code)), true, code);
  });

  it('that nobody knows leaves it open: SNOMED CT, Epic, Oracle', () => {
    for (const system of [
      snomed,
      'urn:oid:1.2.840.114350.1.13.0.1.7.4.698288.30550',
      'https://fhir.cerner.com/x',
    ])
      assert.equal(told(reason(system, '182856006')), 'missing: unsuitable', system);
  });

  it('is known when one of its codes is', () => {
    const both = {
      coding: [
        { system: 'urn:local', code: '7' },
        { system: statusReasons, code: 'clarif' },
      ],
    };
    assert.equal(told(both), false);
    const refused = {
      coding: [
        { system: 'urn:local', code: '7' },
        { system: snomed, code: '105480006' },
      ],
    };
    assert.equal(told(refused), true);
  });

  it('says nothing of another drug', () => {
    const other = prescription(metformin, { status: 'stopped', statusReason: reason(snomed, '182856006') });
    assert.equal(shipped('statinDeclined', { resources: [other] }), false);
  });
});

describe('declined, anything else', () => {
  check({ from: { kind: 'declined', valueSet: scan } }, [
    { rule: 'an order not to do it', given: [order(coded('scan1'), { doNotPerform: true })], expect: true },
    {
      rule: 'a procedure not done',
      given: [procedure(coded('scan1'), { status: 'not-done' })],
      expect: true,
    },
    {
      rule: 'a communication not done',
      given: [{ resourceType: 'Communication', status: 'not-done', topic: coded('scan1') }],
      expect: true,
    },
    {
      rule: 'a value set on the coding',
      given: [procedure({ coding: [notDone(scan)] }, { status: 'not-done' })],
      expect: true,
    },
    {
      rule: 'another value set',
      given: [procedure(notDone('urn:other'), { status: 'not-done' })],
      expect: false,
    },
    { rule: 'a procedure done', given: [procedure(coded('scan1'))], expect: false },
    {
      rule: 'when the decision was recorded',
      given: [
        procedure(coded('scan1'), {
          status: 'not-done',
          performedDateTime: undefined,
          extension: [
            {
              url: 'http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-recorded',
              valueDateTime: '2026-06-14',
            },
          ],
        }),
      ],
      lookback: 'P7D',
      expect: true,
    },
  ]);

  it('needs the lists of what it is', () => {
    const ask = (valueSet: string, key: string): unknown =>
      said(
        asked(
          { from: { kind: 'declined', valueSet }, pick: 'any' },
          { supply: { [key]: { state: 'not-supplied' } } },
        ),
      );
    for (const key of ['medications', 'medicationHistory']) {
      assert.equal(ask(statin, key), 'missing: not-supplied');
      assert.equal(ask(scan, key), false);
    }
    for (const key of ['procedures', 'serviceRequests']) {
      assert.equal(ask(scan, key), 'missing: not-supplied');
      assert.equal(ask(statin, key), false);
    }
  });
});
