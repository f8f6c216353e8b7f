import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import {
  BoundedFetchError,
  type BoundedFetchOptions,
  type BoundedFetchReason,
  boundedFetch,
} from '../../src/fhir/bounded-fetch.ts';
import { closeAll, listen, listenRaw, soon } from './listening.ts';

const options = (more: Partial<BoundedFetchOptions> = {}): BoundedFetchOptions => ({
  signal: AbortSignal.timeout(2_000),
  maxBytes: 1_000,
  allowPrivateNetwork: true,
  ...more,
});

/** The refusal, which says its reason and repeats nothing. */
async function reasonOf(url: string, more: Partial<BoundedFetchOptions> = {}): Promise<BoundedFetchReason> {
  const headers = { authorization: 'Bearer SECRET-TOKEN' };
  try {
    await boundedFetch(url, options({ headers, ...more }));
  } catch (thrown) {
    assert.ok(thrown instanceof BoundedFetchError);
    const said = `${inspect(thrown, { depth: 9, showHidden: true })}${thrown.stack}`;
    assert.doesNotMatch(said, /SECRET|127\.0\.0\.1|localhost/);
    assert.equal(thrown.cause, undefined);
    return thrown.reason;
  }
  return assert.fail('answered');
}

describe('bounded fetch', () => {
  afterEach(closeAll);

  it('Q9: sends method, headers and body, asks for no encoding, and brings the whole answer', async () => {
    const seen: unknown[] = [];
    const { origin } = await listen((req, res) => {
      const { 'accept-encoding': encoding, authorization, cookie } = req.headers;
      seen.push(req.method, req.url, encoding, authorization, cookie);
      req.on('data', (chunk) => seen.push(String(chunk)));
      req.on('end', () => res.writeHead(400, { 'x-a': '1', 'set-cookie': ['a=1', 'b=2'] }).end('no'));
    });
    const headers = { authorization: 'Bearer t', 'accept-encoding': 'gzip' };
    const answer = await boundedFetch(`${origin}/a?b=c`, options({ method: 'POST', headers, body: 'x=1' }));
    assert.deepEqual(seen, ['POST', '/a?b=c', 'identity', 'Bearer t', undefined, 'x=1']);
    assert.deepEqual([answer.status, Buffer.from(answer.bytes).toString()], [400, 'no']);
    assert.deepEqual([answer.headers['x-a'], answer.headers['set-cookie']], ['1', 'a=1,b=2']);
  });

  const refusals: Record<string, readonly [BoundedFetchReason, RequestListener]> = {
    'a body one byte over the cap': ['too-large', (_, res) => void res.write('x'.repeat(1_001))],
    'a length over the cap, unread': [
      'too-large',
      (_, res) => res.writeHead(200, { 'content-length': 1e9 }).flushHeaders(),
    ],
    'a body without length that never ends': [
      'too-large',
      (_, res) => {
        const more = (): void => {
          while (!res.destroyed && res.write('x'.repeat(400)));
        };
        res.on('drain', more);
        more();
      },
    ],
    'a gzip bomb': [
      'encoded',
      (_, res) => void res.writeHead(200, { 'content-encoding': 'gzip' }).write(gzipSync(Buffer.alloc(1e7))),
    ],
    'an encoding within another': [
      'encoded',
      (_, res) => void res.writeHead(200, { 'content-encoding': 'identity, br' }).write('x'),
    ],
    'a connection reset before the answer': ['reset', (req) => void (req.socket as Socket).resetAndDestroy()],
    'a connection that ends before the answer': ['reset', (req) => void req.socket.destroy()],
    'a body that ends before its length': [
      'reset',
      (_, res) => {
        res.writeHead(200, { 'content-length': 100 }).write('x');
        setTimeout(() => res.destroy(), 20);
      },
    ],
    'a chunked body that ends before its last chunk': [
      'reset',
      (_, res) => {
        res.writeHead(200).write('x');
        setTimeout(() => res.destroy(), 20);
      },
    ],
  };
  for (const [what, [reason, handler]] of Object.entries(refusals)) {
    it(`Q7: ${what} is ${reason}, and its connection is released`, async () => {
      const server = await listen(handler);
      assert.equal(await reasonOf(`${server.origin}/SECRET?q=SECRET`), reason);
      assert.ok(await soon(() => server.open() === 0), `${server.open()} still open`);
    });
  }

  for (const status of [300, 301, 302, 303, 304, 307, 308, 399]) {
    it(`SSRF: a ${status} is a redirect and is not followed`, async () => {
      const elsewhere = await listen((_, res) => res.end());
      const { origin } = await listen((_, res) =>
        res.writeHead(status, { location: `${elsewhere.origin}/SECRET` }).end(),
      );
      assert.equal(await reasonOf(origin), 'redirect');
      assert.equal(elsewhere.connections(), 0);
    });
  }

  const silent: Record<string, (socket: Socket) => void> = {
    'says nothing': () => undefined,
    'never ends its head': (socket) => socket.write('HTTP/1.1 200 OK\r\nx-a: 1\r\n'),
    'never ends its body': (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx'),
    'drips its body': (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 5);
      socket.on('close', () => clearInterval(drip));
    },
    'drips its head': (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-a: 1\r\n'), 5);
      socket.on('close', () => clearInterval(drip));
    },
  };
  for (const [what, handler] of Object.entries(silent)) {
    it(`Q7: a server that ${what} is ended by the signal, and its connection is released`, async () => {
      const server = await listenRaw(handler);
      const started = performance.now();
      assert.equal(await reasonOf(server.origin, { signal: AbortSignal.timeout(60) }), 'timeout');
      assert.ok(performance.now() - started < 500);
      assert.ok(await soon(() => server.open() === 0), `${server.open()} still open`);
    });
  }

  it('Q7: a hundred requests that are ended leave no connection behind', async () => {
    const server = await listenRaw(() => undefined);
    const signal = AbortSignal.timeout(100);
    const asked = Array.from({ length: 100 }, () => reasonOf(server.origin, { signal }));
    assert.deepEqual([...new Set(await Promise.all(asked))], ['timeout']);
    assert.ok(server.connections() > 1);
    assert.ok(await soon(() => server.open() === 0), `${server.open()} still open`);
  });

  it('Q7: nobody there, and nothing that is HTTP, is unreachable', async () => {
    const garbage = await listenRaw((socket) => socket.end('SECRET\0\r\n\r\n'));
    assert.equal(await reasonOf(garbage.origin), 'unreachable');
    const gone = await listen(() => undefined);
    closeAll();
    assert.equal(await reasonOf(gone.origin), 'unreachable');
    assert.equal(await reasonOf('http://nobody.invalid/'), 'unreachable');
  });

  it('SSRF: nothing but http and https, without credentials, to an address that may be connected to', async () => {
    const there = await listen((_, res) => res.end());
    for (const url of [
      'nonsense',
      '',
      'file:///etc/passwd',
      'gopher://127.0.0.1/',
      'data:,x',
      'ftp://127.0.0.1/',
    ]) {
      assert.equal(await reasonOf(url), 'address-not-allowed', url);
    }
    assert.equal(await reasonOf(`http://a:SECRET@127.0.0.1:${there.port}/`), 'address-not-allowed');
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '127.1.',
    ]) {
      const url = `http://${host}:${there.port}/`;
      assert.equal(await reasonOf(url, { allowPrivateNetwork: false }), 'address-not-allowed', host);
    }
    assert.equal(await reasonOf('http://169.254.169.254/'), 'address-not-allowed', 'even with the exception');
    assert.equal(there.connections(), 0);
    await boundedFetch(there.origin, options());
    assert.equal(there.connections(), 1);
  });
});
