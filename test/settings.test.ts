import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readSettings, SettingError, settingsTable } from '../src/settings.ts';

const production = {
  REGISTRATIONS: 'ehrs.json',
  BASE_URL: 'https://cds.example.org/',
  LEDGER_KEY: Buffer.alloc(32, 1).toString('base64'),
};

describe('settings', () => {
  it('has a default for everything that start needs', () => {
    const settings = readSettings({}, 'start');
    assert.equal(settings.PORT, 3000);
    assert.equal(settings.DEADLINE_MS, 500);
    assert.equal(settings.CLOCK, undefined);
  });

  it('an empty variable counts as absent', () => {
    assert.equal(readSettings({ PORT: '' }, 'start').PORT, 3000);
  });

  for (const name of ['REGISTRATIONS', 'BASE_URL', 'LEDGER_KEY'] as const) {
    it(`serve refuses to start without ${name} and names it`, () => {
      assert.throws(
        () => readSettings({ ...production, [name]: undefined }, 'serve'),
        new RegExp(`^SettingError: ${name}`),
      );
    });
  }

  describe('serve for clients of the inference API alone', () => {
    const alone = { INFERENCE_CLIENTS: 'clients.json', BASE_URL: 'https://cds.example.org' };
    it('needs neither REGISTRATIONS nor LEDGER_KEY', () => {
      assert.equal(readSettings(alone, 'serve').REGISTRATIONS, undefined);
    });

    const wrong: readonly (readonly [Readonly<Record<string, string | undefined>>, RegExp])[] = [
      [{ BASE_URL: undefined }, /^SettingError: BASE_URL: is not set/],
      [{ BASE_URL: 'http://cds.example.org' }, /^SettingError: BASE_URL: serve needs an https URL/],
      [{ INFERENCE_CLIENTS: undefined }, /^SettingError: REGISTRATIONS: is not set\./],
      [{ TLS_CERT: 'cert.pem' }, /^SettingError: TLS_CERT: goes with TLS_KEY/],
      [{ CLOCK: '2026-01-01T00:00:00Z' }, /^SettingError: CLOCK/],
      [{ REGISTRATIONS: 'ehrs.json' }, /^SettingError: LEDGER_KEY: is not set/],
      [{ LEDGER_KEY: production.LEDGER_KEY }, /^SettingError: REGISTRATIONS: .* LEDGER_KEY is, /],
      [{ SIGN_ON: 'sign-on.json' }, /^SettingError: REGISTRATIONS: .* SIGN_ON is, /],
      [{ SMART_KEY: 'key.json' }, /^SettingError: REGISTRATIONS: .* SMART_KEY is, /],
      [{ CARDS: 'cards' }, /^SettingError: REGISTRATIONS: .* CARDS is, /],
    ];
    for (const [change, says] of wrong) {
      it(`is refused with ${JSON.stringify(change)}`, () => {
        assert.throws(() => readSettings({ ...alone, ...change }, 'serve'), says);
      });
    }
  });

  it('serve refuses plain http (J1) and a fixed clock', () => {
    assert.throws(
      () => readSettings({ ...production, BASE_URL: 'http://cds.example.org' }, 'serve'),
      /BASE_URL/,
    );
    assert.throws(() => readSettings({ ...production, CLOCK: '2026-01-01T00:00:00Z' }, 'serve'), /CLOCK/);
  });

  it('names the setting and the rule, never the value', () => {
    const secret = Buffer.alloc(16, 7).toString('base64');
    assert.throws(
      () => readSettings({ ...production, LEDGER_KEY: secret }, 'serve'),
      (error) =>
        error instanceof SettingError && /32 bytes/.test(error.message) && !error.message.includes(secret),
    );
    assert.throws(() => readSettings({ PORT: '99999' }, 'start'), /PORT: is above 65535/);
    assert.throws(() => readSettings({ CLOCK: 'yesterday' }, 'start'), /CLOCK/);
  });

  it('drops the trailing slash of BASE_URL, so that audiences compare exactly', () => {
    assert.equal(readSettings(production, 'serve').BASE_URL, 'https://cds.example.org');
  });

  it('every setting is documented in docs/settings.md with its default, and nothing else is', () => {
    const documented = [
      ...readFileSync(new URL('../docs/settings.md', import.meta.url), 'utf8').matchAll(
        /^\| `([A-Z_]+)` \| (.*?) \| (.*?) \| (.*?) \|$/gm,
      ),
    ].map(([, ...cells]) => cells);
    const actual = Object.entries(settingsTable).map(([name, row]) => [
      name,
      row.default === undefined ? '–' : `\`${row.default}\``,
      row.unit,
      row.help,
    ]);
    assert.deepEqual(documented, actual);
  });
});
