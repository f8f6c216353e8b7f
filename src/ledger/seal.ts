/**
 * Sealing of what the ledger stores: AES-256-GCM, a fresh random 96-bit nonce per row, a 128-bit tag, and
 * the row's name as additional data, so that a row copied into another row's place does not open
 * (NIST SP 800-38D; reliability.md §5). The master key is never used itself: one key for sealing and one
 * for the patient index are derived from it by HKDF-SHA-256 (RFC 5869).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { Fault } from '../errors.ts';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export interface LedgerKey {
  /** Public name of the key, stored beside every row it sealed: 16 hex digits. */
  readonly id: string;
  readonly sealing: KeyObject;
  readonly index: KeyObject;
}

/** The key that seals new rows, and all keys that may still open old ones. */
export interface Keyring {
  readonly current: LedgerKey;
  /** @throws Fault ledger-unavailable when no key of that id was given */
  byId(id: string): LedgerKey;
  has(id: string): boolean;
}

/** A sealed document as it lies in a row. */
export interface Sealed {
  readonly keyId: string;
  /** nonce (12 bytes), tag (16 bytes), ciphertext. */
  readonly bytes: Uint8Array;
}

/** 32 bytes, or the same in base64, as `LEDGER_KEY` gives them. */
export type MasterKey = string | Uint8Array;

/** A new master key: 32 random bytes, base64, as `LEDGER_KEY` takes it. */
export const newLedgerKey = (): string => randomBytes(32).toString('base64');

/**
 * Keys from settings: the current master key and former ones kept for reading (rotation).
 * @throws Fault ledger-unavailable when a key is not 32 bytes of base64
 */
export function createKeyring(current: MasterKey, former: readonly MasterKey[] = []): Keyring {
  const keys = [current, ...former].map(ledgerKey);
  const known = new Map(keys.map((key) => [key.id, key]));
  const [first] = keys;
  if (first === undefined) throw new Fault('ledger-unavailable', ['LEDGER_KEY is missing']);
  return {
    current: first,
    has: (id) => known.has(id),
    byId(id) {
      const key = known.get(id);
      if (key === undefined) throw wrongKey(id);
      return key;
    },
  };
}

/** The refusal of a ledger whose rows none of the given keys opens. Names the key's id, never a key. */
export const wrongKey = (id: string): Fault =>
  new Fault('ledger-unavailable', [`LEDGER_KEY is wrong: the ledger holds rows sealed with key ${id}`]);

function ledgerKey(master: MasterKey): LedgerKey {
  const bytes = typeof master === 'string' ? Buffer.from(master, 'base64') : Buffer.from(master);
  if (bytes.length !== 32) {
    throw new Fault('ledger-unavailable', ['LEDGER_KEY must be 32 bytes, in base64']);
  }
  return {
    id: createHash('sha256').update('auscult ledger key\0').update(bytes).digest('hex').slice(0, 16),
    sealing: derive(bytes, 'auscult ledger sealing'),
    index: derive(bytes, 'auscult ledger patient index'),
  };
}

function derive(master: Buffer, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), purpose, 32)));
}

/** Seals a document for the row of that name with the current key. */
export function seal(keyring: Keyring, row: string, document: unknown): Sealed {
  const { id, sealing } = keyring.current;
  const nonce = randomBytes(nonceBytes);
  const gcm = createCipheriv(cipher, sealing, nonce, { authTagLength: tagBytes });
  gcm.setAAD(Buffer.from(row));
  const text = Buffer.concat([gcm.update(JSON.stringify(document), 'utf8'), gcm.final()]);
  return { keyId: id, bytes: Buffer.concat([nonce, gcm.getAuthTag(), text]) };
}

/**
 * Opens what was sealed for the row of that name.
 * @throws Fault ledger-unavailable when the key is unknown, or the row was altered or moved
 */
export function unseal(keyring: Keyring, row: string, sealed: Sealed): unknown {
  const { sealing } = keyring.byId(sealed.keyId);
  const bytes = Buffer.from(sealed.bytes);
  try {
    const gcm = createDecipheriv(cipher, sealing, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    gcm.setAAD(Buffer.from(row));
    gcm.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const text = Buffer.concat([gcm.update(bytes.subarray(nonceBytes + tagBytes)), gcm.final()]);
    return JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw new Fault('ledger-unavailable', ['a stored record was altered and does not open'], error);
  }
}

/** The patient as the ledger's clear columns know them: an HMAC that binds the EHR and the patient id. */
export function patientIndex(key: LedgerKey, issuer: string, patientId: string): string {
  return createHmac('sha256', key.index)
    .update(JSON.stringify([issuer, patientId]))
    .digest('base64url');
}
