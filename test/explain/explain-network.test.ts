import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainNetwork, networkCounterfactual } from '../../src/explain/explain-network.ts';
import type { Explained } from '../../src/explain/explained.ts';
import { gameOfNetwork, outputOf } from '../../src/explain/network-game.ts';
import { filled, meanRow, stacked } from '../../src/explain/rows.ts';
import type { Network } from '../../src/inference/network.ts';
import type { NetworkExplain } from '../../src/inference/network-manifest.ts';
import { tensorOf } from '../../src/inference/network-tensors.ts';
import { type ModelRegistry, openRegistry } from '../../src/inference/registry.ts';
import type { Tensors } from '../../src/inference/tensor.ts';
import { root } from '../card/package.ts';
import {
  columns,
  float64,
  inputNamed,
  logit,
  manifestOf,
  networkOf,
  numbersAt,
  sigmoid,
  sum,
  tensor,
} from './networks.ts';

const weights = [0.8, -0.5, 0.3];
const dot = (x: readonly number[]): number => sum(x.map((each, at) => each * (weights[at] ?? 0)));
const background = { rows: 2, feeds: { x: float64([2, 3], [0, 1, 2, 2, 1, 0]) } };
const patient = { x: float64([1, 3], [3, -1, 2]) };

/** Logistic regression; its contributions are known in closed form. */
const logistic = (explain: Partial<NetworkExplain> = {}) =>
  networkOf(
    manifestOf([columns('one', 'two', 'three')], {
      players: [{ input: 'x', by: 'position', axis: 'feature' }],
      methods: [
        'expected-gradients',
        'integrated-gradients',
        'exact-shapley',
        'permutation-shapley',
        'leave-one-out',
      ],
      ...explain,
    }),
    {
      answer: ({ x = [] }) => [sigmoid(dot(x))],
      slope: () => ({ d_x: { axes: [3], numbers: weights } }),
      background,
    },
  );

const phiOf = ({ players }: Explained): readonly number[] => players.map(({ phi }) => phi);
const near = (one: readonly number[], other: readonly number[], tolerance: number): void => {
  assert.equal(one.length, other.length);
  for (const [at, each] of one.entries())
    assert.ok(Math.abs(each - (other[at] ?? Number.NaN)) <= tolerance, `${one} ${other}`);
};

