import assert from 'node:assert/strict';
import { vocabulary } from '../card/package.ts';
import { featureOf, lab } from './sample-chart.ts';
import { smallVocabulary } from './small-vocabulary.ts';

const number = {
  name: 'a',
  label: 'Drinks',
  from: { kind: 'observation', codes: [{ system: 'http://loinc.org', code: 'a', display: 'a' }] },
  unit: '1',
  pick: 'latest',
};
const derived = (formula: string, constants: object, shape: object) =>
  smallVocabulary(number, {
    name: 'x',
    from: { kind: 'derived', formula, inputs: { value: 'a' }, with: constants },
    pick: 'latest',
    ...shape,
  });
const chart = (...values: readonly number[]) => ({
  resources: values.map((value) => lab('a', value, '1', '2026-06-01')),
});

describe('derived words and assumptions', () => {
  const bands = { few: 0, some: 2, many: 6 };
  for (const [value, word] of [
    [0, 'few'],
    [1, 'few'],
    [2, 'some'],
    [5, 'some'],
    [6, 'many'],
    [60, 'many'],
  ] as const) {
    it(`band: ${value} is ${word}`, () => {
      const feature = featureOf('x', chart(value), derived('band', bands, {}));
      assert.equal(feature.kind === 'observed' && feature.value, word);
    });
  }

  it('band: a number below every limit has no word', () => {
    const feature = featureOf('x', chart(3), derived('band', { high: 4 }, {}));
    assert.equal(feature.kind === 'missing' && feature.reason, 'unsuitable');
  });

  it('band: takes a number for each of its words, and nothing else', () => {
    for (const wrong of [{}, { few: '0' }])
      assert.throws(() => derived('band', wrong, {}), /number for each/);
  });

  it('assume: what was never recorded is assumed, and told as an assumption', () => {
    const feature = featureOf('x', chart(), derived('assume', { assume: 0 }, { unit: '1' }));
    assert.deepEqual(feature, {
      kind: 'imputed',
      value: 0,
      because: 'not-recorded',
      basis: 'drinks 0, as none is recorded,',
    });
  });

  it('assume: what was recorded counts, and what cannot be read is not assumed away', () => {
    const assumed = derived('assume', { assume: 0 }, { unit: '1' });
    const [seven, late] = [featureOf('x', chart(7), assumed), featureOf('x', chart(1, 9), assumed)];
    assert.equal(seven.kind === 'observed' && seven.value, 7);
    assert.notEqual(late.kind, 'imputed');
    const lists = [...assumed.groups.keys()].map((key) => [key, { state: 'not-supplied' }] as const);
    const absent = featureOf('x', { supply: Object.fromEntries(lists) }, assumed);
    assert.equal(absent.kind === 'missing' && absent.reason, 'not-supplied');
  });

  it('statin intensity: none without a statin, by the daily dose with one', () => {
    const order = {
      resourceType: 'MedicationRequest',
      id: 'm1',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/p1' },
      medicationCodeableConcept: {
        coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '617311' }],
      },
      dosageInstruction: [
        {
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
          doseAndRate: [{ doseQuantity: { value: 1, unit: 'tablet' } }],
        },
      ],
    };
    const of = (resources: readonly object[]) => {
      const feature = featureOf('statinIntensity', { resources }, vocabulary);
      return feature.kind === 'observed' ? feature.value : feature;
    };
    assert.equal(of([]), 'none');
    assert.equal(of([order]), 'high');
  });

  it('latest-of: what was true last counts, to the minute; of one instant the first way', () => {
    const second = {
      ...number,
      name: 'b',
      from: { kind: 'observation', codes: [{ system: 'http://loinc.org', code: 'b', display: 'b' }] },
    };
    const latest = smallVocabulary(number, second, {
      name: 'x',
      from: { kind: 'derived', formula: 'latest-of', inputs: ['a', 'b'] },
      pick: 'latest',
      unit: '1',
    });
    const of = (a: string, b: string) => {
      const feature = featureOf('x', { resources: [lab('a', 1, '1', a), lab('b', 2, '1', b)] }, latest);
      return feature.kind === 'observed' && feature.value;
    };
    assert.equal(of('2026-06-15T08:00:00Z', '2026-06-15T09:00:00Z'), 2);
    assert.equal(of('2026-06-15T09:00:00Z', '2026-06-15T08:00:00Z'), 1);
    assert.equal(of('2026-06-15T09:00:00Z', '2026-06-15T09:00:00Z'), 1);
  });

  it('any-known: the first must be known, the others are looked at where their lists came', () => {
    const lists = ['procedures', 'serviceRequests', 'encounters', 'prevention'];
    const absent = Object.fromEntries(lists.map((key) => [key, { state: 'not-supplied' }] as const));
    const of = (parts: Parameters<typeof featureOf>[1]) => featureOf('comfortCare', parts, vocabulary);
    const without = of({ supply: absent });
    assert.ok(without.kind === 'observed' && without.value === false);
    assert.match(without.notes?.join(' ') ?? '', /not looked at: /);
    const hospice = {
      resourceType: 'Condition',
      id: 'c1',
      subject: { reference: 'Patient/p1' },
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z51.5' }] },
    };
    const known = of({ supply: absent, resources: [hospice] });
    assert.ok(known.kind === 'observed' && known.value === true);
    const unread = of({ supply: { conditions: { state: 'not-supplied' } } });
    assert.equal(unread.kind === 'missing' && unread.reason, 'not-supplied');
  });
});
