/** Any resources in a chart: each clinical value is there or has a reason, and numbers are numbers. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { Resource } from '@medplum/fhirtypes';
import { chartNames, loadChart } from '../fixtures/charts.ts';
import type { Entry } from '../src/features/entry.ts';
import { extract } from '../src/features/extract.ts';
import { listsFor } from '../src/features/lists.ts';
import { loadVocabulary } from '../src/features/vocabulary.ts';
import type { Chart, PatientId } from '../src/fhir/chart.ts';
import { editSeeds, jsonFrom } from './edits.ts';

const now = new Date('2026-03-15T10:00:00Z');
const vocabulary = loadVocabulary(fileURLToPath(new URL('../vocabulary', import.meta.url)));
const names = [...vocabulary.entries.keys()];
const bases: readonly unknown[] = chartNames().map((name) =>
  (loadChart(name, now).bundle.entry ?? []).map(({ resource }) => resource),
);
const lists = listsFor(
  vocabulary,
  names.map((name) => ({ name, required: false })),
);
const supply: Chart['supply'] = new Map(lists.map(({ key }) => [key, { state: 'supplied' }]));

const isResource = (each: unknown): each is Resource =>
  typeof each === 'object' &&
  each !== null &&
  'resourceType' in each &&
  typeof each.resourceType === 'string';

const isCounted = ({ pick }: Entry): boolean =>
  pick === 'count' || (typeof pick === 'object' && 'days' in pick);

export function fuzz(data: Buffer): void {
  const read = [jsonFrom(data, bases)].flat();
  // The reader lets nothing through but objects with a resourceType.
  const resources = read.filter(isResource);
  const patient = resources.find((each) => each.resourceType === 'Patient');
  const chart: Chart = {
    patientId: 'p' as PatientId,
    now,
    patient,
    supply,
    resources,
    drafts: [],
    selected: new Set(),
  };
  const features = extract(chart, vocabulary, names);
  assert.equal(features.size, names.length);
  for (const [name, feature] of features) {
    if (feature.kind === 'missing') continue;
    assert.ok(typeof feature.value !== 'number' || Number.isFinite(feature.value), name);
    const entry = vocabulary.entries.get(name);
    // Of what is counted the range is that of each reading.
    if (entry?.plausible === undefined || typeof feature.value !== 'number' || isCounted(entry)) continue;
    const [low, high] = entry.plausible;
    assert.ok(feature.value >= low && feature.value <= high, `${name} ${feature.value}`);
  }
}

export const seeds = (): readonly Buffer[] => editSeeds(bases);
