import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cautionTable } from '../../src/findings/caution.ts';
import { highRiskDrug } from '../../src/findings/high-risk-drug.ts';
import { checkRules } from '../../src/findings/rules.ts';
import { brief, faultsOf, order, type Parts, viewOf, vocabulary } from './caution-view.ts';

const tables = ['older-adults.json', 'pregnancy.json'].map((file) => {
  const text = readFileSync(join(import.meta.dirname, '../../vocabulary/rules', file), 'utf8');
  return { file, table: checkRules(cautionTable, file, JSON.parse(text)) };
});

const [lorazepam, diphenhydramine, zolpidem, ibuprofen, diltiazem, pioglitazone, omeprazole, glyburide] = [
  '6470',
  '3498',
  '39993',
  '5640',
  '3443',
  '33738',
  '7646',
  '4815',
];
const notSupplied = { kind: 'missing', reason: 'not-supplied', sources: [] } as const;
/** 80 years old, every list read, nothing on record. */
const old = Object.fromEntries(
  highRiskDrug.needs.flatMap((name) => {
    const entry = vocabulary.entries.get(name);
    return entry?.unit === undefined ? [[name, false] as const] : [];
  }),
);

const find = (parts: Parts) => {
  const values = { ...old, age: 80, creatinineClearance: 60, ...parts.values };
  const found = highRiskDrug.find(viewOf({ ...parts, values }));
  assert.deepEqual(faultsOf(found), []);
  assert.ok(found.every(({ severity }) => severity !== 'critical'));
  return found;
};

describe('tables of cautions', () => {
  for (const { file, table } of tables) {
    const rows = table.groups.flatMap((group) => group.rows);

    it(`${file}: every set is one of the vocabulary`, () => {
      const named = rows.flatMap((row) => [
        ...row.drugs.flatMap((each) => ('valueSet' in each ? [each.valueSet] : [])),
        ...[...row.when, ...row.unless, ...row.adjust.flatMap((each) => each.when)].flatMap((each) =>
          'others' in each ? each.others : [],
        ),
      ]);
      assert.deepEqual(
        [...new Set(named)].filter((id) => !vocabulary.valueSets.has(`urn:auscult:ValueSet:${id}`)),
        [],
      );
    });

    it(`${file}: every ingredient is one of the drug index, under its own name`, () => {
      for (const each of rows.flatMap((row) => row.drugs)) {
        if (!('code' in each)) continue;
        assert.deepEqual(vocabulary.drugs.ingredients(each.code), [each.code], each.name);
        assert.match(vocabulary.drugs.nameOf(each.code) ?? '', new RegExp(`^${each.name}`, 'i'));
      }
    });

    it(`${file}: every row says its source, and is pending review`, () => {
      assert.ok(rows.every(({ source }) => source.label.length > 10));
      assert.match(table.review, /^pending/);
    });
  }

  it('a row with a misspelt field is refused with its place', () => {
    const [first] = tables;
    const bent = structuredClone(first?.table) as unknown as {
      groups: [{ rows: [Record<string, unknown>] }];
    };
    bent.groups[0].rows[0].advise = 'x';
    assert.throws(
      () => checkRules(cautionTable, 'x.json', bent),
      /rules\/x\.json: groups\.0\.rows\.0: .*advise/,
    );
  });
});

