import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DrugIndex, parseDrugIndex } from '../../src/fhir/medication.ts';
import { importRxNorm } from '../../src/terminology/import.ts';
import { RrfError } from '../../src/terminology/rrf.ts';
import { files, releaseFolder } from './rxnorm-release.ts';

const text = (folder: string, file: string): string => readFileSync(join(folder, file), 'utf8');
const indexIn = (folder: string): DrugIndex =>
  parseDrugIndex(text(folder, 'drugs.tsv'), () => text(folder, 'ndc.tsv'));
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'vocabulary-'));
const shipped = indexIn(join(import.meta.dirname, '../../vocabulary'));

const facts = (index: DrugIndex, code: string): object => ({
  components: index.components(code),
  ingredients: index.ingredients(code),
  routes: index.routes(code),
  form: index.doseForm(code),
  quantity: index.quantity(code),
  whole: index.isWhole(code),
});

describe('RxNorm import', () => {
  const out = newFolder();
  let index: DrugIndex;

  before(async () => {
    assert.deepEqual(await importRxNorm(releaseFolder(), out), { drugs: 32, ndcs: 4 });
    index = indexIn(out);
  });

  for (const [code, what] of [
    ['161', 'an ingredient'],
    ['221095', 'a salt'],
    ['577056', 'a component'],
    ['197454', 'a generic product'],
    ['857002', 'a combination, its parts in the order of the name'],
    ['854235', 'a syringe with its volume'],
    ['577057', 'a patch with its hours'],
    ['1923429', 'a branded product for the eye'],
    ['854236', 'a branded product by injection'],
    ['617317', 'a branded component'],
    ['370621', 'a form'],
    ['367665', 'a branded form'],
    ['762675', 'a pack'],
    ['225036', 'a brand by the routes of its products'],
  ] as const) {
    it(`reads ${what} as the shipped index has it (${code})`, () => {
      assert.notEqual(shipped.components(code), undefined);
      assert.deepEqual(facts(index, code), facts(shipped, code));
    });
  }

  it('leads a brand of eye drops to the eye', () => {
    assert.deepEqual(index.routes('10601'), ['local']);
    assert.deepEqual(index.ingredients('10601'), []);
  });

  it('leads from an NDC to the product, as the shipped table does', () => {
    for (const code of ['00093224001', '0093-2240-01', '59651-784-01', '00548560200']) {
      assert.notEqual(index.ofNdc(code), undefined, code);
      assert.equal(index.ofNdc(code), shipped.ofNdc(code), code);
    }
  });

  it('leaves out what other vocabularies say, what is suppressed, and what leads to no ingredient', () => {
    for (const code of ['999001', '999002', '317541']) assert.equal(index.components(code), undefined, code);
    assert.deepEqual(index.ingredients('197454'), ['2231']);
    for (const code of ['00000000001', '00000000002']) assert.equal(index.ofNdc(code), undefined, code);
  });

  const broken: readonly { readonly what: string; readonly folder: () => string; readonly says: RegExp }[] = [
    {
      what: 'a file that is missing',
      folder: () => releaseFolder({ 'RXNREL.RRF': undefined }),
      says: /^RXNREL\.RRF: is not in /,
    },
    {
      what: 'a line with too few columns',
      folder: () => releaseFolder({ 'RXNSAT.RRF': [...(files['RXNSAT.RRF'] ?? []), '1|2|3'] }),
      says: /^RXNSAT\.RRF: line 8: has 3 columns, of 13$/,
    },
    {
      what: 'a release without RxNorm names',
      folder: () => releaseFolder({ 'RXNCONSO.RRF': [] }),
      says: /^RXNCONSO\.RRF: holds no RxNorm name/,
    },
    {
      what: 'a release without relationships',
      folder: () => releaseFolder({ 'RXNREL.RRF': [] }),
      says: /^RXNREL\.RRF: holds no relationship/,
    },
  ];
  for (const { what, folder, says } of broken) {
    it(`refuses ${what} and writes nothing`, async () => {
      const target = join(newFolder(), 'none');
      await assert.rejects(
        importRxNorm(folder(), target),
        (error: unknown) => error instanceof RrfError && says.test(error.message),
      );
      assert.throws(() => text(target, 'drugs.tsv'));
    });
  }
});
