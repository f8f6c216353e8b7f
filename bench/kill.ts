/**
 * Nothing acknowledged is lost: `auscult serve` under load, killed with SIGKILL at random moments and started again
 * on the same ledger. Whoever had a 200 must find it there afterwards: every decision once, every feedback once,
 * though clients that heard nothing send theirs again.
 *
 *   node bench/kill.ts [rounds] [seed]        DATABASE_URL: on PostgreSQL instead of a file
 */
import { patientView, templatesOf } from '../fixtures/requests.ts';
import { openStorageOf } from '../src/assemble.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import { readSettings } from '../src/settings.ts';
import { type RegisteredEhr, registeredEhr } from '../test/registered-ehr.ts';
import { type Running, startAuscult } from '../test/running.ts';

const hook = '/cds-services/cardiovascular-risk';
const clients = 4;

/** What was acknowledged, and what the ledger holds of it. */
export interface Tally {
  readonly rounds: number;
  readonly decisions: number;
  readonly feedback: number;
  readonly lost: number;
  readonly twice: number;
  /** Chains whose links do not hold. */
  readonly broken: number;
  /** In the ledger, though its answer never arrived: allowed. */
  readonly unheard: number;
}

interface Acknowledged {
  /** Decision id → its card. */
  readonly decisions: Map<string, string>;
  /** `card|timestamp` of feedback. */
  readonly feedback: Set<string>;
}

export async function killRounds(
  rounds: number,
  seed: number,
  env: Record<string, string> = {},
): Promise<Tally> {
  const ehr = await registeredEhr();
  const settings = { ...ehr.signedOn(), MAX_IN_FLIGHT: '16', ...env };
  const told: Acknowledged = { decisions: new Map(), feedback: new Set() };
  const random = generator(seed);
  try {
    for (let round = 0; round < rounds; round++) {
      const server = await startAuscult(settings, 'serve');
      const load = Array.from({ length: clients }, () => client(server, ehr, told));
      await pause(100 + random() * 900);
      process.kill(server.pid, 'SIGKILL');
      await Promise.all(load);
    }
    const storage = await openStorageOf(readSettings({ ...settings, CLOCK: '' }, 'serve'));
    const tally = await compare(storage.ledger, told);
    await storage.close();
    return { rounds, decisions: told.decisions.size, feedback: told.feedback.size, ...tally };
  } finally {
    ehr.remove();
  }
}

/** Asks, and gives feedback on what it was shown, until the server is gone. Feedback is sent twice now and then. */
async function client(server: Running, ehr: RegisteredEhr, told: Acknowledged): Promise<void> {
  const found = (await send(server, ehr, '/cds-services')) as Services | undefined;
  if (found === undefined) return;
  const called = found.services.find(({ id }) => hook.endsWith(`/${id}`));
  const templates = templatesOf(called?.prefetch ?? {});
  for (;;) {
    const answer = (await send(
      server,
      ehr,
      hook,
      patientView('high-risk-untreated', new Date(), templates),
    )) as { readonly cards: readonly ShownCard[] } | undefined;
    if (answer === undefined) return;
    for (const { uuid, links } of answer.cards) {
      told.decisions.set(links[0]?.appContext ?? '', uuid);
      const outcomeTimestamp = new Date().toISOString();
      const feedback = { feedback: [{ card: uuid, outcome: 'overridden', outcomeTimestamp }] };
      for (let times = told.decisions.size % 3 === 0 ? 2 : 1; times > 0; times--) {
        if ((await send(server, ehr, `${hook}/feedback`, feedback)) === undefined) return;
        told.feedback.add(`${uuid}|${outcomeTimestamp}`);
      }
    }
  }
}

interface Services {
  readonly services: readonly { readonly id: string; readonly prefetch: Readonly<Record<string, string>> }[];
}

interface ShownCard {
  readonly uuid: string;
  readonly links: readonly { readonly appContext?: string }[];
}

/** What a 200 says, whole; undefined where the server is gone. @throws Error for any other answer but "busy" */
async function send({ url }: Running, ehr: RegisteredEhr, path: string, body?: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...(await ehr.authorize(path)) };
  const method = body === undefined ? 'GET' : 'POST';
  try {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status === 200) return text === '' ? {} : JSON.parse(text);
    if (answer.status !== 503) throw new TypeError(`answered ${answer.status}`);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof TypeError && thrown.message.startsWith('answered')) throw thrown;
    return undefined;
  }
}

async function compare(
  ledger: Ledger,
  told: Acknowledged,
): Promise<Pick<Tally, 'lost' | 'twice' | 'broken' | 'unheard'>> {
  const decisions = new Map<string, number>();
  const feedback = new Map<string, number>();
  const count = (of: Map<string, number>, key: string): void => void of.set(key, (of.get(key) ?? 0) + 1);
  for await (const entry of ledger.entries()) {
    if (entry.kind === 'decision') count(decisions, entry.decision.id);
    else if (entry.decision !== undefined)
      count(feedback, `${entry.feedback.card}|${entry.feedback.outcomeTimestamp}`);
  }
  const lost = [...told.decisions.keys()].filter((id) => !decisions.has(id)).length;
  const lostFeedback = [...told.feedback].filter((key) => !feedback.has(key)).length;
  const twice = [...decisions.values(), ...feedback.values()].filter((times) => times > 1).length;
  const chains = await ledger.verify();
  return {
    lost: lost + lostFeedback,
    twice,
    broken: chains.filter((chain) => chain.broken.length > 0).length,
    unheard: decisions.size - told.decisions.size + (feedback.size - told.feedback.size),
  };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

if (import.meta.main) {
  const [rounds = 200, seed = 1] = process.argv.slice(2).map(Number);
  const { DATABASE_URL } = process.env;
  const tally = await killRounds(rounds, seed, DATABASE_URL === undefined ? {} : { DATABASE_URL });
  console.log(tally);
  process.exitCode = tally.lost + tally.twice + tally.broken === 0 ? 0 : 1;
}
