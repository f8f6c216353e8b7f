import assert from 'node:assert/strict';
import { driverSentence, type Factor, negligible } from '../../src/explain/sentence.ts';
import { inSentence, listed } from '../../src/explain/wording.ts';

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
      'Systolic blood pressure 152 mmHg and being on blood pressure treatment together raise the risk.',
    );
  });

  it('leaves out what is as in the reference person, unless nothing differs', () => {
    const untreated = { ...treated, value: false };
    assert.equal(
      driverSentence([systolic, untreated], 0.4),
      'Systolic blood pressure 152 mmHg raises the risk.',
    );
    assert.equal(driverSentence([untreated], 0), 'No blood pressure treatment: as in the reference person.');
  });

  it('gives no direction to what hardly matters', () => {
    const near = 'Systolic blood pressure 152 mmHg: little effect on this risk.';
    assert.equal(driverSentence([systolic], negligible - 1e-9), near);
    assert.equal(driverSentence([systolic], 1e-9 - negligible), near);
    assert.notEqual(driverSentence([systolic], negligible), near);
  });
});

describe('words of a sentence', () => {
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
