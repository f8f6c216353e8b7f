import assert from 'node:assert/strict';
import { extract } from '../../src/features/extract.ts';
import type { Observed } from '../../src/features/feature.ts';
import { cases } from './cases/index.ts';
import {
  bloodPressure,
  chartOf,
  condition,
  drug,
  featureOf,
  lab,
  prescription,
  snomed,
  vocabulary,
} from './sample-chart.ts';

function observed(name: string, ...resources: readonly object[]): Observed {
  const feature = featureOf(name, { resources });
  assert.equal(feature.kind, 'observed', JSON.stringify(feature));
  return feature as Observed;
}

describe('extract', () => {
  for (const [topic, rows] of Object.entries(cases)) {
    describe(topic, () => {
      for (const { rule, value, chart, expect } of rows) {
        it(`${value}: ${rule}`, () => {
          const feature = featureOf(value, chart);
          if (typeof expect === 'object') {
            assert.equal(
              feature.kind === 'missing' ? feature.reason : JSON.stringify(feature),
              expect.missing,
            );
            return;
          }
          assert.equal(feature.kind, 'observed', JSON.stringify(feature));
          const found = (feature as Observed).value;
          if (typeof expect === 'number')
            assert.ok(Math.abs(Number(found) - expect) < 1e-5, `${found} is not ${expect}`);
          else assert.equal(found, expect);
        });
      }
    });
  }

  it('names sources as they were sent, with our own words for the code', () => {
    const { sources, at, notes } = observed(
      'totalCholesterol',
      lab('14647-2', 5.2, 'mmol/L', '2026-01-01T08:00:00Z', { id: 'tc1' }),
    );
    assert.equal(at, '2026-01-01T08:00:00Z');
    assert.deepEqual(sources, [
      {
        reference: 'Observation/tc1',
        at: '2026-01-01T08:00:00Z',
        value: 5.2,
        unit: 'mmol/L',
        display: 'Cholesterol [Moles/volume] in Serum or Plasma',
      },
    ]);
    assert.deepEqual(notes, ['5.2 mmol/L = 201 mg/dL']);
  });

  it('counts the prescriptions that it read in vain', () => {
    const other = (id: string) => prescription(drug('314076'), { id });
    assert.deepEqual(observed('statin', other('m1')).notes, ['none in 1 active prescription']);
    assert.deepEqual(observed('statin', other('m1'), other('m2')).notes, ['none in 2 active prescriptions']);
  });

  it('tells how a mean, a computed value and a presence came about', () => {
    const sbp = observed(
      'systolicBloodPressure',
      bloodPressure(130, '2026-01-01'),
      bloodPressure(141, '2026-02-01'),
    );
    assert.equal(sbp.notes?.[0], 'mean of the latest reading on each of 2 days: 141, 130 mm[Hg]');
    assert.equal(sbp.sources.length, 2);
    assert.match(sbp.notes?.[1] ?? '', /setting of 2 of 2 readings unknown: counted as outpatient/);
    const egfr = observed('egfr', lab('2160-0', 0.9, 'mg/dL', '2026-01-01'));
    assert.equal(egfr.notes?.[0], 'computed from creatinine 0.9 mg/dL by CKD-EPI 2021 (Inker, NEJM 2021)');
    const statin = observed('statin', prescription(drug('617310'), { id: 'm1', authoredOn: '2026-01-01' }));
    assert.deepEqual(statin.sources, [
      { reference: 'MedicationRequest/m1', at: '2026-01-01', value: '617310', display: 'atorvastatin' },
    ]);
    const diabetes = observed('diabetes', condition(snomed, '73211009', { id: 'c1', onsetDateTime: '2019' }));
    assert.deepEqual(diabetes.sources, [
      { reference: 'Condition/c1', display: 'Diabetes mellitus', at: '2019', value: '73211009' },
    ]);
  });

  it('never copies the chart’s own words into a display or a detail', () => {
    const secret = 'free text of the chart';
    const resources = [
      { ...lab('2093-3', 1, 'mg/dL', '2026-01-01'), valueQuantity: undefined, valueString: secret },
      condition(snomed, '73211009', {
        code: { text: secret, coding: [{ system: snomed, code: '73211009', display: secret }] },
      }),
      prescription({ text: `${secret} atorvastatin` }),
    ];
    const features = extract(chartOf({ resources }), vocabulary, [...vocabulary.entries.keys()]);
    assert.ok(!JSON.stringify([...features]).includes(secret));
  });

  it('does not change what it reads', () => {
    const resources = [lab('2093-3', 190, 'mg/dL', '2026-01-01'), bloodPressure(130, '2026-01-01')];
    const chart = chartOf({ resources });
    const before = structuredClone(chart);
    extract(chart, vocabulary, [...vocabulary.entries.keys()]);
    assert.deepEqual(structuredClone(chart), before);
  });

  it('refuses a name the vocabulary does not have', () => {
    assert.throws(() => extract(chartOf({}), vocabulary, ['nothing']), /nothing is not a value/);
  });
});
