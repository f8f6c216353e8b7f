import assert from 'node:assert/strict';
import { driverSentence, type Factor, negligible } from '../../src/explain/sentence.ts';
import {
  inSentence,
  listed,
  readableNumber,
  readablePercent,
  readableQuantity,
  readableValue,
} from '../../src/explain/wording.ts';

const systolic: Factor = {
  name: 'systolicBloodPressure',
  label: 'Systolic blood pressure',
  unit: 'mm[Hg]',
  value: 152,
  reference: 130,
};
const smoking: Factor = { name: 'smoking', label: 'Current smoking', value: false, reference: true };
const treated: Factor = {
  name: 'antihypertensive',
  label: 'Blood pressure treatment',
  value: true,
  reference: false,
};

describe('driver sentence', () => {
  it('names value, unit and direction', () => {
    assert.equal(driverSentence([systolic], 0.4), 'Systolic blood pressure 152 mmHg raises the risk.');
    assert.equal(driverSentence([systolic], -0.4), 'Systolic blood pressure 152 mmHg lowers the risk.');
  });

  it('says what is absent as a clinician would', () => {
    assert.equal(driverSentence([smoking], -0.4), 'Not smoking lowers the risk.');
    const diabetes = { name: 'diabetes', label: 'Diabetes', value: false, reference: true };
    assert.equal(driverSentence([diabetes], -0.4), 'No diabetes lowers the risk.');
  });

  it('tells a value that was not measured', () => {
    const hba1c = { name: 'hba1c', label: 'HbA1c', unit: '%', value: null, reference: 5.3 };
    assert.equal(driverSentence([hba1c], 0.2), 'No HbA1c on record raises the risk.');
  });

  it('joins the values of one group', () => {
    assert.equal(
      driverSentence([systolic, treated], 0.4),
      'Systolic blood pressure 152 mmHg and blood pressure treatment together raise the risk.',
    );
  });

  it('leaves out what is as in the reference person, unless nothing differs', () => {
    const untreated = { ...treated, value: false };
    assert.equal(
      driverSentence([systolic, untreated], 0.4),
      'Systolic blood pressure 152 mmHg raises the risk.',
    );
    assert.equal(
      driverSentence([untreated], 0),
      'No blood pressure treatment: about as in the reference person.',
    );
  });

  it('gives no direction to what hardly matters', () => {
    const near = 'Systolic blood pressure 152 mmHg: about as in the reference person.';
    assert.equal(driverSentence([systolic], negligible - 1e-9), near);
    assert.equal(driverSentence([systolic], 1e-9 - negligible), near);
    assert.notEqual(driverSentence([systolic], negligible), near);
  });
});

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

  it('puts labels into a sentence', () => {
    assert.deepEqual(['Diabetes', 'HDL cholesterol', 'HbA1c', 'eGFR', 'Total cholesterol'].map(inSentence), [
      'diabetes',
      'HDL cholesterol',
      'HbA1c',
      'eGFR',
      'total cholesterol',
    ]);
  });

  it('lists', () => {
    assert.deepEqual(
      [listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])],
      ['', 'a', 'a and b', 'a, b and c'],
    );
  });
});
