import assert from 'node:assert/strict';
import { DatabaseDown } from '../../src/ledger/database.ts';
import { groupCommit } from '../../src/ledger/group-commit.ts';
import { unavailable } from './twins.ts';

/** Commits that are noted; one that holds `bad` fails, one that holds `down` finds no database. */
function committing() {
  const batches: string[][] = [];
  const group = groupCommit(async (items: readonly string[]) => {
    batches.push([...items]);
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (items.includes('down')) throw new DatabaseDown(new Error('gone'));
    if (items.includes('bad')) throw new Error('refused');
    return items.map((item) => item.toUpperCase());
  });
  return { batches, ...group };
}

describe('ledger/group-commit', () => {
  it('commits together what arrives in one turn, and gives each its own result', async () => {
    const { batches, add } = committing();
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(add)), ['A', 'B', 'C']);
    assert.deepEqual(batches, [['a', 'b', 'c']]);
  });

  it('commits together what arrives while a commit is under way', async () => {
    const { batches, add } = committing();
    const first = add('a');
    while (batches.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const rest = Promise.all(['b', 'c'].map(add));
    assert.equal(await first, 'A');
    assert.deepEqual(await rest, ['B', 'C']);
    assert.deepEqual(batches, [['a'], ['b', 'c']]);
  });

  it('D: one that fails sinks no other', async () => {
    const { batches, add } = committing();
    const done = await Promise.allSettled(['a', 'bad', 'c'].map(add));
    assert.deepEqual(
      done.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal(batches.length, 4);
    await assert.rejects(add('bad'), unavailable());
  });

  it('D: asks a database that is down once, not once for each', async () => {
    const { batches, add } = committing();
    const done = await Promise.allSettled(['a', 'down', 'c'].map(add));
    assert.ok(done.every(({ status }) => status === 'rejected'));
    assert.equal(batches.length, 1);
    assert.equal(await add('d'), 'D');
  });

  it('is idle when all is settled', async () => {
    const { batches, add, idle } = committing();
    await idle();
    const waiting = add('a');
    await idle();
    assert.equal(batches.length, 1);
    assert.equal(await waiting, 'A');
  });
});
