import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ServiceFile } from '../../src/card/package.ts';
import { buildServices, loadServices, type Service } from '../../src/card/service.ts';
import type { Feature, Features, FeatureValue, MissingReason } from '../../src/features/feature.ts';
import { missing } from '../../src/features/feature.ts';
import { loadVocabulary } from '../../src/features/vocabulary.ts';
import type { Abstention, Digest, Outputs, Prediction } from '../../src/inference/model.ts';
import { manifest } from '../inference/prevent.ts';

/** The shipped package, vocabulary and manifest, and clinical values written by hand. */
export const root = resolve(import.meta.dirname, '../..');
export const cards = join(root, 'cards');
export const vocabulary = loadVocabulary(join(root, 'vocabulary'));
export const manifests = new Map([[manifest.id, manifest]]);
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

/** A value as a case writes it: itself, or why there is none. */
export type Written =
  | FeatureValue
  | { readonly missing: MissingReason }
  | { readonly value: FeatureValue; readonly at: string };

/** A man of 58 without disease or treatment, as a chart that was read whole says it. */
const person: Readonly<Record<string, Written>> = {
  age: 58,
  sex: 'male',
  systolicBloodPressure: 128,
  totalCholesterol: 190,
  hdlCholesterol: 50,
  egfr: 88,
  bmi: 26.4,
};

/**
 * Every value the service needs: as written, else the person's, else "read and not there": absent for presence,
 * not recorded for what is measured.
 */
export function featuresOf(
  written: Readonly<Record<string, Written>> = {},
  service = cardiovascular,
): Features {
  const all: Readonly<Record<string, Written>> = { ...person, ...written };
  const stray = Object.keys(written).find((name) => !service.needed.some((need) => need.name === name));
  if (stray !== undefined) throw new Error(`${service.id} does not use ${stray}`);
  return new Map(service.needed.map(({ name }) => [name, featureOf(name, all[name])]));
}

function featureOf(name: string, written: Written | undefined): Feature {
  if (written === undefined) {
    const entry = vocabulary.entries.get(name);
    const measured = entry?.unit !== undefined || name === 'sex';
    return measured ? missing('not-recorded') : { kind: 'observed', value: false, sources: [] };
  }
  if (typeof written !== 'object') return { kind: 'observed', value: written, sources: [] };
  if ('missing' in written) return missing(written.missing);
  return { kind: 'observed', ...written, sources: [] };
}

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
