import { setImmediate } from 'node:timers/promises';

/** Called between the steps of a long work: others have the event loop now, where this one has kept it for long. */
export type Courtesy = () => Promise<void>;

let lastTurn: Promise<unknown> = Promise.resolve();

/** Works that are long at the same time go on one after another, each in a turn of the event loop of its own. */
function nextTurn(): Promise<unknown> {
  lastTurn = lastTurn.then(() => setImmediate());
  return lastTurn;
}

/** @param ms how long is long: hooks are answered on the same event loop */
export function createCourtesy(ms = 1): Courtesy {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < ms) return;
    await nextTurn();
    since = performance.now();
  };
}

/** Waited for by parts of one work that may all be ready at once. */
export type Turn = () => Promise<void>;

/** The first goes on at once, each other one when others have had the event loop after the one before. */
export function createTurns(): Turn {
  let last: Promise<unknown> | undefined;
  return async () => {
    const before = last;
    last = before?.then(() => setImmediate()) ?? Promise.resolve();
    await last;
  };
}
