import assert from 'node:assert/strict';
import { warmUp } from '../src/warm-up.ts';
import { vocabulary } from './card/package.ts';

describe('warm-up', () => {
  it('reaches every value of the vocabulary and every kind of finding without a fault', () => {
    assert.doesNotThrow(() => warmUp({ vocabulary }));
  });
});
