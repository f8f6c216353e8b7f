/** The body as one JSON object, strictly. */
import type { IncomingMessage } from 'node:http';
import { parseJsonObject } from '../../../src/fhir/json.ts';
import { type Json, Refused, type Site } from '../faulty-service.ts';

const maxBytes = 2 * 1024 * 1024;

export async function readBody({ has }: Site, req: IncomingMessage): Promise<Json> {
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').toLowerCase().split(';');
  const otherCharset = parameters.some((part) => /charset=(?!"?utf-?8"?\s*$)/.test(part.trim()));
  if (!has('takes-any-media-type') && (type.trim() !== 'application/json' || otherCharset)) {
    throw new Refused(415);
  }
  if (!has('takes-any-encoding') && (req.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new Refused(415);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes || has('takes-any-size')) chunks.push(chunk);
  }
  if (size > maxBytes && !has('takes-any-size')) throw new Refused(413);
  const bytes = Buffer.concat(chunks);
  if (has('crashes-on-bad-json')) return JSON.parse(bytes.toString()) as Json;
  if (has('takes-any-json')) return lenient(bytes);
  try {
    return parseJsonObject(bytes);
  } catch {
    throw new Refused(400);
  }
}

function lenient(bytes: Buffer): Json {
  try {
    return { ...(JSON.parse(bytes.toString()) as Json) };
  } catch {
    return {};
  }
}