describe('explanation of a network', () => {
  it('says of what, by what and against whom', async () => {
    const explained = await explainNetwork(logistic().network, patient);
    const { players, value, baseline, gap, evaluations, predicted, ...rest } = explained;
    assert.deepEqual(rest, {
      model: 'example',
      version: '1.0.0',
      digest: `sha256:${'1'.repeat(64)}`,
      output: 'risk',
      element: 0,
      scale: 'logit',
      method: 'expected-gradients',
      background: { label: 'patients of the example', source: 'test', rows: 2 },
    });
    near([value, predicted, baseline ?? 0], [3.5, sigmoid(3.5), 0.6], 1e-12);
    assert.deepEqual(
      players.map(({ label, input }) => [label, input]),
      [
        ['one', 'x'],
        ['two', 'x'],
        ['three', 'x'],
      ],
    );
  });

  for (const method of logistic().network.manifest.explain?.methods ?? []) {
    it(`by ${method} gives a linear model its own terms back`, async () => {
      const explained = await explainNetwork(logistic().network, patient, { method });
      near(phiOf(explained), [0.8 * (3 - 1), -0.5 * (-1 - 1), 0.3 * (2 - 1)], 1e-9);
      assert.equal('gap' in explained, method !== 'leave-one-out');
    });
  }

  it('explains an element of an output, as it is where the manifest says so', async () => {
    const classes = {
      axes: [{ name: 'class', size: 2 }],
      kind: 'number',
      range: { min: -99, max: 99 },
    } as const;
    const manifest = manifestOf(
      [columns('one', 'two', 'three')],
      {
        players: [{ input: 'x', by: 'position', axis: 'feature' }],
        methods: ['exact-shapley'],
        scale: 'identity',
        element: 1,
      },
      { ...classes, axes: [...classes.axes] },
    );
    const { network } = networkOf(manifest, { answer: ({ x = [] }) => [99, dot(x)], background });
    const { element, value, predicted, scale } = await explainNetwork(network, patient);
    assert.deepEqual({ element, scale }, { element: 1, scale: 'identity' });
    near([value, predicted], [3.5, 3.5], 1e-12);
  });

  it('says where a probability is too near to 1 for its log odds', async () => {
    const steep = networkOf(
      manifestOf(
        [columns('one', 'two', 'three')],
        { players: [{ input: 'x', by: 'whole' }], methods: ['exact-shapley'] },
        { dtype: 'float32' },
      ),
      { answer: ({ x = [] }) => [sigmoid(9 * dot(x))], background },
    );
    const explained = await explainNetwork(steep.network, patient);
    assert.equal(explained.saturated, true);
    assert.ok(Number.isFinite(explained.value));
    assert.ok(!('saturated' in (await explainNetwork(logistic().network, patient))));
  });

  it('compares with zeros where a network ships no background and the method needs none', async () => {
    const { network } = networkOf(
      manifestOf([columns('one', 'two', 'three')], {
        players: [{ input: 'x', by: 'position', axis: 'feature' }],
        methods: ['occlusion'],
      }),
      { answer: ({ x = [] }) => [sigmoid(dot(x))] },
    );
    const explained = await explainNetwork(network, patient);
    near(phiOf(explained), [2.4, 0.5, 0.6], 1e-12);
    assert.ok(!('rows' in explained.background));
  });

  const refusals: readonly (readonly [string, Tensors, object, RegExp])[] = [
    [
      'a method that the manifest does not name',
      patient,
      { method: 'lime' },
      /^method: is none of expected-gradients, /,
    ],
    ['two rows', { x: float64([2, 3], [1, 2, 3, 4, 5, 6]) }, {}, /^x: one row is explained at a time$/],
    ['feeds of another shape', { x: float64([1, 2], [1, 2]) }, {}, /^x: /],
    ['no feeds', {}, {}, /^x: is not given$/],
    [
      'too few evaluations to sample',
      patient,
      { method: 'permutation-shapley', maxEvaluations: 3 },
      /^max_evaluations: /,
    ],
    [
      'too few evaluations to enumerate',
      patient,
      { method: 'exact-shapley', maxEvaluations: 3 },
      /^max_evaluations: /,
    ],
  ];
  for (const [what, feeds, options, rule] of refusals) {
    it(`refuses ${what}`, async () => {
      const asked = explainNetwork(logistic().network, feeds, options);
      await assert.rejects(asked, ({ code, details: [detail = ''] }) => {
        assert.match(detail, rule);
        return code === 'malformed-inference';
      });
    });
  }

  it('refuses a network that is not explained', async () => {
    const { network } = logistic();
    const { explain: _, ...manifest } = network.manifest;
    await assert.rejects(explainNetwork({ ...network, manifest }, patient), { code: 'malformed-inference' });
  });

  it('minds the signal', async () => {
    const urgency = { signal: AbortSignal.abort() };
    for (const method of ['expected-gradients', 'exact-shapley', 'leave-one-out'])
      await assert.rejects(explainNetwork(logistic().network, patient, { method }, urgency), {
        code: 'deadline-passed',
      });
  });

  it('has a counterfactual among its named columns', async () => {
    const { network } = logistic();
    const question = { modifiable: ['one', 'two'], target: { below: 0.9 } };
    const { status, found, value } = await networkCounterfactual(network, patient, question);
    assert.equal(status, 'found');
    near([value], [sigmoid(3.5)], 1e-12);
    const [{ changes, value: reached }] = [found[0] ?? assert.fail()];
    assert.deepEqual(changes, [{ input: 'one', label: 'one', from: 3, to: 1 }]);
    assert.ok(reached < 0.9);
  });
});

describe('an input that nobody plays', () => {
  const code = inputNamed('code', [], { dtype: 'int64', valid: { min: 1, max: 9 } });
  const { network } = networkOf(
    manifestOf([columns('one', 'two', 'three'), code], {
      players: [{ input: 'x', by: 'position', axis: 'feature' }],
      methods: ['leave-one-out', 'occlusion', 'exact-shapley'],
    }),
    {
      answer: ({ x = [], code: [word = 0] = [] }) => [sigmoid(dot(x) + word / 10)],
      background: { rows: 2, feeds: { ...background.feeds, code: tensor('int64', [2], [3, 4]) } },
    },
  );

  for (const method of ['leave-one-out', 'occlusion', 'exact-shapley'])
    it(`stays the patient’s, whatever a mean of it would be: ${method}`, async () => {
      const own = { ...patient, code: tensor('int64', [1], [7]) };
      const { players, value } = await explainNetwork(network, own, { method });
      assert.deepEqual(
        players.map(({ label }) => label),
        ['one', 'two', 'three'],
      );
      near([value], [dot([3, -1, 2]) + 0.7], 1e-9);
    });
});

