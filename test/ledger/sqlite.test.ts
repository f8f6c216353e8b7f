import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Fault } from '../../src/errors.ts';
import type { Decision, DecisionId } from '../../src/ledger/decision.ts';
import { newDecisionId } from '../../src/ledger/id.ts';
import { createKeyring, newLedgerKey, seal, unseal } from '../../src/ledger/seal.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite.ts';
import { decision } from '../smart-app/decision-fixture.ts';

const { issuer } = decision;
const fresh = (more: Partial<Decision> = {}): Decision => ({
  ...decision,
  id: newDecisionId(),
  cards: [],
  ...more,
});
const unavailable = (pattern: RegExp) => (error: Fault) =>
  error.code === 'ledger-unavailable' && pattern.test(error.details.join());

describe('ledger/sqlite', () => {
  let folder: string;
  let path: string;
  const master = newLedgerKey();
  const open = (keys = createKeyring(master)) => openSqliteLedger({ path, keys });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'auscult-sqlite-'));
    path = join(folder, 'ledger.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('survives a restart', async () => {
    const made = fresh();
    const first = open();
    await first.record(made);
    await first.close();
    const second = open();
    assert.deepEqual(await second.find(made.id, issuer, made.patientId), made);
    await second.close();
  });

  it('is readable by its owner only and commits with WAL and synchronous FULL', async () => {
    const ledger = open();
    assert.equal(statSync(path).mode & 0o077, 0);
    await ledger.close();
    const raw = new DatabaseSync(path);
    assert.equal(raw.prepare('PRAGMA journal_mode').get()?.journal_mode, 'wal');
    assert.equal(raw.prepare('PRAGMA user_version').get()?.user_version, 1);
    raw.close();
  });

  it('P: no patient id, value or comment stands readable in any of its files', async () => {
    const ledger = open();
    const uuid = crypto.randomUUID();
    const cards = decision.cards.map((card) => ({ ...card, uuid, summary: 'CANARY-SUMMARY' }));
    await ledger.record(fresh({ patientId: 'CANARY-PATIENT', reason: 'missing: CANARY-VALUE 148', cards }));
    const comment = { reason: undefined, userComment: 'CANARY-COMMENT' };
    const outcomeTimestamp = '2026-11-20T10:00:00Z';
    await ledger.recordFeedback(decision.service, issuer, [
      { card: uuid, outcome: 'overridden', overrideReason: comment, outcomeTimestamp },
    ]);
    for (const file of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, file)).toString('latin1');
      assert.doesNotMatch(bytes, /CANARY|totalCholesterol|Observation\//, file);
    }
    const raw = new DatabaseSync(path, { readOnly: true });
    assert.equal(raw.prepare('SELECT reason_code FROM decision').get()?.reason_code, 'missing');
    raw.close();
    await ledger.close();
  });

  it('detects a row put in the place of another', async () => {
    const ledger = open();
    const [a, b] = [fresh(), fresh()];
    await ledger.record(a);
    await ledger.record(b);
    await ledger.close();
    alter((raw) =>
      raw
        .prepare('UPDATE decision SET sealed = (SELECT sealed FROM decision WHERE id = ?) WHERE id = ?')
        .run(b.id, a.id),
    );
    const again = open();
    await assert.rejects(again.find(a.id, issuer, a.patientId), unavailable(/altered/));
    assert.ok(await again.find(b.id, issuer, b.patientId));
    await again.close();
  });

  it('detects any flipped bit: nonce, tag or text', async () => {
    const ledger = open();
    const made = fresh();
    await ledger.record(made);
    await ledger.close();
    const sealed = new DatabaseSync(path).prepare('SELECT sealed FROM decision').get()?.sealed;
    assert.ok(sealed instanceof Uint8Array);
    for (const byte of [0, 11, 12, 27, 28, sealed.length - 1]) {
      const flipped = Buffer.from(sealed);
      flipped.writeUInt8(flipped.readUInt8(byte) ^ 1, byte);
      alter((raw) => raw.prepare('UPDATE decision SET sealed = ?').run(flipped));
      const again = open();
      await assert.rejects(again.find(made.id, issuer, made.patientId), unavailable(/altered/));
      await again.close();
    }
  });

  it('gives a decision to nobody else although the clear columns were changed', async () => {
    const ledger = open();
    const made = fresh();
    await ledger.record(made);
    await ledger.close();
    alter((raw) => raw.prepare("UPDATE decision SET issuer = 'thief'").run());
    const again = open();
    assert.equal(await again.find(made.id, 'thief', made.patientId), undefined);
    await again.close();
  });

  it('refuses a wrong key by name at the start, and a malformed one', async () => {
    const ledger = open();
    await ledger.record(fresh());
    await ledger.close();
    assert.throws(() => open(createKeyring(newLedgerKey())), unavailable(/LEDGER_KEY is wrong/));
    assert.throws(() => createKeyring('c2hvcnQ='), unavailable(/32 bytes/));
  });

  it('reads rows of a former key after rotation', async () => {
    const old = fresh();
    const first = open();
    await first.record(old);
    await first.close();
    const rotated = open(createKeyring(newLedgerKey(), [master]));
    const young = fresh();
    await rotated.record(young);
    assert.ok(await rotated.find(old.id, issuer, old.patientId));
    assert.ok(await rotated.find(young.id, issuer, young.patientId));
    await rotated.close();
  });

  it('refuses a file of a newer version', async () => {
    await open().close();
    alter((raw) => raw.exec('PRAGMA user_version = 99'));
    assert.throws(() => open(), unavailable(/newer version/));
  });

  it('refuses a shortened tag (a 4-byte tag must not open)', () => {
    const keys = createKeyring(master);
    const { keyId, bytes } = seal(keys, 'row', { a: 1 });
    assert.deepEqual(unseal(keys, 'row', { keyId, bytes }), { a: 1 });
    assert.throws(() => unseal(keys, 'row', { keyId, bytes: bytes.slice(0, 16) }), unavailable(/altered/));
  });

  it('D: loses no acknowledged decision to kill -9, three rounds', async function () {
    this.timeout(60_000);
    let acknowledged = 0;
    for (const wait of [250, 400, 600]) acknowledged += await killRound(wait);
    assert.ok(acknowledged > 100, `only ${acknowledged} acknowledged`);
  });

  async function killRound(wait: number): Promise<number> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), path, master], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, wait));
    child.kill('SIGKILL');
    await once(child, 'close');
    const ids = told.split('\n').slice(0, -1) as DecisionId[];
    const ledger = open();
    for (const id of ids) assert.ok(await ledger.find(id, issuer, decision.patientId), `lost ${id}`);
    await ledger.close();
    const raw = new DatabaseSync(path);
    assert.equal(raw.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
    raw.close();
    return ids.length;
  }

  function alter(work: (raw: DatabaseSync) => void): void {
    const raw = new DatabaseSync(path);
    work(raw);
    raw.close();
  }
});
