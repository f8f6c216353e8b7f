import { bloodPressure, lab } from '../sample-chart.ts';
import { absent, type Case, missing } from './case.ts';

const inpatient = { resourceType: 'Encounter', id: 'e1', class: { code: 'IMP' } };
const office = { resourceType: 'Encounter', id: 'e2', class: { code: 'AMB' } };
const during = (encounter: string): object => ({ encounter: { reference: encounter } });

export const pressure: readonly Case[] = [
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
