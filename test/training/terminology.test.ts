/** The drug terminology as built: whole, named, and known to the index. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildVocabulary, readVocabularyFolder } from '../../src/features/vocabulary.ts';
import { isRecord, rxnorm } from '../../src/fhir/coding.ts';
import { isKnownUnit } from '../../src/fhir/quantity.ts';
import { countedRoute } from '../../src/fhir/value-set.ts';

const root = resolve(import.meta.dirname, '../..');
const files = readVocabularyFolder(join(root, 'vocabulary'));
const vocabulary = buildVocabulary([{ ...files, groups: new Map() }]);
const { drugs } = vocabulary;
/** Codes of classes that are recognised on input carry no display (test/features/vocabulary.test.ts). */
const snomed = 'http://snomed.info/sct';
const rows = (files.drugs ?? '')
  .split('\n')
  .filter((line) => /^\d/.test(line))
  .map((line) => line.split('\t'));

interface DrugSet {
  readonly url: string;
  readonly status: string;
  readonly description: string;
  readonly extension?: readonly { readonly url: string; readonly valueCode: string }[];
  readonly expansion: { readonly contains: readonly { system: string; code: string; display?: string }[] };
}
const drugSets = ([...files.valueSets.values()] as readonly DrugSet[]).filter(({ expansion }) =>
  expansion.contains.some(({ system }) => system === rxnorm),
);

/** Rows of scheme KEY of drug-classes.csv: ingredient code and class; undefined where the tables are not at hand. */
function keyClasses(): readonly (readonly [code: string, id: string])[] | undefined {
  const folder = process.env.AUSCULT_TERMINOLOGY ?? join(root, '../shared/terminology');
  const file = join(folder, 'drug-classes.csv');
  if (!existsSync(file)) return undefined;
  return [...readFileSync(file, 'utf8').matchAll(/^(\d+),(?:"[^"]*"|[^,"]*),KEY,,([a-z0-9-]+),/gm)].map(
    ([, code = '', id = '']) => [code, id] as const,
  );
}

/** Sets that list products, for RxNorm has one ingredient for several salts: set → ingredient of every member. */
const ofOneSalt: Readonly<Record<string, string>> = { 'urn:auscult:ValueSet:metoprolol-tartrate': '6918' };

describe('drug value sets', () => {
  it('hold every class of the source table, whole', function () {
    const classes = keyClasses();
    if (classes === undefined) {
      console.log('      skipped: no terminology tables (AUSCULT_TERMINOLOGY)');
      this.skip();
    }
    assert.equal(new Set(classes.map(([, id]) => id)).size, 74);
    const absent = classes.filter(([code, id]) => {
      const set = vocabulary.valueSets.get(`urn:auscult:ValueSet:${id}`);
      return set?.members(rxnorm).has(code) !== true;
    });
    const narrower = new Set(absent.map(([, id]) => id));
    assert.deepEqual([...narrower], []);
  });

  it('are many, draft until a clinician has read them, and say which routes count and why', () => {
    assert.ok(drugSets.length > 150, String(drugSets.length));
    for (const { url, status, description, extension = [] } of drugSets) {
      assert.equal(status, 'draft', url);
      assert.match(description, /\b[Cc]ounts? .*/, url);
      assert.ok(
        extension.some((each) => each.url === countedRoute),
        url,
      );
    }
  });

  it('name every member, and the index knows it as an ingredient of that name', () => {
    for (const { url, expansion } of drugSets) {
      for (const { system, code, display = '' } of expansion.contains) {
        if (system !== snomed) assert.notEqual(display, '', `${url} ${code}`);
        if (system !== rxnorm || code === '70618') continue;
        const ingredient = ofOneSalt[url];
        if (ingredient !== undefined) {
          assert.ok(
            drugs.components(code)?.some((each) => each.ingredient === ingredient),
            `${url} ${code}`,
          );
          continue;
        }
        assert.deepEqual(drugs.components(code), [{ ingredient: code }], `${url} ${code}`);
        assert.equal(drugs.nameOf(code)?.toLowerCase(), display, `${url} ${code}`);
      }
    }
  });

  it('have an allergen set for each class that is often on an allergy list', () => {
    for (const id of [
      'penicillin',
      'cephalosporin',
      'carbapenem',
      'sulfonamide-antibacterial',
      'macrolide',
      'fluoroquinolone',
      'tetracycline',
      'nsaid',
      'opioid',
      'statin',
      'ace-inhibitor',
      'arb',
      'sulfonylurea',
    ]) {
      const drug = vocabulary.valueSets.get(`urn:auscult:ValueSet:${id}`)?.members(rxnorm).keys() ?? [];
      const allergen = vocabulary.valueSets.get(`urn:auscult:ValueSet:${id}-allergen`);
      for (const code of drug) assert.ok(allergen?.members(rxnorm).has(code), `${id} ${code}`);
      assert.ok(allergen?.counts(['local']), id);
    }
  });
});

describe('drug index', () => {
  it('states every strength and quantity in UCUM', () => {
    const units = new Set(
      rows.flatMap(([code = '']) => [
        ...(drugs.components(code) ?? []).flatMap(({ amount }) =>
          amount === undefined ? [] : [amount.unit],
        ),
        drugs.quantity(code)?.unit ?? '1',
      ]),
    );
    for (const unit of units) assert.ok(isKnownUnit(unit), unit);
    assert.ok(units.size > 10);
  });

  it('names every ingredient of every product, but for two that the source does not name', () => {
    const nameless = new Set(
      rows.flatMap(([code = '']) =>
        (drugs.components(code) ?? [])
          .map(({ ingredient }) => ingredient)
          .filter((each) => !drugs.nameOf(each)),
      ),
    );
    assert.deepEqual([...nameless], ['1091', '18602']);
  });

  it('tells the route of nearly every product that is sold', () => {
    const sold = rows.filter(([, tty]) => ['SCD', 'SBD', 'GPCK', 'BPCK'].includes(tty ?? ''));
    const untold = sold.filter(([, , routes]) => routes === '');
    assert.ok(sold.length > 25_000);
    assert.ok(untold.length < sold.length / 100, `${untold.length} of ${sold.length}`);
  });

  it('leads from every NDC to a product it knows', () => {
    const table = (files.ndc?.() ?? '').split('\n').filter((line) => /^\d/.test(line));
    assert.ok(table.length > 90_000, String(table.length));
    assert.deepEqual(table, table.toSorted());
    for (const line of table) {
      const [, rxcui = '', packages = ''] = line.split('\t');
      assert.match(line, /^\d{9}\t\d+\t(?:\d\d)+$/);
      assert.ok(drugs.components(rxcui), `${line} ${packages}`);
    }
  });

  it('knows every RxNorm code that a card suggests', () => {
    const suggested = readdirSync(join(root, 'cards')).flatMap((id) => {
      const file = join(root, 'cards', id, 'card.json');
      return existsSync(file) ? rxnormCodes(JSON.parse(readFileSync(file, 'utf8'))) : [];
    });
    assert.ok(suggested.length > 0);
    for (const code of suggested) assert.ok(drugs.isWhole(code), code);
  });
});

function rxnormCodes(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(rxnormCodes);
  if (!isRecord(value)) return [];
  const own = value.system === rxnorm && typeof value.code === 'string' ? [value.code] : [];
  return [...own, ...Object.values(value).flatMap(rxnormCodes)];
}
