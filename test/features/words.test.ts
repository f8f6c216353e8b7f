import assert from 'node:assert/strict';
import {
  naturalFrequency,
  readableNumber,
  readablePercent,
  readableQuantity,
  readableValue,
} from '../../src/features/words.ts';

describe('numbers in words', () => {
  it('rounds a clinical number as it is written', () => {
    const cases = [
      [152, '152'],
      [133.33, '133'],
      [31.44, '31.4'],
      [31.45, '31.5'],
      [7.256, '7.26'],
      [1.005, '1.01'],
      [0.84, '0.84'],
      [5, '5'],
      [-0.5, '-0.5'],
      [-0.001, '0'],
      [99.96, '100'],
    ] as const;
    for (const [value, words] of cases) assert.equal(readableNumber(value), words);
  });

  it('spells units for people', () => {
    assert.equal(readableQuantity(48, 'mL/min/{1.73_m2}'), '48 mL/min/1.73 m²');
    assert.equal(readableQuantity(58, 'a'), '58 years');
    assert.equal(readableQuantity(4, '1'), '4');
    assert.equal(readableQuantity(7.2, '%'), '7.2 %');
    assert.equal(readableQuantity(7.18, '%'), '7.2 %');
    assert.equal(readableQuantity(7, '%'), '7 %');
    assert.equal(readableQuantity(7.2), '7.2');
  });

  it('rounds a risk half up to 0.1 %', () => {
    const cases = [
      [0.0745, '7.5 %'],
      [0.0005, '0.1 %'],
      [0.00049, '0.0 %'],
      [0.09999999999999999, '10.0 %'],
      [0.0994, '9.9 %'],
      [0.1225, '12.3 %'],
    ] as const;
    for (const [value, words] of cases) assert.equal(readablePercent(value), words);
  });

  it('says presence in a word', () => {
    assert.deepEqual(
      [true, false, 'female', 5].map((value) => readableValue(value, undefined)),
      ['yes', 'no', 'female', '5'],
    );
  });

  it('gives a natural frequency a fixed denominator', () => {
    assert.equal(naturalFrequency(0.0989), 'about 10 in 100');
    assert.equal(naturalFrequency(0.0049), 'fewer than 1 in 100');
    assert.equal(naturalFrequency(0.996), 'more than 99 in 100');
  });
});
