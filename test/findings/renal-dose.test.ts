import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { MedicationRequest } from '@medplum/fhirtypes';
import { loadVocabulary } from '../../src/features/vocabulary.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { renalDose } from '../../src/findings/renal-dose.ts';
import { isWithin, type RenalBand, type RenalRow, renalRows } from '../../src/findings/renal-dose-rules.ts';
import { daily, drugVocabulary, every, order, tablets, take, ucumUnit } from '../features/dose-orders.ts';
import { type ViewParts, viewOf } from './opioid-view.ts';

const stable = { age: 70, kidneyFailure: false, acuteKidneyInjury: false };
const find = (
  values: NonNullable<ViewParts['values']>,
  drafts: readonly MedicationRequest[],
  more: ViewParts = {},
) => renalDose.find(viewOf({ drafts, values: { ...stable, ...values }, ...more }));
const brief = (found: readonly Finding[]) => found.map(({ rule, severity }) => `${rule} ${severity}`);

const mg = (code: string, amount: number, more: object = {}) =>
  order(code, [take(ucumUnit(amount, 'mg'), daily, more)]);
const metformin = order('861004', [take(tablets(1), every(2, 1, 'd'))]);
const apixaban5 = order('1364445', [take(tablets(1), every(2, 1, 'd'))]);
const [rivaroxaban, dabigatran, edoxaban] = ['1114195', '1037042', '1599538'];
const sitagliptin = '593411';

/** The next number a double can hold, up or down. */
function next(value: number, up: boolean): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 === up ? 1n : -1n));
  return view.getFloat64(0);
}

const codeOf = (row: RenalRow): string => row.drugs?.[0]?.code ?? (row.valueSet === 'mra' ? '9997' : '5640');
/** What makes a band speak: its purpose, its criteria, a dose above the highest. */
const purpose = (band: RenalBand): Record<string, boolean | number> => ({
  atrialFibrillation: false,
  ...Object.fromEntries((band.when ?? []).map(({ value, is }) => [value, is])),
  bodyWeight: 70,
});
const dosed = (row: RenalRow) => mg(codeOf(row), 100_000);
const says = (row: RenalRow, band: RenalBand, value: number): boolean =>
  find({ ...purpose(band), [row.metric]: value }, [dosed(row)]).some(
    (each) => each.rule === row.id && each.words.problem === band.problem,
  );

describe('renal dose table', () => {
  for (const row of renalRows) {
    for (const band of row.bands.filter((each) => each.criteria === undefined)) {
      for (const [bound, included] of [
        ['from', true],
        ['upTo', true],
        ['above', false],
        ['below', false],
      ] as const) {
        const limit = band[bound];
        if (limit === undefined) continue;
        const inward = bound === 'from' || bound === 'above';
        it(`${row.id}: ${row.metric} ${bound} ${limit}, to the last bit (${band.problem})`, () => {
          assert.equal(isWithin(limit, band), included);
          assert.equal(says(row, band, next(limit, inward)), firstFor(row, band, next(limit, inward)));
          assert.equal(says(row, band, limit), included && firstFor(row, band, limit));
          assert.equal(says(row, band, next(limit, !inward)), false);
        });
      }
    }
  }

  /** No band further up takes the value first. */
  const firstFor = (row: RenalRow, band: RenalBand, value: number): boolean =>
    !row.bands
      .slice(0, row.bands.indexOf(band))
      .some(
        (each) =>
          isWithin(value, each) && (each.when ?? []).every((need) => purpose(band)[need.value] === need.is),
      );

  it('needs values that the vocabulary has, of the units it compares', () => {
    const { entries } = loadVocabulary(join(import.meta.dirname, '../../vocabulary'));
    assert.deepEqual(
      renalDose.needs.filter((each) => !entries.has(each)),
      [],
    );
    const units = ['creatinineClearance', 'egfr', 'creatinine', 'potassium'].map(
      (each) => entries.get(each)?.unit,
    );
    assert.deepEqual(units, ['mL/min', 'mL/min/{1.73_m2}', 'mg/dL', 'mmol/L']);
  });

  it('names ingredients and drug sets that the vocabulary has', () => {
    for (const { id, drugs = [], valueSet } of renalRows) {
      for (const { code } of drugs) assert.ok(drugVocabulary.drugs.nameOf(code), `${id}: ${code}`);
      if (valueSet !== undefined)
        assert.ok(drugVocabulary.valueSets.has(`urn:auscult:ValueSet:${valueSet}`), id);
    }
  });

  it('names every drug as RxNorm does, or by the drug that the salt is of', () => {
    const odd = renalRows.flatMap(({ drugs = [] }) =>
      drugs.filter(
        ({ code, name }) =>
          !drugVocabulary.drugs.nameOf(code)?.toLowerCase().includes(name.slice(0, 7).toLowerCase()),
      ),
    );
    assert.deepEqual(odd, []);
  });

  it('stays short enough for a summary', () => {
    for (const row of renalRows)
      for (const { problem } of [...row.bands, ...(row.dialysis ? [row.dialysis] : [])])
        assert.ok(problem.length <= 60);
  });
});

