/** The embedded ledger: node:sqlite, durable before it is acknowledged, sealed row by row. */
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Feedback } from 'cds-hooks-types';
import { Fault } from '../errors.ts';
import type { Decision, DecisionId } from './decision.ts';
import { feedbackKey, outcomeInstant } from './feedback.ts';
import type { FeedbackReceipt, Ledger } from './ledger.ts';
import { add, cardUuids, noReceipt } from './memory.ts';
import { migrate } from './schema.ts';
import { type Keyring, patientIndex, seal, unseal, wrongKey } from './seal.ts';

export interface SqliteLedgerOptions {
  /** File of the ledger; its folder is made. Readable by its owner only. */
  readonly path: string;
  readonly keys: Keyring;
  /** Instant at which feedback counts as received; the system's by default. */
  readonly now?: () => Date;
}

interface Waiting {
  readonly decision: Decision;
  readonly resolve: () => void;
  readonly reject: (fault: Fault) => void;
}

/**
 * Opens (or makes) the ledger file. Decisions that arrive in the same turn share one commit, and so one
 * fsync; `record` resolves only after it.
 * @throws Fault ledger-unavailable when the file does not open, is newer, or was sealed with other keys
 */
export function openSqliteLedger({ path, keys, now = () => new Date() }: SqliteLedgerOptions): Ledger {
  const database = openDatabase(path, keys);
  const write = writers(database, keys, now);
  const read = readers(database, keys);
  let waiting: Waiting[] = [];

  function flush(): void {
    const batch = waiting;
    waiting = [];
    if (
      batch.length > 1 &&
      settle(batch, () => batch.forEach(({ decision }) => void write.decision(decision)))
    )
      return;
    for (const each of batch) settle([each], () => write.decision(each.decision), true);
  }

  /** Commits; tells those who wait. A failed batch is tried one by one, so that one cannot sink the others. */
  function settle(batch: readonly Waiting[], work: () => void, last = false): boolean {
    try {
      transaction(database, work);
      for (const { resolve } of batch) resolve();
      return true;
    } catch (error) {
      if (last) for (const { reject } of batch) reject(unavailable(error));
      return false;
    }
  }

  return {
    record: (decision) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ decision, resolve, reject });
      }),
    find: async (id, issuer, patientId) => guarded(() => read.decision(id, issuer, patientId)),
    recordFeedback: async (service, issuer, feedback) =>
      guarded(() =>
        transaction(database, () =>
          feedback.map((each) => write.feedback(service, issuer, each)).reduce(add, noReceipt),
        ),
      ),
    feedbackOf: async (id) => guarded(() => read.feedback(id)),
    purge: async (before) => guarded(() => purge(database, before)),
    async close() {
      flush();
      database.close();
    },
  };
}

function openDatabase(path: string, keys: Keyring): DatabaseSync {
  return guarded(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(path);
    try {
      chmodSync(path, 0o600);
      migrate(database);
      const sealedWith = database
        .prepare('SELECT DISTINCT key_id FROM decision UNION SELECT DISTINCT key_id FROM feedback')
        .all();
      for (const { key_id: id } of sealedWith) if (!keys.has(String(id))) throw wrongKey(String(id));
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Statements that write. They run inside a transaction. */
function writers(database: DatabaseSync, keys: Keyring, now: () => Date) {
  const insert = {
    decision: database.prepare('INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    card: database.prepare('INSERT INTO card VALUES (?, ?)'),
    model: database.prepare('INSERT INTO decision_model VALUES (?, ?, ?)'),
    feedback: database.prepare(
      'INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
  };
  const issued: StatementSync = database.prepare(
    `SELECT decision_id FROM card JOIN decision ON decision.id = decision_id
     WHERE uuid = ? AND service = ? AND issuer = ?`,
  );
  return {
    decision(decision: Decision): void {
      const { id, service, outcome, issuer } = decision;
      const { keyId, bytes } = seal(keys, decisionRow(id), decision);
      const patient = patientIndex(keys.current, issuer, decision.patientId);
      const at = Date.parse(decision.decidedAt);
      insert.decision.run(
        id,
        service,
        outcome,
        reasonCode(decision.reason),
        issuer,
        patient,
        at,
        keyId,
        bytes,
      );
      for (const uuid of cardUuids(decision)) insert.card.run(uuid, id);
      for (const [model, digest] of digests(decision)) insert.model.run(id, model, digest);
    },
    feedback(service: string, issuer: string, feedback: Feedback): FeedbackReceipt {
      const key = feedbackKey(service, issuer, feedback);
      const found = issued.get(feedback.card, service, issuer)?.decision_id;
      const id = found === undefined ? null : String(found);
      const { keyId, bytes } = seal(keys, feedbackRow(key), feedback);
      const [at, received] = [outcomeInstant(feedback), now().getTime()];
      const { outcome } = feedback;
      const done = insert.feedback.run(key, id, service, issuer, outcome, at, received, keyId, bytes);
      if (Number(done.changes) === 0) return { ...noReceipt, repeated: 1 };
      return id === null ? { ...noReceipt, quarantined: 1 } : { ...noReceipt, joined: 1 };
    },
  };
}

/** Statements that read. What they return was authenticated by its seal. */
function readers(database: DatabaseSync, keys: Keyring) {
  const decision = database.prepare('SELECT issuer, patient_hmac, key_id, sealed FROM decision WHERE id = ?');
  const feedback = database.prepare(
    'SELECT key, key_id, sealed FROM feedback WHERE decision_id = ? ORDER BY outcome_at, received_at',
  );
  return {
    decision(id: DecisionId, issuer: string, patientId: string): Decision | undefined {
      const row = decision.get(id);
      if (row === undefined || row.issuer !== issuer) return undefined;
      const key = keys.byId(String(row.key_id));
      if (row.patient_hmac !== patientIndex(key, issuer, patientId)) return undefined;
      const found = unseal(keys, decisionRow(id), sealedOf(row)) as Decision;
      return found.issuer === issuer && found.patientId === patientId ? found : undefined;
    },
    feedback: (id: DecisionId): readonly Feedback[] =>
      feedback.all(id).map((row) => unseal(keys, feedbackRow(String(row.key)), sealedOf(row)) as Feedback),
  };
}

/** Deletes for good: the rows are overwritten (secure_delete) and the log that still held them is emptied. */
function purge(database: DatabaseSync, before: Date): number {
  const gone = transaction(database, () => {
    const at = before.getTime();
    database.prepare('DELETE FROM feedback WHERE decision_id IS NULL AND received_at < ?').run(at);
    return Number(database.prepare('DELETE FROM decision WHERE decided_at < ?').run(at).changes);
  });
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return gone;
}

const decisionRow = (id: string): string => `decision/${id}`;
const feedbackRow = (key: string): string => `feedback/${key}`;

function sealedOf(row: Record<string, unknown>): { keyId: string; bytes: Uint8Array } {
  const bytes = row.sealed;
  return { keyId: String(row.key_id), bytes: bytes instanceof Uint8Array ? bytes : new Uint8Array() };
}

/** `missing: totalCholesterol` → `missing`. Anything that is not a bare code is not stored in clear. */
function reasonCode(reason: string): string {
  const code = reason.split(':')[0]?.trim() ?? '';
  return /^[a-z][a-z-]{0,63}$/.test(code) ? code : 'other';
}

const digests = (decision: Decision): ReadonlyMap<string, string> =>
  new Map(decision.results.map(({ model, digest }) => [model, digest]));

function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unavailable(error);
  }
}

const unavailable = (error: unknown): Fault =>
  error instanceof Fault ? error : new Fault('ledger-unavailable', [], error);
