/** The command line, as the external contract (DESIGN.md §7) writes it down. */
import assert from 'node:assert/strict';
import { loadChart } from '../fixtures/charts.ts';
import { type PatientViewRequest, patientView } from '../fixtures/requests.ts';
import type { Evaluation } from '../src/evaluate.ts';
import { command, endAll, oldNode, run } from './command.ts';
import { now, openHouse, type TestHouse } from './harness.ts';
import { patient, vectors } from './inference/prevent.ts';
import { childrenOf } from './processes.ts';

const jsonLines = (items: readonly unknown[]) => items.map((item) => `${JSON.stringify(item)}\n`).join('');
const linesOf = (stdout: string): unknown[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
/** One line that says what is wrong, and no stack. */
function oneLine(stderr: string, what: RegExp): void {
  assert.match(stderr, what);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
  assert.ok(!/\bat .*:\d+/.test(stderr), stderr);
}

describe('cli', function () {
  this.timeout(60_000);
  afterEach(endAll);

  it('--help prints the commands and ends well; no command, or half of one, is misuse', async () => {
    const help = await run(['--help']);
    assert.equal(help.code, 0);
    for (const word of ['start', 'serve', 'predict', 'evaluate', '--allow-out-of-range']) {
      assert.ok(help.stdout.includes(word), word);
    }
    for (const args of [[], ['predict'], ['evaluate'], ['fly']]) {
      const { code, stdout, stderr } = await run(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /auscult predict <model-id>/);
    }
  });

  it('an option there is not: one line and exit 1', async () => {
    const { code, stderr } = await run(['predict', 'prevent', '--allow-everything']);
    assert.equal(code, 1);
    oneLine(stderr, /--allow-everything/);
  });

  describe('predict', () => {
    it('reproduces every published and derived vector of PREVENT, one line each, in order', async () => {
      const { code, stdout, stderr } = await run(['predict', 'prevent'], {
        stdin: jsonLines(vectors.map(({ input }) => input)),
      });
      assert.deepEqual([code, stderr], [0, '']);
      const answers = linesOf(stdout) as Record<string, number>[];
      assert.equal(answers.length, vectors.length);
      for (const [at, { id, expected, tolerance }] of vectors.entries()) {
        const answer = answers[at] ?? {};
        assert.deepEqual(Object.keys(answer).sort(), Object.keys(expected).sort(), id);
        for (const [name, value] of Object.entries(expected)) {
          assert.ok(Math.abs((answer[name] ?? Number.NaN) - value) <= tolerance, `${id}: ${name}`);
        }
      }
      assert.ok(vectors.length >= 100);
    });

    it('abstains by name; a line that is none says so and costs no other line', async () => {
      const { total_c: _, ...incomplete } = patient;
      const stdin = [
        JSON.stringify({ ...incomplete, total_c: null }),
        JSON.stringify(incomplete),
        'not json',
        '[1]',
        '{"age":{"value":50}}',
        JSON.stringify({ ...patient, sbp: 260 }),
        JSON.stringify(patient).replace('"age":50', '"age":1e999'),
        JSON.stringify({ ...patient, sex: 'other' }),
        JSON.stringify(patient),
      ].join('\n');
      const { code, stdout } = await run(['predict', 'prevent'], { stdin });
      assert.equal(code, 0);
      const [missing, absent, notJson, array, nested, high, infinite, category, good] = linesOf(
        stdout,
      ) as Record<string, string | number>[];
      for (const line of [missing, absent]) assert.match(String(line?.abstained), /total_c: missing/);
      for (const line of [notJson, array, nested]) assert.equal(typeof line?.error, 'string');
      assert.match(String(high?.abstained), /sbp: out-of-range/);
      assert.match(String(infinite?.abstained), /age: not-finite/);
      assert.match(String(category?.abstained), /sex: unknown-category/);
      assert.ok(Number(good?.['10yr_total_cvd']) > 0);
    });

    it('--allow-out-of-range computes what is outside the valid range', async () => {
      const stdin = jsonLines([{ ...patient, sbp: 210 }]);
      const [strict] = linesOf((await run(['predict', 'prevent'], { stdin })).stdout) as [
        Record<string, unknown>,
      ];
      assert.deepEqual(Object.keys(strict), ['abstained']);
      const args = ['predict', 'prevent', '--allow-out-of-range'];
      const [waived] = linesOf((await run(args, { stdin })).stdout) as [Record<string, number>];
      assert.ok(Number(waived['10yr_total_cvd']) > 0);
    });

    it('an unknown model: exit 1 and one line that names it', async () => {
      const { code, stdout, stderr } = await run(['predict', 'nobody'], { stdin: '{}\n' });
      assert.deepEqual([code, stdout], [1, '']);
      oneLine(stderr, /no such model.*nobody/);
    });

    it('whoever stops reading ends it without a complaint', async () => {
      const { child, ended } = command(['predict', 'prevent'], {
        stdin: jsonLines(Array.from({ length: 5_000 }, () => patient)),
      });
      child.stdout?.once('data', () => child.stdout?.destroy());
      const { code, stderr } = await ended;
      assert.deepEqual([code, stderr], [0, '']);
    });
  });

  describe('evaluate', () => {
    let house: TestHouse;
    before(async () => {
      house = await openHouse();
    });
    after(() => house.close());

    const clock = now.toISOString();
    const evaluate = (stdin: string, env: Readonly<Record<string, string>> = { CLOCK: clock }) =>
      run(['evaluate', 'cardiovascular-risk'], { stdin, env });

    it('decides the personas at the instant of CLOCK, a line each', async () => {
      const expected: readonly [string, string, string | RegExp][] = [
        ['high-risk-untreated', 'show', 'high-risk'],
        ['treated', 'silent', 'already-treated'],
        ['known-ascvd', 'silent', 'known-ascvd'],
        ['low-risk', 'silent', 'below-threshold'],
        ['pregnant', 'silent', 'pregnancy'],
        ['missing-cholesterol', 'abstained', /totalCholesterol/],
      ];
      const { code, stdout, stderr } = await evaluate(
        jsonLines(expected.map(([name]) => house.request(name))),
      );
      assert.deepEqual([code, stderr], [0, '']);
      const answers = linesOf(stdout) as Evaluation[];
      assert.equal(answers.length, expected.length);
      for (const [at, [name, outcome, reason]] of expected.entries()) {
        const answer = answers[at];
        assert.equal(answer?.outcome, outcome, name);
        assert.equal(answer?.cards.length, outcome === 'show' ? 1 : 0, name);
        assert.match(
          answer?.reason ?? '',
          reason instanceof RegExp ? reason : new RegExp(`^${reason}$`),
          name,
        );
      }
    });

    it('CLOCK is what ages and look-backs are measured from', async () => {
      const request: PatientViewRequest = house.request();
      const [then] = linesOf((await evaluate(jsonLines([request]))).stdout) as Evaluation[];
      const later = { CLOCK: new Date(now.getTime() + 20 * 365.25 * 24 * 3_600_000).toISOString() };
      const [old] = linesOf((await evaluate(jsonLines([request]), later)).stdout) as Evaluation[];
      assert.equal(then?.outcome, 'show');
      assert.notEqual(old?.outcome, 'show');
      const rolled = patientView('high-risk-untreated', new Date(later.CLOCK), house.templates);
      const [again] = linesOf((await evaluate(jsonLines([rolled]), later)).stdout) as Evaluation[];
      assert.equal(again?.outcome, 'show');
    });

    it('a line that cannot be decided is undetermined, carries its error and costs no other line', async () => {
      const { patientId } = loadChart('treated', now);
      const wrong = { ...house.request(), context: { userId: 'Practitioner/1', patientId } };
      const stdin = `not json\n\n${jsonLines([wrong, {}, house.request()])}`;
      const { code, stdout } = await evaluate(stdin);
      assert.equal(code, 0);
      const answers = linesOf(stdout) as Evaluation[];
      assert.deepEqual(
        answers.map(({ outcome, reason }) => [outcome, reason.split(':')[0]]),
        [
          ['undetermined', 'malformed-json'],
          ['undetermined', 'wrong-patient'],
          ['undetermined', 'malformed-request'],
          ['show', 'high-risk'],
        ],
      );
      assert.equal(answers[0]?.error?.resourceType, 'OperationOutcome');
    });

    it('an unknown service, a clock that cannot be read: exit 1 and one line', async () => {
      const unknown = await run(['evaluate', 'nobody'], { stdin: '{}\n' });
      assert.deepEqual([unknown.code, unknown.stdout], [1, '']);
      oneLine(unknown.stderr, /no such CDS service.*nobody/);
      const noClock = await evaluate('{}\n', { CLOCK: 'tomorrow' });
      assert.equal(noClock.code, 1);
      oneLine(noClock.stderr, /^auscult: CLOCK: /);
    });
  });

  describe('on an old Node', () => {
    const node = oldNode();
    before(function () {
      if (node !== undefined) return;
      console.log('    no Node older than 24 on this machine: skipped');
      this.skip();
    });
    const old = (args: readonly string[], stdin = '') =>
      run(args, { stdin, ...(node === undefined ? {} : { node }) });

    it('hands over to the bundled Node 24: same answers, same exit status', async () => {
      const { code, stdout, stderr } = await old(['predict', 'prevent'], jsonLines([patient]));
      assert.deepEqual([code, stderr], [0, '']);
      const [answer] = linesOf(stdout) as [Record<string, number>];
      assert.ok(Math.abs(Number(answer['10yr_total_cvd']) - 0.147) <= 0.0005);
      assert.equal((await old(['predict', 'nobody'])).code, 1);
      assert.equal((await old(['fly'])).code, 2);
    });

    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`${signal} reaches the server: it drains, leaves nothing behind and ends with 0`, async () => {
        const env = { PORT: '0' };
        const { child, ended, until } = command(['start'], { env, ...(node === undefined ? {} : { node }) });
        const [, port] = await until(/"port":(\d+)/);
        assert.equal((await fetch(`http://127.0.0.1:${port}/health/live`)).status, 200);
        child.kill(signal);
        const { code, stdout } = await ended;
        assert.equal(code, 0);
        assert.match(stdout, /"event":"stopped"/);
        await assert.rejects(fetch(`http://127.0.0.1:${port}/health/live`));
      });
    }

    it('a child that is killed is reported as killed', async () => {
      const env = { PORT: '0' };
      const { child, ended, until } = command(['start'], { env, ...(node === undefined ? {} : { node }) });
      await until(/"event":"listening"/);
      const [only] = childrenOf(child.pid ?? 0);
      process.kill(only ?? assert.fail('no child'), 'SIGKILL');
      assert.equal((await ended).signal, 'SIGKILL');
    });
  });
});
