/** JSON, bytes behind JSON, gRPC typed and gRPC raw are one answer. */
import assert from 'node:assert/strict';
import { createGate } from '../../src/ops/gate.ts';
import { openAccess } from '../../src/serving/access.ts';
import { type GrpcServer, startGrpc } from '../../src/serving/grpc.ts';
import { vectors } from '../inference/prevent.ts';
import { columnsOfGrpc, type GrpcAnswer, type GrpcClient, grpcClient, typed } from './grpc-client.ts';
import {
  columnsOf,
  type InferAnswer,
  inputsOf,
  type JsonTensor,
  openServed,
  type Patient,
  type Served,
  type Site,
} from './served.ts';
import { body, bytes, columnOf, read } from './tensor-bytes.ts';

type Columns = Readonly<Record<string, readonly unknown[]>>;

describe('REST and gRPC', () => {
  let served: Served;
  let site: Site;
  let grpc: GrpcServer;
  let client: GrpcClient;
  before(async () => {
    served = await openServed();
    const shared = {
      dataPlane: served.plane(),
      access: openAccess,
      enter: createGate(64).enter,
      limits: { bodyBytes: 2_000_000, deadlineMs: 10_000 },
    };
    [site, grpc] = await Promise.all([served.listen(shared), startGrpc({ ...shared, port: 0 })]);
    client = grpcClient(grpc.port);
  });
  after(async () => {
    client.close();
    await Promise.all([site.close(), grpc.close(100)]);
    await served.close();
  });

  const infer = '/v2/models/prevent/infer';
  /** Where JSON has null, bytes have NaN. */
  const json = async (inputs: readonly JsonTensor[]): Promise<Columns> => {
    const columns = columnsOf((await site.post(infer, { inputs })).json<InferAnswer>());
    const orNaN = (column: readonly unknown[]) => column.map((value) => value ?? Number.NaN);
    return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, orNaN(column)]));
  };
  const binary = async (inputs: readonly JsonTensor[]): Promise<Columns> => {
    const made = body(inputs, { binary_data_output: true });
    const headers = {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(made.json),
    };
    return read(await site.post(infer, made.body, headers));
  };
  const contents = async (inputs: readonly JsonTensor[]): Promise<Columns> =>
    columnsOfGrpc(
      await client.ask<GrpcAnswer>('ModelInfer', { model_name: 'prevent', inputs: inputs.map(typed) }),
    );
  const raw = async (inputs: readonly JsonTensor[]): Promise<Columns> => {
    const answer = await client.ask<GrpcAnswer>('ModelInfer', {
      model_name: 'prevent',
      inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
      raw_input_contents: inputs.map(bytes),
    });
    return Object.fromEntries(
      answer.outputs.map(({ name, datatype, shape: [rows = 0] }, at) => [
        name,
        columnOf(datatype, rows, answer.raw_output_contents[at] ?? Buffer.alloc(0)),
      ]),
    );
  };

  async function assertOne(patients: readonly Patient[]): Promise<void> {
    const inputs = inputsOf(served.models.get('prevent').manifest, patients);
    const [first, ...others] = await Promise.all([
      json(inputs),
      binary(inputs),
      contents(inputs),
      raw(inputs),
    ]);
    assert.ok(Object.keys(first).length > 10);
    // deepEqual is Object.is for numbers: NaN is NaN, and every bit counts.
    for (const other of others) assert.deepEqual(other, first);
  }

  const chosen = vectors.filter((_, at) => at % 8 === 0).map(({ input }) => input);

  it(`${chosen.length} PREVENT vectors one by one, to the bit`, async () => {
    assert.equal(chosen.length, 20);
    for (const patient of chosen) await assertOne([patient]);
  });

  it('the same together', () => assertOne(chosen));
});
