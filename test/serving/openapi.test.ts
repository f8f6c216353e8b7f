/** /openapi.json is OpenAPI 3.1, and tells the truth about what is served. */
import assert from 'node:assert/strict';
import { z } from 'zod';
import { loadChart } from '../../fixtures/charts.ts';
import { openAccess } from '../../src/serving/access.ts';
import { createAccessTokens } from '../../src/serving/access-tokens.ts';
import { createPace } from '../../src/serving/pace.ts';
import { tokenEndpoint } from '../../src/serving/token.ts';
import { patient } from '../inference/prevent.ts';
import { inputsOf, now, openServed, type Patient, type Served, type Site } from './served.ts';

/** The objects of OpenAPI 3.1.0 that we use, strictly: a member that the specification does not have fails. */
const schema = z.union([z.record(z.string(), z.unknown()), z.boolean()]);
const media = z.record(
  z.string().regex(/^[\w.+-]+\/[\w.+-]+$/),
  z.strictObject({ schema: schema.optional() }),
);
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(['query', 'header', 'path', 'cookie']),
  description: z.string().optional(),
  required: z.boolean().optional(),
  schema,
});
const operation = z.strictObject({
  operationId: z.string(),
  summary: z.string().optional(),
  description: z.string().optional(),
  parameters: z.array(parameter).optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  requestBody: z.strictObject({ required: z.boolean().optional(), content: media }).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$|^default$/),
    z.strictObject({ description: z.string(), content: media.optional() }),
  ),
});
const document = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.url() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(
    z.string().startsWith('/'),
    z.strictObject({
      parameters: z.array(parameter).optional(),
      get: operation.optional(),
      post: operation.optional(),
    }),
  ),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/), z.record(z.string(), z.unknown())),
    securitySchemes: z.record(
      z.string(),
      z.strictObject({ type: z.literal('http'), scheme: z.string(), description: z.string() }),
    ),
  }),
});
type Document = z.infer<typeof document>;

const refsIn = (node: unknown): readonly string[] =>
  typeof node !== 'object' || node === null
    ? []
    : Object.entries(node).flatMap(([name, child]) => (name === '$ref' ? [String(child)] : refsIn(child)));

