/** Examples as tests for the model families that AI-as-a-service promises: what every one of them must do alike. */
import assert from 'node:assert/strict';
import { logit } from '../explain/networks.ts';
import type { GrpcAnswer } from '../serving/grpc-client.ts';
import { rawOf } from '../serving/probe-network.ts';
import type { InferAnswer } from '../serving/served.ts';
import {
  datatypeOf,
  type Elements,
  type Examples,
  type Explanation,
  ids,
  manifestOf,
  openExamples,
  type Sent,
  sent,
  type Vector,
  vectorOf,
} from './examples.ts';

/** Network → its family, and how many players an explanation of it has. */
const families: Readonly<Record<string, readonly [string, number]>> = {
  'dialogue-transformer': ['Transformer', 64],
  'icu-fusion': ['multimodal network', 7],
  'medication-factors': ['matrix factorisation', 23],
  'mortality-gru': ['GRU', 48],
  'mortality-lstm': ['LSTM', 48],
  'pneumonia-cnn': ['convolutional network', 49],
  'readmission-linear': ['linear model', 12],
  'readmission-mlp': ['multilayer perceptron', 5],
  'readmission-trees': ['tree ensemble', 12],
};
/** What each method answers with besides value and evaluations. */
const doNotAddUp = ['occlusion', 'leave-one-out', 'lime', 'grad-cam'];
const largestGap = 0.02;
/** A drawn patient of parity.jsonl. */
const drawn = 5;

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

function assertAnswers({ expected, tolerance }: Vector, answered: Elements): void {
  assert.deepEqual(Object.keys(answered), Object.keys(expected));
  for (const [name, numbers] of Object.entries(expected)) {
    const given = answered[name] ?? [];
    assert.equal(given.length, numbers.length, name);
    for (const [at, wanted] of numbers.entries()) {
      const away = Math.abs((given[at] ?? Number.NaN) - wanted) / Math.max(1, Math.abs(wanted));
      assert.ok(away <= tolerance, `${name}[${at}]: ${given[at]}, not ${wanted}`);
    }
  }
}

/** Bytes of all outputs one after the other, as names → numbers. */
function floatsOf(names: readonly string[], parts: readonly Buffer[]): Elements {
  const named = names.map((name, at) => {
    const bytes = new Uint8Array(parts[at] ?? assert.fail(name));
    return [name, [...new Float32Array(bytes.buffer)]] as const;
  });
  return Object.fromEntries(named);
}

async function inBytes({ site }: Examples, id: string, inputs: readonly Sent[]) {
  const parts = inputs.map(rawOf);
  const tensors = inputs.map(({ data: _, ...tensor }, at) => ({
    ...tensor,
    parameters: { binary_data_size: parts[at]?.length },
  }));
  const head = Buffer.from(JSON.stringify({ parameters: { binary_data_output: true }, inputs: tensors }));
  return site.post(`/v2/models/${id}/infer`, Buffer.concat([head, ...parts]), {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(head.length),
  });
}

const inGrpc = ({ grpc }: Examples, id: string, inputs: readonly Sent[]): Promise<GrpcAnswer> =>
  grpc.ask<GrpcAnswer>('ModelInfer', {
    model_name: id,
    inputs: inputs.map(({ data: _, ...tensor }) => tensor),
    raw_input_contents: inputs.map(rawOf),
  });

/** Requests of one patient that no network takes: what is wrong → the inputs. */
function faulty(id: string): readonly (readonly [string, readonly Sent[]])[] {
  const { inputs } = manifestOf(id);
  const good = sent(manifestOf(id), [vectorOf(id, drawn).input]);
  return inputs.flatMap(({ name, dtype, valid, missing }, which) => {
    const tensor = good[which] ?? assert.fail();
    const changed = (change: Partial<Sent>) => good.with(which, { ...tensor, ...change });
    const first = (element: number | null) => changed({ data: tensor.data.with(0, element) });
    const [rows = 1, ...axes] = tensor.shape;
    const wrong: readonly (readonly [string, readonly Sent[]])[] = [
      [`${name} a row short`, changed({ data: tensor.data.slice(1) })],
      [`${name} with its rows last`, changed({ shape: [...axes, rows] })],
      [`${name} with one more axis`, changed({ shape: [rows, ...axes, 1] })],
      [`${name} of another type`, changed({ datatype: 'FP64' })],
      [`${name} above its range`, first(valid.max + 1)],
      [`${name} below its range`, first(valid.min - 1)],
      [`no ${name}`, good.filter((_, at) => at !== which)],
      [`an input besides ${name}`, [...good, { ...tensor, name: 'stray' }]],
    ];
    return [
      ...wrong,
      ...(missing === 'nan' ? [] : [[`${name} with a null`, first(null)] as const]),
      ...(dtype === 'int64' ? [[`${name} with a fraction`, first(1.5)] as const] : []),
    ];
  });
}

function assertExplained(
  { output, scale, method, predicted, value, players, ...rest }: Explanation,
  id: string,
  { expected, tolerance }: Vector,
): void {
  const { explain, inputs } = manifestOf(id);
  assert.deepEqual([output, scale], [explain?.output, explain?.scale]);
  const wanted = expected[output]?.[explain?.element ?? 0] ?? assert.fail(output);
  assert.ok(
    Math.abs(predicted - wanted) <= tolerance * Math.max(1, Math.abs(wanted)),
    `${method} ${predicted}`,
  );
  assert.ok(
    Math.abs(value - (scale === 'logit' ? logit(predicted) : predicted)) < 1e-6,
    `${method} ${value}`,
  );
  assert.ok(!('saturated' in rest), method);
  const known = inputs.map(({ name }) => name);
  assert.equal(new Set(players.map(({ label, input }) => `${input} ${label}`)).size, players.length);
  for (const { label, input, phi } of players)
    assert.ok(label !== '' && known.includes(input) && Number.isFinite(phi), `${method} ${label}`);
  assert.equal(players.length, method === 'grad-cam' ? 0 : families[id]?.[1], method);
  assertSum(rest, value, players, method);
}

