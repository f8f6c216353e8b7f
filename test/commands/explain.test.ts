/** `auscult explain` as a person runs it, on the shipped models. */
import assert from 'node:assert/strict';
import { type Ended, endAll, run } from '../command.ts';
import { patient } from '../inference/prevent.ts';

describe('auscult explain', function () {
  this.timeout(60_000);
  after(endAll);

  const linesOf = ({ stdout }: Ended) =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('prints an explanation for each line, in order', async () => {
    const stdin = `${JSON.stringify(patient)}\n{\n${JSON.stringify({ ...patient, smoking: true })}\n`;
    const ended = await run(['explain', 'prevent', '--output', '10yr_ascvd'], { stdin });
    assert.equal(ended.code, 0, ended.stderr);
    const [first, broken, smoking] = linesOf(ended);
    assert.deepEqual([first?.method, first?.output], ['exact-shapley', '10yr_ascvd']);
    assert.deepEqual(broken, { error: 'the line is not JSON' });
    assert.ok(Number(smoking?.value) > Number(first?.value));
  });

  it('refuses a method that the model does not have, line by line', async () => {
    const stdin = `${JSON.stringify(patient)}\n`;
    const ended = await run(['explain', 'prevent', '--method', 'lime'], { stdin });
    assert.deepEqual(linesOf(ended), [{ error: 'method: is none of exact-shapley' }]);
  });

  for (const args of [['explain'], ['explain', 'prevent', 'more'], ['explain', 'prevent', '--seed', 'x']]) {
    it(`prints the usage for ${args.join(' ')}`, async () => {
      const ended = await run(args);
      assert.equal(ended.code, 2);
      assert.match(ended.stderr, /auscult explain <model-id>/);
    });
  }

  it('knows no other model', async () => {
    const ended = await run(['explain', 'nobody']);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /There is no such model\. \(nobody\)/);
  });
});
