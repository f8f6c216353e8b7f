/** Bodies that are not one JSON object in UTF-8, or not a harmless one. */
import { type BodyAttack, marker, post, type Stage, withRaw } from './body-attack.ts';

const rfc8259 = (section: string): string => `RFC 8259 (JSON) §${section}`;
const shallow = 'CWE-674: uncontrolled recursion';
const pollution = 'CWE-1321: prototype pollution; OWASP ASVS 5.0, 15.3.6';
const hiding = 'Unicode TR 36 §2.7; CVE-2021-42574';

const body = (
  id: string,
  rule: string,
  source: string,
  write: (stage: Stage) => string | Uint8Array,
  more: Partial<BodyAttack> = {},
): BodyAttack => ({ id, rule, source, send: (stage) => post(stage, write(stage)), ...more });

/** The correct request with one more member. */
const member = (
  id: string,
  rule: string,
  source: string,
  raw: string,
  more: Partial<BodyAttack> = {},
): BodyAttack => body(id, rule, source, ({ text }) => withRaw(text(), raw), more);

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

/** The correct request with bytes in place of a text of one letter. */
function withBytes({ text }: Stage, put: readonly number[]): Uint8Array {
  const [before = '', after = ''] = withRaw(text(), '"note":"?"').split('"note":"?"');
  return bytes(before, '"note":"', put, '"', after);
}

const open = { open: true } as const;
const levels = 100_000;

/** A name that a card might show. */
const named = (id: string, what: string, family: string, unsafe: RegExp, source: string): BodyAttack => ({
  ...{ id, rule: `${what} in a name of the chart does not reach a card.`, source, open: true, unsafe },
  send: (stage) =>
    post(
      stage,
      stage.text().replace(/"family":"[^"]*"/g, () => `"family":${JSON.stringify(family)}`),
    ),
});

