/** Whatever two drugs meet in whatever chart, nothing throws and every card keeps the rules of CDS Hooks. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { cardViolations } from '../../src/card/invariants.ts';
import { typeOf } from '../../src/card/variables.ts';
import type { FeatureValue } from '../../src/features/feature.ts';
import { rxnorm } from '../../src/fhir/coding.ts';
import { findingKinds } from '../../src/findings/finding.ts';
import { needsOf } from '../../src/findings/findings.ts';
import { interactionRules, type Side } from '../../src/findings/interaction-rules.ts';
import { membersOf } from '../../src/findings/orders.ts';
import { answerOf, type OrderScene, packageOf } from './order-cards.ts';
import { allergyTo, coded, request, stopped, vocabulary } from './ordering.ts';

const packages = ['order-safety', 'opioid-safety', 'older-adults'].map((name) => packageOf(name));

/** Every code of the drug table: ingredients, brands, products, packs. */
const codes = readFileSync(new URL('../../vocabulary/drugs.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\d+\t/.test(line))
  .map((line) => line.slice(0, line.indexOf('\t')));
const code = fc.constantFrom(...codes);
const sets = [...vocabulary.valueSets.values()]
  .map((set) => [...set.members(rxnorm).keys()])
  .filter(({ length }) => length > 0);
/** A drug that rules name, a set at a time, so that findings are not left to chance. */
const named = fc.constantFrom(...sets).chain((members) => fc.constantFrom(...members));
const drug = fc.oneof(code, named);
const side = ({ classes, ingredients }: Side): fc.Arbitrary<string> =>
  fc.constantFrom(
    ...ingredients.map((each) => each.code),
    ...classes.flatMap((id) => [...membersOf(id, vocabulary).keys()]),
  );
/** Any two drugs, two of a class, or two that a rule names. */
const pair = fc.oneof(
  fc.tuple(drug, drug),
  fc
    .constantFrom(...sets)
    .chain((members) => fc.tuple(fc.constantFrom(...members), fc.constantFrom(...members))),
  fc.constantFrom(...interactionRules).chain(({ one, other }) => fc.tuple(side(one), side(other))),
);

const dosage = fc.constantFrom(
  undefined,
  [{ text: 'as directed' }],
  [dosed({ value: 2, unit: 'tablet', system: 'http://unitsofmeasure.org', code: '{tbl}' })],
  [dosed({ value: 1e6, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' })],
  [{ ...dosed({ value: 1, unit: 'patch', code: '1' }), asNeededBoolean: true }],
);
function dosed(doseQuantity: object) {
  return {
    timing: { repeat: { frequency: 4, period: 1, periodUnit: 'd' } },
    doseAndRate: [{ doseQuantity }],
  };
}

const draft = fc.record({ rxcui: drug, dosageInstruction: dosage, id: fc.constantFrom('a', 'b', undefined) });
const names = needsOf(findingKinds);
const value = fc.double({ min: 0, max: 1, noNaN: true });
const values: fc.Arbitrary<Readonly<Record<string, FeatureValue>>> = fc
  .record({
    some: fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 30 }),
    age: value,
    sex: value,
  })
  .map(({ some, age, sex }) => [...some, ['age', age] as const, ['sex', sex] as const])
  .map((all) => Object.fromEntries(all.flatMap(([name, at]) => written(name, at))));

function written(name: string, at: number): readonly (readonly [string, FeatureValue])[] {
  const entry = vocabulary.entries.get(name);
  if (entry === undefined) return [];
  const [low, high] = entry.plausible ?? [0, 100];
  switch (typeOf(entry)) {
    case 'number':
      return [[name, low + at * (high - low)]];
    case 'boolean':
      return [[name, at < 0.2]];
    case 'string':
      return [[name, at < 0.5 ? 'male' : 'female']];
  }
}

const scene: fc.Arbitrary<OrderScene> = fc
  .record({
    drafts: fc.array(draft, { minLength: 1, maxLength: 2 }),
    pair,
    past: drug,
    allergen: drug,
    severe: fc.boolean(),
    values,
    absent: fc.subarray(['medications', 'medicationHistory', 'allergies']),
  })
  .map(({ drafts, pair: [first, other], past, allergen, severe, ...rest }) => ({
    drafts: drafts.map(({ rxcui, id, dosageInstruction }, at) => {
      const whole = request('', at === 0 ? first : rxcui, { status: 'draft', dosageInstruction });
      const { id: _, ...bare } = whole;
      return id === undefined ? bare : { ...bare, id };
    }),
    resources: [
      request('other', other),
      stopped('past', past, '2026-06-10'),
      allergyTo(coded(allergen), severe ? { criticality: 'high' } : {}),
    ],
    ...rest,
  }));

describe('cards of findings, over drugs at random', function () {
  this.timeout(120_000);

  it('keep the rules of CDS Hooks in 2,000 charts, and nothing throws', () => {
    let shown = 0;
    fc.assert(
      fc.property(scene, (each) => {
        for (const service of packages) {
          for (const card of answerOf(service, each).cards) {
            shown++;
            assert.deepEqual(cardViolations(card), []);
            assert.ok(card.summary.length < 140 && !card.summary.includes('undefined'), card.summary);
            assert.doesNotMatch(`${card.summary} ${card.detail}`, /not known here|undefined|NaN|\{\{/);
          }
        }
      }),
      { numRuns: 2_000 },
    );
    assert.ok(shown > 500, `only ${shown} cards: the drugs meet nothing`);
  });

  it('find the same of two drugs whichever of them came first', () => {
    fc.assert(
      fc.property(named, named, (one, other) => {
        const rules = (draft: string, active: string) =>
          answerOf(packages[0] ?? packageOf('order-safety'), {
            drafts: [request('d', draft, { status: 'draft' })],
            resources: [request('o', active)],
          })
            .findings.filter(({ kind }) => kind === 'interaction' || kind === 'duplicate')
            .map(({ kind, rule }) => `${kind} ${rule}`)
            .sort();
        assert.deepEqual(rules(one, other), rules(other, one));
      }),
      { numRuns: 2_000 },
    );
  });

  it('say something of every kind: the scenes are no empty room', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(scene, (each) => {
        for (const service of packages)
          for (const { kind } of answerOf(service, each).findings) kinds.add(kind);
      }),
      { numRuns: 2_000, seed: 1 },
    );
    assert.deepEqual([...kinds].sort(), [...findingKinds].sort());
  });

  it('need nothing that is there: an empty chart throws nothing', () => {
    for (const service of packages) {
      assert.deepEqual(answerOf(service, { drafts: [], absent: ['medications'] }).cards, []);
      assert.deepEqual(answerOf(service, { drafts: [{ resourceType: 'MedicationRequest' }] }).cards, []);
    }
  });
});
