import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVocabulary, VocabularyError, type VocabularyFiles } from '../../src/features/vocabulary.ts';
import { codeOf } from '../../src/fhir/coding.ts';
import { icd10cm, rxnorm, snomed, vocabulary } from './sample-chart.ts';

const folder = join(import.meta.dirname, '../../vocabulary');
const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const setFiles = readdirSync(join(folder, 'valuesets'));

const weight = {
  name: 'bodyWeight',
  label: 'Weight',
  from: {
    kind: 'observation',
    codes: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body weight', property: 'Mass' }],
  },
  unit: 'kg',
  pick: 'latest',
};
const files = (values: readonly object[], group = 'body'): VocabularyFiles => ({
  groups: new Map([['body.json', { group, label: 'Body', values }]]),
  valueSets: new Map(),
});
const derived = (name: string, ...inputs: readonly string[]): object => ({
  name,
  label: name,
  from: { kind: 'derived', formula: 'newest-of', inputs },
  pick: 'latest',
});

const broken: readonly { readonly rule: string; readonly files: VocabularyFiles; readonly says: RegExp }[] = [
  {
    rule: 'a unit that UCUM does not know',
    files: files([{ ...weight, unit: 'stone' }]),
    says: /^body\.json: values\.0\.unit: must be a UCUM unit$/,
  },
  {
    rule: 'a measured value without unit',
    files: files([{ ...weight, unit: undefined }]),
    says: /bodyWeight\.unit: is required/,
  },
  {
    rule: 'a word that is written as a yes or no',
    files: files([
      {
        name: 'x',
        label: 'x',
        from: { kind: 'encounter', field: 'dischargeDisposition' },
        pick: 'any',
      },
    ]),
    says: /x\.pick: must be latest/,
  },
  {
    rule: 'days with a reading of coded answers',
    files: files([
      {
        ...weight,
        from: {
          ...weight.from,
          answers: { word: true, codes: [{ system: 's', code: 'c', display: 'd', meaning: 'm' }] },
        },
        pick: { days: 'kg' },
      },
    ]),
    says: /pick: is not for coded answers/,
  },
  {
    rule: 'a look-back that is no duration',
    files: files([{ ...weight, lookback: '5 years' }]),
    says: /values\.0\.lookback: must be an ISO 8601 duration/,
  },
  { rule: 'an unknown key', files: files([{ ...weight, lookBack: 'P5Y' }]), says: /values\.0.*lookBack/ },
  {
    rule: 'an unknown source',
    files: files([{ ...weight, from: { kind: 'genome' } }]),
    says: /values\.0\.from/,
  },
  {
    rule: 'an unknown LOINC property',
    files: files([
      { ...weight, from: { ...weight.from, codes: [{ ...weight.from.codes[0], property: 'XYZ' }] } },
    ]),
    says: /codes\.0\.property: must be a property of units\.json/,
  },
  { rule: 'a name twice', files: files([weight, weight]), says: /bodyWeight: is defined twice/ },
  {
    rule: 'a value set that is not there',
    files: files([{ name: 'x', label: 'X', from: { kind: 'condition', valueSet: 'urn:x' }, pick: 'any' }]),
    says: /x\.from\.valueSet: urn:x is not in valuesets/,
  },
  {
    rule: 'an input that is not there',
    files: files([derived('a', 'b')]),
    says: /a\.from\.inputs: b is not a value/,
  },
  {
    rule: 'a formula that is not there',
    files: files([{ ...derived('a', 'b'), from: { kind: 'derived', formula: 'guess', inputs: ['b'] } }]),
    says: /from\.formula: must be a formula/,
  },
  {
    rule: 'a formula with other arguments',
    files: files([
      weight,
      {
        name: 'b',
        label: 'B',
        from: { kind: 'derived', formula: 'bmi', inputs: { mass: 'bodyWeight' } },
        pick: 'latest',
      },
    ]),
    says: /b\.from\.inputs: bmi takes weight, height/,
  },
  {
    rule: 'a circle',
    files: files([derived('a', 'b'), derived('b', 'a')]),
    says: /a\.from\.inputs: lead back to the value itself/,
  },
  {
    rule: 'a group named as a fixed list',
    files: files([weight], 'conditions'),
    says: /group: is the key of a fixed list/,
  },
];

