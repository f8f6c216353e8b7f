/** `auscult ledger` and `auscult install-sheet` as a site runs them, on what a real `serve` wrote. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { patientView } from '../../fixtures/requests.ts';
import { profiles } from '../clients/profiles.ts';
import { type Ended, endAll, run } from '../command.ts';
import { cardsOf, client, feedbackPath, hookPath, openHouse, type TestHouse } from '../harness.ts';
import { postgresFor } from '../ledger/postgres-server.ts';
import { issuer, publicUrl, type RegisteredEhr, registeredEhr } from '../registered-ehr.ts';
import { type Running, startAuscult } from '../running.ts';

type Env = Readonly<Record<string, string>>;
const patient = 'high-risk-untreated';
const linesOf = ({ stdout }: Ended): string[] => stdout.split('\n').filter((line) => line !== '');
const headOf = (stdout: string) =>
  / {2}head ([0-9a-f]{64}) {2}intact\n$/.exec(stdout)?.[1] ?? assert.fail(stdout);
const newKey = () => randomBytes(32).toString('base64');

/** A database of each kind: its settings, and one statement of somebody who is not auscult. */
interface Place {
  readonly env: Env;
  tamper(sql: string): Promise<unknown>;
  drop(): Promise<void>;
}

const places: Readonly<Record<string, (test: Mocha.Context, ehr: RegisteredEhr) => Promise<Place>>> = {
  SQLite: async (_, { env: { LEDGER_FILE = '' } }) => ({
    env: {},
    async tamper(sql) {
      const database = new DatabaseSync(LEDGER_FILE);
      database.exec(sql);
      database.close();
    },
    drop: async () => {},
  }),
  async PostgreSQL(test) {
    const { url, query, drop } = await postgresFor(test);
    return { env: { DATABASE_URL: url }, tamper: (sql) => query(sql), drop };
  },
};

