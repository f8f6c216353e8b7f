import assert from 'node:assert/strict';
import { Fault } from '../../src/errors.ts';
import { createGate } from '../../src/ops/gate.ts';

const held = () => {
  let release: () => void = () => {};
  const work = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { work: () => work, release: () => release() };
};
const overloaded = (error: unknown) => error instanceof Fault && error.code === 'overloaded';

describe('gate', () => {
  it('refuses past the limit at once and lets in again when one leaves', async () => {
    const gate = createGate(1);
    const first = held();
    const inside = gate.enter(first.work);
    await assert.rejects(
      gate.enter(async () => 'never'),
      overloaded,
    );
    first.release();
    await inside;
    assert.equal(await gate.enter(async () => 'in'), 'in');
  });

  it('a failing work leaves too', async () => {
    const gate = createGate(1);
    await assert.rejects(gate.enter(() => Promise.reject(new Error('no'))));
    assert.equal(await gate.enter(async () => 'in'), 'in');
  });

  it('drains: lets the running finish, refuses the rest', async () => {
    const gate = createGate(2);
    const first = held();
    const inside = gate.enter(first.work);
    const drained = gate.drain(5_000);
    await assert.rejects(
      gate.enter(async () => 'never'),
      overloaded,
    );
    first.release();
    await Promise.all([inside, drained]);
    assert.equal(gate.draining, true);
  });
});
