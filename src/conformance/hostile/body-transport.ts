/** Requests that are broken as HTTP: media types, encodings, sizes, methods, paths. */
import { gzipSync } from 'node:zlib';
import { type BodyAttack, lengthOf, marker, post, type RawPost, raw, type Stage } from './body-attack.ts';

const json = 'CDS Hooks 2.0, Use of JSON';
const rfc9110 = (section: string): string => `RFC 9110 (HTTP) §${section}`;
const consumption = 'CWE-400: uncontrolled resource consumption';

/** The correct request under other headers. */
const headed = (
  id: string,
  rule: string,
  source: string,
  headers: Readonly<Record<string, string>>,
  body?: (stage: Stage) => string | Uint8Array,
): BodyAttack => ({
  ...{ id, rule, source },
  send: (stage) => post(stage, body?.(stage) ?? stage.text(), headers),
});

const byHand = (
  id: string,
  rule: string,
  source: string,
  write: (stage: Stage) => RawPost,
  more: Partial<BodyAttack> = {},
): BodyAttack => ({
  ...{ id, rule, source, transport: true, send: (stage: Stage) => raw(stage, write(stage)) },
  ...more,
});

/** The correct request at another path. */
const at = (
  id: string,
  rule: string,
  source: string,
  path: (own: string) => string,
  more: Partial<BodyAttack> = {},
): BodyAttack =>
  byHand(
    id,
    rule,
    source,
    ({ ground, text }) => {
      const body = text();
      return { path: path(ground.path), lines: [lengthOf(body)], pieces: [body] };
    },
    more,
  );

const method = (id: string, name: string, more: Partial<BodyAttack> = {}): BodyAttack =>
  byHand(
    id,
    `The method ${name} is refused at a hook endpoint.`,
    rfc9110('9.1, 15.5.6'),
    ({ text }) => {
      const body = text();
      return { method: name, lines: [lengthOf(body)], pieces: [body] };
    },
    { orElse: [501], ...more },
  );

const xml = `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>${marker}&x;</r>`;

/** The correct request with 50 MB of white space behind it, in 50 KB. */
const gzipBomb = ({ text }: Stage): Uint8Array =>
  gzipSync(Buffer.concat([Buffer.from(text()), Buffer.alloc(50 * 2 ** 20, 0x20)]), { level: 1 });

