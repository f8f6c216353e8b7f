/** How the kit asks: what it sends, what it makes of any answer, what it remembers. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import { openTarget, type TargetOptions } from '../../src/conformance/open-target.ts';
import { listenOn } from '../harness.ts';
import { kitKey } from './bench.ts';

const service = {
  id: 'a b',
  hook: 'patient-view',
  description: 'd',
  prefetch: { p: 'Patient/{{context.patientId}}' },
};

describe('conformance: the target', () => {
  const asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  let url = '';
  let close = async (): Promise<void> => {};
  before(async () => {
    ({ url, close } = await listenOn((req, res) => void answer(req, res)));
  });
  beforeEach(() => {
    asked.length = 0;
  });
  after(() => close());

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of req) body += chunk;
    asked.push({ method: req.method ?? '', url: req.url ?? '', headers: req.headers, body });
    if (req.url === '/base/cds-services')
      return void res.end(JSON.stringify({ services: [service, { id: 'x' }, null] }));
    if (req.url === '/base/elsewhere') return void res.writeHead(302, { location: `${url}/secret` }).end();
    if (req.url === '/base/large') return void res.end('x'.repeat(4 * 1024 * 1024 + 1));
    if (req.url === '/base/broken') return void res.destroy();
    res.end('not json');
  }

  const open = (options: Partial<TargetOptions> = {}) => openTarget({ baseUrl: `${url}/base/`, ...options });

  it('D1: knows the services that have an id and a hook', async () => {
    const { services } = await open();
    assert.deepEqual(services, [service]);
  });

  it('a hook call is a POST of JSON to the service, its id encoded', async () => {
    const target = await open();
    await target.call(service, { hook: 'patient-view' });
    const { method, url: path, headers, body } = asked.at(-1) ?? assert.fail();
    assert.deepEqual(
      [method, path, headers['content-type']],
      ['POST', '/base/cds-services/a%20b', 'application/json'],
    );
    assert.equal(body, '{"hook":"patient-view"}');
    assert.equal(headers.authorization, undefined);
  });

  it('text and bytes are sent as they are', async () => {
    const target = await open();
    await target.call(service, '{"hook":');
    assert.equal(asked.at(-1)?.body, '{"hook":');
    await target.call(service, new Uint8Array([0x7b, 0x7d]));
    assert.equal(asked.at(-1)?.body, '{}');
  });

  it('K2: every call carries a new token for its URL; null none; text that one', async () => {
    const { privateKey } = await kitKey();
    const target = await open({
      key: privateKey,
      issuer: 'me',
      tenant: 't',
      publicUrl: 'https://cds.example/',
    });
    await target.call(service, {});
    const tokens = asked.map(({ headers }) =>
      decodeJwt(headers.authorization?.slice('Bearer '.length) ?? ''),
    );
    assert.deepEqual(
      tokens.map(({ aud }) => aud),
      ['https://cds.example/cds-services', 'https://cds.example/cds-services/a%20b'],
    );
    assert.notEqual(tokens[0]?.jti, tokens[1]?.jti);
    assert.deepEqual([tokens[0]?.iss, tokens[0]?.tenant], ['me', 't']);
    await target.send('/x', { authorization: null });
    assert.equal(asked.at(-1)?.headers.authorization, undefined);
    await target.send('/x', { authorization: 'Basic x' });
    assert.equal(asked.at(-1)?.headers.authorization, 'Basic x');
  });

  it('any answer is one: no JSON, a redirect that is not followed, a broken line, too much', async () => {
    const target = await open();
    const { status, text, json } = await target.send('/plain');
    assert.deepEqual([status, text, json], [200, 'not json', undefined]);
    assert.equal((await target.send('/elsewhere')).status, 302);
    assert.ok(!asked.some(({ url: path }) => path === '/secret'));
    assert.equal((await target.send('/broken')).status, 0);
    assert.equal((await target.send('/large')).status, 0);
  });

  it('a service that is not there opens without services', async () => {
    const { url: gone, close: leave } = await listenOn((_, res) => res.end());
    await leave();
    const target = await openTarget({ baseUrl: gone });
    assert.deepEqual(target.services, []);
    assert.equal(target.said[0]?.answer.status, 0);
  });

  it('remembers what was said, and what was asked where it was an object', async () => {
    const target = await open();
    await target.call(service, { hook: 'patient-view' });
    await target.call(service, 'raw');
    assert.deepEqual(
      target.said.map(({ method, path, sent }) => [method, path, sent]),
      [
        ['GET', '/cds-services', undefined],
        ['POST', '/cds-services/a%20b', { hook: 'patient-view' }],
        ['POST', '/cds-services/a%20b', undefined],
      ],
    );
  });

  it('Q4: the FHIR server has what the sample has', async () => {
    const target = await open({ fhirServer: true, patientId: 'p9' });
    const response = await fetch(`${target.fhir?.base}/Patient/p9`);
    assert.equal(((await response.json()) as { id: string }).id, 'p9');
    await target.close();
  });
});
