/** Q4–Q9 over the wire: a list that is paged, slow, huge, encoded or something else than what was asked. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Fault } from '../../src/errors.ts';
import type { Chart } from '../../src/fhir/chart.ts';
import { createCircuit } from '../../src/fhir/circuit.ts';
import { httpReader } from '../../src/fhir/http-reader.ts';
import { parseEnvelope } from '../../src/hooks/envelope.ts';
import { gatherChart } from '../../src/hooks/gather.ts';
import { closeAll, type Listening, listen, soon } from '../fhir/listening.ts';

const token = 'CANARY-ACCESS-TOKEN';
const fhirJson = { 'content-type': 'application/fhir+json' };
const lists = [
  { key: 'conditions', query: 'Condition?patient={{context.patientId}}', required: true },
  { key: 'medications', query: 'MedicationRequest?patient={{context.patientId}}', required: false },
];

const bundle = (resources: readonly object[], next?: string): object => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource })),
  link: next === undefined ? [] : [{ relation: 'next', url: next }],
});
const condition = (id: string) => ({ resourceType: 'Condition', id, subject: { reference: 'Patient/1' } });
const order = (reference: string) => ({
  resourceType: 'MedicationRequest',
  id: 'o',
  subject: { reference: 'Patient/1' },
  medicationReference: { reference },
});
const send = (res: ServerResponse, body: object): void =>
  void res.writeHead(200, fhirJson).end(JSON.stringify(body));

/** 200 KiB that would become 200 MiB. */
const bomb = Buffer.concat(Array<Buffer>(200).fill(gzipSync(Buffer.alloc(2 ** 20))));

type Handler = (path: string, res: ServerResponse, origin: string, req: IncomingMessage) => void;

