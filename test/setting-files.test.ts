import assert from 'node:assert/strict';
import { join } from 'node:path';
import { modelFolders } from '../src/assemble.ts';
import { loadVocabulary } from '../src/features/vocabulary.ts';
import { packaged } from '../src/packaged.ts';
import { fileOf, folderOf } from '../src/setting-files.ts';
import { SettingError } from '../src/settings.ts';
import { openVocabulary } from '../src/site-vocabulary.ts';

const here = import.meta.dirname;
const shipped = packaged('vocabulary');

describe('what a setting names', () => {
  it('is read where it is there', async () => {
    assert.match(fileOf('REGISTRATIONS', import.meta.filename), /^import assert/);
    assert.equal(folderOf('MODELS', here), here);
    const vocabulary = await openVocabulary(shipped, { VOCABULARY: shipped });
    assert.deepEqual([...vocabulary.entries.keys()], [...loadVocabulary(shipped).entries.keys()]);
  });

  const nowhere = join(here, 'nowhere');
  const refused: readonly (readonly [what: string, read: () => unknown, message: string])[] = [
    [
      'a file that is not there',
      () => fileOf('SIGN_ON', nowhere),
      'SIGN_ON: the file cannot be read (ENOENT)',
    ],
    ['a folder as a file', () => fileOf('SIGN_ON', here), 'SIGN_ON: the file cannot be read (EISDIR)'],
    ['models that are not there', () => modelFolders(nowhere), 'MODELS: the folder cannot be read (ENOENT)'],
    [
      'a file as a folder of models',
      () => modelFolders(import.meta.filename),
      'MODELS: the folder cannot be read (ENOTDIR)',
    ],
    [
      'a vocabulary that is not there: its codes would be missing without a word',
      () => openVocabulary(shipped, { VOCABULARY: nowhere }),
      'VOCABULARY: the folder cannot be read (ENOENT)',
    ],
  ];
  for (const [what, read, message] of refused)
    it(`refuses ${what}`, () =>
      assert.rejects(
        async () => read(),
        (thrown) => {
          assert.ok(thrown instanceof SettingError);
          assert.equal(thrown.message, message);
          return true;
        },
      ));
});
