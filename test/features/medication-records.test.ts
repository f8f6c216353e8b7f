import assert from 'node:assert/strict';
import { drug, prescription } from './sample-chart.ts';
import { asked, said, statin } from './small-vocabulary.ts';

const atorvastatin = drug('617310');
const metformin = drug('860975');
const statement = (more: object): object => ({
  resourceType: 'MedicationStatement',
  status: 'active',
  medicationCodeableConcept: atorvastatin,
  ...more,
});

describe('medication, from every record of it', () => {
  const taken = (within: string | undefined, given: readonly object[]): unknown =>
    said(
      asked(
        { from: { kind: 'medication', valueSet: statin, ...(within && { within }) }, pick: 'any' },
        { resources: given },
      ),
    );
  const rows: readonly (readonly [
    rule: string,
    given: object,
    now: boolean | string,
    within: boolean | string,
  ])[] = [
    ['an active statement', statement({}), true, true],
    [
      'an active statement whose period is over',
      statement({ effectivePeriod: { end: '2026-06-01' } }),
      false,
      true,
    ],
    [
      'a completed statement',
      statement({ status: 'completed', effectiveDateTime: '2026-06-01' }),
      false,
      true,
    ],
    [
      'a statement completed long ago',
      statement({ status: 'completed', effectiveDateTime: '2025-06-01' }),
      false,
      false,
    ],
    ['a statement of nothing taken', statement({ status: 'not-taken' }), false, false],
    [
      'a running administration',
      { ...statement({ status: 'in-progress' }), resourceType: 'MedicationAdministration' },
      true,
      true,
    ],
    [
      'an administration',
      {
        ...statement({ status: 'completed', effectiveDateTime: '2026-06-01' }),
        resourceType: 'MedicationAdministration',
      },
      false,
      true,
    ],
    [
      'a stopped order',
      prescription(atorvastatin, { status: 'stopped', authoredOn: '2026-05-01' }),
      false,
      true,
    ],
    [
      'an old order that ended lately',
      prescription(atorvastatin, {
        status: 'completed',
        authoredOn: '2020-01-01',
        dispenseRequest: { validityPeriod: { end: '2026-06-01' } },
      }),
      false,
      true,
    ],
    [
      'an old order',
      prescription(atorvastatin, { status: 'completed', authoredOn: '2020-01-01' }),
      false,
      false,
    ],
    [
      'a cancelled order',
      prescription(atorvastatin, { status: 'cancelled', authoredOn: '2026-06-01' }),
      false,
      false,
    ],
    [
      'an undated order that is over',
      prescription(atorvastatin, { status: 'completed' }),
      false,
      'missing: invalid-date',
    ],
    [
      'an old order of another drug',
      prescription(metformin, { status: 'completed', authoredOn: '2026-06-01' }),
      false,
      false,
    ],
    [
      'a named order that is over',
      prescription({ text: 'atorvastatin' }, { status: 'completed', authoredOn: '2026-06-01' }),
      false,
      'missing: unsuitable',
    ],
  ];
  for (const [rule, given, now, within] of rows) {
    it(rule, () => assert.deepEqual([taken(undefined, [given]), taken('P100D', [given])], [now, within]));
  }

  it('needs the history only where it asks for the past', () => {
    const ask = (within: object): unknown =>
      said(
        asked(
          { from: { kind: 'medication', valueSet: statin, ...within }, pick: 'any' },
          { supply: { medicationHistory: { state: 'not-supplied' } } },
        ),
      );
    assert.equal(ask({}), false);
    assert.equal(ask({ within: 'P100D' }), 'missing: not-supplied');
  });
});
