import assert from 'node:assert/strict';
import { check, coded, order, procedure } from './record-rows.ts';
import { asked, said, scan } from './small-vocabulary.ts';

describe('procedure', () => {
  check({ from: { kind: 'procedure', valueSet: scan } }, [
    { rule: 'done', given: [procedure(coded('scan1'))], expect: true },
    { rule: 'under way', given: [procedure(coded('scan1'), { status: 'in-progress' })], expect: true },
    { rule: 'none on record is false', given: [], expect: false },
    { rule: 'another procedure is false', given: [procedure(coded('other'))], expect: false },
    ...['preparation', 'not-done', 'stopped', 'entered-in-error', 'unknown', 'on-hold'].map((status) => ({
      rule: `${status} does not count`,
      given: [procedure(coded('scan1'), { status })],
      expect: false,
    })),
    {
      rule: 'before the look-back is false',
      given: [procedure(coded('scan1'))],
      lookback: 'P7D',
      expect: false,
    },
    {
      rule: 'the end of a period counts',
      given: [
        procedure(coded('scan2'), {
          performedDateTime: undefined,
          performedPeriod: { start: '2020', end: '2026-06-14' },
        }),
      ],
      lookback: 'P7D',
      expect: true,
    },
    {
      rule: 'an undated one is no "no"',
      given: [procedure(coded('scan1'), { performedDateTime: 'x' })],
      lookback: 'P7D',
      expect: 'missing: invalid-date',
    },
    {
      rule: 'one of the future is no "no"',
      given: [procedure(coded('scan1'), { performedDateTime: '2027-01-01' })],
      expect: 'missing: invalid-date',
    },
    {
      rule: 'one that nothing describes may be it',
      given: [procedure(undefined)],
      expect: 'missing: unsuitable',
    },
    { rule: 'words alone are another', given: [procedure({ text: 'appendectomy' })], expect: false },
  ]);

  it('is missing when the list did not come, unless a member is there', () => {
    const supply = { procedures: { state: 'not-supplied' } } as const;
    const entry = { from: { kind: 'procedure', valueSet: scan }, pick: 'any' };
    assert.equal(said(asked(entry, { supply })), 'missing: not-supplied');
    assert.equal(said(asked(entry, { supply, resources: [procedure(coded('scan1'))] })), true);
  });
});

describe('ordered', () => {
  check({ from: { kind: 'ordered', valueSet: scan } }, [
    { rule: 'an active order', given: [order(coded('scan1'))], expect: true },
    { rule: 'a plan', given: [order(coded('scan1'), { intent: 'plan' })], expect: true },
    {
      rule: 'a proposal does not count',
      given: [order(coded('scan1'), { intent: 'proposal' })],
      expect: false,
    },
    {
      rule: 'an order not to do it does not count',
      given: [order(coded('scan1'), { doNotPerform: true })],
      expect: false,
    },
    {
      rule: 'a completed one does not count',
      given: [order(coded('scan1'), { status: 'completed' })],
      expect: false,
    },
    {
      rule: 'words count for nothing where the entry has none',
      given: [order({ text: 'Scan' })],
      expect: false,
    },
    { rule: 'none is false', given: [], expect: false },
  ]);
  check({ from: { kind: 'ordered', valueSet: scan, words: ['nephrology'] } }, [
    {
      rule: 'an order in words',
      given: [order({ text: 'Ambulatory referral to Nephrology' })],
      expect: true,
    },
    {
      rule: 'an order by its kind of performer',
      given: [order({ text: 'Consultation' }, { performerType: { text: 'Nephrology Physician' } })],
      expect: true,
    },
    { rule: 'other words', given: [order({ text: 'Referral to cardiology' })], expect: false },
    {
      rule: 'an order in words not to do it',
      given: [order({ text: 'Nephrology' }, { doNotPerform: true })],
      expect: false,
    },
  ]);
});
