import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';

const main = new URL('../../sandbox/main.ts', import.meta.url);

describe('the sandbox as a child process', () => {
  it('reports a free loopback port, dates the charts by CLOCK, uses the public origin and ends with its parent', async () => {
    const env = { ...process.env, PUBLIC_ORIGIN: 'http://localhost:4999/', CLOCK: '2024-02-29T12:00:00Z' };
    const child = fork(main, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const [message] = (await once(child, 'message')) as [{ ready: boolean; port: number }];
    assert.equal(message.ready, true);
    const base = `http://127.0.0.1:${message.port}`;
    const page = await (await fetch(base)).text();
    assert.match(page, /29 Feb 2024/);
    const metadata = await (await fetch(`${base}/sandbox/fhir/metadata`)).json();
    assert.equal(metadata.implementation.url, 'http://localhost:4999/sandbox/fhir');
    const ended = once(child, 'exit');
    child.disconnect();
    assert.deepEqual(await ended, [0, null]);
  });

  it('does not start with a clock it cannot read', async () => {
    const child = fork(main, {
      env: { ...process.env, CLOCK: 'tomorrow' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const [code] = await once(child, 'exit');
    assert.notEqual(code, 0);
  });
});
