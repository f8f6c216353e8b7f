import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../../src/errors.ts';
import { httpReader } from '../../src/fhir/http-reader.ts';
import { parseEnvelope } from '../../src/hooks/envelope.ts';
import { gatherChart } from '../../src/hooks/gather.ts';

const lists = [
  { key: 'conditions', query: 'Condition?patient={{context.patientId}}', required: true },
  { key: 'medications', query: 'MedicationRequest?patient={{context.patientId}}', required: false },
];

const servers = new Set<Server>();
async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.add(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An EHR over the wire: path → Bundle of resources, with an optional next link. */
async function gatherFrom(
  answer: (path: string, origin: string) => object | undefined,
  readBudgetMs = 2_000,
) {
  const origin: string = await listen((req, res) => {
    const body = answer(req.url ?? '', origin);
    if (body !== undefined)
      res.writeHead(200, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(body));
  });
  const request = parseEnvelope(
    {
      hook: 'patient-view',
      hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
      context: { userId: 'Practitioner/1', patientId: '1' },
      fhirServer: `${origin}/fhir`,
    },
    'patient-view',
  );
  const base = `${origin}/fhir`;
  const reader = httpReader({
    base,
    registeredBases: [base],
    accessToken: 'CANARY',
    allowPrivateNetwork: true,
  });
  const { signal } = new AbortController();
  return gatherChart(request, lists, { reader, fhirServers: [base], now: new Date(), signal, readBudgetMs });
}

const bundle = (resources: readonly object[], next?: string): object => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource })),
  link: next === undefined ? [] : [{ relation: 'next', url: next }],
});
const condition = (id: string) => ({ resourceType: 'Condition', id, subject: { reference: 'Patient/1' } });
const lacking = (thrown: unknown): readonly string[] =>
  thrown instanceof Fault ? [thrown.code, ...thrown.details] : [];

describe('gather over HTTP', () => {
  afterEach(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    servers.clear();
  });

  it('Q8: reads lists, pages and medications of the registered server', async () => {
    const order = { resourceType: 'MedicationRequest', id: 'o', subject: { reference: 'Patient/1' } };
    const chart = await gatherFrom((path, origin) => {
      if (path === '/fhir/Condition?patient=1') return bundle([condition('a')], `${origin}/fhir?page=2`);
      if (path === '/fhir?page=2') return bundle([condition('b')]);
      if (path === '/fhir/Medication/m') return { resourceType: 'Medication', id: 'm' };
      return bundle([{ ...order, medicationReference: { reference: `${origin}/fhir/Medication/m` } }]);
    });
    assert.deepEqual(
      chart.resources.map(({ id }) => id),
      ['a', 'b', 'o', 'm'],
    );
  });

  it('Q8: a next link or reference to another host is not followed: no connection, no token', async () => {
    let connections = 0;
    const visits: unknown[] = [];
    const canary = await listen((req, res) => {
      visits.push(req.headers.authorization);
      res.end('{}');
    });
    for (const server of servers) server.on('connection', () => connections++);
    const order = { resourceType: 'MedicationRequest', id: 'o', subject: { reference: 'Patient/1' } };
    const abroad = `${canary}/fhir/Medication/m`;
    await assert.rejects(
      gatherFrom((path) =>
        path.startsWith('/fhir/Condition')
          ? bundle([condition('a')], `${canary}/fhir?page=2`)
          : bundle([{ ...order, medicationReference: { reference: abroad } }]),
      ),
      (thrown) =>
        assert.deepEqual(lacking(thrown), ['required-data-unavailable', 'conditions: partial']) === undefined,
    );
    assert.deepEqual([connections, visits], [0, []]);
  });

  it('Q7: a server that hangs costs the budget of all reads once, and no more', async () => {
    const started = performance.now();
    await assert.rejects(
      gatherFrom(() => undefined, 100),
      (thrown) =>
        assert.deepEqual(lacking(thrown), ['required-data-unavailable', 'conditions: timeout']) === undefined,
    );
    assert.ok(performance.now() - started < 400);
  });
});
