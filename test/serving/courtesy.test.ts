import assert from 'node:assert/strict';
import { createCourtesy } from '../../src/serving/courtesy.ts';

describe('courtesy', () => {
  /** How often others had the event loop during so many steps. */
  async function othersDuring(steps: number, courtesy: () => Promise<void>): Promise<number> {
    let others = 0;
    let over = false;
    const turn = (): void => {
      others += 1;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    for (let step = 0; step < steps; step++) await courtesy();
    over = true;
    return others;
  }

  it('lets others have the event loop where it was kept for long', async () => {
    assert.ok((await othersDuring(20, createCourtesy(0))) >= 19);
  });

  it('of several works that are long at once lets one go on in each turn', async () => {
    let others = 0;
    let over = false;
    const turn = (): void => {
      others += 1;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    const went = await Promise.all(
      Array.from({ length: 10 }, async () => {
        await createCourtesy(0)();
        return others;
      }),
    );
    over = true;
    assert.equal(new Set(went).size, went.length);
  });

  it('goes on where it was not', async () => {
    assert.equal(await othersDuring(20, createCourtesy(Number.POSITIVE_INFINITY)), 0);
  });
});