for (const [name, open] of Object.entries(places)) {
  describe(`auscult ledger, ${name}`, function () {
    this.timeout(60_000);
    let house: TestHouse;
    let ehr: RegisteredEhr;
    let place: Place;
    let server: Running;
    let env: Env;
    const ledger = (words: string, more: Env = {}) =>
      run(['ledger', ...words.split(' ')], { env: { ...env, ...more } });
    const post = async (path: string, body: unknown) =>
      client(server.url).post(path, body, await ehr.authorize(path));
    const call = () => post(hookPath, patientView(patient, new Date(), house.templates));

    before(async function () {
      ehr = await registeredEhr();
      place = await open(this, ehr);
      env = { ...ehr.signedOn(), ...place.env };
      [house, server] = await Promise.all([openHouse(), startAuscult(env, 'serve')]);
      const [card = assert.fail('no card')] = cardsOf(await call());
      const said = { outcome: 'overridden', outcomeTimestamp: new Date().toISOString() };
      const overrideReason = { reason: card.overrideReasons?.[0], userComment: '=1+1, "later"' };
      const feedback = [
        { ...said, card: card.uuid, overrideReason },
        { ...said, card: 'nobody' },
      ];
      assert.equal((await post(feedbackPath, { feedback })).status, 200);
    });
    after(async () => {
      endAll();
      await server?.stop();
      await house?.close();
      await place?.drop();
      ehr.remove();
    });

    it('verify, beside the running server: one line for each EHR, with the head to keep', async () => {
      const { code, stdout, stderr } = await ledger('verify');
      assert.deepEqual([code, stderr], [0, '']);
      assert.ok(stdout.startsWith(`${issuer}  3 entries  head `), stdout);
      assert.ok(headOf(stdout));
    });

    it('verify --head: a kept head is found when the chain has grown; one that is not there is named', async () => {
      const head = headOf((await ledger('verify')).stdout);
      assert.equal((await call()).status, 200);
      const grown = await ledger(`verify --head ${issuer}=${head}`);
      assert.equal(grown.code, 0, grown.stdout);
      assert.match(grown.stdout, / {2}4 entries /);
      const [other, stranger] = ['f'.repeat(64), 'nobody'];
      for (const lost of [`${issuer}=${other}`, `${stranger}=${head}`]) {
        const { code, stdout } = await ledger(`verify --head ${issuer}=${head} --head ${lost}`);
        assert.equal(code, 1);
        assert.ok(stdout.endsWith(`${lost.replace('=', '  without the head ')}\n`), stdout);
      }
    });

    it('export feedback-ndjson: what was joined, no patient unless asked for', async () => {
      const [line = '', ...others] = linesOf(await ledger('export --format feedback-ndjson'));
      assert.deepEqual(others, []);
      const { status, location, patient: named } = JSON.parse(line);
      assert.deepEqual([status, location.siteName, named], ['joined', 'Test EHR', undefined]);
      const identified = await ledger('export --format feedback-ndjson --patients identified');
      assert.equal(JSON.parse(identified.stdout).patient, patient);
      const aside = await ledger('export --format feedback-ndjson --quarantined');
      assert.equal(JSON.parse(aside.stdout).status, 'quarantined');
    });

    it('export with pseudonyms: the same under one key, and never the id', async () => {
      const file = join(ehr.folder, 'pseudonym.key');
      const pseudonym = async () => {
        const words = `export --format feedback-ndjson --patients pseudonyms --pseudonym-key ${file}`;
        return JSON.parse((await ledger(words)).stdout).patient;
      };
      writeFileSync(file, `${newKey()}\n`);
      const [first, again] = [await pseudonym(), await pseudonym()];
      assert.match(first, /^[0-9a-f]{32}$/);
      assert.equal(again, first);
      writeFileSync(file, newKey());
      assert.notEqual(await pseudonym(), first);
    });

    it('export feedback-csv: a header and a row, and nothing that a spreadsheet runs', async () => {
      const { stdout } = await ledger('export --format feedback-csv');
      const [header, row, ...others] = stdout.trimEnd().split('\r\n');
      assert.deepEqual(others, []);
      assert.match(header ?? '', /^"status","intervention_service",/);
      assert.ok(row?.includes(`"'=1+1, ""later"""`), row);
    });

    it('export audit-event: decisions and feedback, in the range and of the EHR that was asked for', async () => {
      const events = linesOf(await ledger('export --format audit-event')).map((line) => JSON.parse(line));
      const told = events.map(({ action, outcome }) => `${action} ${outcome}`);
      assert.deepEqual([...new Set(told)].sort(), ['C 0', 'C 4', 'E 0']);
      for (const { resourceType, agent } of events) {
        assert.equal(resourceType, 'AuditEvent');
        assert.equal(agent[1].network.address, publicUrl);
      }
      const none = ['--until 2026-01-01', '--from 2999-01-01T00:00:00Z', '--issuer nobody'];
      for (const range of none)
        assert.equal((await ledger(`export --format audit-event ${range}`)).stdout, '');
    });

    it('rotate: from then on the new key opens all of it, and the former nothing', async () => {
      const [former = '', next] = [env.LEDGER_KEY, newKey()];
      await server.stop();
      const both = { LEDGER_KEY: next, LEDGER_FORMER_KEYS: former };
      assert.equal((await ledger('rotate', both)).stdout, 'data keys wrapped anew: 1\n');
      assert.equal((await ledger('rotate', both)).stdout, 'data keys wrapped anew: 0\n');
      const refused = await ledger('verify');
      assert.deepEqual([refused.code, refused.stdout], [1, '']);
      assert.match(refused.stderr, /^auscult: the ledger does not open: LEDGER_KEY is wrong: .*\n$/);
      env = { ...env, LEDGER_KEY: next };
      assert.match((await ledger('verify')).stdout, /intact\n$/);
      assert.equal(linesOf(await ledger('export --format feedback-ndjson')).length, 1);
    });

    it('verify, after an entry was edited: its number, and status 1', async () => {
      await place.tamper("UPDATE entry SET at = at + 1 WHERE kind = 'feedback' AND seq = 2");
      const { code, stdout } = await ledger('verify');
      assert.equal(code, 1);
      assert.match(stdout, / {2}broken at 2\n$/);
    });
  });
}

