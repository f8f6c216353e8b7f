import { setTimeout as wait } from 'node:timers/promises';
import type { Resource } from '@medplum/fhirtypes';
import { fhirBase, isWithin } from './base.ts';
import {
  type BoundedAnswer,
  BoundedFetchError,
  type BoundedFetchReason,
  boundedFetch,
} from './bounded-fetch.ts';
import type { FetchFailure } from './chart.ts';
import { type Circuit, createCircuit } from './circuit.ts';
import { hedged } from './hedge.ts';
import { parseJsonObject } from './json.ts';
import type { FhirReader, ReadBudget, Reading } from './reader.ts';
import { retryAfterMs } from './retry-after.ts';

export interface FhirServer {
  /** The FHIR base to ask: `fhirServer` of the request, after it was allowed. */
  readonly base: string;
  /** Every base registered for this EHR: no hop leads elsewhere, and no token goes elsewhere. */
  readonly registeredBases: readonly string[];
  /** `fhirAuthorization.access_token`; held for this reader's life only. */
  readonly accessToken?: string;
  /** The registration's exception for an EHR on loopback or a private network. */
  readonly allowPrivateNetwork?: boolean;
  /** Cap on one response body. Default 4 MiB. */
  readonly maxBytes?: number;
  /** Which servers are left alone for a while; by default one memory for the whole process. */
  readonly circuit?: Circuit;
  /** Told how each read went, for a metric. */
  readonly onRead?: (report: ReadReport) => void;
}

/**
 * How one read went; nothing in it is from a chart, a URL or a token. `partial`: the address was not one of the
 * EHR's. `not-asked`: the server is left alone for a while.
 */
export interface ReadReport {
  readonly outcome: 'read' | FetchFailure | BoundedFetchReason | 'not-asked';
  /** Requests that were sent: more than one after a reset, a slow answer or a 429 that could be waited for. */
  readonly requests: number;
  readonly milliseconds: number;
}

const processWide = createCircuit({ failures: 5, windowMs: 10_000, pauseMs: 2_000 });

/**
 * Reads from one registered FHIR server; one reader serves one hook call. GET only, through `boundedFetch`
 * (reliability reference §2, §4). Within its budget a read is repeated once at most: at once after a reset,
 * beside the first request when that has no answer after half of the budget, after the wait that a 429 names when
 * it fits. Every other answer is final. A server that gives five calls in a row no answer is not asked for two
 * seconds: `unreachable`.
 */
export function httpReader(server: FhirServer): FhirReader {
  const base = fhirBase(server.base);
  const registered = server.registeredBases.map(fhirBase).filter((item) => item !== undefined);
  const { circuit = processWide, onRead } = server;
  const caller = {};
  return {
    read: async (query, budget) => {
      const url = base === undefined ? null : URL.parse(query, `${base}/`);
      if (url === null || !registered.some((item) => isWithin(url, item))) {
        onRead?.({ outcome: 'partial', requests: 0, milliseconds: 0 });
        return failed('partial');
      }
      // Tomcat and others refuse a bare `|`, which the WHATWG serializer leaves in place.
      url.search = url.search.replaceAll('|', '%7C');
      const startedAt = performance.now();
      const asked = circuit.mayAsk(url.origin, caller) ? await ask(url, server, budget) : notAsked;
      if (isAnswer(asked.outcome)) circuit.answered(url.origin);
      if (isSilence(asked.outcome, budget)) circuit.failed(url.origin, caller);
      const { reading, outcome, requests } = asked;
      onRead?.({ outcome, requests, milliseconds: performance.now() - startedAt });
      return reading;
    },
  };
}

interface Asked {
  readonly reading: Reading;
  readonly outcome: ReadReport['outcome'];
  readonly requests: number;
}

const failed = (reason: FetchFailure): Reading => ({ kind: 'failed', reason });
const notAsked: Asked = { reading: failed('unreachable'), outcome: 'not-asked', requests: 0 };

async function ask(url: URL, server: FhirServer, budget: ReadBudget): Promise<Asked> {
  let requests = 0;
  const get = (signal: AbortSignal): Promise<BoundedAnswer> => {
    requests++;
    return boundedFetch(url, requestOf(server, signal));
  };
  try {
    const afterMs = (budget.endsAt - performance.now()) / 2;
    const answer = await hedged(get, { signal: budget.signal, afterMs, again: isReset });
    const waitMs = answer.status === 429 && requests === 1 ? waitThatFits(answer, budget) : undefined;
    const reading = readingOf(waitMs === undefined ? answer : await getAfter(waitMs, get, budget.signal));
    return { reading, outcome: reading.kind === 'read' ? 'read' : reading.reason, requests };
  } catch (thrown) {
    const outcome = thrown instanceof BoundedFetchError ? thrown.reason : 'unreachable';
    return { reading: failed(failureFor[outcome]), outcome, requests };
  }
}

const requestOf = ({ accessToken, maxBytes, allowPrivateNetwork }: FhirServer, signal: AbortSignal) => ({
  signal,
  maxBytes: maxBytes ?? 4 * 1024 * 1024,
  allowPrivateNetwork: allowPrivateNetwork ?? false,
  headers: {
    accept: 'application/fhir+json',
    ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
  },
});

const isReset = (thrown: unknown): boolean =>
  thrown instanceof BoundedFetchError && thrown.reason === 'reset';

/** The wait that a 429 asks for, if the budget outlasts it. */
function waitThatFits({ headers }: BoundedAnswer, { endsAt }: ReadBudget): number | undefined {
  const milliseconds = retryAfterMs(headers['retry-after']);
  return milliseconds !== undefined && performance.now() + milliseconds < endsAt ? milliseconds : undefined;
}

async function getAfter(
  milliseconds: number,
  get: (signal: AbortSignal) => Promise<BoundedAnswer>,
  signal: AbortSignal,
): Promise<BoundedAnswer> {
  // Ended early, the request itself tells that its signal is over.
  await wait(milliseconds, undefined, { signal }).catch(() => undefined);
  return get(signal);
}

const failureFor: Readonly<Record<BoundedFetchReason, FetchFailure>> = {
  'address-not-allowed': 'unreachable',
  unreachable: 'unreachable',
  reset: 'unreachable',
  timeout: 'timeout',
  redirect: 'invalid-response',
  encoded: 'invalid-response',
  'too-large': 'invalid-response',
};

const noAnswers = new Set<string>(['unreachable', 'reset', 'timeout', 'address-not-allowed', 'not-asked']);
const isAnswer = (outcome: string): boolean => !noAnswers.has(outcome);

/** A read that was ended before its budget says nothing of the server. */
const isSilence = (outcome: string, { endsAt }: ReadBudget): boolean =>
  outcome === 'unreachable' ||
  outcome === 'reset' ||
  (outcome === 'timeout' && performance.now() >= endsAt - timerSlackMs);

const timerSlackMs = 5;

function readingOf({ status, headers, bytes }: BoundedAnswer): Reading {
  const failure = status === 200 ? undefined : failureOf(status);
  if (failure !== undefined) return failed(failure);
  return isJson(headers['content-type']) ? parsed(bytes) : failed('invalid-response');
}

function failureOf(status: number): FetchFailure {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404 || status === 410) return 'not-found';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'server-error' : 'invalid-response';
}

const isJson = (type: string | undefined): boolean =>
  type !== undefined && /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type);

function parsed(bytes: Uint8Array): Reading {
  try {
    const body = parseJsonObject(bytes);
    if (typeof body.resourceType !== 'string') return failed('invalid-response');
    return { kind: 'read', body: body as unknown as Resource };
  } catch {
    return failed('invalid-response');
  }
}
