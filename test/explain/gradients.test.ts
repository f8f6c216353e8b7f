import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Attribution, Game } from '../../src/explain/game.ts';
import {
  expectedGradients,
  type Gradient,
  type GradientOptions,
  integratedGradients,
} from '../../src/explain/gradients.ts';
import { rowsOf } from '../../src/inference/mixture.ts';
import type { Tensors } from '../../src/inference/tensor.ts';
import { float64, numbersAt, sum, tensor } from './networks.ts';

type Numbers = readonly number[];

/** A game of a function of a few numbers, each a player of its own unless they are grouped. */
interface Known {
  readonly of: (x: Numbers) => number;
  readonly slope: (x: Numbers) => Numbers;
  readonly patient: Numbers;
  readonly background: readonly Numbers[];
  readonly groups?: readonly Numbers[];
}

function gameOf({ of, patient, background, groups }: Known): Game {
  const size = patient.length;
  return {
    score: async (told) => {
      const { x } = rowsOf(told);
      return Float64Array.from({ length: told.rows }, (_, row) => of(numbersAt(x, row)));
    },
    patient: { x: float64([1, size], patient) },
    background: { x: float64([background.length, size], background.flat()) },
    backgroundRows: background.length,
    players: (groups ?? patient.map((_, at) => [at])).map((elements) => ({
      label: elements.join('+'),
      parts: [{ input: 'x', elements: Int32Array.from(elements) }],
    })),
  };
}

const gradientOf =
  ({ slope, patient }: Pick<Known, 'slope' | 'patient'>): Gradient =>
  async ({ x }, rows) => {
    const slopes = Array.from({ length: rows }, (_, row) => slope(numbersAt(x, row))).flat();
    return { d_x: float64([rows, patient.length], slopes) };
  };

const methods = { integrated: integratedGradients, expected: expectedGradients } as const;
type Method = keyof typeof methods;
const explain = (method: Method, known: Known, options: GradientOptions = {}): Promise<Attribution> =>
  methods[method](gameOf(known), gradientOf(known), options);

const near = (given: Iterable<number>, expected: Iterable<number>, tolerance: number): void => {
  const [one, other] = [[...given], [...expected]];
  assert.equal(one.length, other.length);
  for (const [at, number] of one.entries())
    assert.ok(Math.abs(number - (other[at] ?? Number.NaN)) <= tolerance, `${at}: ${number} ${other[at]}`);
};

const number = fc.double({ min: -2, max: 2, noNaN: true });
const numbers = (size: number) => fc.array(number, { minLength: size, maxLength: size });

/** Weights of three units over four inputs, for a smooth function whose slope is written down. */
const units = [
  [0.9, -0.4, 0.3, 0],
  [-1.1, 0.8, 0.5, 0],
  [0.2, 1.3, -0.7, 0],
];
const dot = (a: Numbers, b: Numbers): number => sum(a.map((each, at) => each * (b[at] ?? 0)));
const smooth: Pick<Known, 'of' | 'slope'> = {
  of: (x) => sum(units.map((unit) => Math.tanh(dot(unit, x)))),
  slope: (x) =>
    x.map((_, at) => sum(units.map((unit) => (unit[at] ?? 0) * (1 - Math.tanh(dot(unit, x)) ** 2)))),
};
const anyone = fc.record({
  patient: numbers(4),
  background: fc.array(numbers(4), { minLength: 1, maxLength: 4 }),
});

interface Vectors {
  readonly network: {
    readonly w1: readonly Numbers[];
    readonly b1: Numbers;
    readonly w2: Numbers;
    readonly b2: number;
  };
  readonly background: readonly Numbers[];
  readonly vectors: readonly ({
    readonly patient: Numbers;
    readonly value: number;
  } & Readonly<Record<Method, { readonly baseline: number; readonly phi: Numbers }>>)[];
}