describe('auscult ledger, misused', function () {
  this.timeout(60_000);
  let ehr: RegisteredEhr;
  before(async () => {
    ehr = await registeredEhr();
  });
  after(() => ehr.remove());

  const absent = 'auscult: LEDGER_FILE: there is no ledger at ';
  const cases: readonly [words: string, line: string, env?: Env][] = [
    ['verify', absent],
    ['rotate', absent],
    ['export --format feedback-csv', absent],
    ['verify', 'auscult: LEDGER_KEY: the ledger does not open without it', { LEDGER_KEY: '' }],
    [
      'verify',
      'auscult: the ledger does not open: DATABASE_URL',
      { DATABASE_URL: 'postgres://127.0.0.1:1/x' },
    ],
  ];
  for (const [words, line, more = {}] of cases) {
    it(`${words}: ${line.slice('auscult: '.length).trim()}`, async () => {
      const { code, stdout, stderr } = await run(['ledger', ...words.split(' ')], {
        env: { ...ehr.env, ...more },
      });
      assert.deepEqual([code, stdout], [1, '']);
      assert.ok(stderr.startsWith(line), stderr);
      assert.equal(stderr.trimEnd().split('\n').length, 1);
    });
  }

  it('a ledger that is not there is not made', async () => {
    await run(['ledger', 'verify'], { env: ehr.env });
    assert.throws(() => ehr.ledgerBytes(), { code: 'ENOENT' });
  });

  it('each option that is wrong is named in one line', async () => {
    const { LEDGER_FILE = '' } = ehr.env;
    const server = await startAuscult(ehr.env, 'serve');
    await server.stop();
    const wrong: readonly [words: string, option: string][] = [
      ['verify --head abc', '--head'],
      ['verify --format audit-event', "Unknown option '--format'"],
      ['export', '--format'],
      ['export --format xml', '--format'],
      ['export --format audit-event --from yesterday', '--from'],
      ['export --format audit-event --until 2026', '--until'],
      ['export --format audit-event --patients all', '--patients'],
      ['export --format audit-event --patients pseudonyms', '--pseudonym-key'],
      ['export --format audit-event --patients pseudonyms --pseudonym-key absent', '--pseudonym-key'],
    ];
    const name = async ([words, option]: readonly [string, string]) => {
      const { code, stdout, stderr } = await run(['ledger', ...words.split(' ')], { env: ehr.env });
      assert.deepEqual([code, stdout], [1, ''], words);
      assert.ok(stderr.startsWith(`auscult: ${option}`), stderr);
      assert.equal(stderr.trimEnd().split('\n').length, 1, words);
    };
    await Promise.all(wrong.map(name));
    assert.equal((await run(['ledger', 'verify'], { env: ehr.env })).stdout, 'the ledger has no entries\n');
    rmSync(LEDGER_FILE);
  });

  it('no word, or one that there is not: the usage, status 2', async () => {
    for (const words of [[], ['prune'], ['verify', 'twice'], ['toString']]) {
      const { code, stdout, stderr } = await run(['ledger', ...words], { env: ehr.env });
      assert.deepEqual([code, stdout], [2, ''], words.join());
      assert.match(stderr, /auscult ledger verify/);
    }
    for (const words of [['--help'], ['verify', '--help']])
      assert.equal((await run(['ledger', ...words])).code, 0);
  });
});

describe('auscult install-sheet', function () {
  this.timeout(60_000);
  const sheet = (words: string, env: Env = { BASE_URL: '' }) =>
    run(['install-sheet', ...words.split(' ')], { env });

  for (const { id, title } of profiles.values()) {
    it(`${id}: a sheet on stdout, with the address of this server`, async () => {
      const { code, stdout, stderr } = await sheet(`--client ${id}`, { BASE_URL: `${publicUrl}/` });
      assert.deepEqual([code, stderr], [0, '']);
      assert.ok(stdout.startsWith(`# auscult in ${title}: install sheet\n`));
      assert.ok(stdout.includes(`\`${publicUrl}${hookPath}\``));
    });
  }

  it('carries what is known of the EHR, and leaves the rest to fill in', async () => {
    const { stdout } = await sheet('--client epic --issuer https://ehr.example/r4 --client-id abc');
    for (const text of [
      '"issuer": "https://ehr.example/r4"',
      '"clientId": "abc"',
      '<base url>/app/launch',
      '<jku>',
    ])
      assert.ok(stdout.includes(text), text);
  });

  it('no client, one that there is not, an address that is none: one line that names the option', async () => {
    const wrong = [
      ['--client epci', /^auscult: --client: .*epic/],
      ['--issuer x', /^auscult: --client: .*epic/],
      ['--client epic --base-url nonsense', /^auscult: --base-url: /],
    ] as const;
    for (const [words, line] of wrong) {
      const { code, stdout, stderr } = await sheet(words);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, line);
      assert.equal(stderr.trimEnd().split('\n').length, 1);
    }
  });
});
