import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { firstAnswer } from '../../../src/inference/remote/two-attempts.ts';

const failing = (message: string, ms = 0): Promise<never> =>
  wait(ms).then(() => Promise.reject(new Error(message)));
const again = (thrown: unknown): boolean => thrown instanceof Error && thrown.message !== 'final';

describe('a question asked at most twice', () => {
  const reasons: string[] = [];
  const asking = (attempt: () => Promise<string> | undefined) => (why: string) => {
    reasons.push(why);
    return attempt();
  };
  beforeEach(() => void reasons.splice(0));

  const cases: readonly (readonly [
    string,
    () => Promise<string>,
    (() => Promise<string> | undefined) | undefined,
    string,
    readonly string[],
  ])[] = [
    ['a quick first answer', () => wait(0, 'first'), () => wait(0, 'second'), 'first', []],
    ['a slow first attempt', () => wait(200, 'first'), () => wait(0, 'second'), 'second', ['slow']],
    [
      'a first attempt that is slow and still quicker',
      () => wait(40, 'first'),
      () => wait(200, 'second'),
      'first',
      ['slow'],
    ],
    ['a first attempt that fails', () => failing('broken'), () => wait(0, 'second'), 'second', ['failed']],
    ['a first attempt that fails for good', () => failing('final'), () => wait(0, 'second'), 'final', []],
    ['nobody else to ask', () => failing('broken'), () => undefined, 'broken', ['failed']],
    ['a slow one and nobody else to ask', () => wait(60, 'first'), () => undefined, 'first', ['slow']],
    [
      'a slow one that fails while the second is under way',
      () => failing('broken', 40),
      () => wait(60, 'second'),
      'second',
      ['slow'],
    ],
    [
      'two failures: what the last one said',
      () => failing('broken'),
      () => failing('too'),
      'too',
      ['failed'],
    ],
  ];
  for (const [what, first, second, expected, why] of cases) {
    it(what, async () => {
      const answer = firstAnswer({
        first: first(),
        slowMs: 20,
        second: asking(second ?? (() => undefined)),
        again,
      });
      assert.equal(await answer.catch((thrown: Error) => thrown.message), expected);
      assert.deepEqual(reasons, why);
    });
  }

  it('a slow one for which nobody could be asked may be asked again when it fails', async () => {
    const answer = firstAnswer({
      first: failing('broken', 40),
      slowMs: 10,
      second: (why) => (why === 'slow' ? undefined : wait(0, 'second')),
      again,
    });
    assert.equal(await answer, 'second');
  });
});
