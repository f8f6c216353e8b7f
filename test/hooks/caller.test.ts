import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { callerOf } from '../../src/hooks/caller.ts';
import { listenOn } from '../harness.ts';

/** What the server made of these header lines. */
async function shown(...lines: readonly string[]): Promise<unknown> {
  const { url, close } = await listenOn((req, res) => void res.end(JSON.stringify(callerOf(req))));
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(['GET / HTTP/1.0', 'host: x', ...lines, '', ''].join('\r\n'));
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close');
  await close();
  return JSON.parse(text.split('\r\n\r\n')[1] ?? '');
}

describe('caller', () => {
  it('K1: shows its Authorization header, or none', async () => {
    assert.deepEqual(await shown('authorization: Bearer a.b.c'), { authorization: 'Bearer a.b.c' });
    assert.deepEqual(await shown(), {});
  });

  it('K1: shows both of two Authorization headers, so that neither is taken', async () => {
    assert.deepEqual(await shown('authorization: Bearer a.b.c', 'Authorization: Bearer d.e.f'), {
      authorization: 'Bearer a.b.c, Bearer d.e.f',
    });
  });

  it('K8: shows no certificate that only a header claims', async () => {
    assert.deepEqual(await shown(`x-client-cert: ${'ab'.repeat(32)}`, `certificate: ${'ab'.repeat(32)}`), {});
  });
});
