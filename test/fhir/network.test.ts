import assert from 'node:assert/strict';
import type { LookupAddress, LookupOptions, lookup as resolveName } from 'node:dns';
import { guardedLookup, mayAskHost, mayConnect } from '../../src/fhir/network.ts';

describe('network guard', () => {
  for (const address of [
    '169.254.169.254',
    'fe80::1',
    'fd00:ec2::254',
    '100.100.100.200',
    '::ffff:169.254.169.254',
    'name',
  ]) {
    it(`never connects to ${address}`, () => {
      assert.equal(mayConnect(address, false), false);
      assert.equal(mayConnect(address, true), false);
    });
  }

  for (const address of [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fc00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '224.0.0.1',
    '255.255.255.255',
  ]) {
    it(`connects to ${address} only where the registration allows it`, () => {
      assert.equal(mayConnect(address, false), false);
      assert.equal(mayConnect(address, true), true);
    });
  }

  for (const address of ['93.184.216.34', '172.32.0.1', '2606:2800:220:1::1']) {
    it(`connects to ${address}`, () => assert.equal(mayConnect(address, false), true));
  }

  it('judges an address in the URL itself, which undici does not look up', () => {
    assert.equal(mayAskHost(new URL('http://2130706433/fhir'), false), false);
    assert.equal(mayAskHost(new URL('http://[::1]/fhir'), false), false);
    assert.equal(mayAskHost(new URL('http://ehr.example/fhir'), false), true);
  });

  const resolving = (...addresses: string[]): typeof resolveName =>
    ((_: string, __: LookupOptions, done: (error: null, found: LookupAddress[]) => void) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as unknown as typeof resolveName;

  const look = (allow: boolean, ...addresses: string[]): Promise<unknown> =>
    new Promise((done) => {
      guardedLookup(allow, resolving(...addresses))('ehr.example', { all: true }, (error, found) =>
        done(error ?? found),
      );
    });

  it('judges every address a name resolves to', async () => {
    assert.ok((await look(false, '93.184.216.34', '10.0.0.1')) instanceof Error, 'one of them is private');
    assert.ok((await look(true, '169.254.169.254')) instanceof Error);
    assert.ok((await look(false)) instanceof Error);
    assert.deepEqual(await look(true, '10.0.0.1'), [{ address: '10.0.0.1', family: 4 }]);
  });
});
