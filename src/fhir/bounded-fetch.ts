/** The only way any part of this server asks another one (reliability reference §2). */
import { type Dispatcher, request } from 'undici';
import { AddressNotAllowed, guardedAgent, mayAskHost } from './network.ts';

export interface BoundedFetchOptions {
  /** Default GET. */
  readonly method?: 'GET' | 'POST';
  /** `accept-encoding` is always `identity`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends everything: connecting, headers and body. */
  readonly signal: AbortSignal;
  /** Longest body, counted as it arrives. */
  readonly maxBytes: number;
  /** The registration's exception for loopback and private networks. */
  readonly allowPrivateNetwork: boolean;
}

/** A whole answer of any status but 3xx. */
export interface BoundedAnswer {
  readonly status: number;
  /** By lower-case name; a repeated header is joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Uint8Array;
}

/**
 * Why there is no answer:
 * - `address-not-allowed`: not http(s), with credentials, or an address that may not be connected to
 * - `unreachable`: no name, no connection, no TLS, or no HTTP
 * - `reset`: the connection ended before the answer did
 * - `timeout`: the signal ended it
 * - `redirect`: a 3xx; none is followed
 * - `encoded`: the body has a content encoding, although none was accepted
 * - `too-large`: the body exceeds the cap
 */
export type BoundedFetchReason =
  | 'address-not-allowed'
  | 'unreachable'
  | 'reset'
  | 'timeout'
  | 'redirect'
  | 'encoded'
  | 'too-large';

/** Says the reason and nothing else: no address, token or body is in its message, stack or cause. */
export class BoundedFetchError extends Error {
  readonly reason: BoundedFetchReason;

  constructor(reason: BoundedFetchReason) {
    super(`no answer: ${reason}`);
    this.name = 'BoundedFetchError';
    this.reason = reason;
  }
}

/**
 * One request, one whole answer, over connections that go only where `mayConnect` allows; the address in the
 * URL and the address a name resolves to are both judged.
 * @throws BoundedFetchError, and nothing else
 */
export async function boundedFetch(url: string | URL, options: BoundedFetchOptions): Promise<BoundedAnswer> {
  const { method = 'GET', headers, body, signal, maxBytes, allowPrivateNetwork } = options;
  const target = URL.parse(String(url));
  if (target === null || !isPlain(target) || !mayAskHost(target, allowPrivateNetwork)) {
    throw new BoundedFetchError('address-not-allowed');
  }
  try {
    const response = await request(target, {
      method,
      signal,
      dispatcher: guardedAgent(allowPrivateNetwork),
      headers: { ...headers, 'accept-encoding': 'identity' },
      ...(body === undefined ? {} : { body }),
    });
    return await answerOf(response, maxBytes);
  } catch (thrown) {
    throw new BoundedFetchError(reasonOf(thrown, signal));
  }
}

const isPlain = ({ protocol, username, password }: URL): boolean =>
  (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';

async function answerOf(response: Dispatcher.ResponseData, maxBytes: number): Promise<BoundedAnswer> {
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, value?.toString()]),
  );
  const refusal = refusalOf(response.statusCode, headers, maxBytes);
  if (refusal !== undefined) {
    response.body.on('error', () => undefined).destroy();
    throw new BoundedFetchError(refusal);
  }
  return { status: response.statusCode, headers, bytes: await readAtMost(response.body, maxBytes) };
}

/** What the head of an answer already tells. */
function refusalOf(
  status: number,
  headers: BoundedAnswer['headers'],
  maxBytes: number,
): BoundedFetchReason | undefined {
  if (status >= 300 && status < 400) return 'redirect';
  if (!/^(?:identity)?$/i.test(headers['content-encoding'] ?? '')) return 'encoded';
  return Number(headers['content-length'] ?? 0) > maxBytes ? 'too-large' : undefined;
}

/** Leaving the loop early destroys the body and its connection. */
async function readAtMost(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new BoundedFetchError('too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** undici and Node on a connection that ended too early. */
const resets = new Set([
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'HPE_INVALID_EOF_STATE',
]);

function reasonOf(thrown: unknown, signal: AbortSignal): BoundedFetchReason {
  if (thrown instanceof BoundedFetchError) return thrown.reason;
  if (signal.aborted) return 'timeout';
  if (thrown instanceof AddressNotAllowed) return 'address-not-allowed';
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return resets.has(code) ? 'reset' : 'unreachable';
}
