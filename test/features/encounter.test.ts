import assert from 'node:assert/strict';
import { type ChartParts, snomed } from './sample-chart.ts';
import { asked, said } from './small-vocabulary.ts';

/** Now is 2026-06-15T12:00Z. */
const visit = (id: string, code: string, start: string | undefined, more: object = {}): object => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { code },
  period: { start, end: start },
  ...more,
});
const open = (id: string, code: string, start: string, more: object = {}): object =>
  visit(id, code, start, { status: 'in-progress', period: { start }, ...more });

const fields = {
  inpatient: { pick: 'any' },
  acuteAdmission: { pick: 'any' },
  lengthOfStay: { pick: 'latest', unit: 'd' },
  emergencyVisits: { pick: 'latest', unit: '1', lookback: 'P6M' },
  admissions: { pick: 'latest', unit: '1', lookback: 'P12M' },
} as const;
type Field = keyof typeof fields;

const ask = (field: Field, resources: readonly object[], more: Omit<ChartParts, 'resources'> = {}): unknown =>
  said(asked({ from: { kind: 'encounter', field }, ...fields[field] }, { resources, ...more }));

interface Row {
  readonly rule: string;
  readonly given: readonly object[];
  readonly visit?: string;
  readonly expect: unknown;
}
const tables: Readonly<Record<Field, readonly Row[]>> = {
  inpatient: [
    { rule: 'admitted', given: [open('a', 'IMP', '2026-06-14')], expect: true },
    { rule: 'in emergency care', given: [open('a', 'EMER', '2026-06-14')], expect: false },
    { rule: 'under observation', given: [open('a', 'OBSENC', '2026-06-14')], expect: false },
    { rule: 'at an office', given: [open('a', 'AMB', '2026-06-14')], expect: false },
    { rule: 'no visit in progress', given: [visit('a', 'IMP', '2026-06-01')], expect: false },
    {
      rule: 'the newest of several in progress',
      given: [open('a', 'AMB', '2020-01-01'), open('b', 'ACUTE', '2026-06-14')],
      expect: true,
    },
    {
      rule: 'the visit of the hook before any other',
      given: [visit('a', 'IMP', '2026-06-01'), open('b', 'AMB', '2026-06-14')],
      visit: 'a',
      expect: true,
    },
    { rule: 'a visit that the chart does not hold', given: [], visit: 'z', expect: 'missing: not-recorded' },
    {
      rule: 'a planned visit',
      given: [open('a', 'IMP', '2026-06-14', { status: 'planned' })],
      visit: 'a',
      expect: 'missing: unsuitable',
    },
    { rule: 'a local class', given: [open('a', '13', '2026-06-14')], expect: 'missing: unsuitable' },
  ],
  lengthOfStay: [
    { rule: 'completed days up to now', given: [open('a', 'IMP', '2026-06-13T13:00:00Z')], expect: 1 },
    {
      rule: 'up to the discharge',
      given: [
        visit('a', 'IMP', undefined, {
          period: { start: '2026-06-10T10:00:00Z', end: '2026-06-13T11:00:00Z' },
        }),
      ],
      visit: 'a',
      expect: 3,
    },
    {
      rule: 'an expected discharge is not one',
      given: [open('a', 'IMP', '', { period: { start: '2026-06-13T12:00:00Z', end: '2026-06-20' } })],
      expect: 2,
    },
    { rule: 'calendar days without times', given: [open('a', 'IMP', '2026-06-14')], expect: 1 },
    { rule: 'a month is no day', given: [open('a', 'IMP', '2026-06')], expect: 'missing: invalid-date' },
    {
      rule: 'an end before the start',
      given: [visit('a', 'IMP', undefined, { period: { start: '2026-06-10', end: '2026-06-01' } })],
      visit: 'a',
      expect: 'missing: invalid-date',
    },
    {
      rule: 'a start in the future',
      given: [open('a', 'IMP', '2026-07-01')],
      visit: 'a',
      expect: 'missing: invalid-date',
    },
    { rule: 'no visit', given: [], expect: 'missing: not-recorded' },
  ],
  acuteAdmission: [
    {
      rule: 'emergency priority',
      given: [open('a', 'IMP', '2026-06-14', { priority: { coding: [{ code: 'EM' }] } })],
      expect: true,
    },
    {
      rule: 'elective priority',
      given: [open('a', 'IMP', '2026-06-14', { priority: { coding: [{ code: 'EL' }] } })],
      expect: false,
    },
    {
      rule: 'UB-04 type 2',
      given: [
        open('a', 'IMP', '2026-06-14', {
          priority: {
            coding: [{ system: 'https://www.nubc.org/CodeSystem/PriorityTypeOfAdmitOrVisit', code: '2' }],
          },
        }),
      ],
      expect: true,
    },
    {
      rule: 'from the emergency department',
      given: [
        open('a', 'IMP', '2026-06-14', { hospitalization: { admitSource: { coding: [{ code: 'emd' }] } } }),
      ],
      expect: true,
    },
    {
      rule: 'a former class',
      given: [open('a', 'IMP', '2026-06-14', { classHistory: [{ class: { code: 'EMER' } }] })],
      expect: true,
    },
    {
      rule: 'part of an emergency visit',
      given: [
        visit('e', 'EMER', '2026-06-14'),
        open('a', 'IMP', '2026-06-14', { partOf: { reference: 'Encounter/e' } }),
      ],
      expect: true,
    },
    {
      rule: 'by its type',
      given: [
        open('a', 'IMP', '2026-06-14', { type: [{ coding: [{ system: snomed, code: '183452005' }] }] }),
      ],
      expect: true,
    },
    { rule: 'nothing says', given: [open('a', 'IMP', '2026-06-14')], expect: 'missing: not-recorded' },
  ],
  emergencyVisits: [
    {
      rule: 'earlier ones within the look-back',
      given: [
        visit('1', 'EMER', '2026-03-01'),
        visit('2', 'EMER', '2026-05-01'),
        visit('3', 'EMER', '2025-01-01'),
        open('a', 'IMP', '2026-06-14'),
      ],
      expect: 2,
    },
    {
      rule: 'not the one that led here',
      given: [
        visit('1', 'EMER', '2026-03-01'),
        visit('2', 'EMER', '2026-06-14T06:00:00Z'),
        open('a', 'IMP', '2026-06-14T10:00:00Z'),
      ],
      expect: 1,
    },
    { rule: 'not the present one', given: [open('a', 'EMER', '2026-06-15T08:00:00Z')], expect: 0 },
    {
      rule: 'not what never took place',
      given: [visit('1', 'EMER', '2026-03-01', { status: 'cancelled' })],
      expect: 0,
    },
    {
      rule: 'a local class leaves it open',
      given: [visit('1', '13', '2026-03-01')],
      expect: 'missing: unsuitable',
    },
    { rule: 'an old local class does not', given: [visit('1', '13', '2020-03-01')], expect: 0 },
    {
      rule: 'an undated one leaves it open',
      given: [visit('1', 'EMER', undefined)],
      expect: 'missing: invalid-date',
    },
  ],
  admissions: [
    {
      rule: 'earlier admissions, each once',
      given: [
        visit('1', 'IMP', '2026-03-01'),
        visit('2', 'ACUTE', '2026-03-02', { partOf: { reference: 'Encounter/1' } }),
        visit('3', 'EMER', '2026-04-01'),
        open('a', 'IMP', '2026-06-14'),
      ],
      expect: 1,
    },
    { rule: 'none', given: [], expect: 0 },
  ],
};

describe('encounter', () => {
  for (const [field, rows] of Object.entries(tables)) {
    for (const { rule, given, visit: encounterId, expect } of rows) {
      it(`${field}: ${rule}`, () =>
        assert.equal(ask(field as Field, given, encounterId === undefined ? {} : { encounterId }), expect));
    }
  }

  it('is missing when the encounters did not come', () => {
    const supply = { encounters: { state: 'not-supplied' } } as const;
    for (const field of Object.keys(fields))
      assert.equal(ask(field as Field, [], { supply }), 'missing: not-supplied', field);
  });
});
