/** Is a run that was not answered asked once more, and of whom? */
import type { Device } from './device.ts';
import type { Slice } from './job.ts';
import { RunnerGone } from './worker.ts';

/** A process that died with a run may have died of its neighbour; the second died of it. */
const mostDeaths = 2;

/**
 * @param hasOthers another worker may be asked
 * @param wasJoined the rows of others were in the same run
 * @returns what to ask, alone; none when asking again would not help
 */
export function again(
  slice: Slice,
  device: Device,
  hasOthers: boolean,
  wasJoined: boolean,
  thrown: unknown,
): Slice | undefined {
  const isGone = thrown instanceof RunnerGone;
  const died = { ...slice, deaths: slice.deaths + (isGone ? 1 : 0) };
  if (died.deaths === mostDeaths) return undefined;
  if (device.isGpu && hasOthers)
    return { ...died, not: new Map([...slice.not, [device.name, saidOf(thrown)]]) };
  return isGone || wasJoined ? died : undefined;
}

function saidOf(thrown: unknown): string | undefined {
  if (thrown instanceof RunnerGone) return undefined;
  return thrown instanceof Error ? thrown.message : 'unknown';
}
