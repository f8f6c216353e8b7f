import assert from 'node:assert/strict';
import { onlyOne, queryOf } from '../../src/smart/browser.ts';

describe('smart/browser', () => {
  it('I: a request target that is no URL has no query', () => {
    for (const originalUrl of ['http://a:99999/app/?view=1', '//[/app/?view=1', 'http://']) {
      assert.equal(queryOf({ originalUrl }).has('view'), false, originalUrl);
      assert.equal(onlyOne({ originalUrl }, 'view'), undefined);
    }
  });

  it('I: a parameter counts where it is given once, not empty and not absurdly long', () => {
    assert.equal(onlyOne({ originalUrl: '/app/?view=1&x=2' }, 'view'), '1');
    for (const query of ['', 'view=', 'view=1&view=2', `view=${'a'.repeat(4097)}`])
      assert.equal(onlyOne({ originalUrl: `/app/?${query}` }, 'view'), undefined);
  });
});
