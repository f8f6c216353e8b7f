import { allergy, clinically, drug, verified } from '../sample-chart.ts';
import { type Case, failed, missing } from './case.ts';

export const allergies: readonly Case[] = [
  {
    rule: 'allergy by ingredient',
    value: 'statinAllergy',
    chart: { resources: [allergy(drug('83367'))] },
    expect: true,
  },
  {
    rule: 'allergy by product',
    value: 'statinAllergy',
    chart: { resources: [allergy(drug('617310'))] },
    expect: true,
  },
  {
    rule: 'allergy by class',
    value: 'statinAllergy',
    chart: {
      resources: [allergy({ coding: [{ system: 'http://hl7.org/fhir/ndfrt', code: 'N0000175589' }] })],
    },
    expect: true,
  },
  {
    rule: 'allergy by the substance of a reaction',
    value: 'statinAllergy',
    chart: { resources: [allergy({ text: 'drug' }, { reaction: [{ substance: drug('301542') }] })] },
    expect: true,
  },
  {
    rule: 'an unconfirmed allergy counts (safety)',
    value: 'statinAllergy',
    chart: { resources: [allergy(drug('83367'), verified('unconfirmed'))] },
    expect: true,
  },
  {
    rule: 'a resolved allergy does not count',
    value: 'statinAllergy',
    chart: { resources: [allergy(drug('83367'), clinically('resolved'))] },
    expect: false,
  },
  {
    rule: 'a refuted allergy does not count',
    value: 'statinAllergy',
    chart: { resources: [allergy(drug('83367'), verified('refuted'))] },
    expect: false,
  },
  {
    rule: 'an allergy in words is unsuitable',
    value: 'statinAllergy',
    chart: { resources: [allergy({ text: 'Statins (myalgia)' })] },
    expect: missing('unsuitable'),
  },
  {
    rule: 'another allergy is false',
    value: 'statinAllergy',
    chart: { resources: [allergy({ text: 'Nystatin' }), allergy(drug('723'))] },
    expect: false,
  },
  {
    rule: 'a list that failed is fetch-failed',
    value: 'statinAllergy',
    chart: { supply: { allergies: failed } },
    expect: missing('fetch-failed'),
  },
  ...[7, {}, { coding: [{ code: 7 }] }].map((code) => ({
    rule: `an allergy that says nothing may be to anything: ${JSON.stringify(code)}`,
    value: 'statinAllergy',
    chart: { resources: [allergy(code as object)] },
    expect: missing('unsuitable'),
  })),
];