describe('gather over HTTP', () => {
  let ehr: Listening;
  let tokens: (string | undefined)[];
  beforeEach(() => {
    tokens = [];
  });
  afterEach(closeAll);

  /** Asks an EHR for its lists; what it was not told to answer is an empty list. */
  async function gatherFrom(handler: Handler, readBudgetMs = 2_000, prefetch: object = {}): Promise<Chart> {
    ehr = await listen((req, res) => {
      tokens.push(req.headers.authorization);
      handler(req.url?.replace('/fhir', '') ?? '', res, ehr.origin, req);
    });
    const base = `${ehr.origin}/fhir`;
    const context = { userId: 'Practitioner/1', patientId: '1' };
    const hookInstance = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
    const body = { hook: 'patient-view', hookInstance, context, fhirServer: base, prefetch };
    const circuit = createCircuit({ failures: 99, windowMs: 1, pauseMs: 1 });
    const reader = httpReader({
      ...{ base, circuit, registeredBases: [base], accessToken: token, allowPrivateNetwork: true },
    });
    const { signal } = new AbortController();
    const options = { reader, fhirServers: [base], now: new Date(), signal, readBudgetMs };
    return gatherChart(parseEnvelope(body, 'patient-view'), lists, options);
  }
  /** What the 412 names. */
  const lacking = (chart: Promise<Chart>): Promise<readonly string[]> =>
    chart.then(
      () => [],
      (thrown) => (thrown instanceof Fault ? [thrown.code, ...thrown.details] : [String(thrown)]),
    );
  const conditionsAre = (reason: string) => ['required-data-unavailable', `conditions: ${reason}`];
  /** A handler of the conditions; medications are none. */
  const conditions =
    (handler: Handler): Handler =>
    (path, res, origin, req) =>
      path.startsWith('/MedicationRequest') ? send(res, bundle([])) : handler(path, res, origin, req);

  it('Q8, Q9: reads lists, pages and medications, the token with each of them', async () => {
    const chart = await gatherFrom((path, res, origin) => {
      if (path === '/Condition?patient=1') send(res, bundle([condition('a')], `${origin}/fhir?page=2`));
      else if (path === '?page=2') send(res, bundle([condition('b')], '?page=3'));
      else if (path === '/?page=3') send(res, bundle([condition('c')]));
      else if (path === '/Medication/m') send(res, { resourceType: 'Medication', id: 'm' });
      else send(res, bundle([order(`${origin}/fhir/Medication/m`)]));
    });
    assert.deepEqual(
      chart.resources.map(({ id }) => id),
      ['a', 'b', 'c', 'o', 'm'],
    );
    assert.deepEqual(tokens, Array(5).fill(`Bearer ${token}`));
  });

  it('Q8, Q9: the pages behind a prefetched one, with the token', async () => {
    const prefetch = { conditions: bundle([condition('a')], 'Condition?page=2'), medications: null };
    const chart = await gatherFrom((_, res) => send(res, bundle([condition('b')])), 2_000, prefetch);
    assert.deepEqual(
      chart.resources.map(({ id }) => id),
      ['a', 'b'],
    );
    assert.deepEqual(tokens, [`Bearer ${token}`]);
  });

  it('Q8: pages that lead back to the first are asked once each', async () => {
    const said = await lacking(
      gatherFrom(
        conditions((path, res) => send(res, bundle([], path === '?page=2' ? '?page=3' : '?page=2'))),
      ),
    );
    assert.deepEqual(said, conditionsAre('partial'));
    assert.ok(tokens.length <= 5, `${tokens.length} reads`);
  });

  it('Q8: pages without end are left after the tenth', async () => {
    let page = 1;
    const endless = conditions((_, res) => send(res, bundle([condition(`c${page}`)], `?page=${++page}`)));
    assert.deepEqual(await lacking(gatherFrom(endless)), conditionsAre('partial'));
    assert.equal(page, 11);
  });

  it('Q8: a list of more than 5,000 records is left', async () => {
    let page = 1;
    const many = (): object[] => Array.from({ length: 2_500 }, (_, at) => condition(`c${page}-${at}`));
    const huge = conditions((_, res) => send(res, bundle(many(), ++page > 9 ? undefined : `?page=${page}`)));
    assert.deepEqual(await lacking(gatherFrom(huge, 5_000)), conditionsAre('partial'));
    assert.equal(page, 4);
  });

  const unusable: Record<string, readonly [string, Handler]> = {
    'a gzip bomb': [
      'invalid-response',
      (_, res) => void res.writeHead(200, { ...fhirJson, 'content-encoding': 'gzip' }).end(bomb),
    ],
    'a body over four MiB': [
      'invalid-response',
      (_, res) => void res.writeHead(200, fhirJson).end(Buffer.alloc(5e6, 0x20)),
    ],
    'a length over four MiB': [
      'invalid-response',
      (_, res) => res.writeHead(200, { ...fhirJson, 'content-length': 5e6 }).flushHeaders(),
    ],
    'nesting without bottom': [
      'invalid-response',
      (_, res) => void res.writeHead(200, fhirJson).end('['.repeat(1e5)),
    ],
    'records of another type': [
      'invalid-response',
      (_, res) => send(res, bundle([{ resourceType: 'Organization', id: 'o' }])),
    ],
    'one record in place of a list': ['invalid-response', (_, res) => send(res, condition('a'))],
    'an OperationOutcome that only warns': [
      'operation-outcome',
      (_, res) =>
        send(res, { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'x' }] }),
    ],
    'a list with an error among its records': [
      'operation-outcome',
      (_, res) =>
        send(
          res,
          bundle([condition('a'), { resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] }]),
        ),
    ],
  };
  for (const [what, [reason, handler]] of Object.entries(unusable)) {
    it(`Q6, Q7: ${what} is ${reason}, and costs little memory`, async function () {
      this.timeout(10_000);
      const before = process.memoryUsage().rss;
      assert.deepEqual(await lacking(gatherFrom(conditions(handler), 5_000)), conditionsAre(reason));
      const grown = (process.memoryUsage().rss - before) / 2 ** 20;
      assert.ok(grown < 100, `${Math.round(grown)} MiB`);
    });
  }

  it('Q8: a second page that is unusable leaves the list partial, and none of it is used', async () => {
    for (const [, handler] of Object.values(unusable).slice(1, 4)) {
      const second: Handler = (path, res, origin, req) =>
        path === '?page=2' ? handler(path, res, origin, req) : send(res, bundle([condition('a')], '?page=2'));
      assert.deepEqual(await lacking(gatherFrom(conditions(second))), conditionsAre('partial'));
    }
  });

  const slow: Record<string, Handler> = {
    'a server that hangs': () => undefined,
    'a server that drips': (_, res) => {
      res.writeHead(200, fhirJson);
      const drip = setInterval(() => res.write(' '), 5);
      res.on('close', () => clearInterval(drip));
    },
  };
  for (const [what, handler] of Object.entries(slow)) {
    it(`Q7: ${what} costs the budget of all reads once, and no connection stays`, async () => {
      const started = performance.now();
      assert.deepEqual(await lacking(gatherFrom(handler, 100)), conditionsAre('timeout'));
      assert.ok(performance.now() - started < 400);
      assert.ok(await soon(() => ehr.open() === 0));
    });
  }

  it('Q7: pages that drip one by one share the one budget', async () => {
    let page = 1;
    const started = performance.now();
    const said = await lacking(
      gatherFrom(
        conditions((_, res) => void setTimeout(() => send(res, bundle([], `?page=${++page}`)), 40)),
        150,
      ),
    );
    assert.deepEqual(said, conditionsAre('partial'));
    assert.ok(performance.now() - started < 450);
  });

  it('Q7: a record of another patient ends all other reads at once', async () => {
    const foreign = { ...condition('z'), subject: { reference: 'Patient/2' } };
    const started = performance.now();
    const said = await lacking(
      gatherFrom(
        (path, res) => (path.startsWith('/Condition') ? send(res, bundle([foreign])) : undefined),
        3_000,
      ),
    );
    assert.deepEqual(said, ['wrong-patient', 'fhirServer.conditions']);
    assert.ok(performance.now() - started < 1_000);
    assert.ok(await soon(() => ehr.open() <= 1));
  });

  it('Q8, Q9: a next link or reference to another host is not followed: no connection, no token', async () => {
    const canary = await listen((_, res) => res.end('{}'));
    const said = await lacking(
      gatherFrom((path, res) =>
        path.startsWith('/Condition')
          ? send(res, bundle([condition('a')], `${canary.origin}/fhir?page=2`))
          : send(res, bundle([order(`${canary.origin}/fhir/Medication/m`)])),
      ),
    );
    assert.deepEqual(said, conditionsAre('partial'));
    assert.equal(canary.connections(), 0);
  });
});
