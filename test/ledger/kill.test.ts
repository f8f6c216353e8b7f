/** Our process is killed while it writes; whatever it had acknowledged must be there. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DecisionId } from '../../src/ledger/decision.ts';
import { createKeyring } from '../../src/ledger/seal.ts';
import { openStorage } from '../../src/ledger/storage.ts';
import { issuer, master, type Place, patientId, places } from './twins.ts';

for (const [name, openPlace] of Object.entries(places)) {
  describe(`kill -9: ${name}`, () => {
    let place: Place;
    before(async function () {
      place = await openPlace(this);
    });
    after(() => place?.remove());

    it('D: loses no acknowledged decision and no used token, breaks no chain, three rounds', async function () {
      this.timeout(60_000);
      let acknowledged = 0;
      for (const wait of [250, 400, 600]) acknowledged += await killRound(place, wait);
      assert.ok(acknowledged > 100, `only ${acknowledged} acknowledged`);
    });
  });
}

async function killRound({ options }: Place, wait: number): Promise<number> {
  const url = options.databaseUrl === undefined ? [] : [options.databaseUrl];
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'writer.ts'), options.path, master, ...url],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, wait));
  child.kill('SIGKILL');
  await once(child, 'close');
  const ids = told.split('\n').slice(0, -1) as DecisionId[];
  const { ledger, usedTokens, close } = await openStorage({ ...options, keys: createKeyring(master) });
  for (const id of ids) {
    assert.ok(await ledger.find(id, issuer, patientId), `lost ${id}`);
    assert.equal(await usedTokens.useOnce('writer', id, 2e9, 1e9), false, `token ${id}`);
  }
  const [report] = await ledger.verify();
  assert.deepEqual(report?.broken, []);
  assert.ok(Number(report?.length) >= ids.length);
  await close();
  if (options.databaseUrl === undefined) assert.equal(integrity(options.path), 'ok');
  return ids.length;
}

function integrity(path: string): unknown {
  const raw = new DatabaseSync(path);
  const [row] = raw.prepare('PRAGMA integrity_check').all();
  raw.close();
  return row?.integrity_check;
}
