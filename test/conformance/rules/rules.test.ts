/** Every check of the rules passes on the correct service, and fails once its fault is switched on. */
import assert from 'node:assert/strict';
import type { Check } from '../../../src/conformance/check.ts';
import { ruleChecks } from '../../../src/conformance/rules/index.ts';
import { type Bench, openBench } from '../bench.ts';
import { alsoFound, faultOf } from './faults.ts';

/** Cannot fail on a service that listens on loopback; tested below. */
const needsOtherAddress = 'J1-tls';

const checkOf = (id: string): Check =>
  ruleChecks.find((check) => check.id === id) ?? assert.fail(`there is no check ${id}`);

describe('conformance: the rules', function () {
  this.timeout(30_000);

  it('every check has a fault that it finds, and every fault its check', () => {
    const ids = ruleChecks.map(({ id }) => id).filter((id) => id !== needsOtherAddress);
    assert.deepEqual(Object.keys(faultOf).toSorted(), ids.toSorted());
    assert.equal(new Set(ids).size, ids.length);
  });

  describe('on the correct service', () => {
    let bench: Bench;
    before(async () => {
      bench = await openBench([], true);
    });
    after(() => bench.close());

    for (const check of ruleChecks) {
      it(`${check.id}: ${check.rule}`, async () => {
        bench.target.fhir?.forget();
        const kind = check.id === needsOtherAddress ? 'skipped' : 'passed';
        assert.equal(
          (await check.run(bench.target)).kind,
          kind,
          JSON.stringify(await check.run(bench.target)),
        );
      });
    }
  });

  describe('with its fault', () => {
    for (const [id, fault] of [...Object.entries(faultOf), ...alsoFound]) {
      it(`${id} finds: ${fault}`, async () => {
        const bench = await openBench([fault], id.startsWith('K'));
        try {
          const verdict = await checkOf(id).run(bench.target);
          assert.equal(verdict.kind, 'failed', JSON.stringify(verdict));
        } finally {
          await bench.close();
        }
      });
    }
  });

  it('K1 needs no key to find a service on the network that answers strangers', async () => {
    const { target, close } = await openBench();
    const beyond = { ...target, baseUrl: 'https://cds.example' };
    assert.equal((await checkOf('K1').run(beyond)).kind, 'failed');
    assert.equal((await checkOf('K1').run(target)).kind, 'skipped');
    await close();
  });

  it('J1-tls finds plain HTTP beyond loopback, and is content with HTTPS', async () => {
    const bench = await openBench();
    const kindAt = async (baseUrl: string) =>
      (await checkOf(needsOtherAddress).run({ ...bench.target, baseUrl })).kind;
    assert.equal(await kindAt('http://cds.example'), 'failed');
    assert.equal(await kindAt('https://cds.example'), 'passed');
    assert.equal(await kindAt('http://[::1]:3000'), 'skipped');
    await bench.close();
  });
});
