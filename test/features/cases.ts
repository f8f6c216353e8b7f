import type { MissingReason } from '../../src/features/feature.ts';
import {
  allergy,
  answer,
  bloodPressure,
  type ChartParts,
  clinically,
  condition,
  drug,
  icd10cm,
  lab,
  prescription,
  snomed,
  verified,
} from './sample-chart.ts';

/** One rule of extraction, as data: what the chart holds, and what a value comes to. The clock is 2026-06-15 12:00 UTC. */
export interface Case {
  readonly rule: string;
  readonly value: string;
  readonly chart: ChartParts;
  /** A value (numbers to 1e-6) or the reason it is missing. */
  readonly expect: number | boolean | string | { readonly missing: MissingReason };
}

const tc = (value: unknown, unit: string | undefined, at: string | undefined, more?: object): object =>
  lab('2093-3', value, unit, at, more);
const missing = (reason: MissingReason): { missing: MissingReason } => ({ missing: reason });
const inpatient = { resourceType: 'Encounter', id: 'e1', class: { code: 'IMP' } };
const office = { resourceType: 'Encounter', id: 'e2', class: { code: 'AMB' } };
const during = (encounter: string): object => ({ encounter: { reference: encounter } });
const smoke = (code: string, at = '2026-01-01'): object => answer('72166-2', snomed, code, at);
const failed = { state: 'fetch-failed', reason: 'timeout' } as const;
const absent = { state: 'not-supplied' } as const;
const compound = (code: object): object => ({
  resourceType: 'Medication',
  id: 'm1',
  ingredient: [{ itemCodeableConcept: code }],
});
const byReference = (reference: string, more: object = {}): object =>
  prescription({}, { medicationCodeableConcept: undefined, medicationReference: { reference }, ...more });
const medication = { resourceType: 'Medication', id: 'm1', code: drug('617310') };

