import assert from 'node:assert/strict';
import { type ExplanationLine, explainLines, type LineOptions } from '../../src/explain/explain-lines.ts';
import { memoryModel } from '../../src/inference/memory-model.ts';
import type { Model } from '../../src/inference/model.ts';
import type { Network } from '../../src/inference/network.ts';
import { answer, manifest, patient } from '../inference/prevent.ts';
import { columns, float64, manifestOf, networkOf, sigmoid, sum } from './networks.ts';

const model = memoryModel(manifest, () => answer);
const { network } = networkOf(
  manifestOf([columns('one', 'two')], {
    players: [{ input: 'x', by: 'position', axis: 'feature' }],
    methods: ['exact-shapley', 'lime'],
  }),
  {
    answer: ({ x = [] }) => [sigmoid(sum(x))],
    background: { rows: 1, feeds: { x: float64([1, 2], [0, 0]) } },
  },
);

const lines = (found: Model | Network, given: readonly string[], options: LineOptions = {}) =>
  Array.fromAsync<ExplanationLine>(explainLines(found, given, options));

describe('auscult explain, line by line', () => {
  it('explains a clinical model in its inputs', async () => {
    const [explained] = await lines(model, [JSON.stringify(patient)], { output: '10yr_ascvd' });
    assert.ok(explained && 'players' in explained);
    assert.equal(explained.output, '10yr_ascvd');
    assert.ok(
      explained.players.every(({ phi }) => phi === 0),
      'the answer never changes',
    );
  });

  it('explains a network in flat numbers', async () => {
    const [explained, by] = await lines(network, ['{"x":[1,-2]}', '{"x":[0.5,0]}']);
    assert.ok(explained && 'players' in explained && by && 'players' in by);
    assert.deepEqual(
      [explained, by].map(({ players }) => players.map(({ label, phi }) => [label, Number(phi.toFixed(9))])),
      [
        [
          ['one', 1],
          ['two', -2],
        ],
        [
          ['one', 0.5],
          ['two', 0],
        ],
      ],
    );
  });

  it('takes the method asked for', async () => {
    const [explained] = await lines(network, ['{"x":[1,-2]}'], { method: 'lime', seed: 7 });
    assert.ok(explained && 'method' in explained && explained.method === 'lime');
  });

  it('abstains where the model does, with every reason', async () => {
    const [abstained] = await lines(model, [JSON.stringify({ ...patient, sbp: 220, bmi: null })]);
    assert.match(JSON.stringify(abstained), /^\{"abstained":"sbp: out-of-range .*bmi: missing/);
  });

  const broken: readonly (readonly [string, Model | Network, string, string])[] = [
    ['no JSON', network, '{', 'the line is not JSON'],
    ['no object', network, '[1]', 'the line is not a JSON object'],
    ['an input that there is not', network, '{"y":[1]}', 'y: is not an input of this model'],
    ['an input left out', network, '{}', 'x: is not given'],
    ['nested numbers', network, '{"x":[[1,2]]}', 'x: is not a flat array of numbers and null'],
    ['too few numbers', network, '{"x":[1]}', 'x: has not 2 elements'],
    ['nothing where something must be', network, '{"x":[1,null]}', 'x: has an element that is not a number'],
    ['an object for a number', model, '{"age":{"value":50}}', 'not a number, string, boolean or null: age'],
  ];
  for (const [what, found, line, error] of broken) {
    it(`answers ${what} with an error, and goes on`, async () => {
      const [first, second] = await lines(found, [
        line,
        found === model ? JSON.stringify(patient) : '{"x":[1,1]}',
      ]);
      assert.deepEqual(first, { error });
      assert.ok(second && 'players' in second);
    });
  }
});
