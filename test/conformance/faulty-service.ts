/**
 * A small correct CDS Hooks service, and every way in which it can be made wrong. Each fault is a name that the
 * code asks for where it would go wrong; without faults it is the service that every check must pass.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JSONWebKeySet } from 'jose';
import { discoveryAnswer, hookAnswer, icon, outcome, serviceOf } from './faulty/answers.ts';
import { readBody } from './faulty/body.ts';
import { gather } from './faulty/gather.ts';
import {
  feedbackPrejudices,
  feedbackRules,
  isSameService,
  patientRules,
  prejudices,
  requestRules,
} from './faulty/rules.ts';
import { createTrust } from './faulty/trust.ts';

export interface FaultyOptions {
  /** Tokens are demanded, and verified with these keys. Without it anybody may call. */
  readonly trust?: { readonly jwks: JSONWebKeySet; readonly issuer: string; readonly jku?: string };
  /** FHIR bases that may be asked; another one is answered 403. */
  readonly fhirServers?: readonly string[];
}

export interface FaultyService {
  readonly url: string;
  close(): Promise<void>;
}

/** What every part of the service is handed: its faults, its options, its own address. */
export interface Site {
  readonly has: (fault: string) => boolean;
  readonly options: FaultyOptions;
  readonly url: string;
  /** What some faults remember from call to call. */
  readonly memory: Set<string>;
}

/** A refusal, with the status it is answered with. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, text = 'Refused.') {
    super(text);
    this.status = status;
  }
}

export type Json = Record<string, unknown>;
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Starts it on a free port of loopback. */
export async function startFaultyService(
  faults: ReadonlySet<string> = new Set(),
  options: FaultyOptions = {},
): Promise<FaultyService> {
  const has = (fault: string): boolean => faults.has(fault);
  let answer = async (_: IncomingMessage, res: ServerResponse): Promise<void> => void res.end();
  const server = createServer((req, res) => {
    answer(req, res).catch((thrown) => answerRefusal(site, res, thrown));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const site: Site = {
    has,
    options,
    memory: new Set(),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  const trusted = createTrust(site);
  answer = (req, res) => route(site, trusted, req, res);
  return {
    url: site.url,
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

type Trusted = (authorization: string | undefined, path: string) => Promise<void>;

async function route(site: Site, trusted: Trusted, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { has } = site;
  const { pathname: path } = new URL(req.url ?? '/', site.url);
  if (path === '/icon.png') return void res.writeHead(200, { 'content-type': 'image/png' }).end(icon(has));
  if (!has('no-cors')) {
    res.setHeader('access-control-allow-origin', '*');
    res.setHeader('access-control-allow-headers', 'authorization, content-type');
    res.setHeader('access-control-allow-methods', 'GET, POST');
  }
  if (req.method === 'OPTIONS') return void res.writeHead(has('no-cors') ? 405 : 204).end();
  if (!(has('open-discovery') && path === '/cds-services') && !(has('open-feedback') && isFeedback(path))) {
    await trusted(req.headers.authorization, path);
  }
  const [, root, id = '', tail, ...more] = path.split('/');
  if (root !== 'cds-services' || more.length > 0) throw new Refused(404);
  if (id === '' && req.method === 'GET') return send(site, res, 200, discoveryAnswer(site));
  if (id !== '' && tail === undefined && req.method === 'POST') return hook(site, id, req, res);
  if (tail === 'feedback' && req.method === 'POST') return feedback(site, id, req, res);
  throw new Refused(id === '' || tail === undefined || tail === 'feedback' ? 405 : 404);
}

const isFeedback = (path: string): boolean => path.endsWith('/feedback');

async function hook(site: Site, id: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { has, memory } = site;
  if (!isSameService(id)) {
    if (has('serves-unknown-services')) return send(site, res, 200, { cards: [] });
    throw new Refused(404);
  }
  if (has('stops-after-broken-requests') && memory.has('broken')) throw new Error('stopped');
  const request = await readBody(site, req);
  const service = serviceOf(id, request.hook);
  for (const [fault, holds] of requestRules) {
    if (has(fault) || holds(request, service)) continue;
    memory.add('broken');
    throw new Refused(400);
  }
  for (const [fault, refuses] of prejudices) if (has(fault) && refuses(request)) throw new Refused(400);
  for (const [fault, holds] of patientRules) {
    if (!has(fault) && !holds(request)) throw new Refused(422);
  }
  if (has('answers-each-patient-once')) once(site, JSON.stringify([id, request.hook, request.context]));
  if (has('slow')) await new Promise((resolve) => setTimeout(resolve, 520));
  send(site, res, 200, hookAnswer(site, service, request, await gather(site, service, request)));
}

async function feedback(site: Site, id: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (site.has('no-feedback')) throw new Refused(404);
  if (!isSameService(id) && !site.has('feedback-to-nobody')) throw new Refused(404);
  const body = await readBody(site, req);
  for (const [fault, holds] of feedbackRules) if (!site.has(fault) && !holds(body)) throw new Refused(400);
  for (const [fault, holds] of feedbackPrejudices)
    if (site.has(fault) && !holds(body)) throw new Refused(400);
  if (site.has('feedback-once')) once(site, JSON.stringify(body));
  res.writeHead(200).end();
}

function once({ memory }: Site, text: string): void {
  if (memory.has(text)) throw new Refused(409);
  memory.add(text);
}

/** Every JSON answer leaves through here. */
function send(site: Site, res: ServerResponse, status: number, body: unknown): void {
  const type = site.has('answers-as-text') ? 'text/plain' : 'application/json';
  res.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}

function answerRefusal(site: Site, res: ServerResponse, thrown: unknown): void {
  if (res.headersSent) return void res.destroy();
  const status = thrown instanceof Refused ? thrown.status : 500;
  if (site.has('errors-as-text')) {
    return void res.writeHead(status, { 'content-type': 'text/plain' }).end('No.');
  }
  const text = thrown instanceof Refused ? thrown.message : 'Failed.';
  res.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(outcome(text)));
}