for (const method of ['integrated', 'expected'] as const) {
  describe(`${method} gradients`, () => {
    it('agree with the integral computed elsewhere (training/explanations_gradients)', async () => {
      const file = join(import.meta.dirname, 'gradients.vectors.json');
      const { network, background, vectors } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
      const { w1, b1, w2, b2 } = network;
      const hidden = (x: Numbers) => w1.map((unit, at) => Math.tanh((b1[at] ?? 0) + dot(unit, x)));
      const of = (x: Numbers) => b2 + dot(w2, hidden(x));
      const slope = (x: Numbers) => {
        const back = hidden(x).map((unit, at) => (w2[at] ?? 0) * (1 - unit * unit));
        return x.map((_, input) =>
          dot(
            back,
            w1.map((unit) => unit[input] ?? 0),
          ),
        );
      };
      for (const { patient, value, ...expected } of vectors) {
        const given = await explain(method, { of, slope, patient, background }, { tolerance: 1e-12 });
        near([given.value, given.baseline], [value, expected[method].baseline], 1e-12);
        near(given.phi, expected[method].phi, 1e-11);
      }
    });

    it('leave no more over than the tolerance, and say how much', async () => {
      await fc.assert(
        fc.asyncProperty(anyone, async (one) => {
          const {
            value,
            baseline,
            phi,
            gap = Number.NaN,
          } = await explain(method, { ...smooth, ...one }, { tolerance: 1e-9 });
          assert.ok(Math.abs(gap) <= 1e-9);
          assert.ok(Math.abs(value - baseline - sum(phi) - gap) < 1e-12);
        }),
      );
    });

    it('give nothing to an input that the score does not use', async () => {
      await fc.assert(
        fc.asyncProperty(anyone, async (one) => {
          assert.equal((await explain(method, { ...smooth, ...one })).phi[3], 0);
        }),
      );
    });

    it('give the same to two inputs that are used the same and stand the same', async () => {
      const even: Pick<Known, 'of' | 'slope'> = {
        of: ([a = 0, b = 0, c = 0]) => Math.tanh(a + b) * c,
        slope: ([a = 0, b = 0, c = 0]) => {
          const inner = (1 - Math.tanh(a + b) ** 2) * c;
          return [inner, inner, Math.tanh(a + b)];
        },
      };
      await fc.assert(
        fc.asyncProperty(number, number, number, number, async (same, c, start, startC) => {
          const { phi } = await explain(method, {
            ...even,
            patient: [same, same, c],
            background: [[start, start, startC]],
          });
          assert.ok(Math.abs((phi[0] ?? 0) - (phi[1] ?? 1)) < 1e-12);
        }),
      );
    });

    it('of a sum are weight times distance from the mean of the background', async () => {
      const weights = [0.5, -2, 3];
      const known = { of: (x: Numbers) => dot(weights, x), slope: () => weights };
      const background = [
        [1, 1, 1],
        [3, 0, -1],
      ];
      const { phi } = await explain(method, { ...known, patient: [4, 2, 0], background }, { steps: 1 });
      near(phi, [0.5 * (4 - 2), -2 * (2 - 0.5), 0], 1e-12);
    });

    it('are what a group’s elements have together', async () => {
      await fc.assert(
        fc.asyncProperty(anyone, async (one) => {
          const known = { ...smooth, ...one };
          const apart = await explain(method, known, { steps: 8, tolerance: 9 });
          const together = await explain(
            method,
            { ...known, groups: [[2], [0, 3, 1]] },
            { steps: 8, tolerance: 9 },
          );
          const [a = 0, b = 0, c = 0, d = 0] = apart.phi;
          near(together.phi, [c, a + b + d], 1e-12);
        }),
      );
    });

    it('double the nodes until the gap is small, or until they may not', async () => {
      const step = 0.37;
      const kinked = {
        of: ([x = 0]: Numbers) => Math.max(0, x - step),
        slope: ([x = 0]: Numbers) => [x > step ? 1 : 0],
        patient: [1],
        background: [[0]],
      };
      const coarse = await explain(method, kinked, { steps: 2, maxEvaluations: 2 });
      const fine = await explain(method, kinked, { steps: 2, tolerance: 0.005 });
      assert.equal(coarse.evaluations, 2 + 2);
      assert.ok(Math.abs(coarse.gap ?? 0) > 0.005);
      assert.ok(Math.abs(fine.gap ?? 1) <= 0.005);
      assert.ok(fine.evaluations > coarse.evaluations);
    });

    it('hold what is no player at the patient', async () => {
      const product = { of: ([a = 0, b = 0]: Numbers) => a * b, slope: ([a = 0, b = 0]: Numbers) => [b, a] };
      const {
        phi,
        baseline,
        gap = 1,
      } = await explain(method, {
        ...product,
        patient: [2, 5],
        background: [[0, 1]],
        groups: [[0]],
      });
      near([...phi, baseline, gap], [10, 0, 0], 1e-12);
    });

    it('are the same every time', async () => {
      const known = {
        ...smooth,
        patient: [1, -1, 0.5, 2],
        background: [
          [0, 0, 0, 0],
          [0.3, -0.2, 1, 1],
        ],
      };
      assert.deepEqual(await explain(method, known), await explain(method, known));
    });

    it('change nothing that they were given', async () => {
      const known = { ...smooth, patient: [1, -1, 0.5, 2], background: [[0, 0, 0, 0]] };
      const game = gameOf(known);
      const before = structuredClone([game.patient, game.background]);
      await methods[method](game, gradientOf(known));
      assert.deepEqual([game.patient, game.background], before);
    });

    it('pass over what is measured on neither end, and refuse what is measured on one', async () => {
      const known = { ...smooth, patient: [1, -1, 0.5, Number.NaN], background: [[0, 0, 0, Number.NaN]] };
      const measured: Pick<Known, 'of' | 'slope'> = {
        of: (x) => smooth.of(x.slice(0, 3)),
        slope: (x) => [...smooth.slope(x.slice(0, 3)), Number.NaN],
      };
      const { phi, gap = 1 } = await explain(method, { ...known, ...measured });
      assert.equal(phi[3], 0);
      assert.ok(Math.abs(gap) < 1e-3);
      await assert.rejects(explain(method, { ...known, ...measured, background: [[0, 0, 0, 0]] }), {
        code: 'malformed-inference',
        details: ['x: an element is measured in the patient or in the background only'],
      });
    });

    it('refuse tokens, and a budget smaller than the background', async () => {
      const known = {
        ...smooth,
        patient: [1, 2, 3, 4],
        background: [
          [0, 0, 0, 0],
          [1, 1, 1, 1],
        ],
      };
      const game = gameOf(known);
      const whole = (given: Tensors) => ({
        x: tensor('int64', given.x?.shape ?? [], [...numbersAt(given.x)]),
      });
      const tokens = {
        ...game,
        patient: whole(game.patient),
        background: { x: tensor('int64', [2, 4], Array(8).fill(0)) },
      };
      await assert.rejects(methods[method](tokens, gradientOf(known)), { code: 'malformed-inference' });
      await assert.rejects(explain(method, known, { maxEvaluations: 0 }), { code: 'malformed-inference' });
    });

    it('are nothing without a gradient of finite numbers', async () => {
      const known = { ...smooth, patient: [1, 2, 3, 4], background: [[0, 0, 0, 0]] };
      const broken: readonly Gradient[] = [
        async () => ({}),
        async (_, rows) => ({ d_x: float64([rows, 4], Array(4 * rows).fill(Number.NaN)) }),
      ];
      for (const gradient of broken)
        await assert.rejects(methods[method](gameOf(known), gradient), { code: 'model-unavailable' });
    });
  });
}
