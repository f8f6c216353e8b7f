import { lab } from '../sample-chart.ts';
import { absent, type Case, failed, missing } from './case.ts';

const tc = (value: unknown, unit: string | undefined, at: string | undefined, more?: object): object =>
  lab('2093-3', value, unit, at, more);

export const measured: readonly Case[] = [
  {
    rule: 'the newest record wins',
    value: 'totalCholesterol',
    chart: { resources: [tc(210, 'mg/dL', '2025-01-01'), tc(190, 'mg/dL', '2026-01-01')] },
    expect: 190,
  },
  {
    rule: "a record about someone else in this chart (Observation.focus) is not the patient's",
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', '2026-01-01', { focus: [{ reference: 'RelatedPerson/donor' }] })] },
    expect: missing('not-recorded'),
  },
  {
    rule: 'nothing on record is not-recorded',
    value: 'totalCholesterol',
    chart: {},
    expect: missing('not-recorded'),
  },
  {
    rule: 'a list that was not supplied is not-supplied',
    value: 'totalCholesterol',
    chart: { supply: { lipids: absent } },
    expect: missing('not-supplied'),
  },
  {
    rule: 'a list that could not be read is fetch-failed',
    value: 'totalCholesterol',
    chart: { supply: { lipids: failed } },
    expect: missing('fetch-failed'),
  },
  {
    rule: 'older than the look-back is stale',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', '2021-06-14T12:00:00Z')] },
    expect: missing('stale'),
  },
  {
    rule: 'the first day of the look-back counts',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', '2021-06-15')] },
    expect: 190,
  },
  {
    rule: 'a year alone is stale when part of it is',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', '2021')] },
    expect: missing('stale'),
  },
  {
    rule: 'an implausible newest record is not replaced by an older one',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', '2025-01-01'), tc(5000, 'mg/dL', '2026-01-01')] },
    expect: missing('implausible'),
  },
  {
    rule: 'a newest record in the future is invalid-date',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', '2026-01-01'), tc(180, 'mg/dL', '2026-08-01')] },
    expect: missing('invalid-date'),
  },
  {
    rule: 'a record without date is invalid-date',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', undefined)] },
    expect: missing('invalid-date'),
  },
  {
    rule: 'a record whose date is none is invalid-date',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', '2026-02-30')] },
    expect: missing('invalid-date'),
  },
  {
    rule: 'issued stands in for an absent effective time',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', undefined, { issued: '2026-01-01T08:00:00Z' })] },
    expect: 190,
  },
  {
    rule: 'an effective period counts from its end',
    value: 'totalCholesterol',
    chart: {
      resources: [
        tc(190, 'mg/dL', undefined, { effectivePeriod: { start: '2020-01-01', end: '2026-01-01' } }),
      ],
    },
    expect: 190,
  },
  {
    rule: 'no unit is unknown-unit',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, undefined, '2026-01-01')] },
    expect: missing('unknown-unit'),
  },
  {
    rule: 'a unit that is not a concentration is unknown-unit',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'g', '2026-01-01')] },
    expect: missing('unknown-unit'),
  },
  {
    rule: 'a mass code with a molar unit is unknown-unit',
    value: 'totalCholesterol',
    chart: { resources: [tc(5.2, 'mmol/L', '2026-01-01')] },
    expect: missing('unknown-unit'),
  },
  {
    rule: 'a molar code with a mass unit is unknown-unit',
    value: 'creatinine',
    chart: { resources: [lab('14682-9', 0.9, 'mg/dL', '2026-01-01')] },
    expect: missing('unknown-unit'),
  },
  {
    rule: 'molar cholesterol converts by the factor 0.02586',
    value: 'totalCholesterol',
    chart: { resources: [lab('14647-2', 5.2, 'mmol/L', '2026-01-01')] },
    expect: 5.2 / 0.02586,
  },
  {
    rule: 'molar creatinine converts by its molecular weight',
    value: 'creatinine',
    chart: { resources: [lab('14682-9', 88.40169731, 'umol/L', '2026-01-01')] },
    expect: 1,
  },
  {
    rule: 'HbA1c in IFCC units converts by the master equation',
    value: 'hba1c',
    chart: { resources: [lab('59261-8', 53, 'mmol/mol', '2026-01-01')] },
    expect: 0.09148 * 53 + 2.152,
  },
  {
    rule: 'HbA1c by IFCC protocol in per cent is refused',
    value: 'hba1c',
    chart: { resources: [lab('59261-8', 5, '%', '2026-01-01')] },
    expect: missing('unknown-unit'),
  },
  {
    rule: 'UACR in mg/mmol converts',
    value: 'uacr',
    chart: { resources: [lab('9318-7', 30, 'mg/mmol', '2026-01-01')] },
    expect: 30 / 0.11312,
  },
  {
    rule: 'a unit as it is written counts as UCUM',
    value: 'uacr',
    chart: { resources: [lab('14959-1', 12, 'mcg/mg', '2026-01-01')] },
    expect: 12,
  },
  {
    rule: 'pounds convert',
    value: 'bodyWeight',
    chart: { resources: [lab('29463-7', 200, '[lb_av]', '2026-01-01')] },
    expect: 90.718474,
  },
  {
    rule: 'a comparator is unsuitable',
    value: 'totalCholesterol',
    chart: {
      resources: [
        tc(50, 'mg/dL', '2026-01-01', { valueQuantity: { value: 50, comparator: '<', unit: 'mg/dL' } }),
      ],
    },
    expect: missing('unsuitable'),
  },
  {
    rule: 'words in place of a number are unsuitable',
    value: 'totalCholesterol',
    chart: {
      resources: [tc(1, 'mg/dL', '2026-01-01', { valueQuantity: undefined, valueString: 'haemolysed' })],
    },
    expect: missing('unsuitable'),
  },
  {
    rule: 'a test that was not done is no record',
    value: 'totalCholesterol',
    chart: {
      resources: [
        tc(190, 'mg/dL', '2025-06-01'),
        tc(1, 'mg/dL', '2026-01-01', {
          valueQuantity: undefined,
          dataAbsentReason: { coding: [{ code: 'not-performed' }] },
        }),
      ],
    },
    expect: 190,
  },
  {
    rule: 'a result that was masked or failed is unsuitable',
    value: 'totalCholesterol',
    chart: {
      resources: [
        tc(190, 'mg/dL', '2025-06-01'),
        tc(1, 'mg/dL', '2026-01-01', {
          valueQuantity: undefined,
          dataAbsentReason: { coding: [{ code: 'error' }] },
        }),
      ],
    },
    expect: missing('unsuitable'),
  },
  {
    rule: 'entered-in-error is ignored',
    value: 'totalCholesterol',
    chart: {
      resources: [
        tc(190, 'mg/dL', '2025-06-01'),
        tc(400, 'mg/dL', '2026-01-01', { status: 'entered-in-error' }),
      ],
    },
    expect: 190,
  },
  {
    rule: 'a preliminary result is ignored',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', '2026-01-01', { status: 'preliminary' })] },
    expect: missing('not-recorded'),
  },
  {
    rule: 'amended and corrected results count',
    value: 'totalCholesterol',
    chart: { resources: [tc(190, 'mg/dL', '2026-01-01', { status: 'corrected' })] },
    expect: 190,
  },
  {
    rule: 'two values of one instant far apart conflict',
    value: 'totalCholesterol',
    chart: {
      resources: [tc(190, 'mg/dL', '2026-01-01T08:00:00Z'), tc(240, 'mg/dL', '2026-01-01T09:00:00+01:00')],
    },
    expect: missing('conflicting'),
  },
  {
    rule: 'two values of one instant close together give their mean',
    value: 'totalCholesterol',
    chart: {
      resources: [tc(190, 'mg/dL', '2026-01-01T08:00:00Z'), tc(200, 'mg/dL', '2026-01-01T08:00:00Z')],
    },
    expect: 195,
  },
  {
    rule: 'a component outside a named panel is not looked at',
    value: 'totalCholesterol',
    chart: {
      resources: [
        {
          ...lab('57698-3', 1, 'mg/dL', '2026-01-01'),
          component: [
            {
              code: { coding: [{ system: 'http://loinc.org', code: '2093-3' }] },
              valueQuantity: { value: 190, unit: 'mg/dL' },
            },
          ],
        },
      ],
    },
    expect: missing('not-recorded'),
  },
  {
    rule: 'the system may be an OID',
    value: 'totalCholesterol',
    chart: {
      resources: [
        tc(190, 'mg/dL', '2026-01-01', {
          code: { coding: [{ system: 'urn:oid:2.16.840.1.113883.6.1', code: '2093-3' }] },
        }),
      ],
    },
    expect: 190,
  },
];
