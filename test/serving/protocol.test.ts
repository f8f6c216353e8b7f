/** What kserve/open-inference-protocol inference_rest.md and Triton's extensions ask of a server. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { patient } from '../inference/prevent.ts';
import { columnsOf, type InferAnswer, inputsOf, openServed, type Served, type Site } from './served.ts';

const infer = '/v2/models/prevent/infer';

describe('Open Inference Protocol over REST', () => {
  let served: Served;
  let site: Site;
  before(async () => {
    served = await openServed();
    site = await served.listen();
  });
  after(async () => {
    await site.close();
    await served.close();
  });
  const request = () => ({ inputs: inputsOf(served.models.get('prevent').manifest, [patient]) });

  it('server metadata: name, version, extensions', async () => {
    const answer = await site.get('/v2');
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), {
      name: 'auscult',
      version: '1.2.3',
      extensions: ['binary_tensor_data', 'model_repository', 'schedule_policy', 'explain'],
    });
    assert.equal(answer.header('cache-control'), 'no-store');
  });

  it('live is always 200; ready is 200 or 503, under both names that clients look for', async () => {
    assert.deepEqual((await site.get('/v2/health/live')).json(), { live: true });
    assert.deepEqual((await site.get('/v2/health/ready')).json(), { live: true, ready: true });
    const draining = await served.listen({ dataPlane: served.plane(() => false) });
    assert.equal((await draining.get('/v2/health/live')).status, 200);
    assert.equal((await draining.get('/v2/health/ready')).status, 503);
    assert.equal((await draining.get('/v2/models/prevent/ready')).status, 503);
    await draining.close();
  });

  it('model metadata: every model names its version, platform and tensors', async () => {
    for (const id of served.models.ids()) {
      const { manifest, digest } = served.models.get(id);
      const body = (await site.get(`/v2/models/${id}`)).json<{
        name: string;
        versions: string[];
        platform: string;
        inputs: { name: string; datatype: string; shape: number[] }[];
        outputs: { name: string; datatype: string; shape: number[] }[];
        parameters: Record<string, string>;
      }>();
      assert.equal(body.name, id);
      assert.deepEqual(body.versions, [manifest.version]);
      assert.equal(body.platform, 'onnx_onnxv1');
      assert.equal(body.parameters.digest, digest);
      assert.deepEqual(
        body.inputs.map(({ name }) => name),
        manifest.inputs.map(({ name }) => name),
      );
      for (const { datatype, shape } of [...body.inputs, ...body.outputs]) {
        assert.ok(['FP64', 'BOOL', 'BYTES'].includes(datatype));
        assert.deepEqual(shape, [-1]);
      }
    }
  });

  it('a version may be named; another than the one there is 404', async () => {
    assert.equal((await site.get('/v2/models/prevent/versions/1.0.0')).status, 200);
    assert.equal((await site.get('/v2/models/prevent/versions/1.0.0/ready')).status, 200);
    assert.equal((await site.post('/v2/models/prevent/versions/1.0.0/infer', request())).status, 200);
    for (const path of ['', '/ready'])
      assert.equal((await site.get(`/v2/models/prevent/versions/9${path}`)).status, 404);
    assert.equal((await site.post('/v2/models/prevent/versions/9/infer', request())).status, 404);
  });

  it('an answer names model, version, the request’s id, and tensors with shape, datatype and data', async () => {
    const answer = await site.post(infer, { id: 'a-1', ...request() });
    assert.equal(answer.status, 200, answer.bytes.toString());
    const body = answer.json<InferAnswer>();
    assert.deepEqual([body.model_name, body.model_version, body.id], ['prevent', '1.0.0', 'a-1']);
    for (const { shape, data } of body.outputs) {
      assert.deepEqual(shape, [1]);
      assert.equal(data?.length, 1);
    }
    const risk = body.outputs.find(({ name }) => name === '10yr_total_cvd');
    assert.ok(Math.abs(Number(risk?.data?.[0]) - 0.147) < 0.001);
    assert.equal('id' in (await site.post(infer, request())).json<InferAnswer>(), false);
  });

  it('the example of docs/inference-api.md is answered, with the outputs it names', async () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/inference-api.md'), 'utf8');
    const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
    const answer = await site.post(infer, example);
    assert.equal(answer.status, 200, answer.bytes.toString());
    const columns = columnsOf(answer.json<InferAnswer>());
    assert.deepEqual(columns.model, ['base', 'hba1c']);
    assert.deepEqual(columns['30yr_ascvd_applies'], [true, false]);
  });

  it('only the outputs that are asked for are given, in that order', async () => {
    const outputs = [{ name: 'model' }, { name: '10yr_ascvd' }];
    const body = (await site.post(infer, { ...request(), outputs })).json<InferAnswer>();
    assert.deepEqual(
      body.outputs.map(({ name }) => name),
      ['model', '10yr_ascvd'],
    );
    assert.deepEqual(body.outputs[0]?.data, ['base']);
  });

  it('parameters that nobody knows are passed over', async () => {
    const parameters = { priority: 3, 'x-trace': 'on' };
    assert.equal((await site.post(infer, { ...request(), parameters })).status, 200);
  });

  it('errors are one object with `error`, a wrong method says which is right', async () => {
    const cases = [
      ['GET', '/v2/models/nobody', 404],
      ['GET', '/v2/nothing', 404],
      ['GET', '/v2/models/__proto__', 404],
      ['GET', '/v2/models/%E0%A4%A', 404],
      ['GET', infer, 405],
      ['DELETE', '/v2', 405],
      ['POST', infer, 415],
    ] as const;
    for (const [method, path, status] of cases) {
      const answer = await fetch(`${site.url}${path}`, { method, headers: { 'content-type': 'text/plain' } });
      assert.equal(answer.status, status, `${method} ${path}`);
      const body = (await answer.json()) as Record<string, unknown>;
      assert.deepEqual(Object.keys(body), ['error']);
      assert.equal(typeof body.error, 'string');
      if (status === 405) assert.match(answer.headers.get('allow') ?? '', path === infer ? /POST/ : /GET/);
    }
  });

  describe('repository', () => {
    const admin = async () =>
      served.listen({ access: async () => ({ id: 'ops', scopes: ['infer:*', 'admin'] }) });

    it('the index lists every model; `ready` leaves out what is unloaded', async () => {
      const own = await admin();
      const names = async (body: unknown) =>
        (await own.post('/v2/repository/index', body)).json<{ name: string }[]>().map(({ name }) => name);
      assert.deepEqual(await names({}), [...served.models.ids()]);
      assert.equal((await own.post('/v2/repository/models/pce/unload', {})).status, 200);
      assert.deepEqual(await names({}), [...served.models.ids()]);
      assert.ok(!(await names({ ready: true })).includes('pce'));
      await own.close();
    });

    it('what is unloaded is not served until it is loaded', async () => {
      const own = await admin();
      await own.post('/v2/repository/models/prevent/unload', '');
      assert.equal((await own.get('/v2/models/prevent/ready')).status, 503);
      assert.equal((await own.get('/v2/models/prevent')).status, 200);
      assert.equal((await own.post(infer, request())).status, 503);
      await own.post('/v2/repository/models/prevent/load', '');
      assert.equal((await own.post(infer, request())).status, 200);
      await own.close();
    });

    it('packages stay sealed: nothing of one can be sent; and only an admin is obeyed', async () => {
      const own = await admin();
      const parameters = { 'file:1/model.onnx': 'AAAA' };
      assert.equal((await own.post('/v2/repository/models/prevent/load', { parameters })).status, 400);
      assert.equal((await own.post('/v2/repository/models/nobody/load', {})).status, 404);
      assert.equal((await site.post('/v2/repository/models/prevent/unload', {})).status, 403);
      assert.equal((await site.post(infer, request())).status, 200);
      await own.close();
    });
  });
});
