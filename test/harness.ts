/** The real app in this process, over real HTTP: real packages and models, a fixed clock, a ledger in memory. */
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Card, CdsResponse } from 'cds-hooks-types';
import express from 'express';
import {
  type PatientViewRequest,
  type PrefetchTemplate,
  patientView,
  templatesOf,
} from '../fixtures/requests.ts';
import { type AppDeps, createApp } from '../src/app.ts';
import { openPackages, type Packages, readerFor } from '../src/assemble.ts';
import { offersOf } from '../src/card/offer.ts';
import type { ErrorCode } from '../src/errors.ts';
import { discovery } from '../src/hooks/discovery.ts';
import type { Registration } from '../src/hooks/registration.ts';
import { sandboxRegistration } from '../src/hooks/registration.ts';
import { createMemoryLedger } from '../src/ledger/memory.ts';
import { createGate } from '../src/ops/gate.ts';
import type { LogEvent } from '../src/ops/log.ts';
import { createMetrics } from '../src/ops/metrics.ts';

export const now = new Date('2026-03-15T10:00:00Z');
export const service = 'cardiovascular-risk';
export const hookPath = `/cds-services/${service}`;
export const feedbackPath = `${hookPath}/feedback`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** One listening app. Every JSON answer it gives is checked against J2. */
export interface Site {
  readonly url: string;
  readonly logged: readonly LogEvent[];
  get(path: string, init?: RequestInit): Promise<Answer>;
  /** Strings and bytes are sent as they are, anything else as JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export interface TestHouse {
  readonly packages: Packages;
  /** The service's prefetch templates, as discovery gives them. */
  readonly templates: readonly PrefetchTemplate[];
  readonly deps: (changes?: Partial<AppDeps>) => AppDeps;
  listen(changes?: Partial<AppDeps>): Promise<Site>;
  /** A patient-view request of a persona with full prefetch. */
  request(persona?: string): PatientViewRequest;
  close(): Promise<void>;
}

export async function openHouse(): Promise<TestHouse> {
  const packages = await openPackages();
  const described = discovery([...packages.services.values()]);
  const templates = templatesOf(described.services.find(({ id }) => id === service)?.prefetch ?? {});
  const deps = (changes: Partial<AppDeps> = {}): AppDeps => ({
    ...packages,
    offers: offersOf(packages.services.values()),
    ledger: createMemoryLedger(),
    clock: () => now,
    readerFor: readerFor(createMetrics()),
    mayShow: () => true,
    appUrl: 'https://auscult.example/app/launch',
    settings: { MAX_BODY_BYTES: 2 * 1024 * 1024, DEADLINE_MS: 5_000, FHIR_DEADLINE_MS: 2_500 },
    authenticate: async () => sandboxRegistration(3000),
    ready: () => true,
    gate: createGate(64),
    log: () => {},
    metrics: createMetrics(),
    origins: new Set(),
    hosts: undefined,
    smart: express.Router(),
    ...changes,
  });
  return {
    packages,
    templates,
    deps,
    request: (persona = 'high-risk-untreated') => patientView(persona, now, templates),
    listen: async (changes = {}) => {
      const logged: LogEvent[] = [];
      const app = createApp(deps({ log: (event) => logged.push(event), ...changes }));
      const { url, close } = await listenOn(app);
      return { url, logged, close, ...client(url) };
    },
    close: async () => {
      await Promise.all([packages.models.close(), ...[...listening].map((close) => close())]);
    },
  };
}

export const client = (url: string): Pick<Site, 'get' | 'post'> => ({
  get: async (path, init) => read(await fetch(`${url}${path}`, init)),
  post: async (path, body, headers = {}) =>
    read(
      await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body:
          typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
      }),
    ),
});

const listening = new Set<() => Promise<void>>();

/** On a free port of loopback, until `close`, or until the house closes: a test that fails leaves nothing open. */
export async function listenOn(app: RequestListener): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    if (!listening.delete(close)) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  listening.add(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function read(response: Response): Promise<Answer> {
  const answer = { status: response.status, headers: response.headers, text: await response.text() };
  const isJson = /json/.test(answer.headers.get('content-type') ?? '') && answer.text !== '';
  if (isJson) assert.deepEqual(emptyIn(json(answer)), []);
  return answer;
}

/** J2: where a tree holds null, "", [] or {}; only `cards` and `services` may be empty. */
function emptyIn(value: unknown, path = ''): string[] {
  if (value === null || value === '') return [path];
  if (typeof value !== 'object') return [];
  const members = Object.entries(value);
  if (members.length === 0) return ['.cards', '.services'].includes(path) ? [] : [path];
  return members.flatMap(([name, member]) => emptyIn(member, `${path}.${name}`));
}

export const json = (answer: Answer): unknown => JSON.parse(answer.text);

/** The cards of a 200. */
export function cardsOf(answer: Answer): readonly Card[] {
  assert.equal(answer.status, 200, answer.text);
  return (json(answer) as CdsResponse).cards;
}

/** The answer is this refusal: status, one OperationOutcome as FHIR JSON, no card; details as given. */
export function refused(answer: Answer, status: number, code: ErrorCode, details?: string | RegExp): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/fhir\+json\b/);
  const outcome = json(answer) as Outcome;
  assert.equal(outcome.resourceType, 'OperationOutcome');
  assert.deepEqual(Object.keys(outcome), ['resourceType', 'issue']);
  const [issue] = outcome.issue;
  assert.equal(issue?.details.coding[0]?.code, code);
  if (details instanceof RegExp) assert.match(issue?.diagnostics ?? '', details);
  else if (details !== undefined) assert.equal(issue?.diagnostics, details);
  if (status === 503) assert.equal(answer.headers.get('retry-after'), '1');
}

interface Outcome {
  readonly resourceType: string;
  readonly issue: readonly { details: { coding: readonly { code: string }[] }; diagnostics?: string }[];
}

/** What an in-process FHIR server was asked, and with which headers. */
export interface Asked {
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
}

export interface FhirStub {
  readonly base: string;
  readonly asked: readonly Asked[];
  /** The EHR whose FHIR server this is. */
  readonly registration: Registration;
  close(): Promise<void>;
}

/** A FHIR server on loopback; `answer` may leave a request hanging. */
export async function fhirStub(
  answer: (query: string, send: (status: number, body: unknown) => void) => void,
): Promise<FhirStub> {
  const asked: Asked[] = [];
  const { url, close } = await listenOn((req, res) => {
    const query = decodeURIComponent((req.url ?? '').replace(/^\/fhir\//, ''));
    asked.push({ query, headers: req.headers });
    answer(query, (status, body) => {
      res.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(body));
    });
  });
  const base = `${url}/fhir`;
  return { base, asked, close, registration: { ...sandboxRegistration(3000), fhirServers: [base] } };
}
