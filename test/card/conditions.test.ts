import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Bindings, ConditionError, evaluate, parseCondition } from '../../src/card/conditions.ts';
import type { FeatureValue } from '../../src/features/feature.ts';

const truth = (text: string, values: Readonly<Record<string, FeatureValue>> = {}): string => {
  const result = evaluate(parseCondition(text), new Map(Object.entries(values)));
  return result.kind === 'undetermined' ? `? ${result.missing.join(' ')}` : result.kind;
};

describe('conditions', () => {
  it('tell true from false', () => {
    assert.equal(truth('%ascvd', { ascvd: true }), 'true');
    assert.equal(truth('%ascvd', { ascvd: false }), 'false');
    assert.equal(truth("%sex = 'female' and %age >= %from", { sex: 'female', age: 40, from: 40 }), 'true');
    assert.equal(
      truth("%sex = 'female' and %age >= %from", { sex: 'female', age: 39.999, from: 40 }),
      'false',
    );
  });

  it('keep unknown apart from false in every comparison', () => {
    for (const operator of ['<', '<=', '>', '>=', '=', '!=']) {
      assert.equal(truth(`%ldl ${operator} %limit`, { limit: 190 }), '? ldl', operator);
      assert.equal(truth(`%limit ${operator} %ldl`, { limit: 190 }), '? ldl', operator);
    }
    assert.equal(truth('(%ldl > %limit).not()', { limit: 190 }), '? ldl');
    assert.equal(truth('%ascvd.not()'), '? ascvd');
  });

  it('are certain where the rest cannot matter', () => {
    assert.equal(truth('%a or %b', { a: true }), 'true');
    assert.equal(truth('%b or %a', { a: true }), 'true');
    assert.equal(truth('%a and %b', { a: false }), 'false');
    assert.equal(truth('%a or %b', { a: false }), '? b');
    assert.equal(truth('%a and %b', { a: true }), '? b');
    assert.equal(truth('%a implies %b', { a: false }), 'true');
  });

  it('name everything that is missing, once', () => {
    assert.equal(truth('%a and (%b or %c) and %b'), '? a b c');
  });

  it('may say themselves what holds without a value', () => {
    const severe = '%ldl.exists() and %ldl >= %limit';
    assert.equal(truth(severe, { limit: 190 }), 'false');
    assert.equal(truth(severe, { limit: 190, ldl: 190 }), 'true');
    assert.equal(truth(severe, { limit: 190, ldl: 189.9 }), 'false');
    assert.equal(truth('%ldl.empty()'), 'true');
    assert.deepEqual(parseCondition(severe).guarded, ['ldl']);
    assert.deepEqual(parseCondition('%a.not()').guarded, []);
  });

  it('compare the double as it is', () => {
    const risk = (value: number) => truth('%risk >= %high', { risk: value, high: 0.1 });
    assert.equal(risk(0.1), 'true');
    assert.equal(risk(0.09999999999999999), 'false');
    assert.equal(risk(0.30000000000000004 - 0.2), 'true');
  });

  it('agree with three-valued logic for every filling of the names', () => {
    type Three = boolean | undefined;
    const and = (a: Three, b: Three): Three =>
      a === false || b === false ? false : a === undefined || b === undefined ? undefined : true;
    const not = (a: Three): Three => (a === undefined ? undefined : !a);
    const or = (a: Three, b: Three): Three => not(and(not(a), not(b)));
    const three = fc.constantFrom<Three>(true, false, undefined);
    const formula = '(%a or %b.not()) and (%c or (%a and %b))';
    const condition = parseCondition(formula);
    fc.assert(
      fc.property(three, three, three, (a, b, c) => {
        const given = Object.entries({ a, b, c }).filter(
          (entry): entry is [string, boolean] => entry[1] !== undefined,
        );
        const bindings: Bindings = new Map(given);
        const expected = and(or(a, not(b)), or(c, and(a, b)));
        const kind = expected === undefined ? 'undetermined' : String(expected);
        assert.equal(evaluate(condition, bindings).kind, kind);
      }),
    );
  });

  it('refuse what could hide a missing value or is not one expression', () => {
    const refused = [
      '%a %b',
      '%a) or (%b',
      '%a and',
      '',
      'iif(%a, %b, %c)',
      '%a ~ %b',
      '(%a > %b).exists()',
      '%a.exists(%b)',
      'exists()',
      '%a.count() > %b',
      '%a + %b > %c',
      '%a | %b',
      '%a in %b',
      'Patient.gender',
      '$this',
      '%a[0]',
      '%`a b`',
      '{}',
    ];
    for (const text of refused) assert.throws(() => parseCondition(text), ConditionError, text);
  });

  it('show which names and comparisons they use', () => {
    const condition = parseCondition('%age >= %from and %age <= %to or %statin');
    assert.deepEqual(condition.names, ['age', 'from', 'to', 'statin']);
    assert.deepEqual(
      condition.comparisons.map(({ left, right }) => [left, right]),
      [
        [{ name: 'age' }, { name: 'from' }],
        [{ name: 'age' }, { name: 'to' }],
      ],
    );
    assert.deepEqual(parseCondition('%age > 40').comparisons[0]?.right, { literal: 40 });
  });

  it('throw on a result that is not a truth value', () => {
    assert.throws(() => truth('%age', { age: 40 }), ConditionError);
  });
});
