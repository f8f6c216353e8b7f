/** A network under the Open Inference Protocol: whole arrays, over REST as JSON and bytes and over gRPC. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Urgency } from '../../src/inference/urgency.ts';
import { createGate } from '../../src/ops/gate.ts';
import { openAccess } from '../../src/serving/access.ts';
import { createDataPlane, type DataPlane } from '../../src/serving/data-plane.ts';
import { type GrpcServer, startGrpc } from '../../src/serving/grpc.ts';
import { type GrpcAnswer, type GrpcClient, grpcClient } from './grpc-client.ts';
import { hours, probeInputs, rawOf, withProbe } from './probe-network.ts';
import { columnsOf, type InferAnswer, openServed, type Served, type Site } from './served.ts';

const infer = '/v2/models/probe/infer';
const answers = {
  echo: [0.5, 1.5, 2.5, -3.5, 4.5, 5.5, 6.5, 7.5, 8.5, -9.5, 0, 1],
  last: [1, 2, 3, 0, 4, 5, 0, 0],
  risk: [0.5, 0.25],
};

describe('a network under the Open Inference Protocol', () => {
  let served: Served;
  let site: Site;
  let grpc: GrpcServer;
  let client: GrpcClient;
  const told: Urgency[] = [];
  before(async () => {
    served = await openServed();
    const models = withProbe(served.models, told);
    const dataPlane: DataPlane = createDataPlane({ models, version: '1.2.3', ready: () => true });
    const shared = { dataPlane, enter: createGate(64).enter };
    const access = async () => ({ id: 'all', scopes: ['infer:*', 'admin'] as const });
    site = await served.listen({ ...shared, models, access });
    const limits = { bodyBytes: 8 * 1024 * 1024, deadlineMs: 10_000 };
    grpc = await startGrpc({ ...shared, access: openAccess, limits, port: 0 });
    client = grpcClient(grpc.port);
  });
  after(async () => {
    client.close();
    await grpc.close(100);
    await site.close();
    await served.close();
  });

  const bytesBody = (parameters: object) => {
    const raw = probeInputs.map(rawOf);
    const inputs = probeInputs.map(({ data: _, ...tensor }, at) => ({
      ...tensor,
      parameters: { binary_data_size: raw[at]?.length },
    }));
    return (padding = ''): readonly [Buffer, Record<string, string>] => {
      const head = Buffer.from(`${JSON.stringify({ parameters, inputs })}${padding}`);
      const headers = {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(head.length),
      };
      return [Buffer.concat([head, ...raw]), headers];
    };
  };

  it('is described with its axes, labels, unit and range', async () => {
    const { inputs, outputs, versions } = (await site.get('/v2/models/probe')).json<{
      inputs: { name: string; datatype: string; shape: number[]; parameters: Record<string, unknown> }[];
      outputs: { shape: number[] }[];
      versions: string[];
    }>();
    assert.deepEqual(versions, ['2.1.0']);
    assert.deepEqual(inputs[0], {
      name: 'series',
      datatype: 'FP32',
      shape: [-1, 3, 2],
      parameters: {
        label: 'Series',
        unit: 'mmol/L',
        axes: 'hour,channel',
        labels: '{"channel":["urea","potassium"]}',
        min: -10,
        max: 10,
        missing: 'nan',
      },
    });
    assert.deepEqual([inputs[1]?.shape, inputs[2]?.shape, outputs[2]?.shape], [[-1, 4], [-1], [-1]]);
    const overGrpc = await client.ask<{ inputs: object[] }>('ModelMetadata', { name: 'probe' });
    assert.deepEqual(overGrpc.inputs[0], { name: 'series', datatype: 'FP32', shape: [-1, 3, 2] });
  });

  it('answers JSON with JSON, flat data with the shape beside it', async () => {
    const answer = await site.post(infer, { id: 'n', inputs: probeInputs });
    assert.equal(answer.status, 200, answer.bytes.toString());
    const body = answer.json<InferAnswer>();
    assert.deepEqual(columnsOf(body), answers);
    assert.deepEqual(
      body.outputs.map(({ datatype, shape }) => [datatype, shape]),
      [
        ['FP32', [2, 3, 2]],
        ['INT64', [2, 4]],
        ['FP64', [2]],
      ],
    );
  });

  it('takes data nested as deep as the shape, or less', async () => {
    const [series, tokens, age] = probeInputs;
    const flat = series?.data as number[];
    const cut = <T>(list: readonly T[], size: number): T[][] =>
      Array.from({ length: list.length / size }, (_, at) => list.slice(at * size, (at + 1) * size));
    for (const data of [cut(flat, 6), cut(cut(flat, 2), hours)]) {
      const inputs = [{ ...series, data }, { ...tokens, data: cut(tokens?.data as number[], 4) }, age];
      assert.deepEqual(columnsOf((await site.post(infer, { inputs })).json<InferAnswer>()), answers);
    }
  });

  it('bytes in and bytes out, wherever in the body they begin', async () => {
    const make = bytesBody({ binary_data_output: true });
    for (let spaces = 0; spaces < 8; spaces++) {
      const [body, headers] = make(' '.repeat(spaces));
      const answer = await site.post(infer, body, headers);
      assert.equal(answer.status, 200, answer.bytes.toString());
      const at = Number(answer.header('inference-header-content-length'));
      const copy = new Uint8Array(answer.bytes.subarray(at)).buffer;
      assert.deepEqual([...new Float32Array(copy, 0, 12)], answers.echo);
      assert.deepEqual([...new BigInt64Array(copy.slice(48, 112))].map(Number), answers.last);
      assert.deepEqual([...new Float64Array(copy.slice(112))], answers.risk);
    }
  });

  it('gRPC, raw and typed, says the same', async () => {
    const inputs = probeInputs.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
    const raw = await client.ask<GrpcAnswer>('ModelInfer', {
      model_name: 'probe',
      inputs,
      raw_input_contents: probeInputs.map(rawOf),
    });
    assert.deepEqual(
      raw.outputs.map(({ shape }) => shape),
      [[2, 3, 2], [2, 4], [2]],
    );
    const [echo = Buffer.alloc(0)] = raw.raw_output_contents;
    assert.deepEqual([...new Float32Array(new Uint8Array(echo).buffer)], answers.echo);
    const members = ['fp32_contents', 'int64_contents', 'fp64_contents'];
    const typed = await client.ask<{ outputs: { contents: Record<string, unknown[]> }[] }>('ModelInfer', {
      model_name: 'probe',
      inputs: probeInputs.map(({ data, ...tensor }, at) => ({
        ...tensor,
        contents: { [members[at] ?? '']: data },
      })),
    });
    assert.deepEqual(
      typed.outputs.map(({ contents }, at) => contents[members[at] ?? '']),
      [answers.echo, answers.last, answers.risk],
    );
  });

  it('null is NaN where the manifest has a place for it', async () => {
    const [series, tokens, age] = probeInputs;
    const data = [null, ...answers.echo.slice(1)];
    const answer = await site.post(infer, { inputs: [{ ...series, data }, tokens, age] });
    assert.equal(answer.status, 200, answer.bytes.toString());
    assert.equal(columnsOf(answer.json<InferAnswer>()).echo?.[0], 0);
  });

  it('gives the outputs that are asked for, in that order', async () => {
    const outputs = [{ name: 'risk' }, { name: 'echo', parameters: { binary_data: false } }];
    const body = (await site.post(infer, { inputs: probeInputs, outputs })).json<InferAnswer>();
    assert.deepEqual(
      body.outputs.map(({ name }) => name),
      ['risk', 'echo'],
    );
  });

  it('is in the index, can be unloaded and loaded, and reads no Bundle', async () => {
    const names = async () =>
      (await site.post('/v2/repository/index', { ready: true }))
        .json<{ name: string }[]>()
        .map(({ name }) => name);
    assert.ok((await names()).includes('probe'));
    await site.post('/v2/repository/models/probe/unload', {});
    assert.equal((await site.post(infer, { inputs: probeInputs })).status, 503);
    assert.ok(!(await names()).includes('probe'));
    await site.post('/v2/repository/models/probe/load', {});
    assert.equal((await site.post(infer, { inputs: probeInputs })).status, 200);
    const fhir = { 'content-type': 'application/fhir+json' };
    assert.equal((await site.post(infer, { resourceType: 'Bundle' }, fhir)).status, 422);
  });

  it('is described in OpenAPI: tensors only, and no explanation, for its manifest names none', async () => {
    const { paths } = (await site.get('/openapi.json')).json<{ paths: Record<string, unknown> }>();
    assert.doesNotMatch(JSON.stringify(paths[infer]), /fhir|Bundle|RiskAssessment|record|422/);
    assert.match(JSON.stringify(paths['/v2/models/prevent/infer']), /fhir\+json/);
    assert.equal(paths['/v2/models/probe/explain'], undefined);
    assert.match(
      JSON.stringify(paths[infer]),
      /Series in mmol\/L, -10 to 10; shape \[rows, hour 3, channel 2\]/,
    );
  });

  const hurries: readonly (readonly [object, string])[] = [
    [{}, 'bulk'],
    [{ priority: 0 }, 'bulk'],
    [{ priority: 1 }, 'app'],
    [{ priority: 2 }, 'bulk'],
    [{ priority: 4096 }, 'bulk'],
  ];
  for (const [parameters, lane] of hurries) {
    it(`${JSON.stringify(parameters)} waits in the lane ${lane}, over REST and gRPC`, async () => {
      await site.post(infer, { inputs: probeInputs, parameters });
      assert.equal(told.at(-1)?.lane, lane);
      const own = Object.entries(parameters).map(([name, value]) => [name, { int64_param: value }]);
      await client.ask('ModelInfer', {
        model_name: 'probe',
        inputs: probeInputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
        raw_input_contents: probeInputs.map(rawOf),
        parameters: Object.fromEntries(own),
      });
      assert.equal(told.at(-1)?.lane, lane);
    });
  }

  it('a timeout in microseconds shortens the deadline, and never lengthens it', async () => {
    const left = async (timeout: number): Promise<number> => {
      const begun = performance.now();
      await site.post(infer, { inputs: probeInputs, parameters: { timeout } });
      return (told.at(-1)?.endsAt ?? Number.NaN) - begun;
    };
    const [short, none, long] = [await left(2_000_000), await left(0), await left(60_000_000)];
    assert.ok(short < 9_000 && none > 9_000 && long < 20_000, `${short} ${none} ${long}`);
  });

  it('any series comes back as it was sent, to the bit, in every way', async () => {
    const series = fc.array(fc.float({ min: -10, max: 10, noNaN: true }), { minLength: 6, maxLength: 6 });
    const rest = [
      { name: 'tokens', shape: [1, 4], datatype: 'INT64', data: [0, 0, 0, 0] },
      { name: 'age', shape: [1], datatype: 'FP64', data: [1] },
    ];
    await fc.assert(
      fc.asyncProperty(series, async (data) => {
        const inputs = [{ name: 'series', shape: [1, 3, 2], datatype: 'FP32', data }, ...rest];
        const json = columnsOf((await site.post(infer, { inputs })).json<InferAnswer>()).echo;
        assert.deepEqual(
          json,
          data.map((value) => value + 0),
        );
        const raw = await client.ask<GrpcAnswer>('ModelInfer', {
          model_name: 'probe',
          inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
          raw_input_contents: inputs.map(rawOf),
        });
        const bytes = new Uint8Array(raw.raw_output_contents[0] ?? []);
        assert.deepEqual([...new Float32Array(bytes.buffer)], data);
      }),
      { numRuns: 60 },
    );
  });
});
