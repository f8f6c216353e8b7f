import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createKeyring, derive, newLedgerKey, seal, unseal } from '../../src/ledger/seal.ts';
import { unavailable } from './twins.ts';

const key = derive(randomBytes(32), 'test');
const open = (sealed: Uint8Array, place = 'place', with_ = key) =>
  unseal(with_, place, sealed)?.toString('utf8');

describe('ledger/seal', () => {
  it('opens what it sealed, text and bytes, whatever the script', () => {
    for (const text of ['{}', 'Größe ≥ 120 µmol/L, 心房細動', '']) {
      assert.equal(open(seal(key, 'place', text)), text);
      assert.equal(open(seal(key, 'place', Buffer.from(text))), text);
    }
  });

  it('P: opens in no other place, with no other key and with no bit changed', () => {
    const sealed = seal(key, 'place', 'text');
    assert.equal(open(sealed, 'other place'), undefined);
    assert.equal(open(sealed, 'place', derive(randomBytes(32), 'test')), undefined);
    for (const byte of sealed.keys()) {
      const flipped = Buffer.from(sealed);
      flipped.writeUInt8(flipped.readUInt8(byte) ^ 1, byte);
      assert.equal(open(flipped), undefined, `byte ${byte}`);
    }
  });

  it('P: refuses a shortened tag (a 4-byte tag must not open)', () => {
    const sealed = seal(key, 'place', 'text');
    for (const length of [0, 11, 12, 16, 27, sealed.length - 1])
      assert.equal(open(sealed.subarray(0, length)), undefined);
  });

  it('P: uses no nonce twice', () => {
    const nonces = Array.from({ length: 1000 }, () => seal(key, 'place', '').subarray(0, 12).toString('hex'));
    assert.equal(new Set(nonces).size, 1000);
  });

  it('takes master keys of 32 bytes only, and knows the former ones', () => {
    const [current, former] = [newLedgerKey(), newLedgerKey()];
    const keys = createKeyring(current, [former]);
    assert.equal(keys.byId(keys.current.id), keys.current);
    assert.ok(keys.byId(createKeyring(Buffer.from(former, 'base64')).current.id));
    assert.equal(keys.byId(createKeyring(newLedgerKey()).current.id), undefined);
    assert.throws(() => createKeyring('c2hvcnQ='), unavailable(/32 bytes/));
    assert.throws(() => createKeyring(current, ['c2hvcnQ=']), unavailable(/32 bytes/));
  });
});
