import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { z } from 'zod';
import { VocabularyError } from '../../src/features/vocabulary.ts';
import { allergySchema } from '../../src/findings/allergy-rules.ts';
import { interactionSchema } from '../../src/findings/interaction-rules.ts';
import { checkRules, readRules } from '../../src/findings/rules.ts';

const folder = `${import.meta.dirname}/../../vocabulary/rules`;
const clone = (table: unknown) => JSON.parse(JSON.stringify(table));
const interactions = readRules(interactionSchema, 'interactions.json');
const crossReactivity = readRules(allergySchema, 'cross-reactivity.json');
const breaks = (check: () => unknown, field: RegExp, rule: RegExp): void => {
  assert.throws(check, (error) => {
    assert.ok(error instanceof VocabularyError);
    assert.match(error.field, field);
    assert.match(error.rule, rule);
    assert.match(error.message, /^rules\//);
    return true;
  });
};

describe('tables of rules', () => {
  it('cite a source in every row of these two, and say whether a clinician has reviewed them', () => {
    for (const { source } of [...interactions.rules, ...crossReactivity.rules])
      assert.ok(source.label.length > 5);
    assert.deepEqual([interactions.clinicalReview, crossReactivity.clinicalReview], ['pending', 'pending']);
  });

  it('are JSON, all of them', () => {
    const files = readdirSync(folder);
    assert.ok(files.includes('interactions.json') && files.every((file) => file.endsWith('.json')));
    for (const file of files) assert.equal(typeof readRules(z.looseObject({}), file), 'object');
  });

  it('refuse a file that is not there, and read nothing outside their folder', () => {
    breaks(() => readRules(z.any(), 'absent.json'), /file/, /must be there/);
    breaks(() => readRules(z.any(), '../units.json'), /file/, /must be there/);
  });

  const faults: readonly (readonly [string, (table: ReturnType<typeof clone>) => void, RegExp, RegExp])[] = [
    [
      'a problem that is too long for a summary',
      (t) => (t.rules[0].problem = 'x'.repeat(61)),
      /rules\.0\.problem/,
      /60/,
    ],
    ['an unknown severity', (t) => (t.rules[0].severity = 'fatal'), /rules\.0\.severity/, /critical/],
    [
      'a side without a drug',
      (t) => (t.rules[0].one = { label: 'none' }),
      /rules\.0\.one/,
      /must name a drug/,
    ],
    [
      'a branch about no factor',
      (t) => (t.rules[0].branches = [{ all: ['who'], severity: 'info' }]),
      /rules\.0\.branches/,
      /name factors/,
    ],
    ['a wait that is no duration', (t) => (t.rules[1].one.recent.within = '2 weeks'), /within/, /ISO 8601/],
    ['two rows of one id', (t) => (t.rules[1].id = t.rules[0].id), /rules/, /differ/],
    ['a row without source', (t) => delete t.rules[0].source, /rules\.0\.source/, /./],
    ['a field nobody reads', (t) => (t.rules[0].note = 'x'), /rules\.0/, /note/],
  ];
  for (const [name, spoil, field, rule] of faults) {
    it(`refuse ${name}, naming file, field and rule`, () => {
      const table = clone(interactions);
      spoil(table);
      breaks(() => checkRules(interactionSchema, 'interactions.json', table), field, rule);
    });
  }

  it('refuse a cross-reactivity between groups that are not in the table', () => {
    const table = clone(crossReactivity);
    table.rules[0].to = 'everything';
    breaks(() => checkRules(allergySchema, 'cross-reactivity.json', table), /rules/, /name groups/);
  });
});
