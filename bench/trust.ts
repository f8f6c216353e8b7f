/**
 * What it costs to know who calls: milliseconds from the Authorization header to the registration, per algorithm,
 * store of used tokens and calls in flight. Every token is its own and good.
 *
 *   node bench/trust.ts [calls a row]
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { parseRegistrations } from '../src/hooks/registration.ts';
import { memoryReplayStore, type ReplayStore } from '../src/hooks/replay.ts';
import { type Authenticate, createAuthenticate } from '../src/hooks/trust.ts';
import { createKeyring, newLedgerKey } from '../src/ledger/seal.ts';
import { openStorage } from '../src/ledger/storage.ts';
import { percentile } from './load.ts';

const calls = Number(process.argv[2] ?? 2000);
const warmUp = 200;
const issuer = 'https://ehr.example';
const audience = 'https://auscult.example/cds-services/cardiovascular-risk';
const pairs = {
  RS384: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
};
type Algorithm = keyof typeof pairs;

const keys = Object.entries(pairs).map(([alg, pair]) => ({
  ...pair.publicKey.export({ format: 'jwk' }),
  alg,
  kid: alg,
}));
const registrations = parseRegistrations(
  JSON.stringify([{ id: issuer, name: 'EHR', fhirServers: ['https://ehr.example/fhir'], jwks: { keys } }]),
  new Map([['cds-hooks-2.0', { jwt: true }]]),
);

function sign(alg: Algorithm): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: issuer, aud: audience, iat: now, exp: now + 300, jti: randomUUID() })
    .setProtectedHeader({ alg, kid: alg, typ: 'JWT' })
    .sign(pairs[alg].privateKey);
}

/** Milliseconds of each call, sorted; `inFlight` callers who each wait for their answer. */
async function measure(
  authenticate: Authenticate,
  tokens: readonly string[],
  inFlight: number,
): Promise<{ readonly each: Float64Array; readonly seconds: number }> {
  const each: number[] = [];
  const waiting = [...tokens];
  const began = performance.now();
  const caller = async (): Promise<void> => {
    for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
      const started = performance.now();
      await authenticate({ authorization: `Bearer ${token}`, certificate: undefined }, audience);
      each.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return { each: Float64Array.from(each).sort(), seconds: (performance.now() - began) / 1000 };
}

const folder = mkdtempSync(join(tmpdir(), 'auscult-trust-'));
const keyring = createKeyring(newLedgerKey());
const storage = await openStorage({ path: join(folder, 'ledger.sqlite'), keys: keyring });
const stores: Readonly<Record<string, () => ReplayStore>> = {
  memory: memoryReplayStore,
  'SQLite, durable': () => storage.usedTokens,
};

console.log(
  `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, ${calls} calls a row\n`,
);
console.log('| algorithm | used tokens | in flight | p50 ms | p99 ms | calls/s |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const alg of ['RS384', 'ES384'] as const) {
  for (const [name, open] of Object.entries(stores)) {
    for (const inFlight of [1, 8]) {
      const authenticate = createAuthenticate({ registrations, clock: () => new Date(), replays: open() });
      const tokens = await Promise.all(Array.from({ length: warmUp + calls }, () => sign(alg)));
      await measure(authenticate, tokens.slice(0, warmUp), inFlight);
      const { each, seconds } = await measure(authenticate, tokens.slice(warmUp), inFlight);
      const [p50, p99] = [50, 99].map((percent) => percentile(each, percent).toFixed(2));
      console.log(`| ${alg} | ${name} | ${inFlight} | ${p50} | ${p99} | ${Math.round(calls / seconds)} |`);
    }
  }
}
await storage.close();
rmSync(folder, { recursive: true });