describe('vocabulary', () => {
  for (const { rule, files: layer, says } of broken) {
    it(`stops at ${rule}, naming file, field and rule`, () => {
      assert.throws(
        () => buildVocabulary([layer]),
        (error: unknown) =>
          error instanceof VocabularyError && says.test(error.message) && error.file === 'body.json',
      );
    });
  }

  it('lets a site replace one entry and leave the rest', () => {
    const site = {
      ...weight,
      lookback: 'P1Y',
      from: { kind: 'observation', codes: [{ system: 'urn:site', code: 'W', display: 'Weight' }] },
    };
    const layered = buildVocabulary([
      files([weight, { ...weight, name: 'bodyHeight', unit: 'cm' }]),
      files([site]),
    ]);
    assert.equal(layered.entries.get('bodyWeight')?.lookback, 'P1Y');
    assert.equal(layered.entries.get('bodyHeight')?.lookback, undefined);
  });

  it('has the values that every risk model shares, in their groups', () => {
    const groups = {
      demographics: ['age', 'deceased', 'race', 'sex', 'sexFemale', 'sexMale'],
      bloodPressure: ['antihypertensive', 'diastolicBloodPressure', 'hypertension', 'systolicBloodPressure'],
      lipids: ['hdlCholesterol', 'ldlCholesterol', 'statin', 'totalCholesterol', 'triglycerides'],
      kidney: ['creatinine', 'creatinineClearance', 'egfr', 'egfrFromCreatinine', 'egfrReported', 'uacr'],
      diabetes: ['diabetes', 'diabetesType1', 'diabetesType2', 'hba1c'],
      body: ['bmi', 'bmiFromWeight', 'bmiReported', 'bodyHeight', 'bodyWeight', 'waistCircumference'],
      smoking: ['smoking'],
      deprivation: ['sdiDecile'],
      history: ['acuteKidneyInjury', 'ascvd', 'cirrhosis', 'heartFailure', 'kidneyFailure', 'statinAllergy'],
    };
    for (const [group, names] of Object.entries(groups))
      for (const name of names) assert.equal(vocabulary.entries.get(name)?.group, group, name);
  });

  it('states the basis of every look-back', () => {
    for (const { name, lookback, lookbackBasis } of vocabulary.entries.values()) {
      assert.equal(lookback === undefined, lookbackBasis === undefined, name);
    }
  });
});

describe('shipped value sets', () => {
  interface Shipped {
    readonly url: string;
    readonly copyright: string;
    readonly expansion: { readonly contains: readonly { system: string; code: string; display?: string }[] };
  }
  const shipped = setFiles.map((file) => read(join('valuesets', file)) as Shipped);

  it('hold every code of their own frozen expansion', () => {
    for (const { url, expansion } of shipped) {
      const set = vocabulary.valueSets.get(url);
      for (const { system, code } of expansion.contains)
        assert.ok(set?.display(codeOf(system, code)), `${url} ${code}`);
    }
  });

  it('carry the notices of the code systems in them', () => {
    for (const { url, copyright, expansion } of shipped) {
      const systems = new Set(expansion.contains.map(({ system }) => system));
      if (systems.has(snomed))
        assert.match(copyright, /SNOMED International IPS Terminology.*CC BY 4\.0/, url);
      if (systems.has(rxnorm)) assert.match(copyright, /U\.S\. National Library of Medicine/, url);
      if (systems.has(icd10cm)) assert.match(copyright, /public domain/, url);
    }
  });

  it('print no display for a SNOMED CT code that is only recognised on input', () => {
    for (const file of setFiles) {
      const text = readFileSync(join(folder, 'valuesets', file), 'utf8');
      for (const part of text.split('"Input only').slice(1))
        assert.doesNotMatch(part.slice(0, 250).split('}')[1] ?? '', /"display"/, file);
    }
  });

  it('are in step with the training script’s rules about drugs', () => {
    const statin = vocabulary.valueSets.get('urn:auscult:ValueSet:statin')?.members(rxnorm);
    assert.deepEqual([...(statin?.values() ?? [])].sort(), [
      'atorvastatin',
      'cerivastatin',
      'fluvastatin',
      'lovastatin',
      'pitavastatin',
      'pravastatin',
      'rosuvastatin',
      'simvastatin',
    ]);
    const allergen = vocabulary.valueSets.get('urn:auscult:ValueSet:statin-allergen')?.members(rxnorm);
    assert.deepEqual([...(allergen?.keys() ?? [])], [...(statin?.keys() ?? [])]);
    const lowering = new Set(
      vocabulary.valueSets.get('urn:auscult:ValueSet:antihypertensive')?.members(rxnorm).values(),
    );
    for (const drug of [
      'lisinopril',
      'losartan',
      'chlorthalidone',
      'furosemide',
      'spironolactone',
      'amlodipine',
      'metoprolol',
      'clonidine',
    ]) {
      assert.ok(lowering.has(drug), drug);
    }
    for (const drug of ['sotalol', 'nimodipine', 'levobunolol', 'esmolol'])
      assert.ok(!lowering.has(drug), drug);
  });

  it('come out of the training script byte for byte, where the terminology tables and Python are at hand', function () {
    const source = process.env.AUSCULT_TERMINOLOGY ?? join(folder, '../../shared/terminology');
    const script = join(folder, '../training/terminology/build.py');
    const target = mkdtempSync(join(tmpdir(), 'vocabulary-'));
    if (!existsSync(source)) return this.skip();
    const run = spawnSync('python3', ['-B', script, source, target], { encoding: 'utf8' });
    if (run.error !== undefined) return this.skip();
    assert.equal(run.status, 0, run.stderr);
    for (const file of [
      'drugs.tsv',
      'ndc.tsv',
      'not-done-sets.json',
      ...setFiles.map((each) => join('valuesets', each)),
    ]) {
      assert.ok(readFileSync(join(target, file)).equals(readFileSync(join(folder, file))), file);
    }
    rmSync(target, { recursive: true });
  });
});
