import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { FetchFailure } from '../../src/fhir/chart.ts';
import { deadlineIn } from '../../src/fhir/deadline.ts';
import { type FhirServer, httpReader } from '../../src/fhir/http-reader.ts';
import type { ReadBudget, Reading } from '../../src/fhir/reader.ts';

const token = 'CANARY-TOKEN';
const open = new Set<Server>();

async function listen(
  handler: RequestListener,
): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer(handler);
  open.add(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A server elsewhere that must never be visited. */
async function canary(): Promise<{
  readonly origin: string;
  readonly visits: string[];
  connections: () => number;
}> {
  const visits: string[] = [];
  let connections = 0;
  const { server, origin } = await listen((req, res) => {
    visits.push(`${req.url} ${req.headers.authorization}`);
    res.end('{}');
  });
  server.on('connection', () => connections++);
  return { origin, visits, connections: () => connections };
}

const readerOf = (origin: string, more: Partial<FhirServer> = {}) =>
  httpReader({
    base: `${origin}/fhir`,
    registeredBases: [`${origin}/fhir`],
    accessToken: token,
    allowPrivateNetwork: true,
    ...more,
  });

const soon = (ms = 2_000): ReadBudget => deadlineIn(ms);
const json = { 'content-type': 'application/fhir+json; charset=utf-8' };
const patient = JSON.stringify({ resourceType: 'Patient', id: '1' });

async function answering(
  handler: RequestListener,
  more: Partial<FhirServer> = {},
  budget = soon(),
): Promise<Reading> {
  const { origin } = await listen(handler);
  return readerOf(origin, more).read('Patient/1', budget);
}

const reasonOf = (reading: Reading): FetchFailure | 'read' =>
  reading.kind === 'failed' ? reading.reason : 'read';

describe('FHIR over HTTP', () => {
  afterEach(() => {
    for (const server of open) {
      server.closeAllConnections();
      server.close();
    }
    open.clear();
  });

  it('Q9: sends GET with the token, asks for FHIR JSON without encoding', async () => {
    const seen: unknown[] = [];
    const reading = await answering((req, res) => {
      seen.push([
        req.method,
        req.url,
        req.headers.authorization,
        req.headers.accept,
        req.headers['accept-encoding'],
      ]);
      res.writeHead(200, json).end(patient);
    });
    assert.deepEqual(reading, { kind: 'read', body: { resourceType: 'Patient', id: '1' } });
    assert.deepEqual(seen, [
      ['GET', '/fhir/Patient/1', `Bearer ${token}`, 'application/fhir+json', 'identity'],
    ]);
  });

  it('sends no authorization where it has no token', async () => {
    const reading = await answering(
      (req, res) => res.writeHead(req.headers.authorization === undefined ? 200 : 400, json).end(patient),
      { accessToken: undefined },
    );
    assert.equal(reasonOf(reading), 'read');
  });

  it('encodes the bar of a token search', async () => {
    const urls: (string | undefined)[] = [];
    const { origin } = await listen((req, res) => {
      urls.push(req.url);
      res.writeHead(200, json).end(patient);
    });
    await readerOf(origin).read('Observation?code=http://loinc.org|2093-3,http://loinc.org|2085-9', soon());
    assert.deepEqual(urls, ['/fhir/Observation?code=http://loinc.org%7C2093-3,http://loinc.org%7C2085-9']);
  });

  const statuses: readonly (readonly [number, FetchFailure])[] = [
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'not-found'],
    [410, 'not-found'],
    [429, 'throttled'],
    [500, 'server-error'],
    [503, 'server-error'],
    [204, 'invalid-response'],
    [400, 'invalid-response'],
    [304, 'invalid-response'],
  ];
  for (const [status, reason] of statuses) {
    it(`Q7: a ${status} is ${reason}, and is not retried`, async () => {
      let calls = 0;
      const reading = await answering((_, res) => {
        calls++;
        res.writeHead(status, json).end(status === 204 || status === 304 ? undefined : patient);
      });
      assert.equal(reasonOf(reading), reason);
      assert.equal(calls, 1);
    });
  }

  const bodies: Record<string, RequestListener> = {
    HTML: (_, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    'JSON without content type': (_, res) => res.writeHead(200).end(patient),
    'no JSON': (_, res) => res.writeHead(200, json).end('{"resourceType":'),
    'invalid UTF-8': (_, res) => res.writeHead(200, json).end(Buffer.from([0x7b, 0xff, 0x7d])),
    'a repeated key': (_, res) =>
      res.writeHead(200, json).end('{"resourceType":"Patient","id":"1","id":"2"}'),
    'a number that overflows': (_, res) =>
      res.writeHead(200, json).end('{"resourceType":"Observation","v":1e999}'),
    'an object that is no resource': (_, res) => res.writeHead(200, json).end('{"a":1}'),
    'an array': (_, res) => res.writeHead(200, json).end('[]'),
    nothing: (_, res) => res.writeHead(200, json).end(),
  };
  for (const [what, handler] of Object.entries(bodies)) {
    it(`Q7: ${what} is an invalid response`, async () =>
      assert.equal(reasonOf(await answering(handler)), 'invalid-response'));
  }

  it('refuses a gzip bomb unread', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    const reading = await answering((_, res) =>
      res.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb),
    );
    assert.equal(reasonOf(reading), 'invalid-response');
  });

  it('stops at the cap, counted in bytes', async () => {
    let sent = 0;
    const reading = await answering(
      (_, res) => {
        res.writeHead(200, json);
        const more = (): void => {
          while (!res.destroyed && sent < 1e9 && res.write(Buffer.alloc(65_536, 0x20))) sent += 65_536;
        };
        res.on('drain', more);
        more();
      },
      { maxBytes: 1_000_000 },
    );
    assert.equal(reasonOf(reading), 'invalid-response');
    assert.ok(sent < 20_000_000, `${sent} bytes`);
  });

  it('takes a body of exactly the cap', async () => {
    const reading = await answering((_, res) => res.writeHead(200, json).end(patient), {
      maxBytes: patient.length,
    });
    assert.equal(reasonOf(reading), 'read');
  });

  const slow: Record<string, RequestListener> = {
    'that never answers': () => undefined,
    'that never ends': (_, res) => void res.writeHead(200, json).write('{'),
    'that drips': (_, res) => {
      res.writeHead(200, json);
      const drip = setInterval(() => res.write(' '), 10);
      res.on('close', () => clearInterval(drip));
    },
  };
  for (const [what, handler] of Object.entries(slow)) {
    it(`Q7: ends a server ${what} with the signal`, async () => {
      const started = performance.now();
      const reading = await answering(handler, {}, soon(80));
      assert.equal(reasonOf(reading), 'timeout');
      assert.ok(performance.now() - started < 600);
    });
  }

  it('does not start under a signal that has ended', async () => {
    const there = await canary();
    assert.equal(
      reasonOf(await readerOf(there.origin).read('Patient/1', deadlineIn(2_000, AbortSignal.abort()))),
      'timeout',
    );
    assert.equal(there.visits.length, 0);
  });

  it('retries a reset once', async () => {
    const resets = async (times: number): Promise<readonly [string, number]> => {
      let calls = 0;
      const reading = await answering((req, res) => {
        if (++calls <= times) (req.socket as Socket).resetAndDestroy();
        else res.writeHead(200, json).end(patient);
      });
      return [reasonOf(reading), calls];
    };
    assert.deepEqual(await resets(1), ['read', 2]);
    assert.deepEqual(await resets(2), ['unreachable', 2]);
  });

  it('Q7: a closed port is unreachable', async () => {
    const { server, origin } = await listen(() => undefined);
    await new Promise((done) => server.close(done));
    assert.equal(reasonOf(await readerOf(origin).read('Patient/1', soon())), 'unreachable');
  });

  it('follows no redirect, neither away nor at home', async () => {
    const elsewhere = await canary();
    for (const status of [301, 302, 303, 307, 308]) {
      for (const location of [`${elsewhere.origin}/fhir/Patient/1`, '/fhir/Patient/2']) {
        let calls = 0;
        const reading = await answering((_, res) => {
          calls++;
          res.writeHead(status, { ...json, location }).end();
        });
        assert.deepEqual([reasonOf(reading), calls], ['invalid-response', 1]);
      }
    }
    assert.equal(elsewhere.connections(), 0);
  });

  it('visits nothing outside the registered base, and takes no token there', async () => {
    const home = await canary();
    const elsewhere = await canary();
    const port = new URL(elsewhere.origin).port;
    const reader = readerOf(home.origin);
    for (const query of [
      `${elsewhere.origin}/fhir/Patient/1`,
      `//127.0.0.1:${port}/fhir/Patient/1`,
      `\\\\127.0.0.1:${port}\\fhir`,
      `http://2130706433:${port}/fhir/Patient/1`,
      `http://[::ffff:127.0.0.1]:${port}/fhir/Patient/1`,
      `http://localhost:${port}/fhir/Patient/1`,
      `http://${new URL(home.origin).host}@127.0.0.1:${port}/fhir/Patient/1`,
      `https://${new URL(home.origin).host}/fhir/Patient/1`,
      `${home.origin}/admin`,
      `${home.origin}/fhir2/Patient/1`,
      '../admin',
      '/admin',
      'Patient/../../admin',
      '%2e%2e/admin',
      'Patient/..%2f..%2fadmin',
      'file:///etc/passwd',
      'data:application/fhir+json,{"resourceType":"Patient"}',
      'http://',
    ]) {
      assert.equal(reasonOf(await reader.read(query, soon())), 'partial', query);
    }
    assert.deepEqual([home.connections(), elsewhere.connections()], [0, 0]);
  });

  it('asks nobody when its own base is not a registered one', async () => {
    const there = await canary();
    const reader = readerOf(there.origin, { registeredBases: ['https://ehr.example/fhir'] });
    assert.equal(reasonOf(await reader.read('Patient/1', soon())), 'partial');
    assert.equal(there.connections(), 0);
  });

  it('reads a next page by its absolute address, by every registered name', async () => {
    const urls: (string | undefined)[] = [];
    const { origin } = await listen((req, res) => {
      urls.push(req.url);
      res.writeHead(200, json).end(patient);
    });
    const alias = origin.replace('127.0.0.1', 'localhost');
    const reader = readerOf(origin, { registeredBases: [`${origin}/fhir`, `${alias}/fhir`] });
    assert.equal(reasonOf(await reader.read(`${origin}/fhir?page=2`, soon())), 'read');
    assert.equal(reasonOf(await reader.read(`${alias}/fhir/Patient?page=3`, soon())), 'read');
    assert.deepEqual(urls, ['/fhir?page=2', '/fhir/Patient?page=3']);
  });

  it('stays off a private network unless the registration allows it', async () => {
    const there = await canary();
    for (const origin of [there.origin, there.origin.replace('127.0.0.1', 'localhost')]) {
      const reading = await readerOf(origin, { allowPrivateNetwork: false }).read('Patient/1', soon());
      assert.equal(reasonOf(reading), 'unreachable', origin);
    }
    assert.equal(there.connections(), 0);
  });
});
