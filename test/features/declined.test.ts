import assert from 'node:assert/strict';
import { check, coded, order, procedure } from './record-rows.ts';
import { drug, prescription } from './sample-chart.ts';
import { asked, said, scan, statin } from './small-vocabulary.ts';

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
    { rule: 'taking it is not declining it', given: [prescription(atorvastatin)], expect: false },
  ]);
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
