import assert from 'node:assert/strict';
import { createCourtesy } from '../../src/serving/courtesy.ts';

describe('courtesy', () => {
  /** What a work gives that is told how often others have had the event loop so far. */
  async function besideOthers<T>(work: (others: () => number) => Promise<T>): Promise<T> {
    let others = 0;
    let over = false;
    const turn = (): void => {
      others += 1;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    const given = await work(() => others);
    over = true;
    return given;
  }

  const othersDuring = (steps: number, courtesy: () => Promise<void>): Promise<number> =>
    besideOthers(async (others) => {
      for (let step = 0; step < steps; step++) await courtesy();
      return others();
    });

  it('lets others have the event loop where it was kept for long', async () => {
    assert.ok((await othersDuring(20, createCourtesy(0))) >= 19);
  });

  it('of several works that are long at once lets one go on in each turn', async () => {
    const went = await besideOthers((others) =>
      Promise.all(Array.from({ length: 10 }, () => createCourtesy(0)().then(others))),
    );
    assert.equal(new Set(went).size, 10);
  });

  it('goes on where it was not', async () => {
    assert.equal(await othersDuring(20, createCourtesy(Number.POSITIVE_INFINITY)), 0);
  });
});
