/** The only way this folder asks another server: one deadline, no redirects, a small JSON answer. */
const deadlineMs = 5_000;
const maxBytes = 64 * 1024;

/** Status and body of an answer; `json` is undefined where the body is not JSON. */
export interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/**
 * Fetches JSON. Redirects are refused, so that neither a code nor a token follows one to a foreign host
 * (smart-app.md §1 row 13; reliability.md §2).
 * @throws Error when the server is unreachable, slow, redirects or answers more than 64 KiB
 */
export async function boundedFetch(url: string, init: RequestInit = {}): Promise<Answer> {
  const signal = AbortSignal.timeout(deadlineMs);
  const response = await fetch(url, { ...init, redirect: 'error', credentials: 'omit', signal });
  const text = await readText(response);
  return { status: response.status, json: parse(text) };
}

async function readText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) throw new Error('the answer is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
