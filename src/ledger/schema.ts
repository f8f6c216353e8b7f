/**
 * The embedded ledger's tables. Clear columns hold no chart value and no patient id: a reason is cut to its
 * code, a patient is an HMAC. The document (`sealed`) is the whole Decision, encrypted (seal.ts).
 */
import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '../errors.ts';

/** Step n brings a ledger from `user_version` n to n + 1. Steps are only ever added. */
const steps: readonly string[] = [
  `CREATE TABLE decision (
     id TEXT PRIMARY KEY, service TEXT NOT NULL, outcome TEXT NOT NULL, reason_code TEXT NOT NULL,
     issuer TEXT NOT NULL, patient_hmac TEXT NOT NULL, decided_at INTEGER NOT NULL,
     key_id TEXT NOT NULL, sealed BLOB NOT NULL
   ) STRICT;
   CREATE INDEX decision_by_time ON decision (decided_at);
   CREATE INDEX decision_by_key ON decision (key_id);
   CREATE TABLE card (
     uuid TEXT PRIMARY KEY,
     decision_id TEXT NOT NULL REFERENCES decision (id) ON DELETE CASCADE
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX card_by_decision ON card (decision_id);
   CREATE TABLE decision_model (
     decision_id TEXT NOT NULL REFERENCES decision (id) ON DELETE CASCADE,
     model TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (decision_id, model)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE feedback (
     key TEXT PRIMARY KEY,
     decision_id TEXT REFERENCES decision (id) ON DELETE CASCADE,
     service TEXT NOT NULL, issuer TEXT NOT NULL, outcome TEXT NOT NULL,
     outcome_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
     key_id TEXT NOT NULL, sealed BLOB NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX feedback_by_decision ON feedback (decision_id);
   CREATE VIEW quarantine AS SELECT * FROM feedback WHERE decision_id IS NULL;`,
];

/**
 * Brings the file to this version's tables, and makes every commit durable before it is acknowledged
 * (WAL, synchronous FULL) and every deletion real (secure_delete).
 * @throws Fault ledger-unavailable when the file was written by a newer version
 */
export function migrate(database: DatabaseSync): void {
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                 PRAGMA secure_delete = ON; PRAGMA busy_timeout = 2000;`);
  const row = database.prepare('PRAGMA user_version').get();
  const version = Number(row?.user_version ?? 0);
  if (version > steps.length)
    throw new Fault('ledger-unavailable', ['the ledger file is from a newer version']);
  steps.slice(version).forEach((step, index) => {
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${version + index + 1}; COMMIT;`);
  });
}
