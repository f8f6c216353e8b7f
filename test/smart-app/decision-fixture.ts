import type { Card } from 'cds-hooks-types';
import type { Feature, Observed } from '../../src/features/feature.ts';
import type { Digest } from '../../src/inference/model.ts';
import type { Decision, DecisionId, OutputRecord, ValueRecord } from '../../src/ledger/decision.ts';

/**
 * A shown cardiovascular-risk decision: a 58-year-old man; PREVENT base equations, computed from the
 * published coefficients, with exact Shapley contributions of the 10-year ASCVD output.
 */
const digest = 'sha256:9d1c3f0be2a74c5f8a6e1b7d20c94f3385ab6d17e0f24c9b58de7a610b3fc214' as Digest;
const model = 'prevent';
export const at = '2026-11-20T09:30:00.000Z';

const observed = (
  value: Observed['value'],
  reference: string,
  when?: string,
  more: Partial<Observed> = {},
): Feature => ({
  kind: 'observed',
  value,
  ...(when === undefined ? {} : { at: when }),
  sources: reference === '' ? [] : [{ reference, value, ...(when === undefined ? {} : { at: when }) }],
  ...more,
});
const none: Feature = { kind: 'observed', value: false, sources: [] };
const absent: Feature = { kind: 'missing', reason: 'not-recorded', sources: [] };

function value(
  name: string,
  label: string,
  group: string,
  feature: Feature,
  more: Partial<ValueRecord> = {},
): ValueRecord {
  const role = group === 'history' || name === 'ldlCholesterol' ? 'check' : 'input';
  return { name, label, group, groupLabel: groupLabels[group] ?? group, role, feature, ...more };
}
const groupLabels: Record<string, string> = {
  demographics: 'Age and sex',
  bloodPressure: 'Blood pressure',
  lipids: 'Cholesterol',
  kidney: 'Kidney function',
  diabetes: 'Diabetes',
  body: 'Body',
  smoking: 'Smoking',
  deprivation: 'Deprivation',
  history: 'History',
};

