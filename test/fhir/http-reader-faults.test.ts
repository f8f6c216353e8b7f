/** reliability.md §4: what a read does about a server that is slow, resets, throttles or is down. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createCircuit } from '../../src/fhir/circuit.ts';
import { deadlineIn } from '../../src/fhir/deadline.ts';
import { type FhirServer, httpReader, type ReadReport } from '../../src/fhir/http-reader.ts';
import type { Reading } from '../../src/fhir/reader.ts';
import { closeAll, type Listening, listen, soon } from './listening.ts';

const json = { 'content-type': 'application/fhir+json' };
const answers = (res: ServerResponse): void =>
  void res.writeHead(200, json).end(JSON.stringify({ resourceType: 'Patient', id: '1' }));
const resets = (req: IncomingMessage): void => void (req.socket as Socket).resetAndDestroy();
const throttles = (res: ServerResponse, retryAfter?: string): void =>
  void res
    .writeHead(429, { ...json, ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }) })
    .end('{}');

type Step = (req: IncomingMessage, res: ServerResponse) => void;
const hang: Step = () => undefined;
const answer: Step = (_, res) => answers(res);

describe('FHIR over HTTP that fails', () => {
  let reports: ReadReport[];
  let asked: number;
  beforeEach(() => {
    reports = [];
    asked = 0;
  });
  afterEach(closeAll);

  /** A server that takes these steps in turn, the last one for ever. */
  const stepping = (...steps: readonly Step[]): Promise<Listening> =>
    listen((req, res) => steps[Math.min(asked++, steps.length - 1)]?.(req, res));
  const reader = ({ origin }: Listening, more: Partial<FhirServer> = {}) =>
    httpReader({
      base: `${origin}/fhir`,
      registeredBases: [`${origin}/fhir`],
      allowPrivateNetwork: true,
      onRead: (report) => reports.push(report),
      ...more,
    });
  const saidBy = (reading: Reading) => (reading.kind === 'read' ? 'read' : reading.reason);
  const read = async (server: Listening, milliseconds = 200, more: Partial<FhirServer> = {}) =>
    saidBy(await reader(server, more).read('Patient/1', deadlineIn(milliseconds)));

  it('F03: one answer that is lost does not cost the read: a second request after half of the budget', async () => {
    const server = await stepping(hang, answer);
    const started = performance.now();
    assert.equal(await read(server, 300), 'read');
    const took = performance.now() - started;
    assert.ok(took >= 145 && took < 290, `${took} ms`);
    assert.deepEqual([asked, server.connections()], [2, 2]);
    assert.ok(await soon(() => server.open() <= 1), 'the first is ended');
    assert.deepEqual(
      reports.map(({ outcome, requests }) => [outcome, requests]),
      [['read', 2]],
    );
  });

  it('F09: half an answer is none', async () => {
    const half: Step = (_, res) => void res.writeHead(200, { ...json, 'content-length': 99 }).write('{');
    assert.equal(await read(await stepping(half, answer)), 'read');
  });

  it('F01: an answer in time is asked for once', async () => {
    const server = await stepping((_, res) => void setTimeout(() => answers(res), 40));
    assert.equal(await read(server, 400), 'read');
    assert.equal(asked, 1);
  });

  it('F05: a server that stays silent is asked twice, and no longer than the budget', async () => {
    const server = await stepping(hang);
    const started = performance.now();
    assert.equal(await read(server, 120), 'timeout');
    assert.ok(performance.now() - started < 400);
    assert.equal(asked, 2);
    assert.ok(await soon(() => server.open() === 0));
  });

  it('F06: a reset is retried once, at once', async () => {
    const server = await stepping(resets, answer);
    const started = performance.now();
    assert.equal(await read(server, 2_000), 'read');
    assert.ok(performance.now() - started < 900, 'not after half of the budget');
    asked = 0;
    assert.equal(await read(await stepping(resets), 2_000), 'unreachable');
    assert.equal(asked, 2);
  });

  const final: Record<string, readonly [number, string]> = {
    '401': [401, 'unauthorized'],
    '403': [403, 'unauthorized'],
    '404': [404, 'not-found'],
    '500': [500, 'server-error'],
    '502': [502, 'server-error'],
    '503 with Retry-After': [503, 'server-error'],
  };
  for (const [what, [status, reason]] of Object.entries(final)) {
    it(`F12–F17: a ${what} is final`, async () => {
      const server = await stepping(
        (_, res) => void res.writeHead(status, { ...json, 'retry-after': '0' }).end('{}'),
      );
      assert.equal(await read(server), reason);
      assert.equal(asked, 1);
    });
  }

  describe('429', () => {
    it('F15: without Retry-After is throttled', async () => {
      assert.equal(await read(await stepping((_, res) => throttles(res), answer)), 'throttled');
      assert.equal(asked, 1);
    });

    it('F16: a wait of seconds that fits is waited for, once', async () => {
      const server = await stepping((_, res) => throttles(res, '1'), answer);
      const started = performance.now();
      assert.equal(await read(server, 2_500), 'read');
      assert.ok(performance.now() - started >= 995);
      assert.equal(asked, 2);
      asked = 0;
      assert.equal(await read(await stepping((_, res) => throttles(res, '0'))), 'throttled');
      assert.equal(asked, 2);
    });

    it('F16: a date that has passed asks for no wait', async () => {
      const past = new Date(Date.now() - 60_000).toUTCString();
      assert.equal(await read(await stepping((_, res) => throttles(res, past), answer)), 'read');
      assert.equal(asked, 2);
    });

    it('F15: a wait that does not fit is not begun', async () => {
      const server = await stepping((_, res) => throttles(res, '1'), answer);
      const started = performance.now();
      assert.equal(await read(server, 500), 'throttled');
      assert.ok(performance.now() - started < 400);
      assert.equal(asked, 1);
    });

    it('F16: the end of the answer ends the wait', async () => {
      const server = await stepping((_, res) => throttles(res, '1'), answer);
      const budget = deadlineIn(5_000, AbortSignal.timeout(50));
      assert.equal(saidBy(await reader(server).read('Patient/1', budget)), 'timeout');
      assert.equal(asked, 1);
    });
  });

  describe('circuit', () => {
    let time = 0;
    const circuit = () => createCircuit({ failures: 3, windowMs: 1_000, pauseMs: 500, now: () => time });
    beforeEach(() => {
      time = 0;
    });

    it('F24: a server that never answers is left alone, then probed, then asked again', async () => {
      const [own, server] = [circuit(), await stepping(hang)];
      for (let call = 0; call < 3; call++) assert.equal(await read(server, 40, { circuit: own }), 'timeout');
      asked = 0;
      const started = performance.now();
      assert.equal(await read(server, 2_000, { circuit: own }), 'unreachable');
      assert.ok(performance.now() - started < 200 && asked === 0);
      assert.deepEqual(reports.at(-1)?.outcome, 'not-asked');
      time = 500;
      assert.equal(await read(server, 40, { circuit: own }), 'timeout', 'the probe');
      assert.equal(await read(server, 40, { circuit: own }), 'unreachable', 'not the next');
    });

    it('F24: an answer of any status closes it', async () => {
      const [own, server] = [
        circuit(),
        await stepping(
          resets,
          resets,
          resets,
          resets,
          resets,
          resets,
          (_, res) => void res.writeHead(500).end(),
        ),
      ];
      for (let call = 0; call < 3; call++)
        assert.equal(await read(server, 999, { circuit: own }), 'unreachable');
      assert.equal(await read(server, 999, { circuit: own }), 'unreachable');
      assert.equal(asked, 6);
      time = 500;
      for (let call = 0; call < 4; call++)
        assert.equal(await read(server, 999, { circuit: own }), 'server-error');
    });

    it('F24: errors that are answers, and reads that we ended ourselves, do not open it', async () => {
      const own = circuit();
      const refusing = await stepping((_, res) => void res.writeHead(503).end());
      for (let call = 0; call < 5; call++)
        assert.equal(await read(refusing, 999, { circuit: own }), 'server-error');
      const hanging = await stepping(hang);
      for (let call = 0; call < 5; call++) {
        const budget = deadlineIn(5_000, AbortSignal.timeout(10));
        assert.equal(saidBy(await reader(hanging, { circuit: own }).read('Patient/1', budget)), 'timeout');
      }
      asked = 0;
      await read(hanging, 40, { circuit: own });
      assert.equal(asked, 2);
    });
  });

  it('the report names no address, query or token', async () => {
    const server = await stepping(answer);
    await read(server, 500, { accessToken: 'SECRET' });
    assert.deepEqual(Object.keys(reports[0] ?? {}), ['outcome', 'requests', 'milliseconds']);
    await reader(server).read('https://elsewhere.example/?page=2', deadlineIn(500));
    assert.deepEqual(reports[1], { outcome: 'partial', requests: 0, milliseconds: 0 });
  });
});
