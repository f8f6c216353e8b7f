import assert from 'node:assert/strict';
import type { MedicationRequest } from '@medplum/fhirtypes';
import { statinIntensity, statinIntensityOf } from '../../src/features/statin-intensity.ts';
import { contextOf, daily, drugVocabulary, order, tablets, take, ucumUnit } from './dose-orders.ts';

const statin = 'urn:auscult:ValueSet:statin';
const names: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...(drugVocabulary.valueSets.get(statin)?.members('http://www.nlm.nih.gov/research/umls/rxnorm') ?? []),
  ].map(([code, name]) => [name, code]),
);

describe('statin intensity', () => {
  const listed: readonly (readonly [string, number, string | undefined])[] = [
    ['atorvastatin', 80, 'high'],
    ['atorvastatin', 40, 'high'],
    ['atorvastatin', 39.999999999999993, 'moderate'],
    ['atorvastatin', 10, 'moderate'],
    ['atorvastatin', 5, undefined],
    ['rosuvastatin', 20, 'high'],
    ['rosuvastatin', 10, 'moderate'],
    ['rosuvastatin', 5, 'moderate'],
    ['simvastatin', 40, 'moderate'],
    ['simvastatin', 20, 'moderate'],
    ['simvastatin', 10, 'low'],
    ['pravastatin', 80, 'moderate'],
    ['pravastatin', 40, 'moderate'],
    ['pravastatin', 20, 'low'],
    ['pravastatin', 10, 'low'],
    ['lovastatin', 40, 'moderate'],
    ['lovastatin', 20, 'low'],
    ['fluvastatin', 80, 'moderate'],
    ['fluvastatin', 40, 'low'],
    ['fluvastatin', 20, 'low'],
    ['pitavastatin', 4, 'moderate'],
    ['pitavastatin', 1, 'moderate'],
    ['cerivastatin', 1, undefined],
  ];
  for (const [name, dose, expected] of listed) {
    it(`${name} ${dose} mg: ${expected}`, () =>
      assert.equal(statinIntensity(names[name] ?? '', dose), expected));
  }

  const mg = (name: string, dose: number): MedicationRequest =>
    order(names[name] ?? '', [take(ucumUnit(dose, 'mg'), daily)], { id: name });
  const told = (drafts: readonly MedicationRequest[]): unknown => {
    const feature = statinIntensityOf(statin, contextOf({ drafts }));
    return feature.kind === 'missing' ? feature.reason : feature.value;
  };

  it('is read from the orders in force', () => {
    assert.equal(told([]), 'none');
    assert.equal(told([mg('rosuvastatin', 20)]), 'high');
    assert.equal(
      told([
        order('617310', [take(tablets(1), daily)], { id: 'a' }),
        order('617310', [take(tablets(1), daily)], { id: 'b' }),
      ]),
      'high',
    );
  });

  it('is not guessed from two statins, a dose in words, or one that is not listed', () => {
    assert.equal(told([mg('rosuvastatin', 20), mg('simvastatin', 20)]), 'conflicting');
    assert.equal(told([order('617310', [{ text: 'one daily' }])]), 'unsuitable');
    assert.equal(told([mg('atorvastatin', 5)]), 'unsuitable');
  });
});
