/** The hostile half of the kit: nothing of it gets anywhere with our own service, and each check finds its fault. */
import assert from 'node:assert/strict';
import { hostileChecks } from '../../../src/conformance/hostile/index.ts';
import { type Report, runChecks } from '../../../src/conformance/run.ts';
import { type CarelessBench, openCareless } from './careless-bench.ts';
import { faultsAndChecks } from './faults.ts';
import { type OwnService, openOwnService } from './own-service.ts';
import { notPassed, runTogether } from './run-together.ts';

/** These take as long as a service is patient. */
const slow = faultsAndChecks.filter(([faults]) => faults.includes('waits-forever'));
/** They can be seen to fail only where the machine has IPv6 loopback, or a second IPv4 one. */
const needAddress: Readonly<Record<string, RegExp>> = {
  '[::1]': /^ssrf-(03|10|11|12|44)$/,
  '127.8.8.8': /^ssrf-13$/,
};

async function failing(
  faults: readonly string[],
  ids: readonly string[],
): Promise<Report & { missed: readonly string[] }> {
  const bench = await openCareless(faults);
  try {
    const report = await runChecks(
      hostileChecks.filter(({ id }) => ids.includes(id)),
      bench.target,
    );
    const missed = report.results
      .filter(({ verdict }) => verdict.kind !== 'failed')
      .map(({ check }) => check.id);
    return { ...report, missed: missed.filter((id) => isVisible(bench, id)) };
  } finally {
    await bench.close();
  }
}

function isVisible({ canary }: CarelessBench, id: string): boolean {
  const absent = Object.entries(needAddress).filter(
    ([host]) => !canary.origins.some((origin) => origin.includes(host)),
  );
  return !absent.some(([, ids]) => ids.test(id));
}

describe('conformance: a hostile caller', function () {
  this.timeout(60_000);
  let own: OwnService | undefined;
  let patience: Promise<readonly (readonly string[])[]>;
  before(async () => {
    patience = Promise.all(slow.map(async ([faults, ids]) => (await failing(faults, ids)).missed));
    own = await openOwnService();
  });
  after(async () => {
    await own?.close();
  });

  it('has at least 40 tokens, 40 addresses, 25 patients and 40 bodies, each with its own id, rule and source', () => {
    const count = (group: string) => hostileChecks.filter(({ id }) => id.startsWith(`${group}-`)).length;
    assert.ok(count('jwt') >= 40 && count('ssrf') >= 40 && count('patient') >= 25 && count('body') >= 40);
    assert.equal(new Set(hostileChecks.map(({ id }) => id)).size, hostileChecks.length);
    assert.equal(new Set(hostileChecks.map(({ rule }) => rule)).size, hostileChecks.length);
    assert.ok(hostileChecks.every(({ rule, source }) => rule.endsWith('.') && source !== ''));
  });

  it('gets nowhere with our own service, as production runs it', async () => {
    const { target, canary } = own ?? assert.fail();
    const results = await runTogether(target);
    assert.deepEqual(notPassed(results, 'failed'), []);
    const takesOrders = target.services.some(({ hook }) => hook === 'order-sign' || hook === 'order-select');
    const orders = 'no service of order-sign or order-select answers';
    const skipped = takesOrders
      ? []
      : ['patient-48', 'patient-49', 'patient-50'].map((id) => `${id}: ${orders}`);
    assert.deepEqual(notPassed(results, 'skipped'), skipped);
    assert.deepEqual([canary.connections, canary.tokens], [0, 0]);
    console.log(`      ${results.length - skipped.length} attacks, canary: 0 connections, 0 tokens`);
  });

  it('gets nowhere with a careful service of another make', async () => {
    const bench = await openCareless();
    const results = await runTogether(bench.target);
    await bench.close();
    assert.deepEqual(notPassed(results, 'failed'), []);
    assert.deepEqual(notPassed(results, 'skipped'), []);
  });

  it('every check has a fault that it finds', () => {
    const found = faultsAndChecks.flatMap(([, ids]) => ids);
    assert.deepEqual(found.toSorted(), hostileChecks.map(({ id }) => id).toSorted());
  });

  for (const [faults, ids] of faultsAndChecks) {
    if (faults.includes('waits-forever')) continue;
    const [first, last] = [ids[0], ids.at(-1)];
    const which = ids.length === 1 ? first : `${first} to ${last}, ${ids.length} of them,`;
    it(`${faults.join(' and ')}: ${which} fail`, async () => {
      assert.deepEqual((await failing(faults, ids)).missed, []);
    });
  }

  it('waits-forever: body-120 to body-122 fail, all three after 15 s', async () => {
    assert.deepEqual((await patience).flat(), []);
  });
});