describe('renal dose', () => {
  it('names metric, value, date and dose, and offers to remove the order', () => {
    const [finding] = find({ egfr: 28 }, [metformin], {
      at: { egfr: '2026-05-01' },
      values: { ...stable, egfr: 28 },
    });
    assert.equal(finding?.severity, 'critical');
    assert.deepEqual(finding.words, {
      subject: 'metformin',
      other: 'eGFR 28 mL/min/1.73 m²',
      problem: 'contraindicated at eGFR below 30',
      advice: 'Do not give metformin.',
    });
    assert.deepEqual(finding.because, ['eGFR by CKD-EPI 2021, indexed: 28 mL/min/1.73 m² (2026-05-01).']);
    assert.deepEqual(finding.actions, [
      { type: 'delete', label: 'Remove the order for metformin', reference: 'MedicationRequest/m861004' },
    ]);
  });

  it('tells a start from a treatment that goes on', () => {
    const running = order('861007', [take(tablets(1), daily)]);
    assert.deepEqual(brief(find({ egfr: 40 }, [metformin])), ['metformin warning']);
    assert.deepEqual(brief(find({ egfr: 40 }, [metformin], { active: [running] })), ['metformin info']);
    assert.deepEqual(brief(find({ egfr: 40 }, [metformin], { active: [metformin] })), ['metformin info']);
  });

  it('is silent where the ordered dose is within the label, and speaks one bit above', () => {
    assert.deepEqual(brief(find({ egfr: 40 }, [mg(sitagliptin, 50)])), []);
    assert.deepEqual(brief(find({ egfr: 40 }, [mg(sitagliptin, 50.001)])), ['sitagliptin warning']);
    assert.deepEqual(brief(find({ creatinineClearance: 20, bodyWeight: 60 }, [mg('67108', 60)])), []);
    assert.deepEqual(brief(find({ creatinineClearance: 20, bodyWeight: 60 }, [mg('67108', 61)])), [
      'enoxaparin warning',
    ]);
  });

  it('says when the dose cannot be compared, without claiming that it is too high', () => {
    const [finding] = find({ egfr: 40 }, [order(sitagliptin, [{ text: 'one daily' }])]);
    assert.equal(finding?.severity, 'info');
    assert.deepEqual(finding.unknown, ['the daily dose ordered: the dose stands in words only']);
  });

  it('uses the metric the label names and no other', () => {
    assert.deepEqual(brief(find({ egfr: 20, creatinineClearance: 80 }, [mg(rivaroxaban, 20)])), []);
    assert.deepEqual(brief(find({ egfr: 80, creatinineClearance: 20 }, [metformin])), []);
  });

  const apixaban: readonly (readonly [string, NonNullable<ViewParts['values']>, readonly string[]])[] = [
    ['80 years and 60 kg', { age: 80, bodyWeight: 60, creatinine: 1 }, ['apixaban-af warning']],
    ['80 years and 1.5 mg/dL', { age: 80, bodyWeight: 61, creatinine: 1.5 }, ['apixaban-af warning']],
    ['60 kg and 1.5 mg/dL', { age: 79, bodyWeight: 60, creatinine: 1.5 }, ['apixaban-af warning']],
    ['79 years and 60 kg', { age: 79, bodyWeight: 60, creatinine: next(1.5, false) }, []],
    ['80 years alone', { age: 80, bodyWeight: next(60, true), creatinine: next(1.5, false) }, []],
    ['80 years, weight unknown', { age: 80, creatinine: 1 }, ['apixaban-af info']],
    ['79 years, weight unknown', { age: 79, creatinine: 1 }, []],
  ];
  for (const [what, values, expected] of apixaban) {
    it(`apixaban 5 mg twice daily in AF: ${what}`, () =>
      assert.deepEqual(brief(find({ atrialFibrillation: true, ...values }, [apixaban5])), expected));
  }

  it('prefers a band that holds for sure to one that may hold', () => {
    assert.deepEqual(brief(find({ creatinineClearance: 25 }, [mg('9947', 80)])), ['sotalol critical']);
  });

  it('asks what it is for: doses of atrial fibrillation are not those of thrombosis', () => {
    const AF = { atrialFibrillation: true };
    const other = { atrialFibrillation: false };
    assert.deepEqual(brief(find({ ...AF, creatinineClearance: 40 }, [mg(rivaroxaban, 20)])), [
      'rivaroxaban warning',
    ]);
    assert.deepEqual(brief(find({ ...other, creatinineClearance: 40 }, [mg(rivaroxaban, 20)])), []);
    assert.deepEqual(brief(find({ creatinineClearance: 40 }, [mg(rivaroxaban, 20)])), ['rivaroxaban info']);
    assert.deepEqual(brief(find({ ...AF, creatinineClearance: 25 }, [mg(dabigatran, 150)])), []);
    assert.deepEqual(brief(find({ ...other, creatinineClearance: 25 }, [mg(dabigatran, 150)])), [
      'dabigatran warning',
    ]);
    assert.deepEqual(brief(find({ ...AF, creatinineClearance: 96 }, [mg(edoxaban, 60)])), [
      'edoxaban critical',
    ]);
  });

  it('uses no number in acute kidney injury, on dialysis, or where neither can be ruled out', () => {
    const number = { egfr: 90, creatinineClearance: 90, creatinine: 0.8 };
    assert.deepEqual(brief(find({ ...number, kidneyFailure: true }, [metformin])), ['metformin critical']);
    const [injured] = find({ ...number, acuteKidneyInjury: true }, [metformin]);
    assert.equal(injured?.words.other, 'acute kidney injury');
    assert.doesNotMatch(JSON.stringify(injured), /90/);
    const values = { ...number, age: 70 };
    const [open] = renalDose.find(viewOf({ drafts: [metformin], values }));
    assert.equal(open?.words.problem, 'kidney function is not known');
    assert.deepEqual(brief(find({ egfr: 20, acuteKidneyInjury: true }, [mg(sitagliptin, 100)])), []);
  });

  it('asks for kidney function only where the label does, and only before a start', () => {
    assert.deepEqual(brief(find({}, [metformin])), ['metformin info']);
    assert.deepEqual(brief(find({}, [metformin], { active: [metformin] })), []);
    assert.deepEqual(brief(find({}, [mg(sitagliptin, 100)])), []);
  });

  it('says that a value is old instead of leaning on it', () => {
    const [finding] = find({ egfr: 20 }, [metformin], { at: { egfr: '2025-06-14' } });
    assert.equal(finding?.severity, 'info');
    assert.match(finding.unknown.join(), /more than a year old/);
  });

  it('is for adults, for selected drafts, and by the route of the row', () => {
    assert.deepEqual(find({ egfr: 20, age: 17 }, [metformin]), []);
    assert.deepEqual(find({ egfr: 20 }, [metformin], { selected: [] }), []);
    const intravenous = { route: { coding: [{ system: 'http://snomed.info/sct', code: '47625008' }] } };
    assert.deepEqual(find({ creatinineClearance: 8 }, [mg('281', 3000, intravenous)]), []);
    assert.deepEqual(brief(find({ creatinineClearance: 8 }, [mg('281', 3000)])), ['acyclovir warning']);
  });

  it('judges potassium by itself, dialysis or not', () => {
    assert.deepEqual(brief(find({ egfr: 80, potassium: 5.6 }, [mg('9997', 25)])), ['mra-potassium critical']);
    assert.deepEqual(brief(find({ egfr: 80, potassium: 5.1 }, [mg('9997', 25)])), ['mra-potassium warning']);
  });
});