const measured: readonly Case[] = [
  {
    rule: 'the newest record wins',
    value: 'totalCholesterol',
    chart: { resources: [tc(210, 'mg/dL', '2025-01-01'), tc(190, 'mg/dL', '2026-01-01')] },
    expect: 190,
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
  { rule: 'a result that was masked or failed is unsuitable', value: 'totalCholesterol', chart: { resources: [tc(190, 'mg/dL', '2025-06-01'), tc(1, 'mg/dL', '2026-01-01', { valueQuantity: undefined, dataAbsentReason: { coding: [{ code: 'error' }] } })] }, expect: missing('unsuitable') },
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

const pressure: readonly Case[] = [
  {
    rule: 'SBP is the mean of the latest reading on each of the last three days',
    value: 'systolicBloodPressure',
    chart: {
      resources: [
        bloodPressure(200, '2026-01-01T08:00:00Z'),
        bloodPressure(130, '2026-02-01T08:00:00Z'),
        bloodPressure(140, '2026-03-01T08:00:00Z'),
        bloodPressure(170, '2026-04-01T08:00:00Z'),
        bloodPressure(150, '2026-04-01T09:00:00Z'),
      ],
    },
    expect: 140,
  },
  {
    rule: 'SBP: one day is enough',
    value: 'systolicBloodPressure',
    chart: { resources: [bloodPressure(152, '2026-03-01')] },
    expect: 152,
  },
  {
    rule: 'SBP: days are those of the reading’s own clock',
    value: 'systolicBloodPressure',
    chart: {
      resources: [
        bloodPressure(120, '2026-03-01T23:30:00-05:00'),
        bloodPressure(140, '2026-03-01T08:00:00-05:00'),
      ],
    },
    expect: 120,
  },
  {
    rule: 'SBP: inpatient readings do not count',
    value: 'systolicBloodPressure',
    chart: {
      resources: [
        inpatient,
        office,
        bloodPressure(120, '2026-03-01', during('Encounter/e2')),
        bloodPressure(190, '2026-04-01', during('https://ehr.example/fhir/Encounter/e1')),
      ],
    },
    expect: 120,
  },
  {
    rule: 'SBP: only inpatient readings are unsuitable',
    value: 'systolicBloodPressure',
    chart: { resources: [inpatient, bloodPressure(190, '2026-04-01', during('Encounter/e1'))] },
    expect: missing('unsuitable'),
  },
  {
    rule: 'SBP: an encounter that is not known counts as outpatient',
    value: 'systolicBloodPressure',
    chart: {
      resources: [bloodPressure(128, '2026-04-01', during('Encounter/unknown'))],
      supply: { encounters: absent },
    },
    expect: 128,
  },
  {
    rule: 'SBP: older than 12 months is stale',
    value: 'systolicBloodPressure',
    chart: { resources: [bloodPressure(128, '2025-06-14')] },
    expect: missing('stale'),
  },
  {
    rule: 'SBP: days beyond 12 months do not enter the mean',
    value: 'systolicBloodPressure',
    chart: { resources: [bloodPressure(180, '2025-06-01'), bloodPressure(130, '2026-01-01')] },
    expect: 130,
  },
  {
    rule: 'SBP: an unusable newest reading is not passed over',
    value: 'systolicBloodPressure',
    chart: { resources: [bloodPressure(130, '2026-01-01'), bloodPressure(13, '2026-02-01')] },
    expect: missing('implausible'),
  },
  {
    rule: 'SBP: an unusable reading of an earlier day is left out',
    value: 'systolicBloodPressure',
    chart: { resources: [bloodPressure(13, '2026-01-01'), bloodPressure(130, '2026-02-01')] },
    expect: 130,
  },
  {
    rule: 'SBP: stand-alone readings count',
    value: 'systolicBloodPressure',
    chart: { resources: [lab('8480-6', 133, 'mmHg', '2026-02-01')] },
    expect: 133,
  },
  {
    rule: 'SBP: the older panel code counts',
    value: 'systolicBloodPressure',
    chart: {
      resources: [
        bloodPressure(133, '2026-02-01', {
          code: { coding: [{ system: 'http://loinc.org', code: '55284-4' }] },
        }),
      ],
    },
    expect: 133,
  },
  {
    rule: 'SBP: kilopascal converts',
    value: 'systolicBloodPressure',
    chart: { resources: [lab('8480-6', 20, 'kPa', '2026-02-01')] },
    expect: 150.01275108384,
  },
];

const kidney: readonly Case[] = [
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

const body: readonly Case[] = [
  {
    rule: 'BMI as recorded',
    value: 'bmi',
    chart: { resources: [lab('39156-5', 27.4, 'kg/m2', '2026-01-01')] },
    expect: 27.4,
  },
  {
    rule: 'BMI from weight and height',
    value: 'bmi',
    chart: { resources: [lab('29463-7', 81, 'kg', '2026-01-01'), lab('8302-2', 180, 'cm', '2024-01-01')] },
    expect: 25,
  },
  {
    rule: 'BMI: a later weight is newer knowledge',
    value: 'bmi',
    chart: {
      resources: [
        lab('39156-5', 30, 'kg/m2', '2025-01-01'),
        lab('29463-7', 81, 'kg', '2026-01-01'),
        lab('8302-2', 180, 'cm', '2024-01-01'),
      ],
    },
    expect: 25,
  },
];

const answers: readonly Case[] = [
  { rule: 'smoking: current', value: 'smoking', chart: { resources: [smoke('449868002')] }, expect: true },
  { rule: 'smoking: former', value: 'smoking', chart: { resources: [smoke('8517006')] }, expect: false },
  {
    rule: 'smoking: never, as a LOINC answer',
    value: 'smoking',
    chart: { resources: [answer('72166-2', 'http://loinc.org', 'LA18978-9', '2026-01-01')] },
    expect: false,
  },
  {
    rule: 'smoking: the newest answer wins',
    value: 'smoking',
    chart: { resources: [smoke('449868002', '2024-09-01'), smoke('8517006', '2026-01-01')] },
    expect: false,
  },
  {
    rule: 'smoking: "unknown" is no answer',
    value: 'smoking',
    chart: { resources: [smoke('449868002', '2024-09-01'), smoke('266927001')] },
    expect: missing('unsuitable'),
  },
  {
    rule: 'smoking: an unknown code is no answer',
    value: 'smoking',
    chart: { resources: [smoke('999')] },
    expect: missing('unsuitable'),
  },
  {
    rule: 'smoking: contradicting codes conflict',
    value: 'smoking',
    chart: { resources: [smoke('449868002', '2026-01-01'), smoke('266919005', '2026-01-01')] },
    expect: missing('conflicting'),
  },
  {
    rule: 'smoking: nothing on record is not "no"',
    value: 'smoking',
    chart: {},
    expect: missing('not-recorded'),
  },
  {
    rule: 'pregnancy: by status',
    value: 'pregnancy',
    chart: { resources: [answer('82810-3', snomed, '77386006', '2026-05-01')] },
    expect: true,
  },
  {
    rule: 'pregnancy: possible counts (safety)',
    value: 'pregnancy',
    chart: { resources: [answer('82810-3', snomed, '146799005', '2026-05-01')] },
    expect: true,
  },
  {
    rule: 'pregnancy: no record anywhere is no pregnancy on record',
    value: 'pregnancy',
    chart: {},
    expect: false,
  },
  {
    rule: 'pregnancy: a status of last year does not count',
    value: 'pregnancy',
    chart: { resources: [answer('82810-3', snomed, '77386006', '2025-05-01')] },
    expect: false,
  },
  {
    rule: 'pregnancy: an unconfirmed problem counts (safety)',
    value: 'pregnancy',
    chart: {
      resources: [condition(snomed, '72892002', { ...clinically('active'), ...verified('provisional') })],
    },
    expect: true,
  },
  {
    rule: 'pregnancy: a record older than 42 weeks does not count',
    value: 'pregnancy',
    chart: {
      resources: [condition(snomed, '72892002', { ...clinically('active'), onsetDateTime: '2025-06-01' })],
    },
    expect: false,
  },
  {
    rule: 'pregnancy: true from one source stands although the other failed',
    value: 'pregnancy',
    chart: { resources: [condition(icd10cm, 'O24.410')], supply: { pregnancy: failed } },
    expect: true,
  },
  {
    rule: 'pregnancy: three-valued or: false and unknown is unknown',
    value: 'pregnancy',
    chart: { supply: { pregnancy: failed } },
    expect: missing('fetch-failed'),
  },
];

const conditions: readonly Case[] = [
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

const drugs: readonly Case[] = [
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

const allergies: readonly Case[] = [
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
];

const birthSex = (valueCode: string): object => ({
  extension: [{ url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex', valueCode }],
});

const people: readonly Case[] = [
  {
    rule: 'age in completed years',
    value: 'age',
    chart: { patient: { birthDate: '1966-06-16' } },
    expect: 59,
  },
  { rule: 'age on the birthday', value: 'age', chart: { patient: { birthDate: '1966-06-15' } }, expect: 60 },
  {
    rule: 'age from a year and month that allow one answer',
    value: 'age',
    chart: { patient: { birthDate: '1966-03' } },
    expect: 60,
  },
  {
    rule: 'age from a year that allows two answers is invalid-date',
    value: 'age',
    chart: { patient: { birthDate: '1966' } },
    expect: missing('invalid-date'),
  },
  {
    rule: 'a birth date in the future is invalid-date',
    value: 'age',
    chart: { patient: { birthDate: '2027-01-01' } },
    expect: missing('invalid-date'),
  },
  {
    rule: 'a birth date that is none is invalid-date',
    value: 'age',
    chart: { patient: { birthDate: '1966-13-40' } },
    expect: missing('invalid-date'),
  },
  {
    rule: 'no birth date is not-recorded',
    value: 'age',
    chart: { patient: {} },
    expect: missing('not-recorded'),
  },
  {
    rule: 'an age no one reaches is implausible',
    value: 'age',
    chart: { patient: { birthDate: '1866-01-01' } },
    expect: missing('implausible'),
  },
  {
    rule: 'no patient is not-supplied',
    value: 'age',
    chart: { patient: null, supply: { patient: absent } },
    expect: missing('not-supplied'),
  },
  { rule: 'sex from gender', value: 'sex', chart: { patient: { gender: 'male' } }, expect: 'male' },
  { rule: 'sex from birth sex', value: 'sex', chart: { patient: birthSex('F') }, expect: 'female' },
  {
    rule: 'sex: birth sex against gender conflicts',
    value: 'sex',
    chart: { patient: { gender: 'male', ...birthSex('F') } },
    expect: missing('conflicting'),
  },
  {
    rule: 'sex: other is not-recorded',
    value: 'sex',
    chart: { patient: { gender: 'other' } },
    expect: missing('not-recorded'),
  },
  {
    rule: 'sex: unknown is not-recorded',
    value: 'sex',
    chart: { patient: { gender: 'unknown', ...birthSex('UNK') } },
    expect: missing('not-recorded'),
  },
  {
    rule: 'deceased by date',
    value: 'deceased',
    chart: { patient: { deceasedDateTime: '2025-01-01' } },
    expect: true,
  },
  {
    rule: 'deceased by flag',
    value: 'deceased',
    chart: { patient: { deceasedBoolean: true } },
    expect: true,
  },
  { rule: 'no sign of death is false', value: 'deceased', chart: {}, expect: false },
  {
    rule: 'the deprivation decile comes from an extension of Patient',
    value: 'sdiDecile',
    chart: {
      patient: { extension: [{ url: 'urn:auscult:StructureDefinition:sdi-decile', valueInteger: 7 }] },
    },
    expect: 7,
  },
];

export const cases: Readonly<Record<string, readonly Case[]>> = {
  'measured values': measured,
  'blood pressure': pressure,
  'kidney function': kidney,
  'body mass': body,
  'coded answers': answers,
  conditions,
  medications: drugs,
  allergies,
  demographics: people,
};
