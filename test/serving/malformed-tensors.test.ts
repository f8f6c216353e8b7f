/** Whatever is wrong with a tensor is refused in the protocol's words, over REST and gRPC; the server goes on. */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { createGate } from '../../src/ops/gate.ts';
import { openAccess } from '../../src/serving/access.ts';
import { createDataPlane } from '../../src/serving/data-plane.ts';
import { type GrpcServer, startGrpc } from '../../src/serving/grpc.ts';
import { type GrpcClient, grpcClient } from './grpc-client.ts';
import { type ProbeInput, probeInputs, rawOf, withProbe } from './probe-network.ts';
import { openServed, type Served, type Site } from './served.ts';

const infer = '/v2/models/probe/infer';
const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)]);

interface Wrong {
  readonly what: string;
  readonly says: RegExp;
  /** In place of the series. */
  readonly series?: Readonly<Record<string, unknown>>;
  readonly tokens?: Readonly<Record<string, unknown>>;
  readonly inputs?: readonly unknown[];
  readonly more?: object;
}

const [series, tokens, age] = probeInputs as readonly [ProbeInput, ProbeInput, ProbeInput];
const numbers = series.data as readonly number[];
const put = (value: unknown): readonly unknown[] => [value, ...numbers.slice(1)];

const wrongs: readonly Wrong[] = [
  { what: 'fewer elements than the shape', series: { data: numbers.slice(1) }, says: /another number/ },
  { what: 'more elements than the shape', series: { data: [...numbers, 1] }, says: /another number/ },
  { what: 'no elements', series: { data: [] }, says: /another number/ },
  { what: 'data that is no array', series: { data: 'AAAA' }, says: /no array/ },
  { what: 'ragged rows', series: { data: [numbers.slice(0, 5), numbers.slice(5)] }, says: /another number/ },
  {
    what: 'a row that is a number',
    series: { data: [numbers.slice(0, 6), 1] },
    says: /another number|evenly/,
  },
  { what: 'nested deeper than the shape', series: { data: nest(9) }, says: /another number|deeper/ },
  { what: 'nested without bound', series: { data: nest(500) }, says: /nested too deeply/ },
  { what: 'a word among numbers', series: { data: put('1') }, says: /not FP32/ },
  { what: 'an object among numbers', series: { data: put({}) }, says: /not FP32/ },
  { what: 'an array among numbers', series: { data: put([1]) }, says: /another number|evenly/ },
  {
    what: 'NaN where there is no place for it',
    inputs: [series, tokens, { ...age, data: [null, 1] }],
    says: /age/,
  },
  {
    what: 'null where the type has no NaN',
    tokens: { data: [null, 2, 3, 0, 4, 5, 0, 0] },
    says: /holds null/,
  },
  { what: 'a fraction as INT64', tokens: { data: [0.5, 2, 3, 0, 4, 5, 0, 0] }, says: /not INT64/ },
  { what: 'an unsafe INT64', tokens: { data: [2 ** 53, 2, 3, 0, 4, 5, 0, 0] }, says: /not INT64/ },
  { what: 'an element out of range', series: { data: put(11) }, says: /series/ },
  { what: 'FP64 for FP32', series: { datatype: 'FP64' }, says: /series is taken as FP32/ },
  {
    what: 'FP32 for FP64',
    inputs: [series, tokens, { ...age, datatype: 'FP32' }],
    says: /age is taken as FP64/,
  },
  { what: 'FP16', series: { datatype: 'FP16' }, says: /FP16 is not taken: send FP64/ },
  { what: 'UINT8', series: { datatype: 'UINT8' }, says: /UINT8 is not taken/ },
  { what: 'a type of nobody', series: { datatype: 'canary' }, says: /datatype is none of/ },
  { what: 'other axes', series: { shape: [2, 2, 3] }, says: /shape \[rows, hour 3, channel 2\]/ },
  { what: 'too few axes', series: { shape: [12] }, says: /shape \[rows/ },
  { what: 'a shape without members', series: { shape: [] }, says: /shape/ },
  { what: 'nine axes', series: { shape: [1, 1, 1, 1, 1, 1, 1, 1, 1] }, says: /shape/ },
  { what: 'no row', series: { shape: [0, 3, 2] }, says: /no row/ },
  { what: 'an empty axis', series: { shape: [2, 0, 2] }, says: /not 1 or more/ },
  { what: 'a negative axis', series: { shape: [2, -3, 2] }, says: /shape/ },
  { what: '10⁹ columns', series: { shape: [2, 1e9] }, says: /more elements than any request/ },
  {
    what: 'a product beyond 2⁶⁴',
    series: { shape: [4096, 2 ** 40, 2 ** 40] },
    says: /more elements than any/,
  },
  { what: '4097 rows', series: { shape: [4097, 3, 2] }, says: /more than 4096 rows/ },
  {
    what: 'rows of another number',
    inputs: [series, { ...tokens, shape: [1, 4], data: [1, 2, 3, 4] }, age],
    says: /rows/,
  },
  { what: 'an input given twice', inputs: [series, tokens, age, age], says: /inputs\[3\]: is given twice/ },
  {
    what: 'an input that there is not',
    inputs: [series, tokens, { ...age, name: 'Ägypten 💊' }],
    says: /no such input/,
  },
  { what: 'an input left out', inputs: [series, tokens], says: /age missing/ },
  { what: 'no input', inputs: [], says: /inputs/ },
  { what: 'an output that there is not', more: { outputs: [{ name: 'ночь' }] }, says: /outputs\[0\]/ },
  { what: 'an output twice', more: { outputs: [{ name: 'risk' }, { name: 'risk' }] }, says: /twice/ },
];

describe('malformed tensors', () => {
  let served: Served;
  let site: Site;
  let grpc: GrpcServer;
  let client: GrpcClient;
  before(async () => {
    served = await openServed();
    const models = withProbe(served.models);
    const dataPlane = createDataPlane({ models, version: '1.2.3', ready: () => true });
    const shared = { dataPlane, enter: createGate(64).enter };
    site = await served.listen({ ...shared, models });
    const limits = { bodyBytes: 1024 * 1024, deadlineMs: 10_000 };
    grpc = await startGrpc({ ...shared, access: openAccess, limits, port: 0 });
    client = grpcClient(grpc.port);
  });
  afterEach('the server answers', async () => {
    assert.equal((await site.post(infer, { inputs: probeInputs })).status, 200);
  });
  after(async () => {
    client.close();
    await grpc.close(100);
    await site.close();
    await served.close();
  });

  const inputsOf = (wrong: Wrong): readonly unknown[] =>
    wrong.inputs ?? [{ ...series, ...wrong.series }, { ...tokens, ...wrong.tokens }, age];

  for (const wrong of wrongs) {
    it(`REST refuses ${wrong.what}`, async () => {
      const answer = await site.post(infer, { inputs: inputsOf(wrong), ...wrong.more });
      assert.equal(answer.status, 400, answer.bytes.toString());
      const body = answer.json<{ error: string }>();
      assert.deepEqual(Object.keys(body), ['error']);
      assert.match(body.error, wrong.says);
      assert.doesNotMatch(body.error, /canary|💊|ночь/);
    });
  }

  const members: Readonly<Record<string, string>> = {
    FP32: 'fp32_contents',
    FP64: 'fp64_contents',
    INT64: 'int64_contents',
  };
  const isFlat = ({ data }: ProbeInput): boolean =>
    Array.isArray(data) &&
    data.every((each) => typeof each === 'number' && Number.isSafeInteger(Math.round(each)));
  const overGrpc = wrongs
    .map((wrong) => ({ ...wrong, all: inputsOf(wrong) as readonly ProbeInput[] }))
    .filter(({ all }) => all.every(isFlat))
    .filter(({ what }) => what !== 'a fraction as INT64');

  for (const { what, all, more, says } of overGrpc) {
    it(`gRPC refuses ${what}`, async () => {
      const inputs = all.map(({ data, ...tensor }) => ({
        ...tensor,
        contents: { [members[tensor.datatype] ?? 'fp32_contents']: data },
      }));
      await assert.rejects(
        client.ask('ModelInfer', { model_name: 'probe', inputs, ...more }),
        ({ code, details }: { code: number; details: string }) =>
          code === 3 && says.test(details) && !/canary|💊|ночь/.test(details),
      );
    });
  }

  const raw = probeInputs.map(rawOf);
  const described = (sizes: readonly (number | undefined)[]) =>
    probeInputs.map(({ data: _, ...tensor }, at) => ({
      ...tensor,
      parameters: { binary_data_size: sizes[at] },
    }));
  const sizes = raw.map(({ length }) => length);
  const [first = 0, ...others] = sizes;
  const infinite = Buffer.from(raw[0] ?? []);
  infinite.writeFloatLE(Number.POSITIVE_INFINITY, 0);

  const bodies: readonly (readonly [string, readonly (number | undefined)[], readonly Buffer[], number?])[] =
    [
      ['a size less than the shape', [first - 4, ...others], raw],
      ['a size more than the shape', [first + 4, ...others], raw],
      ['a size more than the body', [first, ...others.slice(1), 1e6], raw],
      ['a size of no whole elements', [first - 1, ...others], raw],
      ['a negative size', [-1, ...others], raw],
      ['bytes that nobody announced', sizes, [...raw, Buffer.alloc(3)]],
      ['bytes that are not there', sizes, raw.slice(0, 2)],
      ['an infinite element', sizes, [infinite, ...raw.slice(1)]],
      ['a JSON length beyond the body', sizes, raw, 1e6],
      ['a JSON length too short', sizes, raw, -7],
      ['a JSON length too long', sizes, raw, 7],
    ];
  for (const contentType of ['application/json', 'application/octet-stream']) {
    for (const [what, announced, parts, off = 0] of bodies) {
      it(`${contentType} with ${what} is refused`, async () => {
        const head = Buffer.from(JSON.stringify({ inputs: described(announced) }));
        const answer = await site.post(infer, Buffer.concat([head, ...parts]), {
          'content-type': contentType,
          'inference-header-content-length': String(head.length + off),
        });
        assert.equal(answer.status, 400, answer.bytes.toString());
        assert.deepEqual(Object.keys(answer.json()), ['error']);
      });
    }
  }

  it('gRPC refuses raw contents that do not fit', async () => {
    const inputs = probeInputs.map(({ data: _, ...tensor }) => tensor);
    const broken = [
      raw.slice(1),
      [...raw, Buffer.alloc(1)],
      [Buffer.alloc(first - 1), ...raw.slice(1)],
      [Buffer.alloc(0), ...raw.slice(1)],
      [infinite, ...raw.slice(1)],
    ];
    for (const raw_input_contents of broken) {
      const asked = client.ask('ModelInfer', { model_name: 'probe', inputs, raw_input_contents });
      await assert.rejects(asked, ({ code }: { code: number }) => code === 3);
    }
    await client.ask('ModelInfer', { model_name: 'probe', inputs, raw_input_contents: raw });
  });

  for (const parameters of [{ priority: -1 }, { priority: 1.5 }, { priority: '1' }, { timeout: -1 }]) {
    it(`refuses ${JSON.stringify(parameters)}`, async () => {
      const answer = await site.post(infer, { inputs: probeInputs, parameters });
      assert.match(answer.json<{ error: string }>().error, /parameters\.(?:priority|timeout)/);
    });
  }

  it('gRPC refuses a priority that is none', async () => {
    for (const own of [{ int64_param: -1 }, { bool_param: true }, { string_param: '1' }]) {
      const inputs = probeInputs.map(({ data: _, ...tensor }) => tensor);
      const parameters = { priority: own };
      const message = { model_name: 'probe', inputs, raw_input_contents: raw, parameters };
      await assert.rejects(client.ask('ModelInfer', message), ({ code }: { code: number }) => code === 3);
    }
  });

  it('100 MB are refused before they are read, and the connection closed', async () => {
    const said = await new Promise<{ status?: number; connection?: string }>((resolve, reject) => {
      const headers = { 'content-type': 'application/octet-stream', 'content-length': 100_000_000 };
      const call = httpRequest(`${site.url}${infer}`, { method: 'POST', headers }, (answer) => {
        resolve({ status: answer.statusCode ?? 0, connection: answer.headers.connection ?? '' });
        call.destroy();
      });
      call.on('error', reject);
      call.flushHeaders();
    });
    assert.deepEqual(said, { status: 413, connection: 'close' });
    const large = client.ask('ModelInfer', {}, { bytes: Buffer.alloc(2 * 1024 * 1024) });
    await assert.rejects(large, ({ code }: { code: number }) => code === 8);
  });
});
