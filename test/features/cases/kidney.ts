import { clinically, condition, icd10cm, lab } from '../sample-chart.ts';
import { type Case, failed, missing } from './case.ts';

export const kidney: readonly Case[] = [
  {
    rule: 'eGFR: CKD-EPI 2021 as reported',
    value: 'egfr',
    chart: { resources: [lab('98979-8', 72, 'mL/min/{1.73_m2}', '2026-01-01')] },
    expect: 72,
  },
  {
    rule: 'eGFR: a written indexed unit counts',
    value: 'egfr',
    chart: { resources: [lab('98980-6', 72, 'mL/min/1.73 m2', '2026-01-01')] },
    expect: 72,
  },
  {
    rule: 'eGFR: an absolute clearance is never converted',
    value: 'egfrReported',
    chart: { resources: [lab('98979-8', 72, 'mL/min', '2026-01-01')] },
    expect: missing('unknown-unit'),
  },
  {
    rule: 'eGFR: other equations do not count',
    value: 'egfr',
    chart: {
      resources: [
        lab('33914-3', 72, 'mL/min/{1.73_m2}', '2026-01-01'),
        lab('62238-1', 72, 'mL/min/{1.73_m2}', '2026-01-01'),
      ],
    },
    expect: missing('not-recorded'),
  },
  {
    rule: 'eGFR: computed from creatinine',
    value: 'egfr',
    chart: { resources: [lab('2160-0', 1, 'mg/dL', '2026-01-01')] },
    expect: 64.495,
  },
  {
    rule: 'eGFR: a later creatinine is newer knowledge than an earlier report',
    value: 'egfr',
    chart: {
      resources: [
        lab('98979-8', 95, 'mL/min/{1.73_m2}', '2025-01-01'),
        lab('2160-0', 1, 'mg/dL', '2026-01-01'),
      ],
    },
    expect: 64.495,
  },
  {
    rule: 'eGFR: of one day the report counts',
    value: 'egfr',
    chart: {
      resources: [
        lab('98979-8', 66, 'mL/min/{1.73_m2}', '2026-01-01T08:00:00Z'),
        lab('2160-0', 1, 'mg/dL', '2026-01-01T09:00:00Z'),
      ],
    },
    expect: 66,
  },
  {
    rule: 'eGFR: not during acute kidney injury',
    value: 'egfr',
    chart: {
      resources: [
        lab('2160-0', 1, 'mg/dL', '2026-06-10'),
        condition(icd10cm, 'N17.9', { ...clinically('active'), onsetDateTime: '2026-06-08' }),
      ],
    },
    expect: missing('unsuitable'),
  },
  {
    rule: 'eGFR: not from a creatinine taken during a resolved kidney injury',
    value: 'egfr',
    chart: {
      resources: [
        lab('2160-0', 2.4, 'mg/dL', '2026-03-03'),
        condition(icd10cm, 'N179', {
          ...clinically('resolved'),
          onsetDateTime: '2026-03-01',
          abatementDateTime: '2026-03-20',
        }),
      ],
    },
    expect: missing('unsuitable'),
  },
  {
    rule: 'eGFR: a creatinine after a resolved kidney injury counts',
    value: 'egfr',
    chart: {
      resources: [
        lab('2160-0', 1, 'mg/dL', '2026-05-03'),
        condition(icd10cm, 'N17.9', {
          ...clinically('resolved'),
          onsetDateTime: '2026-03-01',
          abatementDateTime: '2026-03-20',
        }),
      ],
    },
    expect: 64.495,
  },
  {
    rule: 'eGFR: a kidney injury of long ago does not stand in the way',
    value: 'egfr',
    chart: {
      resources: [
        lab('2160-0', 1, 'mg/dL', '2026-05-03'),
        condition(icd10cm, 'N17.9', { onsetDateTime: '2024-03-01', abatementDateTime: '2024-03-10' }),
      ],
    },
    expect: 64.495,
  },
  {
    rule: 'eGFR: not on dialysis, also as reported',
    value: 'egfr',
    chart: { resources: [lab('98979-8', 12, 'mL/min/{1.73_m2}', '2026-01-01'), condition(icd10cm, 'Z99.2')] },
    expect: missing('unsuitable'),
  },
  {
    rule: 'eGFR: unknown while kidney injury cannot be ruled out',
    value: 'egfr',
    chart: { resources: [lab('2160-0', 1, 'mg/dL', '2026-01-01')], supply: { conditions: failed } },
    expect: missing('fetch-failed'),
  },
  {
    rule: 'eGFR: not for children',
    value: 'egfr',
    chart: {
      patient: { birthDate: '2012-01-01', gender: 'male' },
      resources: [lab('2160-0', 0.6, 'mg/dL', '2026-01-01')],
    },
    expect: missing('unsuitable'),
  },
  {
    rule: 'eGFR: not without sex',
    value: 'egfr',
    chart: { patient: { birthDate: '1966-01-01' }, resources: [lab('2160-0', 1, 'mg/dL', '2026-01-01')] },
    expect: missing('not-recorded'),
  },
];
