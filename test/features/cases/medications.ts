import { drug, prescription } from '../sample-chart.ts';
import { absent, type Case, missing } from './case.ts';

const compound = (code: object): object => ({
  resourceType: 'Medication',
  id: 'm1',
  ingredient: [{ itemCodeableConcept: code }],
});
const byReference = (reference: string, more: object = {}): object =>
  prescription({}, { medicationCodeableConcept: undefined, medicationReference: { reference }, ...more });
const medication = { resourceType: 'Medication', id: 'm1', code: drug('617310') };

export const drugs: readonly Case[] = [
  {
    rule: 'a product is recognised by its ingredient',
    value: 'statin',
    chart: { resources: [prescription(drug('617310'))] },
    expect: true,
  },
  {
    rule: 'a combination is recognised',
    value: 'statin',
    chart: { resources: [prescription(drug('404773'))] },
    expect: true,
  },
  {
    rule: 'an ingredient code is recognised',
    value: 'statin',
    chart: { resources: [prescription(drug('83367'))] },
    expect: true,
  },
  {
    rule: 'a brand is recognised',
    value: 'statin',
    chart: { resources: [prescription(drug('153165'))] },
    expect: true,
  },
  {
    rule: 'another drug is false',
    value: 'statin',
    chart: { resources: [prescription(drug('861007'))] },
    expect: false,
  },
  {
    rule: 'a stopped prescription is false',
    value: 'statin',
    chart: { resources: [prescription(drug('617310'), { status: 'stopped' })] },
    expect: false,
  },
  {
    rule: 'an order in error is false',
    value: 'statin',
    chart: { resources: [prescription(drug('617310'), { status: 'entered-in-error' })] },
    expect: false,
  },
  {
    rule: 'doNotPerform is false',
    value: 'statin',
    chart: { resources: [prescription(drug('617310'), { doNotPerform: true })] },
    expect: false,
  },
  {
    rule: 'a proposal is false',
    value: 'statin',
    chart: { resources: [prescription(drug('617310'), { intent: 'proposal' })] },
    expect: false,
  },
  {
    rule: 'a contained Medication is read',
    value: 'statin',
    chart: { resources: [byReference('#m1', { contained: [medication] })] },
    expect: true,
  },
  {
    rule: 'a Medication of the chart is read',
    value: 'statin',
    chart: { resources: [medication, byReference('Medication/m1')] },
    expect: true,
  },
  {
    rule: 'an absolute reference is read by its end',
    value: 'statin',
    chart: { resources: [medication, byReference('https://ehr.example/fhir/Medication/m1/_history/3')] },
    expect: true,
  },
  {
    rule: 'the ingredients of a Medication are read',
    value: 'statin',
    chart: { resources: [compound(drug('83367')), byReference('Medication/m1')] },
    expect: true,
  },
  {
    rule: 'a Medication that is not in the chart is fetch-failed, not false',
    value: 'statin',
    chart: { resources: [byReference('Medication/m9')] },
    expect: missing('fetch-failed'),
  },
  {
    rule: 'a Medication that is not in the chart does not hide another match',
    value: 'statin',
    chart: { resources: [byReference('Medication/m9'), prescription(drug('617310'))] },
    expect: true,
  },
  {
    rule: 'a drug that is only named is unsuitable',
    value: 'statin',
    chart: { resources: [prescription({ text: 'Atorvastatin 40 mg at night' })] },
    expect: missing('unsuitable'),
  },
  {
    rule: 'a brand that is only named is unsuitable',
    value: 'statin',
    chart: {
      resources: [prescription({ coding: [{ system: 'urn:local', code: '7', display: 'LIPITOR 20' }] })],
    },
    expect: missing('unsuitable'),
  },
  {
    rule: 'another drug that is only named is false',
    value: 'statin',
    chart: { resources: [prescription({ text: 'nystatin cream' })] },
    expect: false,
  },
  {
    rule: 'a drug with neither a readable code nor a name is unsuitable',
    value: 'statin',
    chart: { resources: [prescription({ coding: [{ system: 'urn:local', code: '7' }] })] },
    expect: missing('unsuitable'),
  },
  {
    rule: 'timolol tablets lower blood pressure',
    value: 'antihypertensive',
    chart: { resources: [prescription(drug('198286'))] },
    expect: true,
  },
  {
    rule: 'timolol eye drops do not count',
    value: 'antihypertensive',
    chart: { resources: [prescription({ ...drug('313407'), text: 'timolol eye gel' })] },
    expect: false,
  },
  {
    rule: 'minoxidil lotion does not count',
    value: 'antihypertensive',
    chart: { resources: [prescription(drug('645146'))] },
    expect: false,
  },
  {
    rule: 'sacubitril/valsartan counts',
    value: 'antihypertensive',
    chart: { resources: [prescription(drug('1656340'))] },
    expect: true,
  },
  {
    rule: 'a list that was not supplied is not-supplied',
    value: 'statin',
    chart: { supply: { medications: absent } },
    expect: missing('not-supplied'),
  },
];
