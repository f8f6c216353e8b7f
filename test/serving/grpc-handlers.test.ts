/** The gRPC service's methods, message to message, on the real models; the wire itself is the transport's. */
import assert from 'node:assert/strict';
import { Fault } from '../../src/errors.ts';
import { createGate } from '../../src/ops/gate.ts';
import { type Access, openAccess } from '../../src/serving/access.ts';
import { type GrpcCall, GrpcRefusal, grpcHandlers } from '../../src/serving/grpc-handlers.ts';
import type { InferTensor, ModelInferRequest } from '../../src/serving/grpc-messages.ts';
import { Refusal } from '../../src/serving/refusal.ts';
import { datatypeOf } from '../../src/serving/tensor.ts';
import { contentsOfJson } from '../../src/serving/tensor-json.ts';
import { patient } from '../inference/prevent.ts';
import { inputsOf, type JsonTensor, openServed, type Served } from './served.ts';
import { bytes } from './tensor-bytes.ts';

const nobody = { authorization: undefined, certificate: undefined };
const call: GrpcCall = { client: { id: 'a', scopes: ['infer:*'] } };

describe('GRPCInferenceService', () => {
  let served: Served;
  before(async () => {
    served = await openServed();
  });
  after(() => served.close());

  const limits = { bodyBytes: 1_000_000, deadlineMs: 10_000 };
  const handlers = (access: Access = openAccess, enter = createGate(4).enter) =>
    grpcHandlers({ dataPlane: served.plane(), access, enter, limits });
  const tensors = () => inputsOf(served.models.get('prevent').manifest, [patient, { ...patient, age: 60 }]);

  const typed = ({ name, datatype, shape, data }: JsonTensor): InferTensor => {
    const contents =
      datatype === 'BYTES'
        ? { bytes_contents: data.map((word) => Buffer.from(String(word ?? ''))) }
        : datatype === 'BOOL'
          ? { bool_contents: data.map(Boolean) }
          : { fp64_contents: data.map((value) => (value === null ? Number.NaN : Number(value))) };
    return { name, datatype, shape: shape.map(String), contents };
  };
  const request = (change: Partial<ModelInferRequest> = {}): ModelInferRequest => ({
    model_name: 'prevent',
    model_version: '',
    id: 'g-1',
    parameters: {},
    inputs: tensors().map(typed),
    outputs: [],
    raw_input_contents: [],
    ...change,
  });
  const refused = async (work: Promise<unknown>, code: number): Promise<void> => {
    await assert.rejects(work, (thrown) => thrown instanceof GrpcRefusal && thrown.code === code);
  };

  it('answers health and metadata', async () => {
    const grpc = handlers();
    assert.deepEqual(await grpc.ServerLive({}, call), { live: true });
    assert.deepEqual(await grpc.ServerReady({}, call), { ready: true });
    assert.equal((await grpc.ServerMetadata({}, call)).name, 'auscult');
    assert.deepEqual(await grpc.ModelReady({ name: 'prevent', version: '' }, call), { ready: true });
    const metadata = await grpc.ModelMetadata({ name: 'prevent' }, call);
    assert.deepEqual([metadata.versions, metadata.platform], [['1.0.0'], 'onnx_onnxv1']);
  });

  it('infers typed contents like REST does', async () => {
    const answer = await handlers().ModelInfer(request(), call);
    const direct = await served.plane().infer({
      model: 'prevent',
      inputs: tensors().map(({ name, datatype, shape, data }) => ({
        ...{ name, shape },
        ...contentsOfJson(datatypeOf(datatype, name), shape, data, name),
      })),
    });
    assert.deepEqual([answer.model_name, answer.model_version, answer.id], ['prevent', '1.0.0', 'g-1']);
    assert.deepEqual(answer.raw_output_contents, []);
    for (const { name, datatype, data } of direct.outputs) {
      const given = answer.outputs.find((output) => output.name === name);
      const { fp64_contents, bool_contents, bytes_contents } = given?.contents ?? {};
      const read =
        fp64_contents ?? bool_contents ?? bytes_contents?.map((word) => Buffer.from(word).toString());
      assert.deepEqual(read, datatype === 'BOOL' ? Array.from(data, Boolean) : [...data], name);
    }
  });

  it('raw contents in, raw contents out, the same bits', async () => {
    const outputs = [{ name: '10yr_ascvd' }, { name: '30yr_ascvd_applies' }];
    const plain = await handlers().ModelInfer(request({ outputs }), call);
    const raw = tensors().map(({ datatype, data }) =>
      Buffer.concat(
        data.map((value) => {
          if (datatype === 'BOOL') return Buffer.from([Number(value)]);
          if (datatype === 'FP64')
            return Buffer.from(new Uint8Array(new Float64Array([Number(value)]).buffer));
          const word = Buffer.from(String(value));
          return Buffer.concat([Buffer.from([word.length, 0, 0, 0]), word]);
        }),
      ),
    );
    const inputs = tensors().map(({ name, datatype, shape }) => ({ name, datatype, shape }));
    const answer = await handlers().ModelInfer(request({ inputs, outputs, raw_input_contents: raw }), call);
    const [risks, applies] = answer.raw_output_contents.map((bytes) => Buffer.from(bytes));
    assert.deepEqual(
      [risks?.readDoubleLE(0), risks?.readDoubleLE(8)],
      plain.outputs[0]?.contents?.fp64_contents,
    );
    assert.deepEqual([...(applies ?? [])], [1, 0]);
  });

  it('abstentions are told apart where that is allowed', async () => {
    const inputs = tensors().map((tensor) =>
      typed(tensor.name === 'age' ? { ...tensor, data: [50, 12] } : tensor),
    );
    await refused(handlers().ModelInfer(request({ inputs }), call), 3);
    const parameters = { allow_abstention: { bool_param: true } };
    const answer = await handlers().ModelInfer(request({ inputs, parameters }), call);
    const flags = answer.outputs.find(({ name }) => name === 'prevent_abstained');
    assert.deepEqual(flags?.contents?.bool_contents, [false, true]);
  });

  it('what is refused carries the status that the protocol’s clients know', async () => {
    const [first] = request().inputs;
    assert.ok(first !== undefined);
    await refused(handlers().ModelInfer(request({ model_name: 'nobody' }), call), 5);
    await refused(handlers().ModelInfer(request({ model_version: '9' }), call), 5);
    await refused(handlers().ModelInfer(request({ inputs: [] }), call), 3);
    await refused(handlers().ModelInfer(request({ inputs: [{ ...first, datatype: 'FP16' }] }), call), 3);
    await refused(handlers().ModelInfer(request({ inputs: [{ ...first, shape: ['5000'] }] }), call), 3);
    await refused(handlers().ModelInfer(request({ raw_input_contents: [Buffer.alloc(8)] }), call), 3);
    await refused(handlers(openAccess, createGate(0).enter).ModelInfer(request(), call), 14);
    const only: GrpcCall = { client: { id: 'a', scopes: ['infer:pce'] } };
    await refused(handlers().ModelInfer(request(), only), 5);
    const admin: GrpcCall = { client: { id: 'a', scopes: ['admin'] } };
    await refused(handlers().ModelInfer(request(), admin), 7);
    await refused(handlers().ModelInfer(new Refusal('malformed-inference'), call), 3);
  });

  it('rules of the message as a whole', async () => {
    const [first] = request().inputs;
    assert.ok(first !== undefined);
    const many = Array.from({ length: 257 }, () => ({ name: '10yr_ascvd' }));
    const raw = tensors().map(bytes);
    const broken: readonly Partial<ModelInferRequest>[] = [
      { id: 'x'.repeat(257) },
      { inputs: Array.from({ length: 257 }, () => first) },
      { outputs: many },
      { raw_input_contents: raw },
    ];
    for (const change of broken) await refused(handlers().ModelInfer(request(change), call), 3);
  });

  it('a caller is known, and within its pace, before there is a message', async () => {
    const stranger: Access = async () => {
      throw new Fault('unauthorized');
    };
    await refused(handlers(stranger).identify(nobody, '/x'), 16);
    const slow: Access = async () => ({ id: 'a', scopes: ['infer:*'], perMinute: 1 });
    const grpc = handlers(slow);
    assert.equal((await grpc.identify(nobody, '/x')).id, 'a');
    await assert.rejects(
      grpc.identify(nobody, '/x'),
      (thrown) => thrown instanceof GrpcRefusal && thrown.code === 8 && thrown.retryAfter === 60,
    );
  });

  it('a refusal of many rows stays short enough for a header', async () => {
    const young = tensors().map((tensor) => {
      const data = Array.from({ length: 4096 }, () =>
        tensor.name === 'age' ? 12 : (tensor.data[0] ?? null),
      );
      return typed({ ...tensor, shape: [4096], data });
    });
    await assert.rejects(
      handlers().ModelInfer(request({ inputs: young }), call),
      ({ message }: Error) => message.includes('row 9:') && message.length < 2100,
    );
  });
});