describe('openapi.json', () => {
  let served: Served;
  let site: Site;
  let described: Document;
  before(async () => {
    served = await openServed();
    site = await served.listen();
    described = document.parse((await site.get('/openapi.json')).json());
  });
  after(async () => {
    await site.close();
    await served.close();
  });

  const operations = () =>
    Object.entries(described.paths).flatMap(([path, item]) =>
      (['get', 'post'] as const).flatMap((method) => {
        const found = item[method];
        if (found === undefined) return [];
        return [{ path, method, ...found, all: [...(item.parameters ?? []), ...(found.parameters ?? [])] }];
      }),
    );

  /** A schema of the document that stands alone. */
  const reader = (given: unknown): z.ZodType => {
    const own = JSON.stringify({ ...(given as object), $defs: described.components.schemas });
    return z.fromJSONSchema(JSON.parse(own.replaceAll('#/components/schemas/', '#/$defs/')));
  };

  it('every reference leads somewhere, every operation has its own id, every path parameter is declared', () => {
    for (const ref of refsIn(described)) {
      const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(ref) ?? [];
      assert.ok(name in described.components.schemas, ref);
    }
    const ids = operations().map(({ operationId }) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const { path, all } of operations()) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = all.filter((each) => each.in === 'path');
      assert.deepEqual(declared.map(({ name }) => name).sort(), named.sort());
      assert.ok(declared.every(({ required }) => required === true));
    }
    for (const needed of described.security.flatMap(Object.keys))
      assert.ok(needed in described.components.securitySchemes);
  });

  it('every address it names is served, and answers as it says', async () => {
    for (const { path, method, responses } of operations()) {
      const at = path.replace('{model}', 'prevent').replace('{version}', '1.0.0');
      const answer = method === 'get' ? await site.get(at) : await site.post(at, {});
      const said = responses[String(answer.status)];
      assert.ok(said !== undefined, `${method} ${at}: ${answer.status}`);
      assert.notEqual(answer.status, 404, at);
      const content = said.content?.['application/json']?.schema;
      if (content !== undefined) assert.ok(reader(content).safeParse(answer.json()).success, at);
    }
  });

  it('every model has an address of its own, whose schema takes its requests and no other model’s', async () => {
    const requests = new Map<string, unknown>();
    for (const id of served.models.ids()) {
      const { manifest } = served.models.get(id);
      const whole = Object.fromEntries(manifest.inputs.map((input) => [input.name, sample(input)]));
      requests.set(id, { inputs: inputsOf(manifest, [whole]) });
    }
    for (const id of served.models.ids()) {
      const content = described.paths[`/v2/models/${id}/infer`]?.post?.requestBody?.content;
      const read = reader(content?.['application/json']?.schema);
      assert.ok(read.safeParse(requests.get(id)).success, id);
      assert.ok(
        !read.safeParse({ inputs: [{ name: 'x', shape: [1], datatype: 'FP64', data: [1] }] }).success,
      );
    }
  });

  it('a model that is explained has an address for that, which takes its methods and outputs and no others', async () => {
    const explained = Object.keys(described.paths).filter((path) => /models\/[\w-]+\/explain$/.test(path));
    const wanted = served.models.ids().filter((id) => served.models.get(id).manifest.explain !== undefined);
    assert.deepEqual(
      explained,
      wanted.map((id) => `/v2/models/${id}/explain`),
    );
    const operation = described.paths['/v2/models/prevent/explain']?.post;
    const read = reader(operation?.requestBody?.content['application/json']?.schema);
    const inputs = inputsOf(served.models.get('prevent').manifest, [patient]);
    const asked = (method: string, name = '10yr_ascvd') => ({
      inputs,
      outputs: [{ name }],
      parameters: { method },
    });
    assert.ok(read.safeParse(asked('exact-shapley')).success);
    assert.ok(!read.safeParse(asked('lime')).success);
    assert.ok(!read.safeParse(asked('exact-shapley', 'model')).success);
    const answer = await site.post('/v2/models/prevent/explain', asked('exact-shapley'));
    const said = reader(operation?.responses['200']?.content?.['application/json']?.schema);
    assert.ok(said.safeParse(answer.json()).success, answer.bytes.toString());
  });

  it('the token endpoint is in it where there is one, open, and answers as it says', async () => {
    assert.equal(described.paths['/v2/auth/token'], undefined);
    const clock = () => now;
    const options = {
      clients: [],
      baseUrl: 'https://auscult.example',
      clock,
      tokens: createAccessTokens(clock),
    };
    const own = await served.listen({
      access: openAccess,
      token: tokenEndpoint({ ...options, pace: createPace() }),
    });
    const { paths } = document.parse((await own.get('/openapi.json')).json());
    const { security, requestBody, responses } = paths['/v2/auth/token']?.post ?? {};
    assert.deepEqual(security, []);
    const content = requestBody?.content['application/x-www-form-urlencoded'];
    const form = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'x.y.z',
      scope: 'infer:prevent',
    };
    assert.ok(reader(content?.schema).safeParse(form).success);
    assert.ok(!reader(content?.schema).safeParse({ ...form, grant_type: 'password' }).success);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const [body, status] of [
      [form, 401],
      [{ ...form, grant_type: 'password' }, 400],
    ] as const) {
      const answer = await own.post('/v2/auth/token', new URLSearchParams(body).toString(), headers);
      assert.equal(answer.status, status);
      const said = responses?.[String(status)]?.content?.['application/json']?.schema;
      assert.ok(reader(said).safeParse(answer.json()).success);
    }
    await own.close();
  });

  it('its request and answer are those of a real call, tensors and Bundle', async () => {
    const path = described.paths['/v2/models/{model}/infer']?.post;
    const request = { id: '1', inputs: inputsOf(served.models.get('prevent').manifest, [patient]) };
    assert.ok(reader(path?.requestBody?.content['application/json']?.schema).safeParse(request).success);
    const answer = await site.post('/v2/models/prevent/infer', request);
    const responses = path?.responses['200']?.content ?? {};
    assert.ok(reader(responses['application/json']?.schema).safeParse(answer.json()).success);
    assert.ok(!reader(responses['application/json']?.schema).safeParse({ outputs: 1 }).success);
    const { bundle } = loadChart('high-risk-untreated', now);
    const fhir = { 'content-type': 'application/fhir+json' };
    const assessed = await site.post('/v2/models/prevent/infer?record=whole', bundle, fhir);
    assert.equal(assessed.status, 200);
    assert.ok(reader(responses['application/fhir+json']?.schema).safeParse(assessed.json()).success);
  });
});

/** Some value of the right kind. */
function sample(input: { readonly kind: string; readonly codes?: object }): Patient[string] {
  if (input.kind === 'number') return 1;
  return input.kind === 'boolean' ? true : (Object.keys(input.codes ?? {})[0] ?? null);
}
