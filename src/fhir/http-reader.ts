import type { Resource } from '@medplum/fhirtypes';
import { type Dispatcher, request } from 'undici';
import { fhirBase, isWithin } from './base.ts';
import type { FetchFailure } from './chart.ts';
import { parseJsonObject } from './json.ts';
import { guardedAgent, mayAskHost } from './network.ts';
import type { FhirReader, Reading } from './reader.ts';

export interface FhirServer {
  /** The FHIR base to ask: `fhirServer` of the request, after it was allowed. */
  readonly base: string;
  /** Every base registered for this EHR: no hop leads elsewhere, and no token goes elsewhere. */
  readonly registeredBases: readonly string[];
  /** `fhirAuthorization.access_token`; held for this reader's life only. */
  readonly accessToken?: string;
  /** The registration's exception for an EHR on loopback or a private network. */
  readonly allowPrivateNetwork?: boolean;
  /** Cap on one response body. Default 8 MiB. */
  readonly maxBytes?: number;
}

/**
 * Reads from one registered FHIR server: GET only, no redirects, no content encoding, one signal over
 * connecting, headers and body (reliability reference §2). One retry where the connection was reset.
 */
export function httpReader(server: FhirServer): FhirReader {
  const base = fhirBase(server.base);
  const registered = server.registeredBases.map(fhirBase).filter((item) => item !== undefined);
  return {
    read: async (query, signal) => {
      const url = base === undefined ? null : URL.parse(query, `${base}/`);
      if (url === null || !registered.some((item) => isWithin(url, item))) return failed('partial');
      if (!mayAskHost(url, server.allowPrivateNetwork ?? false)) return failed('unreachable');
      // Tomcat and others refuse a bare `|`, which the WHATWG serializer leaves in place.
      url.search = url.search.replaceAll('|', '%7C');
      const first = await get(url, server, signal);
      const again = first === 'reset' && !signal.aborted ? await get(url, server, signal) : first;
      return again === 'reset' ? failed('unreachable') : again;
    },
  };
}

const failed = (reason: FetchFailure): Reading => ({ kind: 'failed', reason });

async function get(url: URL, server: FhirServer, signal: AbortSignal): Promise<Reading | 'reset'> {
  try {
    const response = await request(url, {
      method: 'GET',
      dispatcher: guardedAgent(server.allowPrivateNetwork ?? false),
      signal,
      headers: {
        accept: 'application/fhir+json',
        'accept-encoding': 'identity',
        ...(server.accessToken === undefined ? {} : { authorization: `Bearer ${server.accessToken}` }),
      },
    });
    return await readingOf(response, server.maxBytes ?? 8 * 1024 * 1024);
  } catch (thrown) {
    // Nothing of the thrown error goes further: it may quote the address or the token.
    if (signal.aborted) return failed('timeout');
    return isReset(thrown) ? 'reset' : failed('unreachable');
  }
}

async function readingOf(response: Dispatcher.ResponseData, maxBytes: number): Promise<Reading> {
  const { statusCode, headers, body } = response;
  const encoding = headers['content-encoding'] ?? 'identity';
  const failure = statusCode === 200 ? undefined : failureOf(statusCode);
  if (failure !== undefined || encoding !== 'identity' || !isJson(headers['content-type'])) {
    body.on('error', () => undefined).destroy();
    return failed(failure ?? 'invalid-response');
  }
  const bytes = await readAtMost(body, maxBytes);
  return bytes === undefined ? failed('invalid-response') : parsed(bytes);
}

function failureOf(status: number): FetchFailure {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404 || status === 410) return 'not-found';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'server-error' : 'invalid-response';
}

const isJson = (type: string | string[] | undefined): boolean =>
  typeof type === 'string' && /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type);

/** The whole body, or undefined as soon as it exceeds the cap. Bytes are counted as they arrive. */
async function readAtMost(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parsed(bytes: Uint8Array): Reading {
  try {
    const body = parseJsonObject(bytes);
    if (typeof body.resourceType !== 'string') return failed('invalid-response');
    return { kind: 'read', body: body as unknown as Resource };
  } catch {
    return failed('invalid-response');
  }
}

const resets = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

const isReset = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && resets.has(String(thrown.code));
