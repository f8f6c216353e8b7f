/** The ledger in its three forms, and what is told to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Card, Feedback } from 'cds-hooks-types';
import type { Fault } from '../../src/errors.ts';
import type { Decision } from '../../src/ledger/decision.ts';
import { newDecisionId } from '../../src/ledger/id.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import { createKeyring, newLedgerKey } from '../../src/ledger/seal.ts';
import { openStorage } from '../../src/ledger/storage.ts';
import { decision } from '../smart-app/decision-fixture.ts';
import { postgresFor, type TestDatabase } from './postgres-server.ts';

export const { service, issuer, patientId } = decision;
export const now = (): Date => new Date('2026-11-20T10:00:00Z');
export const master = newLedgerKey();

const folder = mkdtempSync(join(tmpdir(), 'auscult-ledger-'));
let files = 0;
export const newPath = (): string => join(folder, `${files++}`, 'ledger.sqlite');
after(() => rmSync(folder, { recursive: true }));

/** Opens a ledger of its own; closing it leaves nothing behind. */
export const twins: Readonly<Record<string, (test: Mocha.Context) => Promise<Ledger>>> = {
  memory: async () => createMemoryLedger(now),
  sqlite: async () => (await openStorage({ path: newPath(), keys: createKeyring(master), now })).ledger,
  async postgres(test) {
    const database = await postgresFor(test);
    const { ledger } = await openStorage({
      databaseUrl: database.url,
      path: '',
      keys: createKeyring(master),
      now,
    });
    const close = async () => {
      await ledger.close();
      await database.drop();
    };
    return { ...ledger, close };
  },
};

/** Where a durable ledger lies, so that it can be opened again and looked into. */
export interface Place {
  readonly options: { readonly path: string; readonly databaseUrl?: string };
  readonly postgres?: TestDatabase;
  remove(): Promise<void>;
}

/** The two that survive the process. */
export const places: Readonly<Record<string, (test: Mocha.Context) => Promise<Place>>> = {
  sqlite: async () => ({ options: { path: newPath() }, remove: async () => {} }),
  async postgres(test) {
    const postgres = await postgresFor(test);
    return { options: { path: '', databaseUrl: postgres.url }, postgres, remove: () => postgres.drop() };
  },
};

const [card] = decision.cards;

/** A new decision with one card, whose uuid is `card`. */
export function fresh(more: Partial<Decision> = {}): Decision & { readonly card: string } {
  const uuid = crypto.randomUUID();
  const cards: Card[] = card === undefined ? [] : [{ ...card, uuid }];
  return { ...decision, id: newDecisionId(), cards, ...more, card: uuid };
}

export const overridden = (uuid: string, minute = 0): Feedback => ({
  card: uuid,
  outcome: 'overridden',
  overrideReason: { userComment: 'will monitor' },
  outcomeTimestamp: `2026-11-20T10:${String(minute).padStart(2, '0')}:00Z`,
});

export const accepted = (uuid: string, ...ids: string[]): Feedback => ({
  card: uuid,
  outcome: 'accepted',
  acceptedSuggestions: ids.map((id) => ({ id })),
  outcomeTimestamp: '2026-11-20T10:05:00Z',
});

/** The fault of a ledger that cannot answer, for that reason. */
export const unavailable =
  (pattern: RegExp = /(?:)/) =>
  (error: Fault): boolean =>
    error.code === 'ledger-unavailable' && pattern.test(error.details.join());

export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
