/** Explanations over real HTTP, of a real clinical model and of networks in memory. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { asFault } from '../../src/errors.ts';
import type { Words } from '../../src/explain/reference.ts';
import type { Model } from '../../src/inference/model.ts';
import type { Network } from '../../src/inference/network.ts';
import type { Lane } from '../../src/inference/urgency.ts';
import { explainOperation, explainSchemas } from '../../src/serving/explain-openapi.ts';
import { answerExplain } from '../../src/serving/explain-rest.ts';
import { explainResponseSchema } from '../../src/serving/explain-schema.ts';
import { sentenceOf } from '../../src/serving/refusal.ts';
import { columns, float64, manifestOf, networkOf, sigmoid, sum } from '../explain/networks.ts';
import { patient } from '../inference/prevent.ts';
import { inputsOf, openServed, type Patient, type Served } from './served.ts';

const weights = [0.8, -0.5, 0.3];
const { network } = networkOf(
  manifestOf([columns('one', 'two', 'three')], {
    players: [{ input: 'x', by: 'position', axis: 'feature' }],
    methods: ['expected-gradients', 'permutation-shapley', 'leave-one-out'],
  }),
  {
    answer: ({ x = [] }) => [sigmoid(sum(x.map((each, at) => each * (weights[at] ?? 0))))],
    slope: () => ({ d_x: { axes: [3], numbers: weights } }),
    background: { rows: 1, feeds: { x: float64([1, 3], [0, 0, 0]) } },
  },
);
const x = { name: 'x', shape: [1, 3], datatype: 'FP64', data: [3, -1, 2] };

interface Body {
  readonly model_name: string;
  readonly id?: string;
  readonly explanation?: {
    readonly method: string;
    readonly output: string;
    readonly players: readonly {
      readonly label: string;
      readonly phi: number;
      readonly standard_error?: number;
    }[];
  };
  readonly counterfactual?: { readonly status: string; readonly found: readonly unknown[] };
  readonly error?: string;
}

describe('POST /v2/models/{model}/explain', () => {
  let served: Served;
  let server: Server;
  const lanes: (Lane | undefined)[] = [];

  before(async () => {
    served = await openServed();
    const watched: Network = {
      ...network,
      run: (feeds, rows, urgency, only) => {
        lanes.push(urgency?.lane);
        return network.run(feeds, rows, urgency, only);
      },
    };
    const find = (name: string): Model | Network => (name === 'example' ? watched : served.models.get(name));
    const vocabulary: Words = served.vocabulary;
    const limits = { bodyBytes: 100_000, deadlineMs: 10_000 };
    const enter = <T>(work: () => Promise<T>) => work();
    const deps = { served: find, vocabulary, client: 'test', enter, limits };
    const refuse: ErrorRequestHandler = (thrown, _req, res, _next) => {
      const fault = asFault(thrown);
      res.status(fault.status).json({ error: sentenceOf(fault) });
    };
    const app = express()
      .post('/v2/models/:model/explain', (req, res) =>
        answerExplain(deps, { name: req.params.model }, req, res),
      )
      .use(refuse);
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await served.close();
  });

  const post = async (model: string, body: unknown, type = 'application/json') => {
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/v2/models/${model}/explain`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Body };
  };
  const explained = async (model: string, body: unknown): Promise<Body> => {
    const answer = await post(model, body);
    assert.equal(answer.status, 200, answer.body.error);
    assert.deepEqual(explainResponseSchema.parse(answer.body), answer.body, 'nothing that is not described');
    return answer.body;
  };
  const clinical = (change: Patient = {}) =>
    inputsOf(served.models.get('prevent').manifest, [{ ...patient, ...change }]);

  it('explains a network by its first method, in the lane of those who wait', async () => {
    lanes.length = 0;
    const { model_name, id, explanation } = await explained('example', { id: '7', inputs: [x] });
    assert.deepEqual([model_name, id, explanation?.method], ['example', '7', 'expected-gradients']);
    assert.deepEqual(
      explanation?.players.map(({ label, phi }) => [label, Number(phi.toFixed(9))]),
      [
        ['one', 2.4],
        ['two', 0.5],
        ['three', 0.6],
      ],
    );
    assert.deepEqual([...new Set(lanes)], ['app']);
  });

  it('explains by the method asked for, with its standard errors', async () => {
    const parameters = { method: 'permutation-shapley', seed: 3, max_evaluations: 500 };
    const { explanation } = await explained('example', { inputs: [x], parameters });
    assert.equal(explanation?.method, 'permutation-shapley');
    assert.ok(explanation?.players.every((player) => player.standard_error !== undefined));
  });

  it('takes the row nested as well as flat', async () => {
    const nested = { ...x, data: [[3, -1, 2]] };
    assert.deepEqual(
      await explained('example', { inputs: [nested] }),
      await explained('example', { inputs: [x] }),
    );
  });

  it('explains a clinical model in groups of the vocabulary', async () => {
    const { explanation } = await explained('prevent', {
      inputs: clinical(),
      outputs: [{ name: '10yr_ascvd' }],
    });
    assert.equal(explanation?.output, '10yr_ascvd');
    assert.ok(explanation?.players.some(({ label }) => label === 'Blood pressure'));
  });

  it('answers a counterfactual, alone or beside an explanation', async () => {
    const counterfactual = { modifiable: ['one'], below: 0.9 };
    const alone = await explained('example', { inputs: [x], parameters: { counterfactual } });
    assert.deepEqual([alone.counterfactual?.status, alone.explanation], ['found', undefined]);
    const parameters = { method: 'leave-one-out', counterfactual };
    const both = await explained('example', { inputs: [x], parameters });
    assert.deepEqual(
      [both.counterfactual, both.explanation?.method],
      [alone.counterfactual, 'leave-one-out'],
    );
    const { counterfactual: of } = await explained('prevent', {
      inputs: clinical({ smoking: true }),
      outputs: [{ name: '10yr_ascvd' }],
      parameters: { counterfactual: { modifiable: ['smoking', 'sbp'], below: 0.00001, max_changes: 1 } },
    });
    assert.deepEqual([of?.status, of?.found], ['none', []]);
  });

  it('abstains where an inference does, for the same reasons', async () => {
    const { status, body } = await post('prevent', { inputs: clinical({ sbp: 220 }) });
    assert.equal(status, 400);
    assert.equal(body.error, 'The model abstains. row 0: sbp out-of-range (90 to 200 mm[Hg])');
  });

  const two = { ...x, shape: [2, 3], data: [1, 2, 3, 4, 5, 6] };
  const ask = (parameters: object) => ({ inputs: [x], parameters });
  const refusals: readonly (readonly [string, unknown, RegExp])[] = [
    ['two rows', { inputs: [two] }, /inputs\[0\]: one row is explained at a time/],
    ['an input given twice', { inputs: [x, x] }, /inputs\[1\]: is given twice/],
    ['another input', { inputs: [{ ...x, name: 'y' }] }, /inputs\[0\]: the model has no such input/],
    ['no data', { inputs: [{ ...x, data: undefined }] }, /inputs\[0\]: needs data/],
    [
      'another output',
      { inputs: [x], outputs: [{ name: 'other' }] },
      /outputs: this model is explained for risk/,
    ],
    ['a method of no model', ask({ method: 'guess' }), /method: is none of expected-gradients, /],
    ['a method of another model', ask({ method: 'grad-cam' }), /method: is none of expected-gradients, /],
    ['a parameter that there is not', ask({ metod: 'lime' }), /is not taken/],
    ['steps beyond the table', ask({ steps: 257 }), /parameters/],
    ['no threshold', ask({ counterfactual: { modifiable: ['one'] } }), /needs either below or above/],
    ['two thresholds', ask({ counterfactual: { modifiable: ['one'], below: 1, above: 0 } }), /needs either/],
    [
      'an unknown column',
      ask({ counterfactual: { modifiable: ['four'], below: 1 } }),
      /modifiable\[0\]: the model has no such/,
    ],
  ];
  for (const [what, body, rule] of refusals) {
    it(`refuses ${what}, and says so without a value`, async () => {
      const answer = await post('example', body);
      assert.equal(answer.status, 400);
      assert.match(answer.body.error ?? '', rule);
      assert.doesNotMatch(answer.body.error ?? '', /Open Inference Protocol/, 'of which explain is no part');
      assert.ok(!/guess|metod|four|-1/.test(answer.body.error ?? ''));
    });
  }

  it('refuses age, whoever asks', async () => {
    const parameters = { counterfactual: { modifiable: ['age'], below: 0.01 } };
    const { status, body } = await post('prevent', { inputs: clinical(), parameters });
    assert.equal(status, 400);
    assert.match(body.error ?? '', /nobody can change it/);
  });

  it('refuses other content, other models, and bodies that are no JSON', async () => {
    const { status, body } = await post('example', { inputs: [x] }, 'application/fhir+json');
    assert.equal(status, 415);
    assert.match(body.error ?? '', /content-type: is none of application\/json$/);
    assert.equal((await post('nobody', { inputs: [x] })).status, 404);
    assert.equal((await post('example', '{')).status, 400);
  });

  it('is described with schemas that stand in the document', () => {
    const described = JSON.stringify(explainOperation('explain'));
    for (const name of Object.keys(explainSchemas))
      assert.ok(described.includes(`#/components/schemas/${name}`));
    assert.ok(explainSchemas.ExplainRequest.safeParse({ inputs: [x] }).success);
  });
});
