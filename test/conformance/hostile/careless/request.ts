/** The body and its shape: strictly, and in every way in which a service could be careless about them. */
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { parseJsonObject } from '../../../../src/fhir/json.ts';
import { type House, isObject, type Json, listOf, Refused } from './house.ts';

const maxBytes = 2 * 1024 * 1024;

/** @throws Refused 413, 415; Error where the service crashes on it */
export async function readBytes({ has }: House, req: IncomingMessage): Promise<Buffer> {
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').toLowerCase().split(';');
  const otherCharset = parameters.some((part) => !/^\s*charset="?utf-?8"?\s*$/.test(part));
  if (!has('any-media-type') && (type.trim() !== 'application/json' || otherCharset)) throw new Refused(415);
  const encoding = req.headers['content-encoding'];
  if (!has('any-encoding') && !has('inflates-anything') && encoding !== undefined) throw new Refused(415);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes || has('any-size')) chunks.push(chunk);
  }
  if (size > maxBytes && has('crashes-on-size')) throw new RangeError('too large');
  if (size > maxBytes && !has('any-size')) throw new Refused(413);
  const bytes = Buffer.concat(chunks);
  return has('inflates-anything') && encoding !== undefined ? inflated(bytes, encoding) : bytes;
}

function inflated(bytes: Buffer, encoding: string): Buffer {
  try {
    return encoding.split(',').reduce((all) => gunzipSync(all, { finishFlush: 2 }), bytes);
  } catch {
    return bytes;
  }
}

/** @throws Refused 400; with a fault: what the runtime throws */
export function parseBody({ has }: House, bytes: Buffer): Json {
  if (has('trusts-its-input')) return JSON.parse(bytes.toString()) as Json;
  try {
    return has('lenient-json') ? (JSON.parse(bytes.toString()) as Json) : parseJsonObject(bytes);
  } catch {
    if (has('takes-anything')) return {};
    throw new Refused(400, has('repeats-the-body') ? `Cannot parse ${bytes}` : 'Refused.');
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isId = (value: unknown): boolean =>
  typeof value === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(value) && !/^\.+$/.test(value);

function isResourceOrNull(value: unknown): boolean {
  if (value === null) return true;
  if (!isObject(value) || typeof value.resourceType !== 'string') return false;
  return (
    value.entry === undefined || (Array.isArray(value.entry) && value.entry.every((entry) => isObject(entry)))
  );
}

const isAuthorization = (value: unknown): boolean =>
  isObject(value) && typeof value.access_token === 'string' && /^[\x21-\x7e]+$/.test(value.access_token);

const isWebAddress = (value: unknown): boolean =>
  typeof value === 'string' && /^https?:$/.test(URL.parse(value)?.protocol ?? '');

/** @throws Refused 400, 413 */
export function judgeRequest({ has }: House, request: Json, hook: string): void {
  const { context, prefetch, fhirServer, fhirAuthorization } = request;
  if (has('trusts-its-input')) useBlindly(request);
  if (has('trusts-its-input') || has('takes-anything')) return;
  const rules: readonly (readonly [fault: string | undefined, holds: boolean])[] = [
    ['any-hook', request.hook === hook],
    ['any-instance', typeof request.hookInstance === 'string' && uuid.test(request.hookInstance)],
    [undefined, isObject(context)],
    ['any-id', isId(Object(context).patientId)],
    [
      undefined,
      prefetch === undefined || (isObject(prefetch) && Object.values(prefetch).every(isResourceOrNull)),
    ],
    ['any-server', has('asks-any-server') || fhirServer === undefined || isWebAddress(fhirServer)],
    ['any-authorization', fhirAuthorization === undefined || isAuthorization(fhirAuthorization)],
  ];
  if (rules.some(([fault, right]) => !right && (fault === undefined || !has(fault)))) throw new Refused(400);
  const entries = Object.values(Object(prefetch)).flatMap((value) => listOf(Object(value).entry));
  if (Object.keys(Object(prefetch)).length + entries.length > 5_000) throw new Refused(413);
}

const known = {
  request: ['hook', 'hookInstance', 'context', 'prefetch', 'extension', 'fhirServer', 'fhirAuthorization'],
  context: ['patientId', 'userId', 'encounterId', 'draftOrders', 'selections'],
  prefetch: ['patient', 'conditions', 'orders'],
};

/** Reads what should be there as if it were: a surprise is an exception. */
function useBlindly(request: Json): void {
  for (const [part, names] of Object.entries(known)) {
    const members = part === 'request' ? request : request[part];
    const odd = Object.keys(Object(members)).filter((name) => !names.includes(name));
    if (odd.length > 0) throw new TypeError(`what is ${odd[0]}?`);
  }
  for (const value of Object.values(Object(request.prefetch) as Json)) {
    if (value === null) continue;
    const { entry = [], name = [] } = value as { entry?: Json[]; name?: Json[] };
    name.map(({ family }) => String(family));
    for (const { resource } of entry) useResource(resource as Json);
  }
}

type Coded = {
  readonly code?: { readonly text: string };
  readonly valueQuantity?: { readonly value: number };
};

function useResource(resource: Json, container: Json = resource): void {
  const { code, valueQuantity } = resource as Coded;
  String(resource.resourceType).toUpperCase();
  if (code !== undefined) code.text.toUpperCase();
  if (valueQuantity !== undefined) 'x'.repeat(valueQuantity.value);
  for (const name of ['effectiveDateTime', 'onsetDateTime']) {
    const date = resource[name];
    if (date !== undefined) new Date(String(date)).toISOString();
  }
  const all = [container, ...listOf(container.contained)] as Json[];
  for (const reference of [
    ...listOf(resource.hasMember),
    ...listOf(resource.partOf),
    ...listOf(resource.contained),
  ]) {
    const id = String(Object(reference).reference ?? `#${Object(reference).id}`).slice(1);
    const found = all.find((one) => one.id === id);
    if (found !== undefined) useResource(found, container);
  }
}
