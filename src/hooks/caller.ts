import type { IncomingMessage } from 'node:http';
import { certificateOf } from './certificate.ts';

/** What a call shows of who makes it. */
export interface Caller {
  /** The Authorization header, whole. */
  readonly authorization: string | undefined;
  /** SHA-256 fingerprint of the TLS client certificate: from the connection, never from a header. */
  readonly certificate: string | undefined;
}

/**
 * The caller of one HTTP request. A request with two Authorization headers shows both, joined, which is no token:
 * Node alone would take the first, and what stands before us may have judged the other.
 */
export function callerOf({ headersDistinct, socket }: IncomingMessage): Caller {
  return { authorization: headersDistinct.authorization?.join(', '), certificate: certificateOf(socket) };
}
