import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { hedged } from '../../src/fhir/hedge.ts';

/** An attempt that ends after so many milliseconds, or with its signal. */
const endsAfter = async <T>(milliseconds: number, signal: AbortSignal, end: () => T): Promise<T> => {
  await wait(milliseconds, undefined, { signal });
  return end();
};
const never = new AbortController().signal;
const fail = (message: string) => (): never => {
  throw new Error(message);
};

describe('hedge', () => {
  /** Runs the attempts in turn; returns the answer, how many were made and which were aborted. */
  async function run(
    attempts: readonly ((signal: AbortSignal) => Promise<string>)[],
    { afterMs = 30, signal = never, again = (thrown: unknown) => String(thrown).includes('reset') } = {},
  ) {
    const signals: AbortSignal[] = [];
    const ask = (each: AbortSignal): Promise<string> => {
      signals.push(each);
      return attempts[signals.length - 1]?.(each) ?? Promise.reject(new Error('one attempt too many'));
    };
    const said = await hedged(ask, { signal, afterMs, again }).catch((thrown: Error) => thrown.message);
    return { said, made: signals.length, aborted: signals.every((each) => each.aborted) };
  }
  const quick = (signal: AbortSignal) => endsAfter(1, signal, () => 'quick');
  const slow = (signal: AbortSignal) => endsAfter(5_000, signal, () => 'slow');

  it('F01: an answer in time is asked for once', async () => {
    assert.deepEqual(await run([quick]), { said: 'quick', made: 1, aborted: true });
  });

  it('F03: no answer by then: a second attempt, whose answer wins and ends the first', async () => {
    assert.deepEqual(await run([slow, quick]), { said: 'quick', made: 2, aborted: true });
  });

  it('F03: the first may still win', async () => {
    const late = (signal: AbortSignal) => endsAfter(60, signal, () => 'late');
    assert.deepEqual(await run([late, slow]), { said: 'late', made: 2, aborted: true });
  });

  it('F06: a failure that may be repeated is, at once and once', async () => {
    const started = performance.now();
    const reset = (signal: AbortSignal) => endsAfter(1, signal, fail('reset'));
    assert.equal((await run([reset, quick], { afterMs: 5_000 })).said, 'quick');
    assert.ok(performance.now() - started < 1_000);
    const twice = await run([reset, (signal) => endsAfter(1, signal, fail('reset again'))]);
    assert.deepEqual([twice.said, twice.made], ['reset again', 2]);
  });

  it('F06: any other failure is final', async () => {
    const refused = await run([(signal) => endsAfter(1, signal, fail('refused'))]);
    assert.deepEqual([refused.said, refused.made], ['refused', 1]);
  });

  it('F06: a first attempt that fails beside the second leaves the answer to it', async () => {
    const fails = (signal: AbortSignal) => endsAfter(50, signal, fail('refused'));
    const answers = (signal: AbortSignal) => endsAfter(60, signal, () => 'second');
    assert.equal((await run([fails, answers])).said, 'second');
  });

  it('Q7: the signal ends both', async () => {
    const { said, made, aborted } = await run([slow, slow], { signal: AbortSignal.timeout(60) });
    assert.deepEqual([said, made, aborted], ['The operation was aborted', 2, true]);
    assert.equal((await run([slow], { signal: AbortSignal.abort() })).made, 1);
  });
});