describe('explanations of the example networks', function () {
  this.timeout(120_000);
  let registry: ModelRegistry;
  before(async () => {
    registry = await openRegistry([join(root, 'fixtures', 'models')]);
  });
  after(() => registry.close());

  const networks = (): readonly Network[] => registry.networkIds().map((id) => registry.network(id));
  /** Patients of parity.jsonl. */
  const patientsOf = ({ manifest: { id, inputs } }: Network, count: number): readonly Tensors[] =>
    readFileSync(join(root, 'fixtures', 'models', id, 'parity.jsonl'), 'utf8')
      .split('\n', count)
      .filter((line) => line !== '')
      .map((line) => {
        const { input: given } = JSON.parse(line) as { input: Record<string, (number | null)[]> };
        const feeds = inputs.map((input) => {
          const feed = tensorOf(input, [given[input.name] ?? []]);
          return [input.name, typeof feed === 'string' ? assert.fail(feed) : feed] as const;
        });
        return Object.fromEntries(feeds);
      });

  it('exist for every method that a manifest names, add up where they claim to, and are the same every time', async () => {
    for (const network of networks()) {
      const { id, explain } = network.manifest;
      const [patient = assert.fail()] = patientsOf(network, 1);
      for (const method of explain?.methods ?? []) {
        const explained = await explainNetwork(network, patient, { method });
        const { value, baseline = Number.NaN, players, gap, predicted, scale, saturated, map } = explained;
        assert.ok(Number.isFinite(value), `${id} ${method}`);
        if (scale === 'logit' && !saturated) near([value], [logit(predicted)], 1e-6);
        assert.equal(players.length === 0, method === 'grad-cam', `${id} ${method}`);
        assert.equal(map !== undefined, method === 'grad-cam');
        if (gap !== undefined) near([value - baseline - sum(phiOf(explained))], [gap], 1e-9);
        if (gap !== undefined && !saturated) assert.ok(Math.abs(gap) < 0.02, `${id} ${method} ${gap}`);
        assert.deepEqual(await explainNetwork(network, patient, { method }), explained, `${id} ${method}`);
      }
    }
  });

  it('of the linear network are slope times distance from the mean', async () => {
    const network = registry.network('readmission-linear');
    const { x: means } = meanRow(network.background?.feeds ?? {});
    for (const patient of patientsOf(network, 5)) {
      const { d_x } = (await network.gradient?.(patient, 1)) ?? {};
      const [slopes, own, mean] = [d_x, patient.x, means].map((each) => numbersAt(each));
      const expected = (slopes ?? []).map((slope, at) => slope * ((own?.[at] ?? 0) - (mean?.[at] ?? 0)));
      near(phiOf(await explainNetwork(network, patient, { method: 'additive' })), expected, 1e-4);
    }
  });

  it('by gradients agree with the slope measured by finite differences', async () => {
    const network = registry.network('readmission-mlp');
    const patient = patientsOf(network, 1)[0] ?? assert.fail();
    const { d_x } = (await network.gradient?.(patient, 1)) ?? {};
    const own = numbersAt(patient.x);
    const step = 0.01;
    const moved = own.flatMap((_, at) =>
      [step, -step].map((by) => ({
        x: tensor('float32', [1, own.length], own.with(at, Math.max(0, (own[at] ?? 0) + by))),
      })),
    );
    const scores = (await outputOf(network, stacked(moved), moved.length)).map(logit);
    for (const [at, slope] of numbersAt(d_x).entries()) {
      const [up, down] = [moved[2 * at], moved[2 * at + 1]].map((row) => numbersAt(row?.x)[at] ?? 0);
      const measured = ((scores[2 * at] ?? 0) - (scores[2 * at + 1] ?? 0)) / ((up ?? 0) - (down ?? 0));
      assert.ok(
        Math.abs(measured - slope) < 0.02 * Math.max(1, Math.abs(slope)),
        `${at} ${measured} ${slope}`,
      );
    }
  });

  it('take away first what they name first: the score falls faster than in a random order', async () => {
    for (const [id, method] of [
      ['readmission-mlp', 'expected-gradients'],
      ['readmission-mlp', 'leave-one-out'],
      ['mortality-gru', 'leave-one-out'],
    ] as const) {
      const network = registry.network(id);
      let [named, random] = [0, 0];
      for (const patient of patientsOf(network, 4)) {
        const game = gameOfNetwork(network, patient);
        const phi = phiOf(await explainNetwork(network, patient, { method }));
        const fill = meanRow(game.background);
        const curve = async (order: readonly number[]): Promise<number> => {
          const removed = order.map((_, count) =>
            filled(
              patient,
              fill,
              order.slice(0, count).map((at) => game.players[at] ?? assert.fail()),
            ),
          );
          const left = await outputOf(network, stacked(removed), removed.length);
          return sum(left) / removed.length;
        };
        const all = [...phi.keys()];
        named += await curve(all.toSorted((a, b) => (phi[b] ?? 0) - (phi[a] ?? 0)));
        for (const by of [1, 2, 3, 4, 5]) random += (await curve(turned(all, by))) / 5;
      }
      assert.ok(named < random, `${id} ${method}: ${named} ${random}`);
    }
  });
});

/** Some order that has nothing to do with the numbers: the multiples of a prime, by turns. */
const turned = (all: readonly number[], by: number): readonly number[] =>
  all.toSorted((a, b) => ((a * 7919 * by + 13) % 101) - ((b * 7919 * by + 13) % 101));
