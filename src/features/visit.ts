import type { Encounter } from '@medplum/fhirtypes';
import type { Chart } from '../fhir/chart.ts';
import { isRecord } from '../fhir/coding.ts';
import { idIn } from '../fhir/reference.ts';
import { isFuture, type Moment, parseMoment } from '../fhir/time.ts';
import type { Context } from './context.ts';

/** Statuses of a visit that goes on, and of one that took place at all. */
export const happening: ReadonlySet<string> = new Set(['in-progress', 'arrived', 'triaged', 'onleave']);
export const took: ReadonlySet<string> = new Set([...happening, 'finished']);

/** Id of the visit that the hook names; undefined: it names none. */
export const visitId = ({ encounterId }: Chart): string | undefined =>
  encounterId === undefined ? undefined : (idIn(encounterId, 'Encounter') ?? encounterId);

/**
 * The visit the user is in: the hook's, else the newest in progress; `none`: there is none; `unknown`: the hook names
 * one that the chart does not hold.
 */
export function visitOf({ chart, index }: Pick<Context, 'chart' | 'index'>): Encounter | 'none' | 'unknown' {
  const id = visitId(chart);
  if (id !== undefined) return index.encounters.get(id) ?? 'unknown';
  const open = [...index.encounters.values()].filter(
    ({ status, period }) => status === 'in-progress' && !isFutureStart(period, chart.now),
  );
  return open.toSorted((one, other) => timeOf(other) - timeOf(one))[0] ?? 'none';
}

function isFutureStart(period: unknown, now: Date): boolean {
  const start = startOf(period);
  return start !== undefined && isFuture(start, now);
}

const timeOf = ({ period }: Encounter): number => startOf(period)?.start ?? Number.NEGATIVE_INFINITY;

/** When a period began; undefined: no readable date. */
export const startOf = (period: unknown): Moment | undefined =>
  isRecord(period) ? parseMoment(period.start) : undefined;

/** When a period ended, or is expected to. */
export const endOf = (period: unknown): Moment | undefined =>
  isRecord(period) ? parseMoment(period.end) : undefined;
