/**
 * Sealing of what the ledger stores: AES-256-GCM, a fresh random 96-bit nonce each time, a 128-bit tag, and the name
 * of the place as additional data, so that bytes copied into another place do not open (NIST SP 800-38D;
 * reliability.md §5). A master key seals nothing but data keys (data-keys.ts), with a key derived from it by
 * HKDF-SHA-256 (RFC 5869).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { Fault } from '../errors.ts';
import { freshBytes } from './fresh-bytes.ts';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** A master key, as data keys are wrapped with it. */
export interface LedgerKey {
  /** Public name of the key, stored beside every data key it wrapped: 16 hex digits. */
  readonly id: string;
  readonly wrapping: KeyObject;
}

/** The master key that wraps new data keys, and all that may still open what they wrapped. */
export interface Keyring {
  readonly current: LedgerKey;
  /** Undefined when no key of that id was given. */
  byId(id: string): LedgerKey | undefined;
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
  const first = ledgerKey(current);
  const known = new Map([first, ...former.map(ledgerKey)].map((key) => [key.id, key]));
  return { current: first, byId: (id) => known.get(id) };
}

/** The refusal of a ledger whose data keys none of the given keys opens. Names the key's id, never a key. */
export const wrongKey = (id: string): Fault =>
  new Fault('ledger-unavailable', [`LEDGER_KEY is wrong: the ledger holds data keys wrapped with key ${id}`]);

function ledgerKey(master: MasterKey): LedgerKey {
  const bytes = typeof master === 'string' ? Buffer.from(master, 'base64') : Buffer.from(master);
  if (bytes.length !== 32) {
    throw new Fault('ledger-unavailable', ['LEDGER_KEY must be 32 bytes, in base64']);
  }
  return {
    id: createHash('sha256').update('auscult ledger key\0').update(bytes).digest('hex').slice(0, 16),
    wrapping: derive(bytes, 'auscult ledger data keys'),
  };
}

/** A key for one purpose, from 32 secret bytes that serve none themselves. */
export function derive(secret: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), purpose, 32)));
}

/** Seals for the place of that name: nonce (12 bytes), tag (16 bytes), ciphertext. */
export function seal(key: KeyObject, place: string, content: string | Uint8Array): Buffer {
  const nonce = freshBytes(nonceBytes);
  const gcm = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  gcm.setAAD(Buffer.from(place));
  const bytes = typeof content === 'string' ? gcm.update(content, 'utf8') : gcm.update(content);
  gcm.final();
  return Buffer.concat([nonce, gcm.getAuthTag(), bytes]);
}

/** Opens what was sealed for the place of that name; undefined when it was altered, moved or sealed otherwise. */
export function unseal(key: KeyObject, place: string, sealed: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  try {
    const gcm = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    gcm.setAAD(Buffer.from(place));
    gcm.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    return Buffer.concat([gcm.update(bytes.subarray(nonceBytes + tagBytes)), gcm.final()]);
  } catch {
    return undefined;
  }
}