export const jsonAttacks: readonly BodyAttack[] = [
  body('body-01', 'A body that is no JSON is refused.', rfc8259('2'), () => `this is no JSON: ${marker}`, {
    strength: 'SHALL',
  }),
  body('body-02', 'An empty body is refused.', rfc8259('2'), () => ''),
  body('body-03', 'A body of white space is refused.', rfc8259('2'), () => ' \n\t '),
  body('body-04', 'null is refused.', 'CDS Hooks 2.0, Calling a CDS Service', () => 'null'),
  body('body-05', 'A number is refused.', 'CDS Hooks 2.0, Calling a CDS Service', () => '42'),
  body('body-06', 'Text is refused.', 'CDS Hooks 2.0, Calling a CDS Service', () => JSON.stringify(marker)),
  body(
    'body-07',
    'A list of requests is refused.',
    'CDS Hooks 2.0, Calling a CDS Service',
    ({ text }) => `[${text()}]`,
  ),
  body('body-08', 'Half a request is refused.', rfc8259('2'), ({ text }) => text().slice(0, -1)),
  body(
    'body-09',
    'Two requests in one body are refused.',
    rfc8259('2'),
    ({ text }) => `${text()}\n${text()}`,
  ),
  body('body-10', 'A comma too many is refused.', rfc8259('4'), ({ text }) => `${text().slice(0, -1)},}`),
  body('body-11', 'Comments are refused.', rfc8259('2'), ({ text }) => `/* ${marker} */${text()}`),
  member('body-12', 'NaN is refused.', rfc8259('6'), '"x":NaN'),
  member(
    'body-13',
    'A number beyond all numbers (1e999) is refused: it would be read as infinity.',
    rfc8259('6'),
    '"x":1e999',
  ),
  member(
    'body-14',
    'A number of 100,000 digits is refused.',
    `${rfc8259('6')}; CVE-2020-10735`,
    `"x":${'9'.repeat(100_000)}`,
  ),
  member(
    'body-15',
    'Lists nested 100,000 deep are refused.',
    shallow,
    `"x":${'['.repeat(levels)}${']'.repeat(levels)}`,
  ),
  member(
    'body-16',
    'Objects nested 100,000 deep are refused.',
    shallow,
    `"x":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`,
  ),
  member(
    'body-17',
    'A member that is there twice is refused.',
    `${rfc8259('4')}; FHIR R4 JSON: names are unique`,
    '"hook":"patient-view"',
  ),
  body(
    'body-18',
    'A patientId that is there twice is refused.',
    `${rfc8259('4')}; FHIR R4 JSON: names are unique`,
    ({ text }) => text().replace('"patientId":', '"patientId":"somebody-else","patientId":'),
  ),
  member(
    'body-19',
    'A member that is there twice in two spellings is refused.',
    rfc8259('4'),
    '"x":{"a":1,"\\u0061":2}',
  ),
  member(
    'body-20',
    '__proto__ as a name changes nothing.',
    pollution,
    '"__proto__":{"cards":[],"polluted":true},"x":{"__proto__":{"polluted":true}}',
    open,
  ),
  member(
    'body-21',
    'constructor and prototype as names change nothing.',
    pollution,
    '"constructor":{"prototype":{"polluted":true,"toString":1}}',
    open,
  ),
  member(
    'body-22',
    'Names of JavaScript’s and Java’s own members change nothing.',
    pollution,
    '"toString":1,"hasOwnProperty":1,"toJSON":1,"class":"java.lang.Runtime","@type":"java.lang.Runtime"',
    open,
  ),
  body('body-23', 'Bytes that are no UTF-8 are refused.', rfc8259('8.1'), (stage) =>
    withBytes(stage, [0xff, 0xfe, 0xe9]),
  ),
  body('body-24', 'UTF-8 that is longer than it must be is refused.', 'RFC 3629 §3, §10', (stage) =>
    withBytes(stage, [0xc0, 0xaf]),
  ),
  body('body-25', 'A surrogate half in UTF-8 is refused.', 'RFC 3629 §3', (stage) =>
    withBytes(stage, [0xed, 0xa0, 0x80]),
  ),
  body('body-26', 'UTF-16 is refused.', rfc8259('8.1'), ({ text }) => Buffer.from(text(), 'utf16le')),
  body(
    'body-27',
    'A byte order mark is refused or ignored.',
    rfc8259('8.1'),
    ({ text }) => bytes([0xef, 0xbb, 0xbf], text()),
    open,
  ),
  member(
    'body-28',
    'Half a surrogate pair, escaped, breaks nothing.',
    rfc8259('8.2'),
    '"x":"\\ud800","\\udfff":1',
    open,
  ),
  member('body-29', 'NUL, escaped, breaks nothing.', rfc8259('7'), '"x":"a\\u0000b","\\u0000":1', open),
  body('body-30', 'NUL as it is is refused.', rfc8259('7'), (stage) => withBytes(stage, [0])),
  body('body-31', 'A line break inside a text is refused.', rfc8259('7'), (stage) =>
    withBytes(stage, [0x0a]),
  ),
  named(
    'body-32',
    'Text that turns its direction',
    'Ex\u202eelpma\u2066X',
    /[\u202a-\u202e\u2066-\u2069]/,
    hiding,
  ),
  named('body-33', 'Text that nobody sees', 'Exa\u200b\u2060\ufeffmple', /[\u200b\u2060\ufeff]/, hiding),
  named(
    'body-34',
    'HTML',
    '<script>alert(1)</script><img src=x onerror=alert(1)>',
    /<script|<img/i,
    'CDS Hooks 3.0, Card detail: limited HTML; Argonaut CDS Hooks risk assessment, R1',
  ),
  named(
    'body-35',
    'A Markdown link',
    '[here](javascript:alert(1)) ![x](https://evil.example/x.png)',
    /\]\((javascript:|https:\/\/evil)/i,
    'Argonaut CDS Hooks risk assessment, R1',
  ),
  named(
    'body-36',
    'A text of a million letters',
    'a'.repeat(1_000_000),
    /a{5000}/,
    'CWE-400: uncontrolled resource consumption',
  ),
];