/** The correct request with this many megabytes of white space behind it, in chunks. */
function* megabytes(count: number, { text }: Stage): Generator<string> {
  const body = text();
  yield `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;
  const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
  for (let sent = 0; sent < count * 16; sent++) yield chunk;
  yield '0\r\n\r\n';
}

export const transportAttacks: readonly BodyAttack[] = [
  headed('body-76', 'text/plain is refused.', json, { 'content-type': 'text/plain' }),
  headed(
    'body-77',
    'A form is refused: any web page can send one.',
    `${json}; Fetch Standard, CORS-safelisted content types`,
    { 'content-type': 'application/x-www-form-urlencoded' },
  ),
  headed('body-78', 'multipart/form-data is refused.', json, {
    'content-type': 'multipart/form-data; boundary=x',
  }),
  headed(
    'body-79',
    'XML is refused, and its external entity is not read.',
    'CWE-611: XXE; CVE-2024-52007',
    { 'content-type': 'application/fhir+xml' },
    () => xml,
  ),
  headed('body-80', 'Another charset is refused.', 'RFC 8259 §8.1: UTF-8', {
    'content-type': 'application/json; charset=utf-16',
  }),
  headed('body-81', 'An unknown content encoding is refused.', rfc9110('8.4.1'), {
    'content-encoding': 'x-unknown',
  }),
  headed('body-82', 'A body that says it is gzip and is not is refused.', rfc9110('8.4.1'), {
    'content-encoding': 'gzip',
  }),
  headed(
    'body-83',
    'A small gzip that grows to 50 MB is refused.',
    'CWE-409: decompression bomb',
    { 'content-encoding': 'gzip' },
    gzipBomb,
  ),
  headed(
    'body-84',
    'gzip in gzip that grows to 50 MB is refused.',
    'CWE-409; CVE-2026-22036',
    { 'content-encoding': 'gzip, gzip' },
    (stage) => gzipSync(gzipBomb(stage)),
  ),
  headed('body-85', 'Half a gzip is refused.', rfc9110('8.4.1'), { 'content-encoding': 'gzip' }, ({ text }) =>
    gzipSync(text()).subarray(0, 100),
  ),
  {
    ...{ id: 'body-86', rule: 'A body of 3 MB breaks nothing.', source: consumption, open: true },
    send: (stage) => post(stage, `${stage.text()}${' '.repeat(3 * 2 ** 20)}`),
  },
  byHand('body-87', 'A body of 20 MB, streamed, is refused.', consumption, (stage) => ({
    lines: ['Transfer-Encoding: chunked'],
    pieces: megabytes(20, stage),
  })),
  byHand('body-88', 'A body without a media type is refused.', json, ({ text }) => {
    const body = text();
    return { type: '', lines: [lengthOf(body)], pieces: [body] };
  }),
  byHand('body-89', 'A body that breaks off is refused.', 'RFC 9112 §8', ({ text }) => {
    const body = text();
    return { lines: [lengthOf(body)], pieces: [body.slice(0, -20)], hangUp: true };
  }),
  byHand('body-90', 'A chunked body that breaks off is refused.', 'RFC 9112 §8', ({ text }) => {
    const body = text();
    const size = Buffer.byteLength(body).toString(16);
    return { lines: ['Transfer-Encoding: chunked'], pieces: [`${size}\r\n${body}\r\n`], hangUp: true };
  }),
  byHand('body-91', 'A chunk whose size is no number is refused.', 'RFC 9112 §7.1', ({ text }) => ({
    lines: ['Transfer-Encoding: chunked'],
    pieces: [`zz\r\n${text()}\r\n0\r\n\r\n`],
  })),
  byHand(
    'body-92',
    'A chunk whose size is beyond all sizes is refused.',
    'RFC 9112 §7.1; CVE-2013-2028',
    ({ text }) => ({
      lines: ['Transfer-Encoding: chunked'],
      pieces: [`ffffffffffffffffff\r\n${text()}\r\n0\r\n\r\n`],
    }),
  ),
  method('body-93', 'BREW'),
  method('body-94', 'PUT'),
  method('body-95', 'DELETE'),
  method('body-96', 'TRACE', { source: 'CWE-693; RFC 9110 §9.3.8' }),
  method('body-97', 'GET'),
  at(
    'body-98',
    'A service that does not exist is 404 or another 4xx.',
    'CDS Hooks 2.0, HTTP Status Codes; R76',
    () => '/cds-services/kit-no-such-service',
    { transport: false, strength: 'SHALL' },
  ),
  at(
    'body-99',
    'An id that is a member of every object is no service.',
    'CWE-1321',
    () => '/cds-services/__proto__',
    { transport: false },
  ),
  at('body-100', 'An id named constructor is no service.', 'CWE-1321', () => '/cds-services/constructor', {
    transport: false,
  }),
  at(
    'body-101',
    'A path that climbs reaches no file.',
    'CWE-22: path traversal',
    () => '/cds-services/../../../../../../etc/passwd',
  ),
  at(
    'body-102',
    'A path that climbs, encoded, reaches no file.',
    'CWE-22: path traversal',
    () => '/cds-services/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  ),
  at('body-103', 'A path with an encoded NUL is refused.', 'CWE-158', (own) => `${own}%00.json`),
  at(
    'body-104',
    'A path with a percent sign that encodes nothing is refused.',
    'RFC 3986 §2.1',
    () => '/cds-services/%zz%c0%af',
  ),
  at(
    'body-105',
    'A path of 30,000 letters is refused.',
    rfc9110('15.5.15: 414'),
    () => `/cds-services/${'a'.repeat(30_000)}`,
  ),
  byHand('body-106', 'Headers of 200,000 bytes are refused.', 'RFC 6585 §5: 431', ({ text }) => {
    const body = text();
    const padding = Array.from({ length: 200 }, (_, nth) => `X-Padding-${nth}: ${'a'.repeat(1000)}`);
    return { lines: [...padding, lengthOf(body)], pieces: [body] };
  }),
  byHand(
    'body-107',
    'An expectation that nobody knows is refused or ignored.',
    rfc9110('10.1.1'),
    ({ text }) => {
      const body = text();
      return { lines: ['Expect: kit-nonsense', lengthOf(body)], pieces: [body] };
    },
    { open: true },
  ),
];
