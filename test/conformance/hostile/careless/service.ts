/**
 * A small CDS Hooks service that no hostile request gets anywhere with; and, by name, every carelessness that would
 * let one. Each fault is asked for where a careless author would have gone wrong.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Chart, gather } from './chart.ts';
import { openGateway } from './gateway.ts';
import { type House, isObject, type Json, Refused } from './house.ts';
import { matchPatient } from './patients.ts';
import { judgeRequest, parseBody, readBytes } from './request.ts';
import { trust } from './trust.ts';
import { addressesIn, go } from './wire.ts';

export interface CarelessService {
  readonly url: string;
  close(): Promise<void>;
}

export interface CarelessOptions {
  readonly jwk: Json;
  readonly issuer: string;
  readonly tenant: string;
  /** Read at each call. */
  readonly fhirServers: readonly string[];
}

const patient = 'Patient/{{context.patientId}}';
const greeting = {
  id: 'greeting',
  hook: 'patient-view',
  title: 'Greeting',
  description: 'Greets the patient.',
  prefetch: {
    patient,
    conditions: 'Condition?patient={{context.patientId}}',
    orders: 'MedicationRequest?patient={{context.patientId}}',
  },
};
const orderCheck = { ...greeting, id: 'order-check', hook: 'order-sign', prefetch: { patient } };
const services: Readonly<Record<string, typeof greeting | typeof orderCheck>> = {
  greeting,
  'order-check': orderCheck,
};

export async function startCareless(
  faults: readonly string[],
  options: CarelessOptions,
): Promise<CarelessService> {
  const has = (fault: string): boolean => faults.includes(fault);
  const state: State = { broken: false };
  const server = createServer(limits(has));
  const port = await listen(server);
  const gateway = has('guessing-gateway') ? await openGateway(port) : undefined;
  const url = `http://127.0.0.1:${gateway?.port ?? port}`;
  const house: House = { ...options, has, used: new Set(), audience: (path) => `${url}${path}` };
  server.on('request', (req, res) => void answer(house, state, req, res));
  if (has('crashes-on-expectations'))
    server.on('checkExpectation', (_, res) => void res.writeHead(500).end());
  return {
    url,
    close: async () => {
      await gateway?.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface State {
  broken: boolean;
}

/** Seconds are short here, so that patience is tried quickly. */
const limits = (has: House['has']) => ({
  ...(has('waits-forever')
    ? {}
    : { headersTimeout: 1_000, requestTimeout: 2_000, connectionsCheckingInterval: 200 }),
  ...(has('large-headers') ? { maxHeaderSize: 4 * 1024 * 1024 } : {}),
  insecureHTTPParser: has('lenient-parser'),
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function answer(house: House, state: State, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { has } = house;
  req.on('aborted', () => {
    state.broken = has('dies-of-desertion');
  });
  try {
    if (state.broken) throw new Error('broken');
    await route(house, req, res);
  } catch (thrown) {
    if (res.headersSent) return void res.destroy();
    const status = thrown instanceof Refused ? thrown.status : 500;
    if (status === 200) return send(res, 200, { cards: [] });
    const text = has('tells-the-stack') && thrown instanceof Error ? String(thrown.stack) : wordsOf(thrown);
    if (has('errors-as-text')) return void res.writeHead(status, { 'content-type': 'text/plain' }).end(text);
    const issue = [{ severity: 'error', code: 'processing', details: { text } }];
    send(res, status, { resourceType: 'OperationOutcome', issue });
  }
}

const wordsOf = (thrown: unknown): string => (thrown instanceof Refused ? thrown.message : 'Failed.');

function send(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function route(house: House, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { has } = house;
  if (has('proxies') && req.url?.startsWith('http')) await go(req.url);
  if (!has('any-host') && (req.headersDistinct.host?.length ?? 0) > 1) throw new Refused(400);
  const path = pathOf(house, req);
  const bytes = has('reads-body') && req.method === 'POST' ? await readBytes(house, req) : undefined;
  await trust(house, req, (req.url ?? '').replace(/\?.*/, ''), bytes?.toString() ?? '');
  const [, root, id = '', tail, ...more] = path.split('/');
  if (root !== 'cds-services' || more.length > 0) throw new Refused(has('any-path') ? 200 : 404);
  if (id === '' && req.method === 'GET') return send(res, 200, { services: Object.values(services) });
  if (req.method !== 'POST' && !has('any-method')) throw new Refused(405);
  if (tail !== undefined && tail !== 'feedback') throw new Refused(404);
  const body = bytes ?? (await readBytes(house, req));
  if (has('asks-every-address')) await askAll(`${body} ${req.rawHeaders.join(' ')}`);
  if (tail === 'feedback') return send(res, 200, undefined);
  const service = has('any-service')
    ? (services[id] ?? greeting)
    : Object.hasOwn(services, id)
      ? services[id]
      : undefined;
  if (service === undefined) throw new Refused(404);
  await hook(house, service, body, res);
}

function pathOf({ has }: House, req: IncomingMessage): string {
  const raw = (req.url ?? '').replace(/\?.*/, '');
  if (has('decodes-paths'))
    return decodeURIComponent(raw)
      .replaceAll('\0', '')
      .replace(/\.json$/, '');
  return raw;
}

const askAll = async (text: string): Promise<void> => {
  await Promise.all(addressesIn(text.replaceAll('\\\\', '/')).map((address) => go(address, 'x')));
};

async function hook(
  house: House,
  service: typeof greeting | typeof orderCheck,
  bytes: Buffer,
  res: ServerResponse,
): Promise<void> {
  const request = parseBody(house, bytes);
  judgeRequest(house, request, service.hook);
  const context = isObject(request.context) ? request.context : {};
  const authorized = Object(request.fhirAuthorization).patient;
  const parts = [
    ...Object.values(Object(request.prefetch) as Json),
    ...Object.values(context).filter((value) => typeof value === 'object'),
    ...(authorized === undefined ? [] : [{ resourceType: 'Patient', id: authorized }]),
  ];
  matchPatient(house, parts, context.patientId);
  const chart = await gather(house, service.prefetch, request, bytes.toString());
  send(res, 200, { cards: cardsOf(house, chart) });
}

function cardsOf({ has }: House, chart: Chart): readonly Json[] {
  const [known] = chart.get('patient') ?? [];
  if (known === undefined) return [];
  const names = Array.isArray(known.name) ? (known.name as Json[]) : [];
  const family = String(names[0]?.family ?? '');
  const shown = has('repeats-text-raw') ? family : family.replaceAll(/[^\p{L}\p{N} ]/gu, '').slice(0, 40);
  const source = { label: 'Example rules' };
  return [
    { uuid: randomUUID(), summary: 'A greeting.', detail: `Hello ${shown}`, indicator: 'info', source },
  ];
}
