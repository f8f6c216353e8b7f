/**
 * A01–A108: every hostile token of `tokens/`, sent to the real app. All get one answer, byte for byte, and none is
 * told apart from a call without any token.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { createAuthenticate, type Refusal } from '../../src/hooks/trust.ts';
import { openHouse, type Site, type TestHouse } from '../harness.ts';
import { attacks } from './tokens/index.ts';
import { clock, hookPath, jwksUrl, openWorld, publicUrl, type World } from './tokens/world.ts';

describe('hostile tokens', () => {
  let house: TestHouse;
  let world: World;
  let site: Site;
  const refusals: Refusal[] = [];
  before(async () => {
    [house, world] = await Promise.all([openHouse(), openWorld()]);
    const authenticate = createAuthenticate({
      ...world,
      clock,
      onRefusal: (refusal) => refusals.push(refusal),
    });
    site = await house.listen({
      authenticate: (caller, path) => authenticate(caller, `${publicUrl}${path}`),
    });
  });
  after(async () => {
    await site.close();
    await house.close();
  });

  /** Status line, headers in their order but the date, and body. */
  const send = (path: string, authorization?: string | string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const method = path === '/cds-services' ? 'GET' : 'POST';
      const headers = {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      };
      const asked = request(`${site.url}${path}`, { method, headers, agent: false }, async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk);
        const lines = answer.rawHeaders.flatMap((name, at, all) =>
          at % 2 === 0 && name !== 'Date' ? [`${name}: ${all[at + 1]}`] : [],
        );
        const body = Buffer.concat(chunks).toString('latin1');
        resolve([answer.statusCode, ...lines, '', body].join('\n'));
      });
      asked.on('error', reject).end(method === 'POST' ? '{}' : undefined);
    });

  it('the good token that they bend is taken, on each endpoint', async () => {
    const bearing = async (path: string) => `Bearer ${await world.sign({ path })}`;
    assert.match(await send('/cds-services', await bearing('/cds-services')), /^200\n/);
    for (const path of [hookPath, `${hookPath}/feedback`]) {
      assert.match(await send(path, await bearing(path)), /^400\n/, 'an empty body is what is wrong');
    }
  });

  for (const { id, what, refusal, forge, path = hookPath } of attacks) {
    it(`${id}: ${what}`, async () => {
      const bare = await send(path);
      assert.match(bare, /^401\n[\s\S]*"code":"unauthorized"/);
      refusals.length = 0;
      assert.equal(await send(path, await forge(world)), bare);
      assert.deepEqual(refusals, [refusal]);
    });
  }

  it('are numbered without gaps', () => {
    assert.deepEqual(
      attacks.map(({ id }) => Number(id.slice(1))),
      attacks.map((_, at) => at + 1),
    );
  });

  it('K6: none of them made us ask another address than the registered one', () => {
    assert.deepEqual(new Set(world.asked), new Set([jwksUrl]));
  });
});
