/** How checks are run and counted. */
import assert from 'node:assert/strict';
import {
  type Check,
  failed,
  passed,
  type Strength,
  skipped,
  type Verdict,
} from '../../src/conformance/check.ts';
import { type RunOptions, runChecks } from '../../src/conformance/run.ts';
import { type Bench, openBench } from './bench.ts';

const check = (strength: Strength, run: () => Promise<Verdict>): Check => ({
  ...{ id: strength, rule: 'A rule.', source: 'Here.' },
  ...{ strength, run },
});

describe('conformance: a run', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const outcomesOf = async (checks: readonly Check[], options?: RunOptions) =>
    (await runChecks(checks, bench.target, options)).results.map(({ outcome }) => outcome);
  const wrong = async () => failed('this');
  const all = (['SHALL', 'practice', 'SHOULD', 'MAY'] as const).map((strength) => check(strength, wrong));

  it('fails on SHALL and on its own practice, warns of SHOULD, leaves MAY out', async () => {
    assert.deepEqual(await outcomesOf(all), ['failed', 'failed', 'warned', 'skipped']);
  });

  it('fails on SHOULD too when strict, warns of MAY when included', async () => {
    const options = { strict: true, includeMay: true };
    assert.deepEqual(await outcomesOf(all, options), ['failed', 'failed', 'failed', 'warned']);
  });

  it('a check that breaks has failed, without its words: they may quote an answer', async () => {
    const broken = check('SHALL', () => Promise.reject(new TypeError('secret')));
    const { results } = await runChecks([broken], bench.target);
    assert.deepEqual(results[0]?.verdict, failed('the check broke: TypeError'));
  });

  it('a check that does not end has failed, and the next one runs', async () => {
    const endless = check('SHALL', () => new Promise<Verdict>(() => {}));
    const fine = check('SHALL', async () => passed);
    assert.deepEqual(await outcomesOf([endless, fine], { timeoutMs: 20 }), ['failed', 'passed']);
  });

  it('counts each outcome, skipped ones apart from passed ones', async () => {
    const checks = [
      ...all,
      check('SHALL', async () => passed),
      check('SHALL', async () => skipped('no key')),
    ];
    const { counts, services } = await runChecks(checks, bench.target);
    assert.deepEqual(counts, { passed: 1, failed: 2, warned: 1, skipped: 2 });
    assert.deepEqual(services, [
      'greeting (patient-view)',
      'greeting (encounter-start)',
      'order-check (order-sign)',
    ]);
  });

  it('what the FHIR server saw for one check is gone for the next', async () => {
    const { fhir } = bench.target;
    await fetch(`${fhir?.base}/Patient/1`);
    let seen = -1;
    const looks = check('SHALL', async () => {
      seen = fhir?.seen.length ?? -1;
      return passed;
    });
    await runChecks([looks], bench.target);
    assert.equal(seen, 0);
  });
});
