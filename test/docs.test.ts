/** The documents speak of what is there: links lead somewhere, named commands and services exist. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const pages = [
  ...[
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'src/cds-hooks-types/README.md',
    'src/conformance/README.md',
  ],
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

describe('documents', () => {
  for (const page of pages) {
    it(`${page}: every link to a file leads to one`, () => {
      const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map(
        ([, link]) => link ?? '',
      );
      const broken = links.filter((link) => !existsSync(join(root, dirname(page), link)));
      assert.deepEqual(broken, []);
    });
  }

  it('every npm script that a page names exists', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? ''),
    );
    assert.deepEqual(
      named.filter((name) => !(name in scripts)),
      [],
    );
  });

  it('the README lists exactly the services and models there are', () => {
    const rows = [...read('README.md').matchAll(/^\| `([\w-]+)` \|/gm)].map(([, id]) => id);
    assert.deepEqual(rows, readdirSync(join(root, 'cards')));
  });

  it('decision records are numbered without gaps', () => {
    const numbers = readdirSync(join(root, 'docs/decisions')).map((file) => Number(file.slice(0, 4)));
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => at + 1),
    );
  });

  it('every runtime dependency is accounted for in a decision record', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const records = readdirSync(join(root, 'docs/decisions'))
      .map((file) => read(join('docs/decisions', file)))
      .join('\n');
    const silent = Object.keys(dependencies).filter(
      (name) => !records.includes(name.replace(/^@medplum\//, '')),
    );
    assert.deepEqual(silent, []);
  });
});
