import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ServiceFile } from '../../src/card/package.ts';
import { buildServices, loadServices, type Service } from '../../src/card/service.ts';
import type { Written } from '../../src/cases/case.ts';
import { featuresOf as valuesOf } from '../../src/cases/values.ts';
import type { Features } from '../../src/features/feature.ts';
import { loadVocabulary } from '../../src/features/vocabulary.ts';
import { manifestSchema } from '../../src/inference/manifest.ts';
import type { Abstention, Digest, Outputs, Prediction } from '../../src/inference/model.ts';
import { manifest } from '../inference/prevent.ts';

/** The shipped package, vocabulary and manifest, and clinical values written by hand. */
export const root = resolve(import.meta.dirname, '../..');
export const cards = join(root, 'cards');
export const vocabulary = loadVocabulary(join(root, 'vocabulary'));
export const manifests = new Map(
  readdirSync(join(root, 'models'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => JSON.parse(readFileSync(join(root, 'models', name, 'manifest.json'), 'utf8')))
    .map((read) => manifestSchema.parse(read))
    .map((each) => [each.id, each] as const),
);
export const now = new Date('2026-11-20T09:30:00.000Z');

export const services = loadServices(cards, vocabulary, manifests);
export const cardiovascular = named('cardiovascular-risk');

function named(id: string): Service {
  const service = services.find((each) => each.id === id);
  if (service === undefined) throw new Error(`no service ${id}`);
  return service;
}

/** The two files as they are on disk; fresh, so that a test may bend them. */
// biome-ignore lint/suspicious/noExplicitAny: tests write what no type would allow
type Bent = any;
export const files = (): { service: ServiceFile & Bent; card: Bent } => ({
  service: JSON.parse(readFileSync(join(cards, 'cardiovascular-risk/service.json'), 'utf8')),
  card: JSON.parse(readFileSync(join(cards, 'cardiovascular-risk/card.json'), 'utf8')),
});

export const build = (bent: { service: unknown; card: unknown }): readonly Service[] =>
  buildServices('cards/x', 'x', bent, vocabulary, manifests);

/** Values beside those of a healthy chart (src/cases/values.ts). */
export const featuresOf = (
  written: Readonly<Record<string, Written>> = {},
  service = cardiovascular,
): Features => valuesOf(written, service, vocabulary);

/** A prediction with exactly this ASCVD risk. */
export const predicted = (risk: number, outputs: Outputs = {}): Prediction => ({
  kind: 'prediction',
  model: 'prevent',
  version: manifest.version,
  digest: manifest.digest as Digest,
  row: {},
  outputs: { '10yr_ascvd': risk, ...outputs },
  labels: { model: 'base' },
});

/** An abstention because of these values. */
export const abstained = (...because: Abstention['because']): Abstention => ({
  kind: 'abstention',
  model: 'prevent',
  version: manifest.version,
  digest: manifest.digest as Digest,
  because,
});

/** uuids that count: the same on every run. */
export function countingUuids(): () => string {
  let count = 0;
  return () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
}
