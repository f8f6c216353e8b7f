import assert from 'node:assert/strict';
import type { LookupAddress, LookupOptions, lookup as resolveName } from 'node:dns';
import fc from 'fast-check';
import { guardedLookup, mayAskHost, mayConnect } from '../../src/fhir/network.ts';

describe('network guard', () => {
  for (const address of [
    '169.254.169.254',
    'fe80::1',
    'fd00:ec2::254',
    '100.100.100.200',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2001:0:a9fe:a9fe::1',
    '::ffff:0:169.254.169.254',
    'fd20:ce::254',
    'fe80::1%lo',
    '192.0.0.192',
    '168.63.129.16',
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
    '192.0.2.1',
    '203.0.113.1',
    '::127.0.0.1',
    '::ffff:7f00:1',
    '2001:db8::1',
    '100::1',
    'ff02::1',
    '4000::1',
  ]) {
    it(`connects to ${address} only where the registration allows it`, () => {
      assert.equal(mayConnect(address, false), false);
      assert.equal(mayConnect(address, true), true);
    });
  }

  for (const address of [
    '93.184.216.34',
    '172.32.0.1',
    '2606:2800:220:1::1',
    '::ffff:5db8:d822',
    '64:ff9b::5db8:d822',
  ]) {
    it(`connects to ${address}`, () => assert.equal(mayConnect(address, false), true));
  }

  it('judges an IPv4 address alike in every IPv6 spelling that carries it', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.boolean(), (address, allow) => {
        const bytes = address.split('.').map(Number);
        const hex = Buffer.from(bytes)
          .toString('hex')
          .replace(/(?=.{4}$)/, ':');
        const spellings = [
          `::ffff:${address}`,
          `::FFFF:${hex}`,
          `0:0:0:0:0:ffff:${hex}`,
          `64:ff9b::${address}`,
        ];
        for (const each of spellings) assert.equal(mayConnect(each, allow), mayConnect(address, allow), each);
      }),
      {
        examples: [
          ['169.254.169.254', true],
          ['127.0.0.1', false],
          ['8.8.8.8', false],
        ],
      },
    );
  });

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
