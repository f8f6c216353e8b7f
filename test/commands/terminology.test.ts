import assert from 'node:assert/strict';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../command.ts';
import { releaseFolder } from '../terminology/rxnorm-release.ts';

describe('auscult terminology', () => {
  it('imports a RxNorm release into a folder', async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'site-')), 'vocabulary');
    const { code, stdout, stderr } = await run(['terminology', 'import', releaseFolder(), '--out', out]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `32 RxNorm codes, 4 NDC -> ${out}\n`);
    for (const file of ['drugs.tsv', 'ndc.tsv']) assert.ok(existsSync(join(out, file)), file);
  });

  it('says in one line what is missing', async () => {
    const { code, stderr } = await run([
      'terminology',
      'import',
      releaseFolder({ 'RXNCONSO.RRF': undefined }),
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /^auscult: RXNCONSO\.RRF: is not in [^\n]+\n$/);
  });

  for (const args of [[], ['import'], ['export', 'here'], ['import', 'one', 'two']]) {
    it(`prints the usage for ${['terminology', ...args].join(' ')}`, async () => {
      const { code, stderr } = await run(['terminology', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, /terminology import <RxNorm rrf folder>/);
    });
  }
});
