/**
 * Callers who are not entitled: every token that is not the client's own, fresh, for this endpoint, is answered 401,
 * and nobody is told why.
 */
import { type Check, failed, passed, skipped, type Verdict, verdict } from '../check.ts';
import { cardsOf, said } from '../rules/asking.ts';
import type { Answer, Target } from '../target.ts';
import { forgeFor, lacking } from './forge.ts';
import { type Ground, groundOf, harmDone, leakIn } from './ground.ts';
import { headOf, sendRaw } from './raw-http.ts';
import { bearer, type Carried, type TokenAttack, trusting } from './token-attack.ts';
import { carriageAttacks } from './token-carriage.ts';
import { claimAttacks } from './token-claims.ts';
import { keyAttacks } from './token-keys.ts';
import { signatureAttacks } from './token-signatures.ts';
import { watched } from './watched.ts';

const attacks: readonly TokenAttack[] = [
  ...signatureAttacks,
  ...keyAttacks,
  ...claimAttacks,
  ...carriageAttacks,
];

/** A hook endpoint that answers; discovery where a stranger is not even told what services there are. */
type Door = { readonly path: string; readonly ground: Ground | undefined };

async function doorOf(target: Target): Promise<Door | string> {
  const ground = await groundOf(target);
  if (typeof ground !== 'string') return { path: ground.path, ground };
  return target.sign === undefined ? { path: '/cds-services', ground: undefined } : ground;
}

async function deliver(target: Target, { path, ground }: Door, carried: Carried): Promise<Answer> {
  const {
    authorization,
    raw,
    headers = {},
    query = '',
    body,
  } = typeof carried === 'string' ? { authorization: carried } : carried;
  const text = ground === undefined ? undefined : JSON.stringify({ ...ground.request(), ...body });
  const method = text === undefined ? 'GET' : 'POST';
  if (raw !== true) {
    const sending = {
      method,
      authorization,
      headers: { ...typeOf(text), ...headers },
      ...(text === undefined ? {} : { body: text }),
    };
    return target.send(`${path}${query}`, sending);
  }
  const lines = [
    `Authorization: ${authorization}`,
    ...(text === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`]),
  ];
  return sendRaw(target, { pieces: [headOf(target, { method, path, lines }), text ?? ''] });
}

const typeOf = (text: string | undefined): Readonly<Record<string, string>> =>
  text === undefined ? {} : { 'content-type': 'application/json' };

/** One attack from the forge to the answer; or why it cannot be tried. */
async function attempt(target: Target, door: Door, attack: TokenAttack): Promise<Answer | string> {
  const forge = await forgeFor(target, door.path);
  return lacking(attack.needs ?? [], target, forge.claims) ?? deliver(target, door, await attack.make(forge));
}

function attemptWatched(target: Target, door: Door, attack: TokenAttack) {
  const canary = attack.needs?.includes('canary') ? target.canary : undefined;
  return watched({ canary }, () => attempt(target, door, attack));
}

async function tryToken(target: Target, attack: TokenAttack): Promise<Verdict> {
  const door = await doorOf(target);
  if (typeof door === 'string') return skipped(door);
  const { seen, result: answer } = await attemptWatched(target, door, attack);
  if (typeof answer === 'string') return skipped(answer);
  if (seen !== undefined) return failed(seen);
  const complaint =
    judge(answer, attack) ??
    (door.ground === undefined ? undefined : await harmIfSigned(target, door.ground));
  return complaint === undefined ? passed : failed(complaint);
}

function judge(answer: Answer, { orElse = [] }: TokenAttack): string | undefined {
  if (cardsOf(answer).length > 0) return 'answered with cards';
  if (answer.status !== 401 && !orElse.includes(answer.status)) return `${said(answer.status)}, not 401`;
  if (answer.status === 0 && answer.ms > 9_000) return said(0);
  return leakIn(answer);
}

const harmIfSigned = (target: Target, ground: Ground): Promise<string | undefined> =>
  target.sign === undefined ? Promise.resolve(undefined) : harmDone(target, ground);

/** Sends one correct token several times; all but one must be refused. */
const replayed =
  (send: (once: () => Promise<Answer>) => Promise<readonly Answer[]>) =>
  async (target: Target): Promise<Verdict> => {
    const door = await doorOf(target);
    if (typeof door === 'string') return skipped(door);
    if (target.sign === undefined || door.ground === undefined)
      return skipped('the kit was given no key to sign with');
    const token = await target.sign(door.path);
    const statuses = (await send(() => deliver(target, door, bearer(token)))).map(({ status }) => status);
    if (statuses.every((status) => status === 401))
      return skipped('a correct token is refused at its first use');
    const again = statuses.filter((status) => status !== 401).length - 1;
    return verdict(again === 0, `a token was taken ${again + 1} times`);
  };

const inTurn = async (once: () => Promise<Answer>): Promise<readonly Answer[]> => [
  await once(),
  await once(),
  await once(),
];
const atOnce = (once: () => Promise<Answer>): Promise<readonly Answer[]> =>
  Promise.all(Array.from({ length: 8 }, once));

/** Everything by which one refusal could be told from another; ids and dates of their own aside. */
function fingerprint({ text, headers }: Answer): string {
  const names = ['content-type', 'www-authenticate', 'cache-control', 'content-length'];
  const body = text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b/gi, '<id>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, '<instant>');
  return JSON.stringify([...names.map((name) => headers.get(name)), body]);
}

async function allAlike(target: Target): Promise<Verdict> {
  const door = await doorOf(target);
  if (typeof door === 'string') return skipped(door);
  const seen = new Map<string, string>();
  for (const attack of attacks) {
    const { result: answer } = await attemptWatched(target, door, attack);
    if (typeof answer !== 'string' && answer.status === 401) seen.set(fingerprint(answer), attack.id);
  }
  const [first, second] = [...seen.values()];
  if (first === undefined) return failed('nothing was answered 401');
  return verdict(second === undefined, `the refusals of ${first} and ${second} can be told apart`);
}

export const tokenChecks: readonly Check[] = [
  ...attacks.map(({ id, rule, source, strength = 'practice', ...attack }) => ({
    ...{ id, rule, source, strength },
    run: (target: Target) => tryToken(target, { id, rule, source, ...attack }),
  })),
  {
    id: 'jwt-108',
    rule: 'A token is taken once: its second and third use are refused.',
    strength: 'practice',
    source: `Best Practices; SMART App Launch, asymmetric authentication: a jti is not seen twice`,
    run: replayed(inTurn),
  },
  {
    id: 'jwt-109',
    rule: 'A token that is used eight times at once is taken once.',
    strength: 'practice',
    source: `Best Practices; SMART App Launch, asymmetric authentication: a jti is not seen twice`,
    run: replayed(atOnce),
  },
  {
    id: 'jwt-110',
    rule: 'Every 401 reads the same: body and headers tell nobody which check failed.',
    strength: 'practice',
    source: `Best Practices: a bare 401; ${trusting}`,
    run: allAlike,
  },
];