/** The last bits of a float32 depend on how its run was cut, and so on what the runner has learned. */
function assertAlike(one: unknown, other: unknown): void {
  const numbers = (from: unknown): readonly number[] => {
    const found: number[] = [];
    JSON.stringify(from, (_, value) => (typeof value === 'number' ? found.push(value) : value));
    return found;
  };
  const words = (from: unknown): string =>
    JSON.stringify(from, (_, value) => (typeof value === 'number' ? 0 : value));
  assert.equal(words(one), words(other));
  const [some, others] = [numbers(one), numbers(other)];
  for (const [at, number] of some.entries())
    assert.ok(Math.abs(number - (others[at] ?? Number.NaN)) <= 1e-5 * Math.max(1, Math.abs(number)), `${at}`);
}

function assertSum(
  { baseline = Number.NaN, gap, map }: Pick<Explanation, 'baseline' | 'gap' | 'map'>,
  value: number,
  players: Explanation['players'],
  method: string,
): void {
  assert.equal(gap !== undefined, !doNotAddUp.includes(method), method);
  assert.equal(map !== undefined, method === 'grad-cam', method);
  if (gap !== undefined) {
    const left = value - baseline - total(players.map(({ phi }) => phi));
    assert.ok(Math.abs(left) < largestGap && Math.abs(left - gap) < 1e-9, `${method} ${left} ${gap}`);
  }
  if (map !== undefined) {
    assert.deepEqual(map.shape, [28, 28]);
    assert.equal(map.numbers.length, 28 * 28);
    assert.ok(map.numbers.every((each) => each >= 0 && each <= 1) && Math.max(...map.numbers) > 0.5);
  }
}

describe('the example networks, one of each family', function () {
  this.timeout(60_000);
  let examples: Examples;
  before(async () => {
    examples = await openExamples();
  });
  after(() => examples.close());

  it('are all here', () => assert.deepEqual(ids, Object.keys(families)));

  for (const [id, [family]] of Object.entries(families)) {
    describe(`${family} (${id})`, () => {
      it('says what it takes and gives', async () => {
        const { inputs, outputs } = manifestOf(id);
        const said = (await examples.site.get(`/v2/models/${id}`)).json<
          Record<'inputs' | 'outputs', (Sent & { parameters: Record<string, unknown> })[]>
        >();
        for (const [tensors, wanted] of [
          [said.inputs, inputs],
          [said.outputs, outputs],
        ] as const)
          assert.deepEqual(
            tensors.map(({ name, datatype, shape, parameters }) => [name, datatype, shape, parameters.label]),
            wanted.map((tensor) => [
              tensor.name,
              datatypeOf(tensor),
              [-1, ...tensor.axes.map(({ size }) => size)],
              tensor.label,
            ]),
          );
        assert.deepEqual(
          said.inputs.map(({ parameters: { min, max, missing } }) => ({ min, max, missing })),
          inputs.map(({ valid, missing }) => ({ ...valid, missing })),
        );
      });

      it('answers as numpy did, in JSON, in bytes and over gRPC', async () => {
        const vector = vectorOf(id, drawn);
        const names = Object.keys(vector.expected);
        const inputs = sent(manifestOf(id), [vector.input]);
        assertAnswers(vector, await examples.infer(id, [vector.input]));
        const answer = await inBytes(examples, id, inputs);
        const length = Number(answer.header('inference-header-content-length'));
        const head = JSON.parse(answer.bytes.subarray(0, length).toString()) as InferAnswer;
        let at = length;
        const parts = head.outputs.map(({ parameters }) => {
          at += parameters?.binary_data_size ?? 0;
          return answer.bytes.subarray(at - (parameters?.binary_data_size ?? 0), at);
        });
        assertAnswers(vector, floatsOf(names, parts));
        assertAnswers(vector, floatsOf(names, (await inGrpc(examples, id, inputs)).raw_output_contents));
      });

      for (const [what, inputs] of faulty(id))
        it(`refuses ${what}`, async () => {
          for (const action of ['infer', 'explain']) {
            const answer = await examples.site.post(`/v2/models/${id}/${action}`, { inputs });
            assert.equal(answer.status, 400, `${action}: ${answer.bytes}`);
            assert.match(answer.json<{ error: string }>().error, /\S/);
          }
        });

      for (const [at, { name, missing }] of manifestOf(id).inputs.entries()) {
        const good = sent(manifestOf(id), [vectorOf(id, drawn).input]);
        const tensor = good[at] ?? assert.fail();
        if (tensor.datatype !== 'FP32' || missing === 'nan') continue;
        const inputs = good.with(at, { ...tensor, data: tensor.data.with(-1, null) });
        it(`refuses ${name} with a NaN in bytes`, async () => {
          assert.equal((await inBytes(examples, id, inputs)).status, 400);
          await assert.rejects(inGrpc(examples, id, inputs), { code: 3 });
        });
      }

      for (const method of manifestOf(id).explain?.methods ?? [])
        it(`is explained by ${method}, the same way twice`, async () => {
          const vector = vectorOf(id, drawn);
          const explained = await examples.explain(id, vector.input, { method, seed: 7 });
          assert.equal(explained.method, method);
          assertExplained(explained, id, vector);
          assertAlike(await examples.explain(id, vector.input, { method, seed: 7 }), explained);
        });
    });
  }
});
