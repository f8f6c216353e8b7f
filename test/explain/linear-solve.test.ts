import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cholesky, solve } from '../../src/explain/linear-solve.ts';
import { furthest, rowsOf } from './games.ts';
import { sum } from './networks.ts';

describe('linear systems', () => {
  it('are solved', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1000 }), (size, seed) => {
        const basis = rowsOf(seed, size, size);
        const matrix = Float64Array.from({ length: size * size }, (_, at) => {
          const [one = [], other = []] = [basis[Math.floor(at / size)], basis[at % size]];
          return sum(one.map((x, k) => x * (other[k] ?? 0))) + (at % (size + 1) === 0 ? 1 : 0);
        });
        const [x = []] = rowsOf(seed + 1, 1, size);
        const right = Float64Array.from(x, (_, row) =>
          sum(x.map((each, column) => each * (matrix[row * size + column] ?? 0))),
        );
        assert.ok(furthest(solve(cholesky(matrix, size), right), x) < 1e-9);
      }),
    );
  });

  it('are refused where they are not positive definite', () => {
    assert.throws(() => cholesky(Float64Array.of(1, 1, 1, 1), 2), RangeError);
    assert.throws(() => cholesky(Float64Array.of(Number.NaN), 1), RangeError);
  });
});
