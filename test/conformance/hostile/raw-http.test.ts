import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { headOf, sendRaw } from '../../../src/conformance/hostile/raw-http.ts';
import type { Target } from '../../../src/conformance/target.ts';

describe('conformance: HTTP as bytes', () => {
  let server: Server;
  let said: string[];
  let reply: (write: (text: string) => void, end: () => void) => void;
  let target: Target;
  before(async () => {
    server = createServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', (chunk) => {
          said.push(chunk.toString());
          reply(
            (text) => socket.write(text),
            () => socket.end(),
          );
        });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    target = { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/` } as Target;
  });
  beforeEach(() => {
    said = [];
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\nX-One: 1\r\n\r\n{"cards":1}';

  it('writes request line and headers as they are, below the path of the base URL', async () => {
    reply = (write) => write(ok);
    const { host } = new URL(target.baseUrl);
    await sendRaw(target, { pieces: [headOf(target, { path: '/../x%zz', lines: ['A : b\r\n c'] })] });
    assert.equal(said.join(''), `POST /base/../x%zz HTTP/1.1\r\nHost: ${host}\r\nA : b\r\n c\r\n\r\n`);
  });

  it('reads an answer by its length, by chunks, or to the end of the connection', async () => {
    const chunked =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"car\r\n6\r\nds":1}\r\n0\r\n\r\n';
    for (const text of [ok, chunked]) {
      reply = (write) => write(text);
      const { status, json, closed, answers } = await sendRaw(target, { pieces: ['x'] });
      assert.deepEqual([status, json, closed, answers], [200, { cards: 1 }, false, 1]);
    }
    reply = (write, end) => {
      write('HTTP/1.1 400 No\r\n\r\nrefused');
      end();
    };
    const { status, text, closed } = await sendRaw(target, { pieces: ['x'] });
    assert.deepEqual([status, text, closed], [400, 'refused', true]);
  });

  it('counts a second answer on the same connection', async () => {
    reply = (write) => {
      write(ok);
      setTimeout(() => write(ok), 20);
    };
    assert.equal((await sendRaw(target, { pieces: ['x'] })).answers, 2);
  });

  it('says when the connection was closed without an answer, and when nothing came in time', async () => {
    reply = (_, end) => end();
    const closed = await sendRaw(target, { pieces: ['x'] });
    assert.deepEqual([closed.status, closed.closed], [0, true]);
    reply = () => {};
    const silent = await sendRaw(target, { pieces: ['x'], withinMs: 100 });
    assert.deepEqual([silent.status, silent.closed], [0, false]);
    assert.ok(silent.ms >= 95 && silent.ms < 2_000);
  });

  it('nobody there: no answer, and no error', async () => {
    const { status, closed } = await sendRaw({ baseUrl: 'http://127.0.0.1:1' } as Target, { pieces: ['x'] });
    assert.deepEqual([status, closed], [0, true]);
  });
});
