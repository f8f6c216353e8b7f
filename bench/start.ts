/**
 * What it takes to be ready: seconds until /health/ready says 200, and resident memory of all processes, for `start`
 * and `serve`. Medians of several cold processes (the file cache is warm).
 *
 *   node bench/start.ts [times]
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newLedgerKey } from '../src/ledger/seal.ts';
import { startAuscult } from '../test/running.ts';
import { median } from './load.ts';
import { residentMibOf, sumOf } from './processes.ts';

const times = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'));

/** What `serve` insists on: one registered EHR, an https address, a ledger key. */
function serveEnv(): Readonly<Record<string, string>> {
  const file = join(folder, 'registrations.json');
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
  const ehr = {
    id: 'https://ehr.example',
    name: 'Example EHR',
    fhirServers: ['https://ehr.example/fhir'],
    jwks: { keys: [{ ...jwk, kid: 'bench' }] },
  };
  writeFileSync(file, JSON.stringify([ehr]));
  return {
    HOST: '127.0.0.1',
    REGISTRATIONS: file,
    BASE_URL: 'https://auscult.example',
    LEDGER_KEY: newLedgerKey(),
    LEDGER_FILE: join(folder, 'ledger.sqlite'),
  };
}

async function once(mode: 'start' | 'serve', env: Readonly<Record<string, string>>) {
  const running = await startAuscult(env, mode);
  const resident = [...residentMibOf(running.pid).values()];
  await running.stop();
  return { readyMs: running.readyMs, resident };
}

console.log('| mode | ready s | processes | resident MiB | by process |\n| --- | --- | --- | --- | --- |');
for (const [mode, env] of [
  ['start', {}],
  ['serve', serveEnv()],
] as const) {
  const runs = [];
  for (let time = 0; time < times; time++) runs.push(await once(mode, env));
  const ready = median(runs.map(({ readyMs }) => readyMs)) / 1000;
  const total = median(runs.map(({ resident }) => sumOf(resident)));
  const each = runs[0]?.resident.map((mib) => mib.toFixed(0)) ?? [];
  console.log(
    `| ${mode} | ${ready.toFixed(2)} | ${each.length} | ${total.toFixed(0)} | ${each.join(' + ')} |`,
  );
}
rmSync(folder, { recursive: true, force: true });
