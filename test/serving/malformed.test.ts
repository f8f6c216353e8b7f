/** Whatever is sent, the answer is a refusal in the protocol's words, or an answer; the server stays. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { patient } from '../inference/prevent.ts';
import { inputsOf, openServed, type Served, type Site } from './served.ts';

const infer = '/v2/models/prevent/infer';
const secret = 'canary-7319';

describe('malformed requests', () => {
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

  async function refused(body: string | Uint8Array, headers: Record<string, string> = {}): Promise<void> {
    const answer = await site.post(infer, body, headers);
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.bytes}`);
    const said = answer.json();
    assert.deepEqual(Object.keys(said), ['error']);
    assert.ok(!String(said.error).includes(secret));
  }

  const odd = fc.oneof(
    fc.constantFrom(secret, null, -1, 0.5, 1e308, {}, [], [[]], [secret], { [secret]: secret }, '', true),
    fc.jsonValue(),
  );

  it('1 200 random bodies are refused', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
      fc
        .record({ inputs: odd, parameters: odd, id: odd }, { requiredKeys: [] })
        .map((value) => Buffer.from(JSON.stringify(value))),
    );
    const header = fc.option(fc.constantFrom('0', '1', '2', '7', '99999999', 'x'), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(bytes, header, (body, length) =>
        refused(body, length === undefined ? {} : { 'inference-header-content-length': length }),
      ),
      { numRuns: 1200 },
    );
  }).timeout(60_000);

  it('800 requests with one member broken are refused, or answered where it was not needed', async () => {
    const good = inputsOf(served.models.get('prevent').manifest, [patient]);
    const members = fc.constantFrom('name', 'shape', 'datatype', 'data', 'parameters');
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), members, odd, async (at, member, value) => {
        const inputs = good.map((tensor, index) => (index === at ? { ...tensor, [member]: value } : tensor));
        const answer = await site.post(infer, { inputs });
        assert.ok(answer.status === 200 || (answer.status >= 400 && answer.status < 500), `${answer.status}`);
        assert.ok(answer.status === 200 || !answer.bytes.includes(secret), answer.bytes.toString());
      }),
      { numRuns: 800 },
    );
    assert.equal((await site.post(infer, { inputs: good })).status, 200);
  }).timeout(60_000);

  const many = (count: number, member: (at: number) => string): string =>
    Array.from({ length: count }, (_, at) => member(at)).join(',');
  const crowds: readonly (readonly [string, string])[] = [
    ['parameters', `{"inputs":[],"parameters":{${many(150_000, (at) => `"k${at}":{}`)}}}`],
    [
      'parameters of an input',
      `{"inputs":[{"name":"x","parameters":{${many(150_000, (at) => `"k${at}":{}`)}}}]}`,
    ],
    ['inputs', `{"inputs":[${many(200_000, () => '{}')}]}`],
    ['a shape', `{"inputs":[{"name":"x","shape":[${many(200_000, () => '""')}]}]}`],
    ['names of its own', `{"inputs":[],${many(150_000, (at) => `"k${at}":1`)}}`],
  ];
  for (const [what, body] of crowds)
    it(`more ${what} than any request needs are refused before each is judged`, async () => {
      for (const action of ['infer', 'explain']) {
        const answer = await site.post(`/v2/models/prevent/${action}`, body);
        assert.equal(answer.status, 400);
        assert.match(answer.json<{ error: string }>().error, /more than 4096 members besides its data/);
      }
    });

  it('repeated keys, prototypes and deep nests are refused', async () => {
    await refused('{"inputs":[],"inputs":[]}');
    await refused('{"__proto__":{"inputs":[]}}');
    await refused(`{"inputs":${'['.repeat(100)}${']'.repeat(100)}}`);
    await refused('\ufeff{}');
  });
});
