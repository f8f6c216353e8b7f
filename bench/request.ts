/** The request that is measured: a persona with full prefetch, padded with history to a real chart's size. */
import type { Bundle, BundleEntry, Observation, Resource } from '@medplum/fhirtypes';
import { patientView, templatesOf } from '../fixtures/requests.ts';
import type { Discovery } from './server.ts';

/** Service that is measured. */
export const service = 'cardiovascular-risk';
/** A chart that is shown and explained, and one that is decided in silence by the same model. */
export const shown = 'high-risk-untreated';
export const silent = 'low-risk';
const yearMs = 365.25 * 24 * 3_600_000;

/**
 * A patient-view body of at least `bytes` bytes. Every Observation list that is not empty is lengthened in turn by
 * copies of its own records, dated more than ten years back: they are read, matched and passed over.
 */
export function paddedBody(discovery: Discovery, now: Date, bytes: number, persona = shown): Buffer {
  const prefetch = discovery.services.find(({ id }) => id === service)?.prefetch ?? {};
  const request = patientView(persona, now, templatesOf(prefetch));
  const lists = Object.values(request.prefetch).filter(isObservationList);
  const seeds = lists.map((list) => [...(list.entry ?? [])]);
  for (let copy = 0; Buffer.byteLength(JSON.stringify(request)) < bytes; copy++) {
    const at = copy % lists.length;
    const of = seeds[at] ?? [];
    const seed = of[Math.floor(copy / lists.length) % of.length];
    if (seed !== undefined) lists[at]?.entry?.push(older(seed, copy, now));
  }
  return Buffer.from(JSON.stringify(request));
}

const isObservationList = (value: Resource | null): value is Bundle =>
  value?.resourceType === 'Bundle' && value.entry?.[0]?.resource?.resourceType === 'Observation';

function older(seed: BundleEntry, copy: number, now: Date): BundleEntry {
  const effectiveDateTime = new Date(now.getTime() - (10 + copy / 12) * yearMs).toISOString();
  const resource = { ...(seed.resource as Observation), id: `history-${copy}`, effectiveDateTime };
  return { ...seed, resource };
}