describe('drugs of high risk in older adults', () => {
  it('needs only values that the vocabulary has', () => {
    assert.deepEqual(
      highRiskDrug.needs.filter((name) => !vocabulary.entries.has(name)),
      [],
    );
  });

  for (const [age, expected] of [
    [64, []],
    [65, ['benzodiazepine warning']],
    [notSupplied, []],
  ] as const) {
    it(`lorazepam at age ${typeof age === 'number' ? age : 'unknown'}`, () => {
      assert.deepEqual(brief(find({ drafts: [lorazepam], values: { age } })), expected);
    });
  }

  it('palliative care silences; where that is not known it is said', () => {
    assert.deepEqual(find({ drafts: [lorazepam], values: { palliativeCare: true } }), []);
    const found = find({ drafts: [lorazepam], values: { palliativeCare: notSupplied } });
    assert.equal(
      found[0]?.unknown.some((each) => each.includes('not-supplied')),
      true,
    );
  });

  it('a benzodiazepine for seizures is silent', () => {
    assert.deepEqual(find({ drafts: [lorazepam], values: { seizureDisorder: true } }), []);
  });

  describe('context', () => {
    for (const [title, drug, values, expected] of [
      ['diphenhydramine', diphenhydramine, {}, ['anticholinergic info']],
      ['diphenhydramine in dementia', diphenhydramine, { dementia: true }, ['anticholinergic warning']],
      ['diphenhydramine after falls', diphenhydramine, { falls: true }, ['anticholinergic warning']],
      ['quetiapine', '51272', {}, ['antipsychotic info']],
      ['quetiapine in dementia', '51272', { dementia: true }, ['antipsychotic warning']],
      ['quetiapine in Parkinson disease', '51272', { parkinsonDisease: true }, ['antipsychotic info']],
      [
        'haloperidol in Parkinson disease',
        '5093',
        { parkinsonDisease: true },
        ['antipsychotic-parkinson warning'],
      ],
      ['sertraline', '36437', {}, []],
      ['sertraline with hyponatremia', '36437', { hyponatremia: true }, ['hyponatremia warning']],
      ['ibuprofen', ibuprofen, {}, ['nsaid info']],
      ['ibuprofen after an ulcer', ibuprofen, { pepticUlcer: true }, ['nsaid warning']],
      ['ibuprofen at a clearance of 29', ibuprofen, { creatinineClearance: 29 }, ['nsaid-kidney warning']],
      ['ibuprofen at a clearance of 30', ibuprofen, { creatinineClearance: 30 }, ['nsaid info']],
      ['ticagrelor at 74', '1116632', { age: 74 }, []],
      ['ticagrelor at 75', '1116632', { age: 75 }, ['prasugrel-ticagrelor info']],
      ['aspirin without cardiovascular disease', '1191', {}, ['aspirin-prevention info']],
      ['aspirin after a heart attack', '1191', { ascvd: true }, []],
      ['lisinopril', '29046', {}, []],
    ] as const) {
      it(`${title}: ${expected.join() || 'silent'}`, () => {
        assert.deepEqual(brief(find({ drafts: [drug], values })), expected);
      });
    }

    it('everything on record that makes it worse is a reason', () => {
      const [found] = find({ drafts: [lorazepam], values: { falls: true, dementia: true } });
      assert.deepEqual(found?.because, [
        'Age: 80 years (2026-05-15).',
        'Fall within a year is on record.',
        'Dementia is on record.',
      ]);
    });

    it('one draft, one finding: other rules are its reasons', () => {
      const [found, ...more] = find({ drafts: [diphenhydramine], values: { dementia: true } });
      assert.deepEqual(more, []);
      assert.ok(found?.because.includes('Dementia is on record.'));
      assert.ok(found?.because.some((each) => each.startsWith('Also: anticholinergic')));
    });
  });

  describe('other drugs', () => {
    it('the third drug that acts on the brain is a warning that names the others', () => {
      const found = find({ drafts: ['36437'], active: [zolpidem, '25480'] });
      assert.deepEqual(brief(found), ['cns-active-three warning']);
      assert.ok(found[0]?.because.some((each) => each.includes('zolpidem') && each.includes('gabapentin')));
      assert.deepEqual(find({ drafts: ['36437'], active: [zolpidem] }), []);
    });

    it('warfarin is cautioned against where it is new, and not where it goes on', () => {
      assert.deepEqual(brief(find({ drafts: ['11289'] })), ['warfarin-start info']);
      assert.deepEqual(find({ drafts: ['11289'], active: ['11289'] }), []);
      assert.deepEqual(find({ drafts: ['11289'], values: { mechanicalHeartValve: true } }), []);
    });

    it('a steroid makes a lasting proton pump inhibitor reasonable', () => {
      assert.deepEqual(brief(find({ drafts: [omeprazole] })), ['ppi info']);
      assert.deepEqual(find({ drafts: [omeprazole], active: ['8640'] }), []);
    });

    it('glyburide is graver than a short-acting sulfonylurea', () => {
      assert.deepEqual(brief(find({ drafts: [glyburide, '4821'] })), [
        'sulfonylurea-long-acting warning',
        'sulfonylurea info',
      ]);
    });
  });

  describe('short courses', () => {
    const supply = (drug: string, value: number, more: object = {}) =>
      order(drug, { dispenseRequest: { expectedSupplyDuration: { value, code: 'd' }, ...more } });
    const asNeeded = { dosageInstruction: [{ asNeededBoolean: true }] };

    it('an NSAID for 14 days is silent, for 15 it is not, nor with refills', () => {
      assert.deepEqual(find({ drafts: [supply(ibuprofen, 14)] }), []);
      assert.deepEqual(brief(find({ drafts: [supply(ibuprofen, 15)] })), ['nsaid info']);
      assert.equal(find({ drafts: [supply(ibuprofen, 14, { numberOfRepeatsAllowed: 1 })] }).length, 1);
    });

    it('a bleeding ulcer speaks whatever the course', () => {
      const values = { gastrointestinalBleeding: true };
      assert.deepEqual(brief(find({ drafts: [supply(ibuprofen, 5)], values })), ['nsaid warning']);
    });

    it('a hypnotic as needed for a week is silent; every night, or for longer, it is not', () => {
      assert.deepEqual(find({ drafts: [{ ...supply(zolpidem, 7), ...asNeeded }] }), []);
      assert.equal(find({ drafts: [supply(zolpidem, 7)] }).length, 1);
      assert.equal(find({ drafts: [{ ...supply(zolpidem, 8), ...asNeeded }] }).length, 1);
      assert.equal(find({ drafts: [order(zolpidem, asNeeded)] }).length, 1, 'as needed without an end');
    });
  });

  describe('heart failure, at any adult age', () => {
    const failing = { age: 50, heartFailure: true, heartFailureLvefReduced: true };

    for (const [title, drug, values, expected] of [
      ['ibuprofen', ibuprofen, {}, ['nsaid-heart-failure warning']],
      ['pioglitazone', pioglitazone, {}, ['tzd-heart-failure warning']],
      ['saxagliptin', '857974', {}, ['saxagliptin-alogliptin-heart-failure warning']],
      ['sitagliptin', '593411', {}, []],
      ['cilostazol', '21107', {}, ['cilostazol-heart-failure warning']],
      ['diltiazem, reduced ejection fraction', diltiazem, {}, ['ccb-non-dhp-hfref warning']],
      ['diltiazem, ejection fraction not reduced', diltiazem, { heartFailureLvefReduced: false }, []],
      [
        'diltiazem, not measured',
        diltiazem,
        { heartFailureLvefReduced: notSupplied },
        ['ccb-non-dhp-hfref info'],
      ],
      [
        'diltiazem, not measured, diagnosis says preserved',
        diltiazem,
        { heartFailureLvefReduced: notSupplied, heartFailurePreservedEf: true },
        [],
      ],
      [
        'diltiazem, not measured, diagnosis says reduced',
        diltiazem,
        { heartFailureLvefReduced: notSupplied, heartFailureReducedEf: true },
        ['ccb-non-dhp-hfref-diagnosis warning'],
      ],
      ['no heart failure', ibuprofen, { heartFailure: false }, []],
      ['heart failure not known', ibuprofen, { heartFailure: notSupplied }, []],
    ] as const) {
      it(title, () => {
        assert.deepEqual(brief(find({ drafts: [drug], values: { ...failing, ...values } })), expected);
      });
    }
  });
});
