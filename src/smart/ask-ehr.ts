import { boundedFetch } from '../fhir/bounded-fetch.ts';
import { deadlineIn } from '../fhir/deadline.ts';
import { parseJsonObject } from '../fhir/json.ts';

const deadlineMs = 5_000;
const maxBytes = 64 * 1024;

/** What this folder sends to the EHR that launched it. */
export interface EhrRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The registration's exception for an EHR on loopback or a private network. */
  readonly allowPrivateNetwork: boolean;
}

/** Status and body of an answer; `json` is undefined where the body is not one JSON object. */
export interface EhrAnswer {
  readonly status: number;
  readonly json: unknown;
}

/**
 * Asks for a small JSON document: five seconds, 64 KiB. No redirect is followed, so that neither a code nor a
 * token goes along to a foreign host (smart-app.md §1 row 13; reliability.md §2).
 * @throws BoundedFetchError
 */
export async function askEhr(url: string, request: EhrRequest): Promise<EhrAnswer> {
  using deadline = deadlineIn(deadlineMs);
  const { status, bytes } = await boundedFetch(url, { ...request, signal: deadline.signal, maxBytes });
  return { status, json: parsed(bytes) };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseJsonObject(bytes);
  } catch {
    return undefined;
  }
}
