import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ago,
  dateWords,
  durationWords,
  instantWords,
  oddsFactor,
  ofHundred,
  valueWords,
} from '../../smart-app/words.ts';
import { readablePercent } from '../../src/features/words.ts';

describe('smart-app/words', () => {
  it('prints a risk as the card does: half-up to 0.1 %', () => {
    const printed = {
      0.0989394: '9.9 %',
      0.12345: '12.3 %',
      0.1225: '12.3 %',
      0.0745: '7.5 %',
      0: '0.0 %',
      1: '100.0 %',
    };
    for (const [risk, words] of Object.entries(printed)) assert.equal(readablePercent(Number(risk)), words);
  });

  it('counts people half-up and never says zero or all of them', () => {
    assert.equal(ofHundred(0.095), 10);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        (risk) => Math.abs(ofHundred(risk) - risk * 100) <= 0.5 + 1e-9,
      ),
    );
  });

  it('turns a contribution into a factor on the odds', () => {
    assert.equal(oddsFactor(0), '× 1.00');
    assert.equal(oddsFactor(Math.log(1.57)), '× 1.57');
  });

  it('says how long ago, in the unit a clinician would choose', () => {
    const now = '2026-11-20T09:30:00Z';
    const spans = {
      '2026-11-20T08:45:00Z': '45 minutes ago',
      '2026-11-20T08:00:00Z': '90 minutes ago',
      '2026-11-19T10:00:00Z': '23 hours ago',
      '2026-11-20': 'within the last day',
      '2026-11-18T08:00:00Z': '2 days ago',
      '2026-10-20T09:30:00Z': '4 weeks ago',
      '2026-08-14T08:10:00Z': '3 months ago',
      '2023-03-09': '3 years ago',
      '2016-11-20T09:30:00Z': '10 years ago',
      '2016-11-21': '9 years ago',
      '2027-01-01': 'in the future',
      nonsense: '',
    };
    for (const [at, words] of Object.entries(spans)) assert.equal(ago(at, now), words, at);
  });

  it("keeps a record's own date and partial dates", () => {
    assert.equal(dateWords('2026-08-14T23:30:00-08:00'), '14 Aug 2026');
    assert.equal(dateWords('2026-08'), 'Aug 2026');
    assert.equal(dateWords('2026'), '2026');
    assert.equal(instantWords('2026-11-20T09:30:00+02:00'), '20 Nov 2026, 07:30 UTC');
  });

  it('reads durations and values aloud', () => {
    assert.equal(durationWords('P12M'), '12 months');
    assert.equal(durationWords('P1Y'), '1 year');
    assert.equal(durationWords('P10Y', true), '10-year');
    assert.deepEqual(
      [true, false, 'male', 148.333].map((value) => valueWords(value)),
      ['Yes', 'No', 'Male', '148'],
    );
    assert.deepEqual([valueWords(7.18), valueWords(7.18, '%')], ['7.18', '7.2']);
  });
});
