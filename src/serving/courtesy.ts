import { setImmediate } from 'node:timers/promises';

/** Called between the steps of a long work: others have the event loop now, where this one has kept it for long. */
export type Courtesy = () => Promise<void>;

/** @param ms how long is long: hooks are answered on the same event loop */
export function createCourtesy(ms = 2): Courtesy {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < ms) return;
    await setImmediate();
    since = performance.now();
  };
}
