/** Tensors in bytes (Triton's binary tensor data extension) are the same tensors. */
import assert from 'node:assert/strict';
import { vectors } from '../inference/prevent.ts';
import {
  columnsOf,
  type InferAnswer,
  inputsOf,
  type JsonTensor,
  openServed,
  type Served,
  type Site,
} from './served.ts';
import { body, bytes, read } from './tensor-bytes.ts';

const infer = '/v2/models/prevent/infer';

describe('binary tensors', () => {
  let served: Served;
  let site: Site;
  let tensors: readonly JsonTensor[];
  before(async () => {
    served = await openServed();
    site = await served.listen();
    const patients = vectors.map(({ input }) => input);
    tensors = inputsOf(served.models.get('prevent').manifest, patients);
  });
  after(async () => {
    await site.close();
    await served.close();
  });
  const post = (made: ReturnType<typeof body>, length: string | number = made.json) =>
    site.post(infer, made.body, {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(length),
    });

  /** The same tensors asked for in JSON and in bytes. @returns how far apart each pair of numbers is */
  async function apart(given: readonly JsonTensor[]): Promise<readonly number[]> {
    const json = columnsOf((await site.post(infer, { inputs: given })).json<InferAnswer>());
    const answer = await post(body(given, { binary_data_output: true }));
    assert.equal(answer.status, 200, answer.bytes.toString());
    const binary = read(answer);
    assert.deepEqual(Object.keys(binary), Object.keys(json));
    return Object.entries(json).flatMap(([name, column]) =>
      column.map((value, row) => {
        const [one, other] = [value ?? Number.NaN, binary[name]?.[row] ?? Number.POSITIVE_INFINITY];
        return Object.is(one, other) ? 0 : Math.abs(Number(one) - Number(other));
      }),
    );
  }

  it('in and out equal JSON to the bit', async () => {
    const { manifest } = served.models.get('prevent');
    for (const { input } of vectors.filter((_, at) => at % 8 === 0))
      assert.ok((await apart(inputsOf(manifest, [input]))).every((distance) => distance === 0));
  });

  it('of many rows too, but for the last bits, which depend on how a run was cut', async () => {
    const distances = await apart(tensors);
    assert.ok(distances.length > vectors.length && distances.every((distance) => distance < 1e-13));
  });

  it('one output may be asked for in bytes, or spared them', async () => {
    const one = {
      inputs: tensors,
      outputs: [{ name: '10yr_ascvd', parameters: { binary_data: true } }, { name: 'model' }],
    };
    const answer = await site.post(infer, one);
    const length = Number(answer.header('inference-header-content-length'));
    const head = JSON.parse(answer.bytes.subarray(0, length).toString()) as InferAnswer;
    assert.deepEqual(head.outputs[0]?.parameters, { binary_data_size: 8 * vectors.length });
    assert.equal(head.outputs[1]?.data?.length, vectors.length);
    assert.equal(answer.bytes.length, length + 8 * vectors.length);
    const spared = {
      inputs: tensors,
      parameters: { binary_data_output: true },
      outputs: [{ name: 'model', parameters: { binary_data: false } }],
    };
    assert.equal(
      (await site.post(infer, spared)).json<InferAnswer>().outputs[0]?.data?.length,
      vectors.length,
    );
  });

  it('a body of another length than it says is refused', async () => {
    const made = body(tensors);
    const short = { ...made, body: made.body.subarray(0, -1) };
    const long = { ...made, body: Buffer.concat([made.body, Buffer.from([0])]) };
    for (const odd of [short, long]) assert.equal((await post(odd)).status, 400);
    for (const length of ['0', '-1', '1e3', String(made.body.length + 1), 'NaN', '']) {
      assert.equal((await post(made, length)).status, 400, length);
    }
    const [first, ...rest] = tensors;
    assert.ok(first !== undefined);
    const both = { inputs: [{ ...first, parameters: { binary_data_size: 8 } }, ...rest] };
    assert.equal((await site.post(infer, both)).status, 400);
  });

  it('bytes that are no element of their type are refused', async () => {
    const one = inputsOf(served.models.get('prevent').manifest, [vectors[0]?.input ?? {}]);
    const sexAt = one.findIndex(({ name }) => name === 'sex');
    const dmAt = one.findIndex(({ name }) => name === 'dm');
    const offset = (at: number) => one.slice(0, at).reduce((sum, tensor) => sum + bytes(tensor).length, 0);
    const bent = (at: number, value: number) => {
      const made = body(one);
      made.body[made.json + offset(at)] = value;
      return post(made);
    };
    assert.equal((await post(body(one))).status, 200);
    assert.equal((await bent(sexAt, 200)).status, 400);
    assert.equal((await bent(dmAt, 2)).status, 400);
    const made = body(one);
    made.body[made.json + offset(sexAt) + 4] = 0xff;
    assert.match((await post(made)).json<{ error: string }>().error, /UTF-8/);
  });
});
