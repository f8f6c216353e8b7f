/** Framing tricks on the wire and ways around a scope, over real HTTP: refused each time, and the server goes on. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { clientAccess } from '../../src/serving/access.ts';
import { createAccessTokens } from '../../src/serving/access-tokens.ts';
import { parseClients } from '../../src/serving/clients.ts';
import { patient } from '../inference/prevent.ts';
import { inputsOf, openServed, type Served, type Site } from './served.ts';

const infer = '/v2/models/prevent/infer';
const hash = (key: string): string => `sha256:${createHash('sha256').update(key).digest('hex')}`;

/** What comes back when these bytes are sent, until the other side ends or says nothing more for a while. */
function wire(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const heard: Buffer[] = [];
    const over = (): void => resolve(Buffer.concat(heard).toString('latin1'));
    socket.setTimeout(400, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    socket.on('error', () => {}).on('close', over);
  });
}

const statuses = (text: string): readonly number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

describe('hostile callers', () => {
  let served: Served;
  before(async () => {
    served = await openServed();
  });
  after(() => served.close());

  const inputs = (model: string) => inputsOf(served.models.get(model).manifest, [patient]);

  describe('on the wire', () => {
    let site: Site;
    before(async () => {
      site = await served.listen();
    });
    after(() => site.close());

    const post = (headers: string, body: string, version = '1.1'): string =>
      `POST ${infer} HTTP/${version}\r\nHost: localhost\r\n${headers}\r\n${body}`;
    const good = (): string => JSON.stringify({ inputs: inputs('prevent') });
    const sized = (body: string): string => `Content-Length: ${body.length}\r\n`;
    const smuggled = 'GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n';

    const tricks: readonly {
      readonly what: string;
      readonly sends: () => string;
      readonly answers: readonly number[];
    }[] = [
      {
        what: 'two lengths',
        sends: () => post('Content-Length: 5\r\nContent-Length: 6\r\n', ''),
        answers: [400],
      },
      {
        what: 'a length and chunks, and a request hidden behind them',
        sends: () => post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
        answers: [400],
      },
      { what: 'a length below nothing', sends: () => post('Content-Length: -1\r\n', ''), answers: [400] },
      {
        what: 'a length of 20 digits',
        sends: () => post(`Content-Length: ${'9'.repeat(20)}\r\n`, ''),
        answers: [400],
      },
      {
        what: 'a chunk that is no number',
        sends: () => post('Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n'),
        answers: [400],
      },
      {
        what: 'a request behind a body that is too large',
        sends: () => post('Content-Length: 99999999\r\n', smuggled),
        answers: [413],
      },
      { what: 'a header of 20 kB', sends: () => post(`X: ${'a'.repeat(20_000)}\r\n`, ''), answers: [431] },
      {
        what: 'two lengths of the JSON',
        sends: () =>
          post(
            `Inference-Header-Content-Length: 5\r\nInference-Header-Content-Length: 6\r\n${sized(good())}`,
            good(),
          ),
        answers: [400],
      },
      { what: 'HTTP/1.0', sends: () => post(sized(good()), good(), '1.0'), answers: [200] },
      {
        what: 'three requests at once',
        sends: () => post(sized(good()), good()).repeat(3),
        answers: [200, 200, 200],
      },
    ];
    for (const { what, sends, answers } of tricks) {
      it(`${what}: ${answers.join(', ')}`, async () => {
        assert.deepEqual(statuses(await wire(site.url, sends())), answers);
        assert.equal((await site.get('/v2/health/live')).status, 200);
      });
    }

    for (const name of ['__proto__', 'constructor', '..%2f..%2fetc', '%00', 'PREVENT', 'a'.repeat(4000)]) {
      it(`there is no model ${name.slice(0, 20)}`, async () => {
        assert.equal((await site.get(`/v2/models/${name}`)).status, 404);
        assert.equal(
          (await site.post(`/v2/models/${name}/explain`, { inputs: inputs('prevent') })).status,
          404,
        );
      });
    }
  });

  describe('around a scope', () => {
    const key = 'p'.repeat(43);
    const tokens = createAccessTokens(() => new Date());
    let site: Site;
    before(async () => {
      const list = [
        { id: 'one', scopes: ['infer:prevent'], keys: [hash(key)] },
        { id: 'all', scopes: ['infer:*'], keys: [hash('a'.repeat(43))] },
      ];
      const clients = parseClients(JSON.stringify(list), served.models.ids());
      const baseUrl = 'https://auscult.example';
      site = await served.listen({
        access: clientAccess({ clients, baseUrl, clock: () => new Date(), tokens }),
      });
    });
    after(() => site.close());

    const holders = {
      'the key of one model': () => key,
      'a token narrowed to one model': () => tokens.issue('all', ['infer:prevent']),
    };
    const ways = ['', '/ready', '/infer', '/explain'].flatMap((way) => [way, `/versions/1.0.0${way}`]);
    for (const [whose, credential] of Object.entries(holders)) {
      it(`${whose} reaches that one, and of another no more than of none`, async () => {
        const headers = { authorization: `Bearer ${credential()}` };
        const ask = (model: string, way: string) =>
          /infer|explain/.test(way)
            ? site.post(`/v2/models/${model}${way}`, { inputs: inputs('prevent') }, headers)
            : site.get(`/v2/models/${model}${way}`, headers);
        for (const way of ways) {
          assert.equal((await ask('prevent', way)).status, 200, way);
          const [other, none] = [await ask('pce', way), await ask('nobody', way)];
          assert.equal(other.status, 404, way);
          assert.deepEqual(other.json(), none.json(), way);
        }
        const index = await site.post('/v2/repository/index', {}, headers);
        assert.deepEqual(
          index.json<readonly { readonly name: string }[]>().map(({ name }) => name),
          ['prevent'],
        );
        assert.equal((await site.post('/v2/repository/models/prevent/unload', {}, headers)).status, 403);
      });
    }

    it('an address spelled otherwise is no other address', async () => {
      const headers = { authorization: `Bearer ${key}` };
      for (const path of [
        '/V2/models/pce/infer',
        '/v2/models/%70ce/infer',
        '/v2/models/prevent%2f..%2fpce/infer',
      ])
        assert.equal((await site.post(path, { inputs: inputs('pce') }, headers)).status, 404, path);
    });
  });
});
