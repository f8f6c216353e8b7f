/**
 * auscult as it is assembled for `start`, without the sandbox beside it: real packages, real runner process, real
 * sealed ledger on disk, log lines to nowhere. Speaks IPC: says its port, and answers `work` and `profile`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../src/app.ts';
import { openPackages } from '../src/assemble.ts';
import { offersOf } from '../src/card/offer.ts';
import { sandboxRegistration } from '../src/hooks/registration.ts';
import type { Decision } from '../src/ledger/decision.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import { createKeyring, newLedgerKey } from '../src/ledger/seal.ts';
import { openStorage } from '../src/ledger/storage.ts';
import { createGate } from '../src/ops/gate.ts';
import { createLog } from '../src/ops/log.ts';
import { createMetrics } from '../src/ops/metrics.ts';
import { readSettings } from '../src/settings.ts';
import type { Work } from './server.ts';

const settings = readSettings(process.env, 'start');
const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'));
const keys = createKeyring(newLedgerKey());
const packages = await openPackages();
const storage = await openStorage({ path: join(folder, 'ledger.sqlite'), keys });
let latest: Decision | undefined;
const ledger: Ledger = {
  ...storage.ledger,
  record(decision) {
    latest = decision;
    return storage.ledger.record(decision);
  },
};

const registration = sandboxRegistration(0);
const app = createApp({
  ...packages,
  offers: offersOf(packages.services.values()),
  ledger,
  settings,
  gate: createGate(settings.MAX_IN_FLIGHT),
  log: createLog(settings.LOG_LEVEL),
  metrics: createMetrics(),
  clock: () => new Date(),
  readerFor: () => undefined,
  mayShow: () => true,
  appUrl: 'http://localhost/app/launch',
  authenticate: async () => registration,
  ready: () => true,
  origins: '*',
  hosts: ['localhost', '127.0.0.1', '[::1]'],
  smart: (_req, _res, next) => next(),
});

/** How much the floor has to do to do the same: from the last decision. */
function workDone(): Omit<Work, 'answerBytes'> {
  const explanation = latest?.explanation;
  if (latest === undefined || explanation === undefined)
    throw new Error('the request was not shown and explained');
  const { outputs } = packages.models.get(explanation.model).manifest;
  const output = outputs.find(({ name }) => name === explanation.output)?.tensor ?? explanation.output;
  const rows = 2 ** explanation.contributions.length;
  const others = packages.services.get(latest.package)?.models ?? [];
  const models = [...new Set([explanation.model, ...others])];
  return { models, rows, output, recordBytes: Buffer.byteLength(JSON.stringify(latest)) + sealBytes };
}

/** Nonce and tag beside every sealed document. */
const sealBytes = 28;

const session = new Session();

async function answer(question: unknown): Promise<unknown> {
  if (question === 'work') return workDone();
  if (question === 'profile') {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    return 'profiling';
  }
  return (await session.post('Profiler.stop')).profile;
}

process.on('message', async (question) => process.send?.(await answer(question)));
process.on('disconnect', async () => {
  await Promise.all([packages.models.close(), storage.close()]);
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});

const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
