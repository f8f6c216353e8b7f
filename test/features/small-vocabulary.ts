import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Feature, ValueName } from '../../src/features/feature.ts';
import { buildVocabulary, type Vocabulary } from '../../src/features/vocabulary.ts';
import { type ChartParts, featureOf, snomed, vocabulary } from './sample-chart.ts';

/** A vocabulary for one test: a few entries, the shipped statins, and made-up codes for scans and reasons. */

const folder = join(import.meta.dirname, '../../vocabulary');
export const scan = 'urn:test:ValueSet:scan';
export const statin = 'urn:auscult:ValueSet:statin';

function codes(url: string, ...members: readonly string[]): object {
  const contains = members.map((code) => ({ system: snomed, code, display: `member ${code}` }));
  return {
    resourceType: 'ValueSet',
    url,
    version: '1',
    title: 'Members',
    status: 'draft',
    description: 'For tests.',
    copyright: 'none',
    compose: { include: [{ system: snomed, concept: contains.map(({ code }) => ({ code })) }] },
    expansion: { timestamp: '2026-01-01T00:00:00Z', contains },
  };
}

const drugs = readFileSync(join(folder, 'drugs.tsv'), 'utf8');
const valueSets = new Map<string, unknown>([
  ['statin.json', JSON.parse(readFileSync(join(folder, 'valuesets/statin.json'), 'utf8'))],
  ['scan.json', codes(scan, 'scan1', 'scan2')],
  ['reason.json', codes('urn:auscult:ValueSet:reason-not-given', 'refused', 'allergic')],
]);

/** The group is named `small`. */
export function smallVocabulary(...values: readonly object[]): Vocabulary {
  const labelled = values.map((value) => ({ label: 'Value', ...value }));
  return buildVocabulary([
    {
      groups: new Map([['small.json', { group: 'small', label: 'Small', values: labelled }]]),
      valueSets,
      drugs,
    },
  ]);
}

/** The one entry of a small vocabulary, asked of a chart. */
export function asked(entry: object, parts: ChartParts): Feature {
  return featureOf('x', parts, smallVocabulary({ name: 'x', ...entry }));
}

/** The observed value, or `missing: reason`. */
export function said(feature: Feature): number | boolean | string {
  return feature.kind === 'missing' ? `missing: ${feature.reason}` : feature.value;
}

/** Of the shipped vocabulary. */
export const shipped = (name: ValueName, parts: ChartParts): number | boolean | string =>
  said(featureOf(name, parts, vocabulary));
