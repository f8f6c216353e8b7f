import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProfiles, ProfileError } from '../../src/hooks/profile.ts';
import { root } from '../card/package.ts';
import { profiles } from '../clients/profiles.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests write what no type would allow
type Bent = any;
const shipped = (id: string): Bent => JSON.parse(readFileSync(join(root, 'clients', `${id}.json`), 'utf8'));

/** Loads a folder that holds the default profile and one more file. */
function load(name: string, content: unknown) {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  try {
    writeFileSync(join(folder, 'cds-hooks-2.0.json'), JSON.stringify(shipped('cds-hooks-2.0')));
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    return loadProfiles(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const problemOf = (name: string, content: unknown): string => {
  try {
    load(name, content);
  } catch (thrown) {
    assert.ok(thrown instanceof ProfileError);
    return thrown.message;
  }
  return assert.fail('nothing was refused');
};

describe('client profiles', () => {
  it('ship for seven kinds of client, each with the sources of its facts', () => {
    assert.deepEqual(
      [...profiles.keys()],
      [
        'athenahealth',
        'cds-hooks-2.0',
        'cds-hooks-3.0',
        'cds-hooks-sandbox',
        'epic',
        'medplum',
        'oracle-health',
      ],
    );
    for (const { id, sources } of profiles.values()) assert.ok(sources.length > 0, id);
  });

  it('mark what is assumed of every vendor that could not be asked', () => {
    for (const id of ['epic', 'oracle-health', 'athenahealth', 'medplum'])
      assert.ok(
        profiles.get(id)?.sources.some(({ status }) => status === 'unverified'),
        id,
      );
  });

  const bends: Record<string, readonly [field: string, rule: RegExp, (profile: Bent) => void]> = {
    'an unknown member': ['card', /Unrecognized key: "colour"/, (bent) => (bent.card.colour = 'red')],
    'a missing member': ['jwt', /boolean/, (bent) => delete bent.jwt],
    'an unknown hook': ['sends.hooks.0', /Invalid option/, (bent) => (bent.sends.hooks = ['patient-veiw'])],
    'a trigger to an unknown hook': [
      'sends.trigger.values.26.hook',
      /Invalid option/,
      (bent) => (bent.sends.trigger.values['26'].hook = 'admission'),
    ],
    'a trigger under a hook it does not send': [
      'sends.trigger.hook',
      /must be among sends.hooks/,
      (bent) => (bent.sends.hooks = ['order-sign']),
    ],
    'a JWT without settings for it': [
      'sheet.jwt',
      /exactly where jwt is true/,
      (bent) => delete bent.sheet.jwt,
    ],
    'an addition of 3.0 towards a client of 2.0': [
      'card.suggestions.actionSelectionBehavior',
      /needs spec 3\.0/,
      (bent) => (bent.card.suggestions.actionSelectionBehavior = true),
    ],
    'code systems that are renamed twice': [
      'card.suggestions.codeSystems',
      /must not lead on/,
      (bent) => (bent.card.suggestions.codeSystems = { a: 'b', b: 'c' }),
    ],
    'no sources': ['sources', /Too small/, (bent) => (bent.sources = [])],
    'a name that is not the file’s': ['id', /must be the name of the file/, (bent) => (bent.id = 'epic-2')],
  };
  for (const [what, [field, rule, bend]] of Object.entries(bends)) {
    it(`refuse ${what}, naming file, field and rule`, () => {
      const bent = shipped('epic');
      bend(bent);
      const problem = problemOf('epic.json', bent);
      assert.match(problem, /epic\.json: /);
      assert.ok(problem.includes(`epic.json: ${field}: `), problem);
      assert.match(problem, rule);
    });
  }

  it('refuse a file that is no JSON, and a folder without the default', () => {
    assert.match(problemOf('epic.json', '{'), /epic\.json: \(file\): is not readable as JSON/);
    assert.match(problemOf('cds-hooks-2.0.json', shipped('epic')), /must be the name of the file/);
    const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
    assert.throws(() => loadProfiles(folder), /must hold cds-hooks-2\.0\.json/);
    rmSync(folder, { recursive: true });
  });
});
