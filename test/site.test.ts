/** Files and folders of a site: what is wrong with one is said once, with its setting, entry or file, and rule. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { openPackages } from '../src/assemble.ts';
import { loadServices, PackageError } from '../src/card/service.ts';
import type { CaseDeps } from '../src/cases/run.ts';
import { defaultProfile, profileOf } from '../src/hooks/profile.ts';
import { SettingError } from '../src/settings.ts';
import { inferenceClients, remoteModels, siteServices } from '../src/site.ts';
import { manifests } from './card/package.ts';

const root = resolve(import.meta.dirname, '..');

describe('what a site keeps in files of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-site-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string): string => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  const readers = {
    INFERENCE_CLIENTS: (path: string | undefined) =>
      inferenceClients({ INFERENCE_CLIENTS: path }, ['prevent']),
    REMOTE_MODELS: (path: string | undefined) => remoteModels({ REMOTE_MODELS: path }),
  };
  const key = `sha256:${'a'.repeat(64)}`;
  const rest = { protocol: 'rest', endpoints: ['https://gpu'] };
  const wrong: readonly (readonly [keyof typeof readers, string, readonly string[]])[] = [
    ['INFERENCE_CLIENTS', '{', ['the file is not JSON']],
    ['INFERENCE_CLIENTS', '{}', ['the list: Invalid input: expected array, received object']],
    [
      'INFERENCE_CLIENTS',
      JSON.stringify([
        { id: 'a', scopes: ['admin'] },
        { id: 'b', scopes: ['x'], keys: [key] },
      ]),
      [
        'entry 1: has neither keys nor jwks nor jwksUrl',
        'entry 2, scopes.0: is not infer:<model>, infer:* or admin',
      ],
    ],
    ['REMOTE_MODELS', 'secret', ['the file is not JSON']],
    ['REMOTE_MODELS', '[1]', ['entry 1: Invalid input: expected object, received number']],
    [
      'REMOTE_MODELS',
      JSON.stringify([
        { ...rest, model: 'a' },
        { ...rest, model: 'b', endpoints: ['gpu', 'http://gpu'] },
      ]),
      ['entry 2, endpoints.0: is not a URL'],
    ],
  ];
  for (const [name, content, lines] of wrong) {
    it(`${name}: ${lines.join('; ')}`, () => {
      assert.throws(
        () => readers[name](file('list.json', content)),
        (thrown) => {
          assert.ok(thrown instanceof SettingError);
          assert.deepEqual(
            thrown.message.split('\n'),
            lines.map((line) => `${name}: ${line}`),
          );
          return true;
        },
      );
    });
  }

  for (const [name, read] of Object.entries(readers)) {
    it(`${name}: nothing where it is not set, one line where there is no such file`, () => {
      assert.deepEqual(read(undefined), []);
      assert.throws(() => read(join(folder, 'absent.json')), {
        name: 'SettingError',
        message: `${name}: the file cannot be read (ENOENT)`,
      });
    });
  }
});

describe('card packages of a site', function () {
  this.timeout(60_000);
  let folder: string;
  let packages: Awaited<ReturnType<typeof openPackages>>;
  let deps: CaseDeps;
  before(async () => {
    packages = await openPackages();
    deps = { ...packages, profile: profileOf(packages.profiles, defaultProfile) };
  });
  after(() => packages.models.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'auscult-cards-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A shipped package, under that name, with one of its cases: the others cost time. */
  function add(name: string): string {
    const at = join(folder, name);
    cpSync(join(root, 'cards/liver-fibrosis'), at, { recursive: true });
    rmSync(join(at, 'cases'), { recursive: true });
    cpSync(join(root, 'cards/liver-fibrosis/cases', oneCase), join(at, 'cases', oneCase));
    return at;
  }
  const oneCase = 'age-17.json';
  const replace = (path: string, from: string, to: string): void => {
    const text = readFileSync(path, 'utf8');
    assert.ok(text.includes(from), `${path} has ${from}`);
    writeFileSync(path, text.replace(from, to));
  };
  const shipped = () => [...packages.services.values()];
  const open = (at: string | undefined = folder) => siteServices({ CARDS: at }, shipped(), manifests, deps);
  const refuses = async (file: string, rule: RegExp): Promise<void> => {
    await assert.rejects(open(), (thrown) => {
      assert.ok(thrown instanceof PackageError);
      const [problem] = thrown.problems;
      assert.equal(problem?.file, join(folder, file));
      assert.match(problem?.rule ?? '', rule);
      return true;
    });
  };

  it('stand beside the shipped ones, read as those are', async () => {
    add('our-liver');
    const [own, ...more] = await open();
    assert.deepEqual([own?.id, own?.hook, more], ['our-liver', 'patient-view', []]);
    assert.deepEqual(own?.needed, loadServices(folder, deps.vocabulary, manifests)[0]?.needed);
    assert.deepEqual(await siteServices({}, shipped(), manifests, deps), []);
  });

  it('are refused under the name of another service, or of all services of a hook', async () => {
    for (const name of ['liver-fibrosis', 'older-adults', 'older-adults-order-sign', 'all-patient-view']) {
      const at = add(name);
      await refuses(name, /^is the name of another service$/);
      rmSync(at, { recursive: true });
    }
  });

  it('are refused where they depart from their cases, have none, or one that cannot be read', async () => {
    const at = add('our-liver');
    replace(join(at, 'cases', oneCase), '"age": 17', '"age": 58');
    await refuses(`our-liver/cases/${oneCase}`, /^came to .*, not to /);
    rmSync(join(at, 'cases'), { recursive: true });
    await refuses('our-liver/cases', /^holds no case$/);
    mkdirSync(join(at, 'cases'));
    writeFileSync(join(at, 'cases/x.json'), '{');
    await refuses('our-liver/cases/x.json', /^is not readable as JSON$/);
  });

  it('are refused where they break a rule', async () => {
    const at = add('our-liver');
    rmSync(join(at, 'card.json'));
    await refuses('our-liver/card.json', /./);
  });

  it('the folder must be there', async () => {
    await assert.rejects(open(join(folder, 'absent')), {
      name: 'SettingError',
      message: 'CARDS: the folder cannot be read (ENOENT)',
    });
  });

  it('one package is not a folder of packages', async () => {
    await assert.rejects(open(join(root, 'cards', 'kidney')), {
      name: 'SettingError',
      message: 'CARDS: is one package; name the folder that holds it',
    });
  });
});