export const values: readonly ValueRecord[] = [
  value('age', 'Age', 'demographics', observed(58, 'Patient/arthur-58'), { unit: 'a' }),
  value('sex', 'Sex', 'demographics', observed('male', 'Patient/arthur-58')),
  value(
    'systolicBloodPressure',
    'Systolic blood pressure',
    'bloodPressure',
    observed(148, 'Observation/bp-3', '2026-08-14T08:10:00Z', {
      sources: [
        { reference: 'Observation/bp-3', value: 151, unit: 'mm[Hg]', at: '2026-08-14T08:10:00Z' },
        { reference: 'Observation/bp-2', value: 146, unit: 'mm[Hg]', at: '2026-05-02T10:40:00Z' },
        { reference: 'Observation/bp-1', value: 147, unit: 'mm[Hg]', at: '2026-01-22T09:05:00Z' },
      ],
      notes: ['Mean of the latest reading on each of the last 3 outpatient days.'],
    }),
    { unit: 'mm[Hg]', lookback: 'P12M' },
  ),
  value(
    'antihypertensive',
    'Blood-pressure medicine',
    'bloodPressure',
    observed(true, 'MedicationRequest/lisinopril', '2025-02-11T00:00:00Z'),
  ),
  value(
    'totalCholesterol',
    'Total cholesterol',
    'lipids',
    observed(212, 'Observation/tc', '2026-07-03T07:30:00Z', {
      sources: [{ reference: 'Observation/tc', value: 5.48, unit: 'mmol/L', at: '2026-07-03T07:30:00Z' }],
      notes: ['Converted from 5.48 mmol/L (1 mg/dL = 0.02586 mmol/L).'],
    }),
    { unit: 'mg/dL', lookback: 'P5Y' },
  ),
  value(
    'hdlCholesterol',
    'HDL cholesterol',
    'lipids',
    observed(61, 'Observation/hdl', '2026-07-03T07:30:00Z'),
    {
      unit: 'mg/dL',
      lookback: 'P5Y',
    },
  ),
  value(
    'ldlCholesterol',
    'LDL cholesterol',
    'lipids',
    observed(128, 'Observation/ldl', '2026-07-03T07:30:00Z'),
    {
      unit: 'mg/dL',
      lookback: 'P5Y',
    },
  ),
  value('statin', 'Statin', 'lipids', none),
  value(
    'egfr',
    'eGFR',
    'kidney',
    observed(48, 'Observation/creatinine', '2026-07-03T07:30:00Z', {
      notes: ['CKD-EPI 2021 from creatinine 1.66 mg/dL (Inker et al., N Engl J Med 2021;385:1737).'],
    }),
    { unit: 'mL/min/{1.73_m2}', lookback: 'P12M' },
  ),
  value(
    'uacr',
    'Urine albumin/creatinine',
    'kidney',
    {
      kind: 'missing',
      reason: 'stale',
      detail: 'the newest is of 2023-03-09',
      sources: [{ reference: 'Observation/uacr-old', at: '2023-03-09T09:00:00Z', value: 41, unit: 'mg/g' }],
    },
    { unit: 'mg/g', lookback: 'P12M' },
  ),
  value('diabetes', 'Diabetes', 'diabetes', none),
  value('hba1c', 'HbA1c', 'diabetes', absent, { unit: '%', lookback: 'P12M' }),
  value('bmi', 'Body-mass index', 'body', observed(31.4, 'Observation/bmi', '2026-08-14T08:05:00Z'), {
    unit: 'kg/m2',
    lookback: 'P24M',
  }),
  value(
    'smoking',
    'Current smoker',
    'smoking',
    observed(true, 'Observation/smoking', '2026-08-14T08:02:00Z'),
    { lookback: 'P24M' },
  ),
  value('sdiDecile', 'Social deprivation decile', 'deprivation', {
    kind: 'missing',
    reason: 'not-supplied',
    sources: [],
  }),
  ...(
    [
      ['ascvd', 'Atherosclerotic disease'],
      ['heartFailure', 'Heart failure'],
      ['kidneyFailure', 'Kidney failure or dialysis'],
      ['rhabdomyolysis', 'Rhabdomyolysis'],
      ['cirrhosis', 'Cirrhosis'],
      ['statinAllergy', 'Statin allergy'],
      ['palliativeCare', 'Palliative care'],
    ] as const
  ).map(([name, label]) => value(name, label, 'history', none)),
];

const output = (name: string, label: string, horizon: string, number: number): OutputRecord => ({
  model,
  name,
  label,
  horizon,
  unit: '1',
  value: number,
});

const outputs: readonly OutputRecord[] = [
  output(
    '10yr_ascvd',
    '10-year risk of atherosclerotic cardiovascular disease (coronary heart disease or stroke)',
    'P10Y',
    0.09893942610615172,
  ),
  output(
    '10yr_total_cvd',
    '10-year risk of cardiovascular disease (atherosclerotic disease or heart failure)',
    'P10Y',
    0.18219502125534373,
  ),
  output('10yr_heart_failure', '10-year risk of heart failure', 'P10Y', 0.11369063298460201),
  output('10yr_chd', '10-year risk of coronary heart disease', 'P10Y', 0.04976405897948453),
  output('10yr_stroke', '10-year risk of stroke', 'P10Y', 0.056762716019899385),
  output(
    '30yr_ascvd',
    '30-year risk of atherosclerotic cardiovascular disease (coronary heart disease or stroke)',
    'P30Y',
    0.2496331766729195,
  ),
  output(
    '30yr_total_cvd',
    '30-year risk of cardiovascular disease (atherosclerotic disease or heart failure)',
    'P30Y',
    0.4257786315295775,
  ),
  output('30yr_heart_failure', '30-year risk of heart failure', 'P30Y', 0.3375691241588161),
  output('30yr_chd', '30-year risk of coronary heart disease', 'P30Y', 0.13750886106845187),
  output('30yr_stroke', '30-year risk of stroke', 'P30Y', 0.15090201096277656),
];

const card: Card = {
  uuid: '0d7a1bb8-8a0e-4f57-9ac1-6fb2a2a9d4e1',
  summary: '10-year ASCVD risk 9.9 %, no statin on record',
  detail: 'PREVENT (base).',
  indicator: 'info',
  source: { label: 'PREVENT equations' },
};

