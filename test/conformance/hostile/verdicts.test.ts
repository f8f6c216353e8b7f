/** What the hostile checks say of services that they cannot judge whole, and what no answer may give away. */
import assert from 'node:assert/strict';
import type { Verdict } from '../../../src/conformance/check.ts';
import { leakIn } from '../../../src/conformance/hostile/ground.ts';
import { hostileChecks } from '../../../src/conformance/hostile/index.ts';
import type { Answer, Target } from '../../../src/conformance/target.ts';
import { openCareless } from './careless-bench.ts';
import { checkOf } from './run-together.ts';

async function verdictOf(
  id: string,
  faults: readonly string[],
  change: (target: Target) => Target = (same) => same,
): Promise<Verdict> {
  const bench = await openCareless(faults);
  try {
    return await checkOf(hostileChecks, id).run(change(bench.target));
  } finally {
    await bench.close();
  }
}

const strange = (target: Target): Target => {
  const { signText: _, publicKey: __, ...rest } = target;
  return {
    ...rest,
    sign: undefined,
    services: [],
    send: (path, sending) => target.send(path, { authorization: null, ...sending }),
    call: (service, body, sending) => target.call(service, body, { authorization: null, ...sending }),
  };
};

const failedWith = (verdict: Verdict, saw: RegExp): void => {
  assert.ok(verdict.kind === 'failed', JSON.stringify(verdict));
  assert.match(verdict.saw, saw);
};
const skippedWith = (verdict: Verdict, why: RegExp): void => {
  assert.ok(verdict.kind === 'skipped', JSON.stringify(verdict));
  assert.match(verdict.why, why);
};
const passes = (verdict: Verdict): void => assert.deepEqual(verdict, { kind: 'passed' });

describe('conformance: verdicts of the hostile checks', function () {
  this.timeout(20_000);

  it('without a key: attacks that need none are tried at discovery, the others are skipped and say why', async () => {
    for (const id of ['jwt-01', 'jwt-10', 'jwt-82', 'jwt-107']) passes(await verdictOf(id, [], strange));
    for (const id of ['jwt-06', 'jwt-08', 'jwt-39', 'jwt-76'])
      skippedWith(await verdictOf(id, [], strange), /no key/);
    failedWith(await verdictOf('jwt-01', ['takes-any-header'], strange), /not 401/);
  });

  it('tenants are not asked for where the client names none', async () => {
    const withoutTenant = (target: Target): Target => ({
      ...target,
      sign: (path, changes) =>
        target.sign?.(path, { ...changes, claims: { tenant: undefined, ...changes?.claims } }) ??
        assert.fail(),
    });
    skippedWith(await verdictOf('jwt-68', ['any-tenant'], withoutTenant), /no tenant/);
  });

  it('without a canary or a FHIR server nothing is claimed about addresses', async () => {
    skippedWith(await verdictOf('ssrf-01', [], (target) => ({ ...target, canary: undefined })), /no canary/);
    skippedWith(
      await verdictOf('ssrf-69', [], (target) => ({ ...target, fhir: undefined })),
      /no FHIR server/,
    );
    skippedWith(
      await verdictOf('patient-54', [], (target) => ({ ...target, fhir: undefined })),
      /no FHIR server/,
    );
  });

  it('a service that never asks its FHIR server is not praised for not being led astray', async () => {
    skippedWith(await verdictOf('ssrf-70', ['any-server', 'takes-anything']), /asked .* nothing/);
  });

  it('another patient’s data dropped in silence: right where the specification is open, wrong where they contradict', async () => {
    passes(await verdictOf('patient-08', ['drops-strangers']));
    failedWith(await verdictOf('patient-06', ['drops-strangers']), /contradicts itself/);
  });

  it('silence of a service that has no card for the sample tells nothing', async () => {
    const silent = (target: Target): Target => ({
      ...target,
      call: async (service, body, sending) => {
        const answer = await target.call(service, body, sending);
        return answer.status === 200 ? { ...answer, json: { cards: [] } } : answer;
      },
    });
    skippedWith(await verdictOf('patient-08', ['drops-strangers'], silent), /silence tells nothing/);
    passes(await verdictOf('patient-08', [], silent));
  });

  it('a refusal that repeats the body, or holds a stack trace, has failed', async () => {
    failedWith(await verdictOf('body-01', ['repeats-the-body']), /repeats/);
    failedWith(await verdictOf('body-01', ['tells-the-stack']), /stack trace/);
  });

  it('stack traces of other languages and files of the server are known', () => {
    const said = (text: string): Answer => ({
      status: 400,
      headers: new Headers(),
      text,
      json: undefined,
      ms: 1,
    });
    for (const text of [
      'Error: x\n    at f (file:///srv/app.js:10:5)',
      '{"text":"Error: x\\n    at f (/srv/app.js:10:5)"}',
      'Traceback (most recent call last):\n  File "x.py"',
      'java.lang.NullPointerException\n\tat org.example.X.y(X.java:17)',
      'System.Exception\n   at X.Y() in X.cs:line 12',
      'goroutine 1 [running]:',
      "app.rb:12:in `call'",
      '#0 /srv/index.php(12): x()',
      'root:x:0:0:root:/root:/bin/bash',
    ]) {
      assert.notEqual(leakIn(said(text)), undefined, text);
    }
    assert.equal(
      leakIn(said('{"issue":[{"details":{"text":"The request was refused at 10:30."}}]}')),
      undefined,
    );
    assert.equal(leakIn(said('abc'), 'b'), 'the answer repeats what was sent');
  });
});
