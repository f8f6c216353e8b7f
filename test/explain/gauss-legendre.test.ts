import assert from 'node:assert/strict';
import { gaussLegendre, maxNodes } from '../../src/explain/gauss-legendre.ts';
import { sum } from './networks.ts';

const integral = (count: number, of: (x: number) => number): number => {
  const { nodes, weights } = gaussLegendre(count);
  return sum(weights.map((weight, at) => weight * of(nodes[at] ?? Number.NaN)));
};

describe('Gauss–Legendre quadrature', () => {
  it('has the nodes and weights of the tables (Abramowitz & Stegun 25.4)', () => {
    const { nodes, weights } = gaussLegendre(3);
    const half = Math.sqrt(3 / 5) / 2;
    for (const [at, node] of [0.5 - half, 0.5, 0.5 + half].entries())
      assert.ok(Math.abs((nodes[at] ?? 0) - node) < 1e-15);
    for (const [at, weight] of [5 / 18, 4 / 9, 5 / 18].entries())
      assert.ok(Math.abs((weights[at] ?? 0) - weight) < 1e-15);
  });

  for (const count of [1, 2, 3, 7, 16, 50, 101, maxNodes]) {
    it(`with ${count} nodes is exact up to degree ${2 * count - 1}`, () => {
      for (const degree of [0, 1, count - 1, count, 2 * count - 1])
        assert.ok(Math.abs(integral(count, (x) => x ** degree) - 1 / (degree + 1)) < 1e-13, String(degree));
    });

    it(`with ${count} nodes stands ascending inside 0 to 1`, () => {
      const all = [0, ...gaussLegendre(count).nodes, 1];
      assert.ok(all.every((node, at) => at === 0 || node > (all[at - 1] ?? 1)));
    });
  }
});
