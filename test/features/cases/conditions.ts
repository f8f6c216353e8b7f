import { clinically, condition, icd10cm, snomed, verified } from '../sample-chart.ts';
import { absent, type Case, failed, missing } from './case.ts';

export const conditions: readonly Case[] = [
  { rule: 'no match in a supplied list is false', value: 'diabetes', chart: {}, expect: false },
  {
    rule: 'a list that was not supplied is not-supplied',
    value: 'diabetes',
    chart: { supply: { conditions: absent } },
    expect: missing('not-supplied'),
  },
  {
    rule: 'a match stands although the rest could not be read',
    value: 'diabetes',
    chart: { resources: [condition(icd10cm, 'E11.9')], supply: { conditions: failed } },
    expect: true,
  },
  {
    rule: 'clinicalStatus absent counts',
    value: 'diabetes',
    chart: { resources: [condition(icd10cm, 'E11.9')] },
    expect: true,
  },
  {
    rule: 'an ICD code without dot is the same code',
    value: 'diabetes',
    chart: { resources: [condition(icd10cm, 'e119')] },
    expect: true,
  },
  {
    rule: 'a code newer than the expansion matches by prefix',
    value: 'diabetes',
    chart: { resources: [condition(icd10cm, 'E11.A99')] },
    expect: true,
  },
  {
    rule: 'WHO ICD-10 counts',
    value: 'diabetes',
    chart: { resources: [condition('http://hl7.org/fhir/sid/icd-10', 'E14.9')] },
    expect: true,
  },
  {
    rule: 'ICD-9-CM counts',
    value: 'diabetes',
    chart: { resources: [condition('http://hl7.org/fhir/sid/icd-9-cm', '25000')] },
    expect: true,
  },
  {
    rule: 'gestational diabetes is not diabetes',
    value: 'diabetes',
    chart: { resources: [condition(icd10cm, 'O24.410'), condition(snomed, '11687002')] },
    expect: false,
  },
  {
    rule: 'prediabetes is not diabetes',
    value: 'diabetes',
    chart: { resources: [condition(icd10cm, 'R73.03')] },
    expect: false,
  },
  {
    rule: 'recurrence and relapse count',
    value: 'diabetes',
    chart: { resources: [condition(snomed, '44054006', clinically('relapse'))] },
    expect: true,
  },
  {
    rule: 'remission does not count',
    value: 'diabetes',
    chart: { resources: [condition(snomed, '44054006', clinically('remission'))] },
    expect: false,
  },
  {
    rule: 'inactive does not count',
    value: 'diabetes',
    chart: { resources: [condition(snomed, '44054006', clinically('inactive'))] },
    expect: false,
  },
  {
    rule: 'a past abatement does not count',
    value: 'diabetes',
    chart: { resources: [condition(snomed, '44054006', { abatementDateTime: '2025-01-01' })] },
    expect: false,
  },
  {
    rule: 'an abatement to come still counts',
    value: 'diabetes',
    chart: { resources: [condition(snomed, '44054006', { abatementDateTime: '2027-01-01' })] },
    expect: true,
  },
  {
    rule: 'refuted never counts',
    value: 'diabetes',
    chart: {
      resources: [condition(snomed, '44054006', { ...clinically('active'), ...verified('refuted') })],
    },
    expect: false,
  },
  {
    rule: 'entered-in-error never counts, also for safety',
    value: 'pregnancy',
    chart: { resources: [condition(snomed, '72892002', verified('entered-in-error'))] },
    expect: false,
  },
  {
    rule: 'unconfirmed does not count for a model input',
    value: 'diabetes',
    chart: { resources: [condition(snomed, '44054006', verified('unconfirmed'))] },
    expect: false,
  },
  {
    rule: 'history: a resolved myocardial infarction counts',
    value: 'ascvd',
    chart: { resources: [condition(snomed, '22298006', clinically('resolved'))] },
    expect: true,
  },
  {
    rule: 'history: an abated heart failure counts',
    value: 'heartFailure',
    chart: { resources: [condition(icd10cm, 'I50.22', { abatementDateTime: '2024-01-01' })] },
    expect: true,
  },
  {
    rule: 'history: a refuted one does not',
    value: 'ascvd',
    chart: { resources: [condition(snomed, '22298006', verified('refuted'))] },
    expect: false,
  },
  {
    rule: 'ascvd: haemorrhagic stroke is not',
    value: 'ascvd',
    chart: { resources: [condition(icd10cm, 'I61.9'), condition(icd10cm, 'I69.154')] },
    expect: false,
  },
  {
    rule: 'ascvd: transient global amnesia is not a TIA',
    value: 'ascvd',
    chart: { resources: [condition(icd10cm, 'G45.4')] },
    expect: false,
  },
  {
    rule: 'ascvd: diabetic peripheral angiopathy is',
    value: 'ascvd',
    chart: { resources: [condition(icd10cm, 'E11.51')] },
    expect: true,
  },
  {
    rule: 'kidneyFailure: a history of dialysis alone is not',
    value: 'kidneyFailure',
    chart: { resources: [condition(snomed, '161693006')] },
    expect: false,
  },
  {
    rule: 'cirrhosis: unconfirmed counts (safety)',
    value: 'cirrhosis',
    chart: { resources: [condition(snomed, '19943007', verified('differential'))] },
    expect: true,
  },
];
