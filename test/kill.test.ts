import assert from 'node:assert/strict';
import { killRounds } from '../bench/kill.ts';

describe('kill -9 under load', function () {
  this.timeout(120_000);

  it('D1: nothing that was acknowledged is lost, and nothing counts twice', async () => {
    const { decisions, feedback, lost, twice, broken } = await killRounds(3, 7);
    assert.ok(decisions > 0 && feedback > 0, `${decisions} decisions and ${feedback} feedback acknowledged`);
    assert.deepEqual({ lost, twice, broken }, { lost: 0, twice: 0, broken: 0 });
  });
});
