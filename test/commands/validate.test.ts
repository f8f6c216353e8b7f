/** `auscult validate`: what is wrong with a package, where, and what to do; or what was checked. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { editsBetween, nearest, nearestHint } from '../../src/commands/hint.ts';
import { validateCard } from '../../src/commands/validate-card.ts';
import { validateModel } from '../../src/commands/validate-model.ts';
import type { Report } from '../../src/commands/validate-report.ts';
import { validateVocabulary } from '../../src/commands/validate-vocabulary.ts';
import { endAll, run } from '../command.ts';

const root = resolve(import.meta.dirname, '../..');

describe('auscult validate', function () {
  this.timeout(60_000);
  const copies: string[] = [];
  after(() => {
    for (const copy of copies) rmSync(copy, { recursive: true });
    endAll();
  });

  /** A package of the repository, copied so that it can be bent. */
  function copyOf(from: string, name = from.split('/').at(-1) ?? ''): string {
    const folder = mkdtempSync(join(tmpdir(), 'auscult-package-'));
    copies.push(folder);
    cpSync(join(root, from), join(folder, name), { recursive: true });
    return join(folder, name);
  }
  const replaced = (folder: string, file: string, from: string, to: string): void => {
    const text = readFileSync(join(folder, file), 'utf8');
    assert.ok(text.includes(from), `${file} has ${from}`);
    writeFileSync(join(folder, file), text.replace(from, to));
  };
  /** Every problem as it is printed, the folder cut off. */
  const linesOf = ({ problems }: Report, folder: string): readonly string[] =>
    problems.map(
      ({ file, field, rule, hint }) => `${file.replace(`${folder}/`, '')}: ${field}: ${rule} (${hint})`,
    );
  /** A card package with one of its cases: the others cost time. */
  function card(): string {
    const folder = copyOf('cards/cardiovascular-risk');
    rmSync(join(folder, 'cases'), { recursive: true });
    cpSync(
      join(root, 'cards/cardiovascular-risk/cases/band-high.json'),
      join(folder, 'cases/band-high.json'),
    );
    return folder;
  }

  describe('a card package', () => {
    it('says what was checked, and replays its cases', async () => {
      const { problems, checked } = await validateCard(card());
      assert.deepEqual(problems, []);
      assert.match(checked.join('\n'), /on patient-view; \d+ clinical values/);
      assert.match(checked.join('\n'), /1 case replayed/);
    });

    for (const [title, file, from, to, expected] of [
      [
        'a misspelt value in a condition',
        'card.json',
        '%ldlCholesterol >=',
        '%ldlCholesterl >=',
        'card.json: cards.severe-ldl.when: %ldlCholesterl is not a known value, output or threshold (did you mean %ldlCholesterol?)',
      ],
      [
        'a misspelt placeholder',
        'card.json',
        'LDL cholesterol {{ldlCholesterol}}, no statin',
        'LDL cholesterol {{ldlCholestrol}}, no statin',
        'card.json: cards.severe-ldl.summary: {{ldlCholestrol}} is not known here (did you mean {{ldlCholesterol}}?)',
      ],
      [
        'a misspelt suggestion',
        'card.json',
        '"suggestions": ["atorvastatin-20"]',
        '"suggestions": ["atorvastatin-21"]',
        'card.json: cards.diabetes.suggestions: atorvastatin-21 is not among suggestions (did you mean atorvastatin-20?)',
      ],
      [
        'a misspelt field',
        'service.json',
        '"reviewBy"',
        '"reviewBy": "2027-01-01", "modles"',
        'service.json: (file): Unrecognized key: "modles" (did you mean models?)',
      ],
      [
        'a misspelt model',
        'service.json',
        '["prevent", ',
        '["prevnt", ',
        'service.json: models: there is no model prevnt (did you mean prevent?)',
      ],
      [
        'a threshold in another unit',
        'service.json',
        '"unit": "mg/dL"',
        '"unit": "mmol/L"',
        'service.json: thresholds.severeLdl.unit: %ldlCholesterol is in mg/dL, not in mmol/L (CONTRIBUTING.md, "Add a card")',
      ],
      [
        'a drug that there is not',
        'card.json',
        '"code": "617310"',
        '"code": "99999999"',
        'card.json: suggestions.atorvastatin-20.medication.code: 99999999 is not an RxNorm code of vocabulary/drugs.tsv (take the code of a clinical drug (SCD))',
      ],
      [
        'a case that the package departs from',
        'cases/band-high.json',
        '"show"',
        '"silent", "reason": "below-threshold"',
        undefined,
      ],
    ] as const) {
      it(`${title}: file, field, rule, hint`, async () => {
        const folder = card();
        replaced(folder, file, from, to);
        const lines = linesOf(await validateCard(folder), folder);
        if (expected === undefined) assert.match(lines.join('\n'), /^cases\/band-high\.json: \S+: /);
        else assert.ok(lines.includes(expected), lines.join('\n'));
      });
    }

    it('a value that a case misspells is named', async () => {
      const folder = card();
      const one = { title: 'x', clock: '2026-11-20T09:30:00Z', expect: { outcome: 'silent', reason: 'x' } };
      writeFileSync(
        join(folder, 'cases/x.json'),
        JSON.stringify({ ...one, values: { totalCholestrol: 200 } }),
      );
      const [line] = linesOf(await validateCard(folder), folder);
      assert.equal(
        line,
        'cases/x.json: expect: cardiovascular-risk does not use totalCholestrol (did you mean totalCholesterol?)',
      );
    });

    it('a file that is missing or no JSON is named, and where the parser stopped', async () => {
      const folder = card();
      rmSync(join(folder, 'card.json'));
      writeFileSync(join(folder, 'service.json'), '{"hooks": [}');
      const lines = linesOf(await validateCard(folder), folder);
      assert.match(lines[0] ?? '', /^service\.json: \(file\): is not readable as JSON \(Unexpected token/);
      assert.equal(lines[1], 'card.json: (file): is missing (CONTRIBUTING.md, "Add a card")');
    });

    it('a package without a case is not done', async () => {
      const folder = card();
      rmSync(join(folder, 'cases'), { recursive: true });
      assert.deepEqual(linesOf(await validateCard(folder), folder), [
        'cases: (folder): holds no case (CONTRIBUTING.md, "Add a card")',
      ]);
    });
  });

  describe('a model package', () => {
    it('says what was checked: seal and every parity vector', async () => {
      const { problems, checked } = await validateModel(copyOf('models/fib-4'));
      assert.deepEqual(problems, []);
      assert.match(checked.join('\n'), /seal: sha256:[0-9a-f]{64}\n.*\d+ vectors reproduced/);
    });

    it('a broken seal says how to seal', async () => {
      const folder = copyOf('models/fib-4');
      replaced(folder, 'manifest.json', '"title": "', '"title": "New ');
      assert.deepEqual(linesOf(await validateModel(folder), folder), [
        'manifest.json: digest: does not match 1/model.onnx and this manifest (after a reviewed change: npm run seal fib-4)',
      ]);
    });

    it('every break of the grammar is a line of its own', async () => {
      const folder = copyOf('models/fib-4');
      replaced(folder, 'manifest.json', '"intendedUse"', '"intendedUsse"');
      replaced(folder, 'manifest.json', '"reviewBy": "', '"reviewBy": "x');
      const lines = linesOf(await validateModel(folder), folder);
      assert.equal(lines.length, 3);
      assert.ok(
        lines.some((line) => line.endsWith('"intendedUsse" (did you mean intendedUse?)')),
        lines.join('\n'),
      );
    });

    it('an input that the vocabulary cannot feed is named', async () => {
      const folder = copyOf('models/fib-4');
      replaced(folder, 'manifest.json', '"value": "platelets"', '"value": "platlets"');
      const lines = linesOf(await validateModel(folder), folder);
      assert.match(
        lines[0] ?? '',
        /value: "platlets" is not a value of the vocabulary \(did you mean platelets\?\)$/,
      );
    });
  });

  describe('a network package', () => {
    const network = 'fixtures/models/readmission-mlp';

    it('says what was checked, and runs the vectors', async () => {
      const { what, problems, checked } = await validateModel(copyOf(network));
      assert.deepEqual([what, problems], ['network package', []]);
      assert.match(
        checked.join('\n'),
        /^manifest: 1 input tensor, 2 output tensors, explained by exact-shapley/,
      );
      assert.match(checked.join('\n'), /background, gradient\nseal: sha256:/);
      assert.match(checked.join('\n'), /parity: \d+ vectors reproduced through the runner/);
    });

    for (const [title, file, from, to, expected] of [
      [
        'a misspelt field',
        'manifest.json',
        '"population"',
        '"populaton": "x", "population"',
        /^manifest\.json: \(file\): Unrecognized key: "populaton" \(did you mean population\?\)$/,
      ],
      [
        'a method that it cannot be explained by',
        'manifest.json',
        '"exact-shapley"',
        '"grad-cam"',
        /^manifest\.json: explain\.methods\.0: grad-cam needs an image: channels, rows, columns \(/,
      ],
      [
        'a changed background',
        'background.json',
        '"rows"',
        ' "rows"',
        /^manifest\.json: background: does not match background\.json \(after a reviewed change: npm run seal /,
      ],
    ] as const) {
      it(`${title}: file, field, rule, hint`, async () => {
        const folder = copyOf(network);
        replaced(folder, file, from, to);
        const lines = linesOf(await validateModel(folder), folder);
        assert.match(lines[0] ?? '', expected);
      });
    }
  });

  describe('a vocabulary folder', () => {
    const group = (values: readonly object[]) => JSON.stringify({ group: 'local', label: 'Local', values });
    const local = {
      name: 'localLvef',
      label: 'Ejection fraction, local code',
      from: { kind: 'observation', codes: [{ system: 'urn:site', code: 'EF', display: 'EF' }] },
      unit: '%',
      pick: 'latest',
    };
    function site(files: Readonly<Record<string, string>>): string {
      const folder = mkdtempSync(join(tmpdir(), 'auscult-site-'));
      copies.push(folder);
      mkdirSync(join(folder, 'valuesets'));
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
      return folder;
    }

    it("the shipped one, and a site's over it, say what was checked", () => {
      assert.match(
        validateVocabulary(join(root, 'vocabulary')).checked.join('\n'),
        /\d+ groups with \d+ clinical values/,
      );
      const { problems, checked } = validateVocabulary(site({ 'local.json': group([local]) }));
      assert.deepEqual(problems, []);
      assert.match(checked.join('\n'), /1 group with 1 clinical value:/);
    });

    it('each broken file is named, and what only follows from it is not', () => {
      const derived = (name: string, input: string) => ({
        ...{ name, label: name, pick: 'any' },
        from: { kind: 'derived', formula: 'any-of', inputs: [input] },
      });
      const folder = site({
        'a.json': group([{ ...local, unit: 'percents' }]),
        'b.json': group([derived('usesLocal', 'localLvef')]),
        'c.json': group([derived('usesDementia', 'demenita')]),
        'd.json': '{',
      });
      const lines = () => linesOf(validateVocabulary(folder), folder);
      assert.deepEqual(lines(), ['d.json: (file): must be JSON (CONTRIBUTING.md, "Add a clinical value")']);
      rmSync(join(folder, 'd.json'));
      assert.deepEqual(lines(), [
        'a.json: values.0.unit: must be a UCUM unit (CONTRIBUTING.md, "Add a clinical value")',
        'c.json: usesDementia.from.inputs: demenita is not a value of this vocabulary (did you mean dementia?)',
      ]);
    });
  });

  describe('as it is typed', () => {
    it('a good package ends well, a bad one with 1 and one line a problem', async () => {
      const good = await run(['validate', join(root, 'models/qsofa')]);
      assert.equal(good.code, 0, good.stderr);
      assert.match(good.stdout, /qsofa: model package, ok\n {2}manifest: /);
      const folder = card();
      replaced(folder, 'service.json', '["prevent", ', '["prevnt", ');
      const bad = await run(['validate', `${folder}/`]);
      assert.deepEqual([bad.code, bad.stderr], [1, '']);
      assert.equal(
        bad.stdout,
        `${folder}/service.json: models: there is no model prevnt (did you mean prevent?)\n`,
      );
    });

    it('a folder that is no package, and no folder at all, are refused', async () => {
      const none = await run(['validate', join(root, 'docs')]);
      assert.equal(none.code, 1);
      assert.match(none.stderr, /docs: is no package/);
      assert.match((await run(['validate', '/nowhere'])).stderr, /is not a folder/);
      assert.equal((await run(['validate'])).code, 2);
    });
  });
});

describe('the nearest known name', () => {
  const known = ['ldlCholesterol', 'hdlCholesterol', 'age', 'egfr'];

  it('is at most two edits away, and less than half the word', () => {
    assert.equal(nearest('ldlCholestrol', known), 'ldlCholesterol');
    assert.equal(nearest('eGFR', known), 'egfr');
    assert.equal(nearest('ag', known), undefined);
    assert.equal(nearest('creatinine', known), undefined);
    assert.equal(nearestHint('%egrf is not a known value', known), 'did you mean %egfr?');
    assert.equal(nearestHint('%egfr is in mg/dL', known), undefined, 'a known name is no typo');
  });

  it('counts edits as a distance: none for itself, the same both ways, one for a swap', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (one, other) => {
        assert.equal(editsBetween(one, one), 0);
        assert.equal(editsBetween(one, other), editsBetween(other, one));
        assert.ok(editsBetween(one, other) <= Math.max(one.length, other.length));
      }),
    );
    assert.equal(editsBetween('falls', 'flals'), 1);
  });
});
