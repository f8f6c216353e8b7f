import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type OpenCanary, openCanary } from '../../src/conformance/canary.ts';

describe('conformance: canary', () => {
  let canary: OpenCanary;
  beforeEach(async () => {
    canary = await openCanary();
  });
  afterEach(() => canary.close());

  it('counts every connection, under each of its addresses, and tokens apart', async () => {
    for (const [at, origin] of canary.origins.entries()) {
      await fetch(origin, { headers: at === 0 ? { authorization: 'Bearer x' } : {} });
      assert.equal(canary.connections, at + 1, origin);
    }
    assert.equal(canary.tokens, 1);
    assert.equal(canary.origins[0], canary.origin);
    assert.equal(new URL(canary.origin).port, String(canary.port));
  });

  it('counts who connects and says nothing, or speaks another protocol', async () => {
    for (const words of ['', '\x16\x03\x01\x02\x00']) {
      await new Promise((resolve) => {
        const socket = connect(canary.port, '127.0.0.1', () => socket.end(words));
        socket
          .on('error', () => {})
          .on('close', resolve)
          .resume();
      });
    }
    assert.deepEqual([canary.connections, canary.tokens], [2, 0]);
  });

  it('keeps no connection: a second visit is a second connection', async () => {
    for (let times = 0; times < 2; times++) await (await fetch(canary.origin)).text();
    assert.equal(canary.connections, 2);
  });
});
