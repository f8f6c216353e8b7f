import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../src/features/entry.ts';
import { codeOf } from '../../src/fhir/coding.ts';
import { icd10cm, snomed, vocabulary } from './sample-chart.ts';

const root = join(import.meta.dirname, '../..');
const icd9cm = 'http://hl7.org/fhir/sid/icd-9-cm';

interface Input {
  readonly value?: string;
  readonly kind: 'number' | 'boolean' | 'category' | 'control';
  readonly unit?: string;
  readonly codes?: Readonly<Record<string, number>>;
}

const manifests = readdirSync(join(root, 'models'))
  .filter((model) => existsSync(join(root, 'models', model, 'manifest.json')))
  .map((model) => ({
    model,
    inputs: (
      JSON.parse(readFileSync(join(root, 'models', model, 'manifest.json'), 'utf8')) as {
        inputs: readonly Input[];
      }
    ).inputs.filter(({ kind }) => kind !== 'control'),
  }));

/** What an entry gives, as far as its own text tells: sex and race are words of Patient. */
function givenBy({ unit, pick, from }: Entry): Input['kind'] {
  if (unit !== undefined) return 'number';
  if (pick === 'any') return 'boolean';
  if (from.kind === 'observation' && from.answers !== undefined && !('word' in from.answers))
    return 'boolean';
  return 'category';
}

describe('the library of clinical values', () => {
  for (const { model, inputs } of manifests) {
    it(`has every input of ${model}, of its kind and in its unit`, () => {
      for (const { value = '', kind, unit, codes = {} } of inputs) {
        const entry = vocabulary.entries.get(value);
        assert.ok(entry, `${value} is no value of the vocabulary`);
        assert.deepEqual([givenBy(entry), entry.unit], [kind, unit], value);
        const { from } = entry;
        if (kind !== 'category' || from.kind !== 'observation') continue;
        const words = new Set((from.answers?.codes ?? []).map(({ meaning }) => meaning));
        assert.deepEqual(
          Object.keys(codes).filter((word) => !words.has(word)),
          [],
          value,
        );
      }
    });
  }

  it('weighs comorbidity for LACE as the Charlson package does', () => {
    const published = JSON.parse(readFileSync(join(root, 'training/charlson/coefficients.json'), 'utf8')) as {
      weights_schneeweiss_2003: Record<string, number>;
      graver_form: Record<string, string>;
    };
    const { from } = vocabulary.entries.get('charlsonIndex') ?? assert.fail();
    assert.ok(from.kind === 'derived');
    const camel = (name: string): string =>
      name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const conditionOf = (name: string): string => {
      const value = `charlson${camel(`_${name}`)}`;
      return name in published.graver_form ? `${value}Alone` : value;
    };
    const weights = Object.entries(published.weights_schneeweiss_2003)
      .filter(([, points]) => points > 0)
      .map(([name, points]) => [conditionOf(name), points]);
    assert.deepEqual({ ...from.with }, Object.fromEntries(weights));
  });

  it('counts everything that was ever had, once had, for safety exclusions, unconfirmed records too', () => {
    const both = [
      'pancreatitis',
      'angioedema',
      'medullaryThyroidCancer',
      'mechanicalHeartValve',
      'opioidOverdose',
    ];
    for (const name of both) {
      const entry = vocabulary.entries.get(name);
      assert.deepEqual([entry?.history, entry?.unconfirmed], [true, true], name);
    }
    for (const { name, from, unconfirmed } of vocabulary.entries.values())
      if (from.kind === 'allergy') assert.equal(unconfirmed, true, name);
  });
});

/** Set, a code, and whether it is a member. */
const members: readonly (readonly [set: string, system: string, code: string, member: boolean])[] = [
  ['atrial-fibrillation', icd10cm, 'I48.91', true],
  ['atrial-fibrillation', snomed, '49436004', true],
  ['coronary-artery-disease', icd10cm, 'I25.10', true],
  ['coronary-artery-disease', icd10cm, 'I24.1', false],
  ['coronary-artery-disease', icd9cm, '414.10', false],
  ['vascular-disease', icd10cm, 'I25.10', false],
  ['vascular-disease', icd10cm, 'I70.0', true],
  ['stroke', icd10cm, 'I61.9', true],
  ['stroke-or-tia', icd10cm, 'I61.9', false],
  ['stroke-or-tia', icd10cm, 'G45.9', true],
  ['stroke-or-tia', icd10cm, 'G45.4', false],
  ['stroke-hemorrhagic', icd10cm, 'I69.30', false],
  ['mechanical-heart-valve', icd10cm, 'Z95.2', true],
  ['mechanical-heart-valve', icd10cm, 'Z95.3', false],
  ['heart-block', icd10cm, 'I44.0', false],
  ['heart-block', icd10cm, 'I44.2', true],
  ['ckd', icd10cm, 'E11.22', true],
  ['ckd', icd10cm, 'N17.9', false],
  ['ckd-stage-3', icd10cm, 'N18.32', true],
  ['dialysis-dependence', icd10cm, 'N18.6', false],
  ['obesity', icd10cm, 'E66.3', false],
  ['alcohol-use-disorder', icd10cm, 'F10.21', false],
  ['alcohol-use-disorder', icd10cm, 'F10.20', true],
  ['opioid-overdose', icd10cm, 'T40.2X1A', true],
  ['opioid-overdose', icd10cm, 'T40.2X5A', false],
  ['sickle-cell-disease', icd10cm, 'D57.3', false],
  ['bleeding-disorder', icd10cm, 'D68.51', false],
  ['active-cancer', icd10cm, 'C50.911', true],
  ['active-cancer', icd10cm, 'C44.90', false],
  ['active-cancer', icd10cm, 'Z85.3', false],
  ['breast-cancer', icd10cm, 'Z85.3', true],
  ['colorectal-cancer', snomed, '254837009', false],
  ['chronic-viral-hepatitis', snomed, '40468003', false],
  ['abnormal-liver-function', icd10cm, 'K76.0', false],
  ['charlson-diabetes', icd10cm, 'E11.9', true],
  ['charlson-diabetes', icd10cm, 'E11.22', false],
  ['charlson-diabetes-complicated', snomed, '420279001', true],
  ['charlson-diabetes-complicated', snomed, '44054006', false],
  ['charlson-malignancy', snomed, '94391008', false],
  ['charlson-metastatic-tumor', snomed, '94391008', true],
  ['charlson-renal-disease', icd10cm, 'N18.30', true],
  ['colonoscopy', snomed, '73761001', true],
  ['hysterectomy', snomed, '431316002', false],
];

describe('condition and procedure sets', () => {
  for (const [set, system, code, member] of members) {
    it(`${set} ${member ? 'has' : 'has not'} ${code}`, () => {
      const found = vocabulary.valueSets.get(`urn:auscult:ValueSet:${set}`) ?? assert.fail(`no set ${set}`);
      assert.equal(found.display(codeOf(system, code)) !== undefined, member);
    });
  }

  it('hold no CPT code', () => {
    for (const file of readdirSync(join(root, 'vocabulary/valuesets')))
      assert.doesNotMatch(
        readFileSync(join(root, 'vocabulary/valuesets', file), 'utf8'),
        /ama-assn|\/cpt/i,
        file,
      );
  });
});
