import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { bodyMassIndex, ckdEpi2021 } from '../../src/features/formulas.ts';

const vectors = join(import.meta.dirname, '../../training/ckd_epi_2021/vectors.jsonl');

describe('CKD-EPI 2021', () => {
  it('gives the reference values (nephro, R) to 1e-5', () => {
    const rows = readFileSync(vectors, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    let compared = 0;
    for (const { input, expected } of rows) {
      const want = expected.egfr_cr_2021;
      if (typeof want !== 'number') continue;
      const sex = input.male === 1 ? 'male' : 'female';
      const got = ckdEpi2021(input.creatinine_mg_dl, input.age, sex);
      assert.ok(Math.abs(got - want) < 1e-5, `${JSON.stringify(input)}: ${got} is not ${want}`);
      compared += 1;
    }
    assert.ok(compared >= 50, `${compared} vectors compared`);
  });

  it('falls as creatinine or age rises', () => {
    const creatinine = fc.double({ min: 0.2, max: 15, noNaN: true });
    fc.assert(
      fc.property(
        creatinine,
        fc.integer({ min: 18, max: 100 }),
        fc.constantFrom('female' as const, 'male' as const),
        (scr, age, sex) => {
          assert.ok(ckdEpi2021(scr * 1.1, age, sex) < ckdEpi2021(scr, age, sex));
          assert.ok(ckdEpi2021(scr, age + 1, sex) < ckdEpi2021(scr, age, sex));
        },
      ),
    );
  });
});

describe('body mass index', () => {
  it('is weight over height squared', () => assert.equal(bodyMassIndex(81, 180), 25));
});
