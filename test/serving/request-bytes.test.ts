/** A body is read whole, whether or not it says how long it is, and lies where its tensors may be seen in place. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../../src/errors.ts';
import { bytesOfRequest } from '../../src/serving/request-bytes.ts';

const limit = 1_000_000;

/** What one request gives, sent in so many writes; with a length it is said beforehand. */
async function received(body: Buffer, writes: number, head: number, says: boolean): Promise<Buffer | string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const call = request({ port, method: 'POST', headers: says ? { 'content-length': body.length } : {} });
  call.on('error', () => {});
  const arrived = once(server, 'request');
  const step = Math.ceil(body.length / writes);
  for (let at = 0; at < body.length; at += step) call.write(body.subarray(at, at + step));
  call.end();
  const [req] = await arrived;
  try {
    return await bytesOfRequest(req, limit, head);
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code;
    throw thrown;
  } finally {
    call.destroy();
    server.close();
    server.closeAllConnections();
  }
}

const body = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 251));

describe('the bytes of a request', () => {
  for (const says of [true, false]) {
    const way = says ? 'that says its length' : 'in chunks';
    for (const writes of [1, 7, 100]) {
      it(`are those that were sent: ${writes} writes, ${way}`, async () => {
        const bytes = await received(body, writes, 0, says);
        assert.ok(bytes instanceof Buffer && bytes.equals(body));
      });
    }

    for (const head of [0, 1, 7, 8, 13]) {
      it(`lie so that what stands behind ${head} of them can be seen as float64, ${way}`, async () => {
        const bytes = await received(body, 3, head, says);
        assert.ok(bytes instanceof Buffer && bytes.equals(body));
        assert.equal((bytes.byteOffset + head) % Float64Array.BYTES_PER_ELEMENT, 0);
      });
    }

    it(`may be none, ${way}`, async () => {
      assert.deepEqual(await received(Buffer.alloc(0), 1, 0, says), Buffer.alloc(0));
    });

    it(`are refused where they are too many, ${way}`, async () => {
      assert.equal(await received(Buffer.alloc(limit + 1), 5, 0, says), 'too-large');
      assert.ok((await received(Buffer.alloc(limit), 5, 3, says)) instanceof Buffer);
    });
  }
});
