/** Requests that two servers would read as one and as two; and requests that never end. */
import { type BodyAttack, lengthOf, type RawPost, raw, type Stage } from './body-attack.ts';
import { headOf, type Piece } from './raw-http.ts';

const rfc9112 = (section: string): string => `RFC 9112 (HTTP/1.1) §${section}; CWE-444: request smuggling`;

const byHand = (id: string, rule: string, source: string, write: (stage: Stage) => RawPost): BodyAttack => ({
  ...{ id, rule, source, transport: true, send: (stage: Stage) => raw(stage, write(stage)) },
});

/** A request of its own, hidden behind the first. */
const hidden = ({ target }: Stage): string => headOf(target, { method: 'GET', path: '/cds-services' });

/** Framing lines, and a body that is whole in one reading and has another request behind it in the other. */
const framed = (
  id: string,
  what: string,
  section: string,
  lines: (length: string) => readonly string[],
): BodyAttack =>
  byHand(id, `${what} is refused.`, rfc9112(section), (stage) => {
    const body = stage.text();
    const chunked = `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    return { lines: lines(String(Buffer.byteLength(body))), pieces: [chunked, hidden(stage)] };
  });

/** Framing lines around the plain body. */
const plain = (
  id: string,
  what: string,
  section: string,
  lines: (length: number) => readonly string[],
): BodyAttack =>
  byHand(id, `${what} is refused.`, rfc9112(section), (stage) => {
    const body = stage.text();
    return { lines: lines(Buffer.byteLength(body)), pieces: [body] };
  });

/** Longest that a service may wait for a request that drips in. */
const patienceMs = 15_000;
const dripMs = 400;

async function* drip(pieces: Iterable<Piece>): AsyncGenerator<Piece> {
  const began = performance.now();
  for (const piece of pieces) {
    if (performance.now() - began > patienceMs + dripMs) return;
    yield piece;
    await new Promise((resolve) => setTimeout(resolve, dripMs));
  }
}

function* endless(piece: Piece): Generator<Piece> {
  for (;;) yield piece;
}

interface SlowRequest {
  readonly id: string;
  readonly what: string;
  readonly write: (stage: Stage) => RawPost;
}

const slowRequests: readonly SlowRequest[] = [
  {
    id: 'body-120',
    what: 'A body that drips in',
    write: () => ({ lines: ['Content-Length: 100000'], pieces: drip(endless(' ')) }),
  },
  {
    id: 'body-121',
    what: 'A chunked body that drips in',
    write: () => ({ lines: ['Transfer-Encoding: chunked'], pieces: drip(endless('1\r\n \r\n')) }),
  },
  {
    id: 'body-122',
    what: 'A body that never begins',
    write: ({ text }) => ({ lines: [lengthOf(text())] }),
  },
];

type Running = Map<string, ReturnType<typeof raw>>;
const running = new WeakMap<Stage['target'], Running>();

/** The first of them that is asked for starts them all: each takes as long as the service is patient. */
function slowAnswer(stage: Stage, slow: SlowRequest): ReturnType<typeof raw> {
  const send = ({ write }: SlowRequest) => raw(stage, { ...write(stage), withinMs: patienceMs });
  const started = running.get(stage.target) ?? new Map(slowRequests.map((each) => [each.id, send(each)]));
  running.set(stage.target, started);
  return started.get(slow.id) ?? send(slow);
}

const slowAttacks: readonly BodyAttack[] = slowRequests.map((slow) => ({
  ...{
    id: slow.id,
    rule: `${slow.what} is cut off within 15 s.`,
    source: 'CWE-400: slow HTTP; OWASP: slowloris',
    transport: true,
  },
  send: (stage) => slowAnswer(stage, slow),
}));

export const smugglingAttacks: readonly BodyAttack[] = [
  framed('body-108', 'Content-Length beside Transfer-Encoding', '6.1, 6.3', (length) => [
    `Content-Length: ${length}`,
    'Transfer-Encoding: chunked',
  ]),
  framed('body-109', 'Transfer-Encoding before Content-Length', '6.1, 6.3', () => [
    'Transfer-Encoding: chunked',
    'Content-Length: 4',
  ]),
  framed('body-110', 'A Transfer-Encoding that is not quite chunked', '6.1', () => [
    'Transfer-Encoding: xchunked',
  ]),
  framed('body-111', 'A Transfer-Encoding that ends in identity', '6.1', () => [
    'Transfer-Encoding: chunked, identity',
  ]),
  framed('body-112', 'White space before the colon', '5.1', (length) => [
    `Content-Length: ${length}`,
    'Transfer-Encoding : chunked',
  ]),
  framed('body-113', 'A header folded over two lines', '5.2', (length) => [
    `Content-Length: ${length}`,
    'Transfer-Encoding:\r\n chunked',
  ]),
  plain('body-114', 'A second length, different from the first,', '6.3', (length) => [
    `Content-Length: ${length}`,
    `Content-Length: ${length + 5}`,
  ]),
  plain('body-115', 'A negative length', '6.2', () => ['Content-Length: -1']),
  plain('body-116', 'A length with a sign', '6.2', (length) => [`Content-Length: +${length}`]),
  plain('body-117', 'A length in hexadecimal', '6.2', (length) => [
    `Content-Length: 0x${length.toString(16)}`,
  ]),
  plain('body-118', 'A header name with a NUL in it', '5', (length) => [
    `X-\0: 1`,
    `Content-Length: ${length}`,
  ]),
  plain('body-119', 'A second Host', '3.2', (length) => ['Host: other.example', `Content-Length: ${length}`]),
  ...slowAttacks,
];