export const decision: Decision = {
  id: 'q3nS1m8cR0y2b7Vd5Kx9Zw' as DecisionId,
  service: 'cardiovascular-risk',
  package: 'cardiovascular-risk',
  title: 'Cardiovascular risk',
  hook: 'patient-view',
  hookInstance: '3f0bc6b0-5f0e-4d0e-8f0e-2f0e4d0e8f0e',
  issuer: 'sandbox',
  patientId: 'arthur-58',
  decidedAt: at,
  outcome: 'show',
  reason: 'risk-at-or-above-threshold',
  values,
  results: [
    {
      kind: 'prediction',
      model,
      version: '1.0.0',
      digest,
      row: {
        age: 58,
        sex: 1,
        total_c: 212,
        hdl_c: 61,
        sbp: 148,
        bp_tx: 1,
        statin: 0,
        dm: 0,
        smoking: 1,
        egfr: 48,
        bmi: 31.4,
        uacr: null,
        hba1c: null,
        sdi_decile: null,
      },
      outputs: Object.fromEntries(outputs.map((each) => [each.name, each.value])),
      labels: { model: 'base' },
    },
  ],
  outputs,
  models: [
    {
      id: model,
      title: 'PREVENT equations',
      version: '1.0.0',
      digest,
      citation:
        'Khan SS et al. Development and validation of the American Heart Association’s PREVENT equations. Circulation 2024;149:430–449.',
      intendedUse: 'Informs a shared decision on primary prevention. It does not replace clinical judgement.',
      population: 'Adults aged 30–79 without known cardiovascular disease, United States.',
      validation: 'Derived in 3.3 million and validated externally in 3.3 million adults of 46 data sets.',
      cautions: [
        'Not for people who already have cardiovascular disease.',
        'A risk of a group with these values; it is not a certainty for one person.',
      ],
      regulatoryTier: 'non-device clinical decision support (US)',
      license: 'Published equations',
      reviewBy: '2027-11-01',
      variant: 'base',
    },
  ],
  explanation: {
    model,
    digest,
    output: '10yr_ascvd',
    method: 'exact-shapley',
    scale: 'logit',
    baseline: {
      label:
        'a 55-year-old man with average cholesterol, systolic pressure 130 mm[Hg], BMI 25, eGFR 90, no diabetes, no smoking and no treatment',
      source: 'Centre of the published equations',
      value: 0.02929359976532329,
    },
    peer: { label: 'same age and sex, no diabetes, smoking or treatment', value: 0.035996972759157586 },
    value: 0.09893942610615172,
    contributions: [
      {
        group: 'bloodPressure',
        label: 'Blood pressure',
        inputs: ['sbp', 'bp_tx'],
        phi: 0.4536728660000001,
        sentence: 'Systolic pressure 148 mm[Hg] on treatment raises the risk.',
      },
      {
        group: 'smoking',
        label: 'Smoking',
        inputs: ['smoking'],
        phi: 0.38113939500000005,
        sentence: 'Current smoking raises the risk.',
      },
      {
        group: 'kidney',
        label: 'Kidney function',
        inputs: ['egfr', 'uacr'],
        phi: 0.32132482800000006,
        sentence: 'eGFR 48 mL/min/1.73 m² raises the risk.',
      },
      {
        group: 'demographics',
        label: 'Age',
        inputs: ['age'],
        phi: 0.1727247077664999,
        sentence: 'Age 58 raises the risk.',
      },
      {
        group: 'lipids',
        label: 'Cholesterol',
        inputs: ['total_c', 'hdl_c', 'statin'],
        phi: -0.03727147638216667,
        sentence: 'Total cholesterol 212 mg/dL with HDL 61 mg/dL lowers the risk a little.',
      },
      {
        group: 'diabetes',
        label: 'Diabetes',
        inputs: ['dm', 'hba1c'],
        phi: 0.0,
        sentence: 'No diabetes: no difference from the reference.',
      },
      {
        group: 'body',
        label: 'Body',
        inputs: ['bmi'],
        phi: 0.0,
        sentence: 'BMI 31.4 kg/m² makes no difference to this outcome.',
      },
    ],
  },
  cards: [card],
  clinicalReview: 'pending',
};
