import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Dial, modelDials, networkDials } from '../../src/explain/dials.ts';
import type { InputValue } from '../../src/inference/row.ts';
import { encodeRow } from '../../src/inference/row.ts';
import { inputs, manifest } from '../inference/prevent.ts';
import { columns, float64, inputNamed, manifestOf, networkOf, sum } from './networks.ts';

const rowOf = (change: Readonly<Record<string, InputValue>> = {}) => encodeRow(manifest, inputs(change)).row;
const dialsOf = (modifiable: readonly string[], change = {}): readonly Dial[] =>
  modelDials(manifest, rowOf(change), modifiable);
const values = (dial: Dial | undefined): readonly unknown[] => dial?.settings.map(({ value }) => value) ?? [];
const rejected = (rule: string) => ({ code: 'malformed-inference', details: [rule] });

describe('dials of a clinical model', () => {
  it('go over the valid range in round steps, its bounds included, the patient’s own value left out', () => {
    const [sbp] = dialsOf(['sbp']);
    assert.equal(sbp?.from, 160);
    assert.equal(sbp?.unit, 'mm[Hg]');
    assert.deepEqual(values(sbp).slice(0, 3), [90, 95, 100]);
    assert.equal(values(sbp).at(-1), 200);
    assert.ok(!values(sbp).includes(160));
  });

  it('go in finer steps around the patient where the range is wide: no change is ten times larger than it need be', () => {
    const wide = manifest.inputs.map((input) =>
      input.name === 'sbp' && input.kind === 'number' ? { ...input, valid: { min: 1, max: 10_000 } } : input,
    );
    const [dial] = modelDials({ ...manifest, inputs: wide }, { ...rowOf(), sbp: 60 }, ['sbp']);
    const marks = values(dial).map(Number);
    assert.deepEqual(
      marks.filter((mark) => mark > 50 && mark < 75),
      [55, 65, 70],
    );
    assert.deepEqual(
      marks.filter((mark) => mark >= 110 && mark <= 600),
      [110, 150, 200, 250, 300, 350, 400, 450, 500, 550],
    );
    assert.deepEqual([marks[0], marks.at(-1), marks.length < 100], [1, 10_000, true]);
  });

  it('measure a step as a share of the valid range', () => {
    const [sbp] = dialsOf(['sbp']);
    assert.equal(sbp?.settings.find(({ value }) => value === 105)?.distance, 55 / 110);
  });

  it('never leave the valid range, and stay whole where it is', () => {
    const numbers = manifest.inputs.filter((input) => input.kind === 'number' && input.name !== 'age');
    fc.assert(
      fc.property(fc.constantFrom(...numbers), (input) => {
        if (input.kind !== 'number') return;
        const { min, max, integer } = input.valid;
        const [dial] = modelDials(manifest, { ...rowOf(), [input.name]: max }, [input.name]);
        assert.ok(values(dial).length > 1);
        for (const value of values(dial).map(Number)) {
          assert.ok(value >= min && value < max);
          assert.ok(!integer || Number.isInteger(value));
        }
      }),
    );
  });

  it('switch a truth at the distance of a whole range', () => {
    assert.deepEqual(dialsOf(['smoking'], { smoking: true }), [
      {
        input: 'smoking',
        label: manifest.inputs.find(({ name }) => name === 'smoking')?.label,
        from: true,
        settings: [{ code: 0, value: false, distance: 1 }],
      },
    ]);
  });

  const refusals: readonly (readonly [string, readonly string[], string])[] = [
    ['age', ['age'], 'counterfactual.modifiable[0]: nobody can change it'],
    ['sex', ['sbp', 'sex'], 'counterfactual.modifiable[1]: nobody can change it'],
    ['an unknown input', ['weight'], 'counterfactual.modifiable[0]: the model has no such input'],
    ['what chooses the equation', ['model'], 'counterfactual.modifiable[0]: the model has no such input'],
    ['what is not measured', ['hba1c'], 'counterfactual.modifiable[0]: is not measured'],
    ['a name given twice', ['sbp', 'sbp'], 'counterfactual.modifiable[1]: is given twice'],
    ['no name', [], 'counterfactual.modifiable: names between 1 and 8 inputs'],
  ];
  for (const [what, modifiable, rule] of refusals) {
    it(`refuse ${what}`, () => {
      assert.throws(() => dialsOf(modifiable), rejected(rule));
    });
  }
});

describe('dials of a network', () => {
  const manifestOfColumns = manifestOf([
    columns('age in years', 'female', 'medications', 'dose', 'height'),
    inputNamed('weight', []),
    inputNamed('series', [
      { name: 'hour', size: 2 },
      { name: 'channel', size: 1, labels: ['lactate'] },
    ]),
  ]);
  const background = {
    rows: 3,
    feeds: {
      x: float64([3, 5], [50, 1, 2, 0.5, 9, 60, 0, 4, 1.25, 9, 70, 1, 9, 2, 9]),
      weight: float64([3], [60, 70.5, 80]),
      series: float64([3, 2, 1], [0, 0, 0, 0, 0, 0]),
    },
  };
  const patient = {
    x: float64([1, 5], [65, 1, 12, 0.75, 9]),
    weight: float64([1], [75]),
    series: float64([1, 2, 1], [1, 1]),
  };
  const { network } = networkOf(manifestOfColumns, { answer: ({ x = [] }) => [sum(x) / 1e6], background });
  const dials = (...modifiable: readonly string[]) => networkDials(network, patient, modifiable);

  it('are columns by their words, within what the background shows, whole where it only has whole numbers', () => {
    const [medications] = dials('medications');
    assert.deepEqual(values(medications), [2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(medications?.from, 12);
    assert.equal(medications?.settings.at(-1)?.distance, 3 / 7);
  });

  it('go in round parts of the background’s range elsewhere', () => {
    const [dose] = dials('dose');
    assert.deepEqual(values(dose).slice(0, 3), [0.5, 0.55, 0.6]);
    assert.equal(values(dose).at(-1), 2);
    assert.ok(!values(dose).includes(0.75));
  });

  it('are inputs of one number by their name', () => {
    assert.equal(dials('weight')[0]?.from, 75);
  });

  it('go nowhere where the background shows one value only', () => {
    assert.deepEqual(values(dials('height')[0]), []);
  });

  it('go over the valid range where the background is one patient', () => {
    const input = inputNamed('taken', [{ name: 'drug', size: 2 }], { valid: { min: 0, max: 1 } });
    const one = { rows: 1, feeds: { taken: float64([1, 2], [0, 0]) } };
    const drugs = networkOf(manifestOf([input]), { answer: () => [0.5], background: one }).network;
    const [dial] = networkDials(drugs, { taken: float64([1, 2], [1, 0]) }, ['drug 0']);
    assert.deepEqual(dial?.settings, [{ code: 0, value: 0, distance: 1 }]);
  });

  for (const name of ['age in years', 'female', 'lactate', 'x', 'nothing']) {
    it(`refuse ${name}`, () => {
      assert.throws(() => dials(name), { code: 'malformed-inference' });
    });
  }
});
