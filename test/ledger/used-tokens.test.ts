import assert from 'node:assert/strict';
import { createKeyring } from '../../src/ledger/seal.ts';
import { openStorage } from '../../src/ledger/storage.ts';
import { master, now, type Place, places } from './twins.ts';

for (const [name, openPlace] of Object.entries(places)) {
  describe(`ledger/used-tokens: ${name}`, () => {
    let place: Place;
    const open = () => openStorage({ ...place.options, keys: createKeyring(master), now });
    beforeEach(async function () {
      place = await openPlace(this);
    });
    afterEach(() => place?.remove());

    it('A: takes a token once, per issuer', async () => {
      const { usedTokens, close } = await open();
      assert.equal(await usedTokens.useOnce('a', 'jti', 1300, 1000), true);
      assert.equal(await usedTokens.useOnce('a', 'jti', 1300, 1001), false);
      assert.equal(await usedTokens.useOnce('a', 'jti', 1400, 1001), false, 'another end, same token');
      assert.equal(await usedTokens.useOnce('b', 'jti', 1300, 1001), true);
      assert.equal(await usedTokens.useOnce('a', 'other\0', 1300.5, 1001.5), true);
      await close();
    });

    it('A: of the same token many times at once, one is taken', async () => {
      const { usedTokens, close } = await open();
      const taken = await Promise.all(
        Array.from({ length: 20 }, (_, index) => usedTokens.useOnce('a', `jti-${index % 4}`, 1300, 1000)),
      );
      assert.equal(taken.filter(Boolean).length, 4);
      await close();
    });

    it('A: does not forget across a restart, and forgets what has expired', async () => {
      const first = await open();
      await first.usedTokens.useOnce('a', 'jti', 1300, 1000);
      await first.close();
      const second = await open();
      assert.equal(await second.usedTokens.useOnce('a', 'jti', 1300, 1299), false);
      assert.equal(await second.usedTokens.useOnce('a', 'another', 1500, 1400), true);
      assert.equal(await second.usedTokens.useOnce('a', 'jti', 1700, 1400), true, 'its time was over');
      await second.close();
    });

    // One process has SQLite's file to itself.
    const severally = name === 'postgres' ? it : () => undefined;
    severally('A: several servers share one memory', async () => {
      const servers = [await open(), await open()];
      const ids = Array.from({ length: 10 }, (_, index) => `jti-${index}`);
      const taken = await Promise.all(
        servers.flatMap(({ usedTokens }) => ids.map((jti) => usedTokens.useOnce('a', jti, 1300, 1000))),
      );
      assert.equal(taken.filter(Boolean).length, 10);
      for (const { close } of servers) await close();
    });
  });
}
