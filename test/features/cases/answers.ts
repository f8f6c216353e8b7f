import { answer, clinically, condition, icd10cm, snomed, verified } from '../sample-chart.ts';
import { type Case, failed, missing } from './case.ts';

const smoke = (code: string, at = '2026-01-01'): object => answer('72166-2', snomed, code, at);

export const answers: readonly Case[] = [
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
