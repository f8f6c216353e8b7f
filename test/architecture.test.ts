/** The house rules of docs/architecture.md that a machine can check. Each fails when its rule is broken. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** What a folder of src/ may import of ours: what flows into it, never what flows out of it. */
const mayImport: Record<string, readonly string[]> = {
  errors: [],
  settings: [],
  'cds-hooks-types': [],
  conformance: ['cds-hooks-types'],
  fhir: ['errors', 'cds-hooks-types'],
  features: ['errors', 'fhir'],
  inference: ['errors', 'features'],
  findings: ['errors', 'fhir', 'features'],
  explain: ['errors', 'features', 'inference'],
  card: ['errors', 'fhir', 'features', 'inference', 'findings', 'explain'],
  ledger: ['errors', 'fhir', 'features', 'inference', 'findings', 'explain'],
  terminology: ['errors', 'fhir'],
  hooks: ['errors', 'fhir', 'features', 'card'],
  call: ['card', 'features', 'fhir', 'hooks', 'inference', 'ledger'],
  evidence: ['call', 'card', 'features', 'fhir', 'findings', 'inference'],
  answer: ['call', 'card', 'explain', 'fhir', 'ledger'],
  decide: ['call', 'answer', 'evidence', 'errors', 'card', 'hooks', 'ledger'],
  serving: ['errors', 'fhir', 'features', 'inference', 'explain', 'hooks'],
  smart: ['errors', 'fhir', 'hooks', 'ledger', 'explain', 'features', 'inference'],
  ops: ['errors', 'settings', 'inference', 'ledger'],
};
const top = new Set([
  'app',
  'assemble',
  'cases',
  'commands',
  'evaluate',
  'main',
  'cli',
  'inference-api',
  'packaged',
  'runners',
  'setting-files',
  'site',
  'site-vocabulary',
  'warm-up',
]);
/** Types have nothing to test. */
const typesOnly = new Set(['call']);
const knowsHttpServers = new Set(['app', 'smart', 'serving']);
const emptyNames = /^(utils?|helpers?|common|services?|managers?|misc)$/;

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const sources = files('src');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const houseOf = (file: string): string => (file.split(sep)[1] ?? '').replace(/\.ts$/, '');
const imports = (file: string): string[] =>
  [...read(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');

describe('architecture', () => {
  it('imports point upstream only', () => {
    const broken = sources.flatMap((file) => {
      const house = houseOf(file);
      if (top.has(house)) return [];
      const allowed = mayImport[house];
      if (allowed === undefined) return [`${file}: its folder is not in the import table`];
      return imports(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => houseOf(relative(root, resolve(root, dirname(file), target))))
        .filter((target) => target !== house && !allowed.includes(target))
        .map((target) => `${file} imports ${target}`);
    });
    assert.deepEqual(broken, []);
  });

  it('only the runner imports onnxruntime-node', () => {
    const users = sources.filter((file) => imports(file).includes('onnxruntime-node'));
    assert.deepEqual(users, [join('src', 'inference', 'runner', 'process.ts')]);
  });

  it('only app, smart and serving know Express', () => {
    const users = sources.filter((file) => imports(file).includes('express')).map(houseOf);
    assert.deepEqual(
      users.filter((house) => !knowsHttpServers.has(house)),
      [],
    );
  });

  it('one file of the app wraps fhirclient', () => {
    const users = sources.filter((file) => imports(file).some((name) => name.startsWith('fhirclient')));
    assert.equal(users.length, 1, users.join());
  });

  it('the story stays under 60 lines', () => {
    const story = read('src/decide.ts');
    assert.match(story, /export async function decide/);
    assert.ok(story.split('\n').length <= 60, `src/decide.ts has ${story.split('\n').length} lines`);
  });

  it('no folder has a name that says nothing', () => {
    const folders = ['src', 'smart-app', 'sandbox', 'test'].flatMap((folder) =>
      files(folder).flatMap((file) => dirname(file).split(sep)),
    );
    assert.deepEqual(
      folders.filter((name) => emptyNames.test(name)),
      [],
    );
  });

  it('no file is longer than 300 lines', () => {
    const long = ['src', 'smart-app', 'sandbox', 'fixtures', 'bench']
      .flatMap((folder) => files(folder))
      .map((file) => ({ file, lines: read(file).split('\n').length }))
      .filter(({ lines }) => lines > 301);
    assert.deepEqual(long, []);
  });

  it('tests mirror sources: a test folder for every source folder', () => {
    const tests = new Set(files('test').map((file) => file.split(sep)[1]));
    const houses = new Set(sources.map(houseOf).filter((house) => !top.has(house) && !typesOnly.has(house)));
    const without = [...houses].filter((house) => !tests.has(house) && !tests.has(`${house}.test.ts`));
    assert.deepEqual(without, []);
  });
});
