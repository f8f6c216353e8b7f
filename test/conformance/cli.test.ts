/** The command, in this process, against a running service. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformance } from '../../src/conformance/cli.ts';
import { issuer, kitKey } from './bench.ts';
import { type FaultyOptions, type FaultyService, startFaultyService } from './faulty-service.ts';
import { readXml } from './xml.ts';

describe('conformance: the command', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const services: FaultyService[] = [];
  after(async () => {
    await Promise.all(services.map(({ close }) => close()));
    rmSync(folder, { recursive: true, force: true });
  });

  const serve = async (faults: readonly string[] = [], options: FaultyOptions = {}): Promise<string> => {
    const service = await startFaultyService(new Set(faults), options);
    services.push(service);
    return service.url;
  };
  const file = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  const run = async (...args: readonly string[]) => {
    const [out, err]: [string[], string[]] = [[], []];
    const code = await conformance(args, {
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
    });
    return { code, out: out.join(''), err: err.join('') };
  };

  it('0 when nothing failed; what was skipped is counted and says why', async () => {
    const { code, out, err } = await run(await serve());
    assert.equal(err, '');
    assert.equal(code, 0, out);
    assert.match(out, /^– K2 .*\n +skipped: no key: give one with --key$/m);
    assert.match(out, /\n\d+ passed, 0 failed, 0 warnings, \d+ skipped\n$/);
  });

  it('1 when a rule is broken: the rule, what was seen, where it stands', async () => {
    const { code, out } = await run(await serve(['summary-of-140']), '--only', 'A2,A3');
    assert.equal(code, 1);
    assert.match(out, /✗ A2 .*\n.*saw: greeting .*cards\.0 has a summary of 140 characters\n.*see: .*R83/);
    assert.match(out, /✓ A3 /);
  });

  it('1 when the service cannot be reached', async () => {
    const url = await serve();
    await services.pop()?.close();
    assert.equal((await run(url, '--only', 'D1')).code, 1);
  });

  it('a SHOULD that does not hold is a warning, and a failure when strict', async () => {
    const url = await serve(['service-without-title']);
    const told = await run(url, '--only', 'D2-title');
    assert.equal(told.code, 0);
    assert.match(told.out, /! D2-title[\s\S]*0 failed, 1 warning/);
    assert.equal((await run(url, '--only', 'D2-title', '--strict')).code, 1);
  });

  it('--include MAY runs optional rules, which never fail a run', async () => {
    const url = await serve(['no-feedback']);
    assert.match((await run(url, '--only', 'F1')).out, /– F1 .*\n.*--include MAY/);
    const { code, out } = await run(url, '--only', 'F1', '--include', 'MAY');
    assert.equal(code, 0);
    assert.match(out, /! F1 /);
  });

  it('K2, Q4: with a key and a FHIR server at a registered address all that was skipped is run', async () => {
    const { privateKey, jwks } = await kitKey();
    const fhirServers: string[] = [];
    const url = await serve([], { trust: { jwks, issuer }, fhirServers });
    const probe = await startFaultyService();
    await probe.close();
    fhirServers.push(`${probe.url}/fhir`);
    const { code, out } = await run(
      ...[url, '--key', file('key.json', privateKey), '--issuer', issuer],
      ...[`--fhir-server=${fhirServers[0]}`, '--include', 'MAY', '--only', 'D,Q,K,F'],
    );
    assert.equal(code, 0, out);
    assert.match(out, / 0 failed, 0 warnings, 0 skipped\n$/);
  });

  it('K5: --audience, --public-url, --tenant and --jku reach the token', async () => {
    const { privateKey, jwks } = await kitKey();
    const url = await serve([], { trust: { jwks, issuer, jku: 'https://ehr.example/keys' } });
    const key = ['--key', file('key.json', privateKey), '--issuer', issuer, '--only', 'K2'];
    assert.equal((await run(url, ...key, '--jku', 'https://ehr.example/keys', '--tenant', 't')).code, 0);
    assert.equal((await run(url, ...key, '--audience', 'somebody')).code, 1);
    assert.equal((await run(url, ...key, '--public-url', 'https://elsewhere.example')).code, 1);
    assert.equal((await run(url.replace('127.0.0.1', 'localhost'), ...key, '--public-url', url)).code, 0);
  });

  it('--request and --patient are what the service is asked about', async () => {
    const url = await serve(['takes-prefetch-of-others']);
    const request = { hook: 'patient-view', context: { patientId: 'real', userId: 'Practitioner/1' } };
    const output = join(folder, 'report.json');
    const { code, out } = await run(
      ...[url, '--request', file('request.json', request), '--patient', 'other'],
      ...['--only', 'Q1', '--format', 'json', '--output', output],
    );
    assert.equal(code, 0, out);
    assert.match(out, /^\d+ passed, 0 failed, 0 warnings, 0 skipped\n$/);
    const { results } = JSON.parse(readFileSync(output, 'utf8')) as { results: { id: string }[] };
    assert.ok(results.length > 1 && results.every(({ id }) => id.startsWith('Q1')));
  });

  it('JUnit to a file', async () => {
    const output = join(folder, 'report.xml');
    await run(await serve(), '--only', 'D', '--format', 'junit', '--output', output);
    assert.equal(readXml(readFileSync(output, 'utf8')).name, 'testsuites');
  });

  it('--hostile adds what a hostile caller tries, before the rules about answers', async () => {
    const rules = (await run('--list')).out.split('\n');
    const all = (await run('--list', '--hostile')).out.split('\n');
    assert.ok(all.length > rules.length + 50);
    assert.deepEqual(
      all.filter((line) => rules.includes(line)),
      rules,
    );
    assert.match(all.at(-2) ?? '', /^\| A14 /);
  });

  describe('2 when the command itself is wrong: one line that says what, nothing asked of the service', () => {
    const misuses: readonly (readonly [string, readonly string[], RegExp])[] = [
      ['no base URL', [], /one base URL/],
      ['two base URLs', ['http://a.example', 'http://b.example'], /one base URL/],
      ['no URL at all', ['localhost'], /base URL is not/],
      ['an unknown option', ['http://a.example', '--fast'], /--fast/],
      ['an unknown format', ['http://a.example', '--format', 'pdf'], /--format/],
      ['an unknown check', ['http://a.example', '--only', 'Z9'], /no check Z9/],
      ['another strength to include', ['http://a.example', '--include', 'SHOULD'], /--include/],
      ['a key that is not there', ['http://a.example', '--key', '/nowhere.json'], /--key/],
      ['a FHIR server that is no URL', ['http://a.example', '--fhir-server=here'], /--fhir-server/],
    ];
    for (const [name, args, words] of misuses) {
      it(name, async () => {
        const { code, out, err } = await run(...args);
        assert.deepEqual([code, out], [2, '']);
        assert.match(err, words);
        assert.equal(err.trim().split('\n').length, 1);
      });
    }

    it('a key that is no private JWK, of which nothing is repeated', async () => {
      const { code, err } = await run(
        'http://127.0.0.1:9',
        '--key',
        file('bad.json', { kty: 'EC', d: 'secret' }),
      );
      assert.equal(code, 2);
      assert.doesNotMatch(err, /secret/);
    });

    it('two requests of one hook, or one of none', async () => {
      const one = file('one.json', { hook: 'patient-view' });
      const none = file('none.json', {});
      assert.match((await run('http://a.example', '--request', one, '--request', one)).err, /one hook/);
      assert.match((await run('http://a.example', '--request', none)).err, /no hook/);
    });
  });

  it('--help lists the options', async () => {
    const { code, out } = await run('--help');
    assert.equal(code, 0);
    for (const option of ['--hostile', '--key', '--fhir-server', '--format', '--strict'])
      assert.ok(out.includes(option));
  });
});
