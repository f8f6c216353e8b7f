import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createAllowance } from '../../../src/inference/remote/allowance.ts';

describe('the allowance for second askings', () => {
  it('never exceeds its share of all questions, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 2000 }), (asks) => {
        const allowance = createAllowance(0.02);
        let [earned, spent] = [0, 0];
        for (const earns of asks) {
          if (earns) {
            allowance.earn();
            earned++;
          } else if (allowance.spend()) spent++;
          assert.ok(spent <= earned * 0.02 + 1e-9);
        }
      }),
    );
  });

  it('gives one for fifty, and keeps at most ten', () => {
    const allowance = createAllowance(0.02);
    const earn = (count: number) => Array.from({ length: count }, () => allowance.earn());
    earn(49);
    assert.ok(!allowance.spend());
    earn(1);
    assert.ok(allowance.spend());
    assert.ok(!allowance.spend());
    earn(10_000);
    assert.equal(Array.from({ length: 20 }, () => allowance.spend()).filter(Boolean).length, 10);
  });

  it('of no share there is none', () => {
    const allowance = createAllowance(0);
    allowance.earn();
    assert.ok(!allowance.spend());
  });
});
