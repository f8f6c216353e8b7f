import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVocabulary, readVocabularyFolder } from '../../src/features/vocabulary.ts';
import { codeOf, rxnorm } from '../../src/fhir/coding.ts';
import { cached } from '../../src/terminology/cache.ts';
import { readRefreshPlan, refreshValueSets } from '../../src/terminology/refresh.ts';
import { TerminologyError, type TerminologyServer, terminologyServer } from '../../src/terminology/server.ts';
import { closeAll, listen } from '../fhir/listening.ts';

const canonical = 'http://example.org/fhir/ValueSet/statins';
const statins = [
  { system: rxnorm, code: '617310', display: 'atorvastatin 20 MG Oral Tablet' },
  { system: rxnorm, code: '301542', display: 'rosuvastatin' },
  { system: 'urn:site:formulary', code: 'ATO20', display: 'Atorva 20' },
];
const nested = [
  { display: 'A heading', contains: statins.slice(0, 2) },
  { ...statins[2], contains: [{ system: rxnorm, code: '1', abstract: true }] },
];

/** A FHIR server with one value set, in pages of `pageSize`. */
function fhirServer(pageSize: number): RequestListener {
  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://local');
    const send = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(body));
    };
    const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] };
    if (searchParams.get('url') !== canonical) return send(404, outcome);
    if (pathname === '/fhir/ValueSet/$validate-code') {
      const [system, code] = [searchParams.get('system'), searchParams.get('code')];
      const result = statins.some((each) => each.system === system && each.code === code);
      return send(200, { resourceType: 'Parameters', parameter: [{ name: 'result', valueBoolean: result }] });
    }
    if (pathname !== '/fhir/ValueSet/$expand') return send(404, outcome);
    const offset = Number(searchParams.get('offset'));
    const contains = pageSize === 0 ? nested : statins.slice(offset, offset + pageSize);
    const total = pageSize === 0 ? 5 : statins.length;
    const timestamp = '2026-06-01T08:00:00+02:00';
    send(200, { resourceType: 'ValueSet', version: '7', expansion: { timestamp, total, offset, contains } });
  };
}

const client = (origin: string, timeoutMs = 5000): TerminologyServer =>
  terminologyServer({ base: `${origin}/fhir`, timeoutMs, allowPrivateNetwork: true });
const answering =
  (status: number, body: string): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(body);
  };

afterEach(closeAll);

describe('terminology server', () => {
  for (const pageSize of [1, 2, 1000]) {
    it(`expands a value set over pages of ${pageSize}`, async () => {
      const { origin, connections } = await listen(fhirServer(pageSize));
      const expansion = await client(origin).expand(canonical);
      assert.deepEqual(expansion.codes, statins);
      assert.equal(expansion.version, '7');
      assert.ok(connections() > 0);
    });
  }

  it('takes nested codes and leaves headings out', async () => {
    const { origin } = await listen(fhirServer(0));
    assert.deepEqual((await client(origin).expand(canonical)).codes, statins);
  });

  it('validates a code', async () => {
    const { origin } = await listen(fhirServer(1));
    assert.equal(await client(origin).validateCode(canonical, { system: rxnorm, code: '617310' }), true);
    assert.equal(await client(origin).validateCode(canonical, { system: rxnorm, code: '9' }), false);
  });

  const failures: readonly {
    readonly what: string;
    readonly handler: RequestListener;
    readonly says: RegExp;
  }[] = [
    { what: 'an unknown value set', handler: fhirServer(2), says: /answered 404/ },
    {
      what: 'an answer that is no JSON',
      handler: answering(200, '<html>'),
      says: /not what the operation returns/,
    },
    {
      what: 'another resource',
      handler: answering(200, '{"resourceType":"Patient"}'),
      says: /not what the operation returns/,
    },
    {
      what: 'pages that end before their total',
      handler: answering(200, '{"resourceType":"ValueSet","expansion":{"timestamp":"2026","total":3}}'),
      says: /ends before its total/,
    },
    {
      what: 'a value set without bounds',
      handler: answering(200, '{"resourceType":"ValueSet","expansion":{"timestamp":"2026","total":9000000}}'),
      says: /more than 100000 codes/,
    },
    {
      what: 'a redirect',
      handler: (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      says: /redirect/,
    },
    { what: 'silence', handler: () => undefined, says: /timeout/ },
  ];
  for (const { what, handler, says } of failures) {
    it(`says so at ${what}`, async () => {
      const { origin } = await listen(handler);
      await assert.rejects(
        client(origin, 300).expand('http://example.org/other'),
        (error: unknown) => error instanceof TerminologyError && says.test(error.message),
      );
    });
  }
});

describe('cache of a terminology server', () => {
  const start = Date.parse('2026-06-15T12:00:00Z');
  let now = start;
  beforeEach(() => {
    now = start;
  });

  /** A server that counts, and fails from then on when told so. */
  function counting(): { server: TerminologyServer; asked: () => number; fail: () => void } {
    let asked = 0;
    let failing = false;
    const answer = async <Answer>(value: Answer): Promise<Answer> => {
      asked += 1;
      if (failing) throw new TerminologyError('no answer: unreachable');
      return value;
    };
    const server: TerminologyServer = {
      expand: () => answer({ timestamp: '2026-06-01T00:00:00Z', codes: statins }),
      validateCode: () => answer(true),
    };
    return { server, asked: () => asked, fail: () => (failing = true) };
  }
  const options = { base: 'http://tx', maxAgeMs: 1000, now: () => new Date(now) };

  it('asks again only when an answer is too old', async () => {
    const { server, asked } = counting();
    const kept = cached(server, options);
    for (const later of [0, 500, 999]) {
      now = start + later;
      await kept.expand(canonical);
      await kept.validateCode(canonical, codeOf(rxnorm, '617310'));
    }
    assert.equal(asked(), 2);
    now = start + 1000;
    await kept.expand(canonical);
    await kept.validateCode(canonical, codeOf(rxnorm, '617310'));
    assert.equal(asked(), 4);
  });

  it('keeps expansions between starts, and answers from an old one when the server fails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'expansions-'));
    const { server, asked, fail } = counting();
    await cached(server, { ...options, folder }).expand(canonical);
    fail();
    const restarted = cached(server, { ...options, folder });
    assert.deepEqual((await restarted.expand(canonical)).codes, statins);
    assert.equal(asked(), 1);
    now = start + 5000;
    assert.deepEqual((await restarted.expand(canonical)).codes, statins);
    await assert.rejects(restarted.validateCode(canonical, codeOf(rxnorm, '617310')), TerminologyError);
    await assert.rejects(cached(server, { ...options, base: 'http://other', folder }).expand(canonical));
    for (const file of readdirSync(folder)) writeFileSync(join(folder, file), 'no longer JSON');
    await assert.rejects(cached(server, { ...options, folder }).expand(canonical), TerminologyError);
  });
});

describe('refreshing value sets', () => {
  const shipped = readVocabularyFolder(join(import.meta.dirname, '../../vocabulary'));
  const setsOnly = { ...shipped, groups: new Map() };
  const statin = 'urn:auscult:ValueSet:statin';

  it('puts the expanded codes in place of ours and keeps the rest', async () => {
    const { origin } = await listen(fhirServer(2));
    const plan = { [statin]: canonical };
    const { valueSets, notes } = await refreshValueSets(shipped.valueSets, plan, client(origin));
    assert.deepEqual(notes, [{ valueSet: statin, outcome: 'refreshed', codes: 3 }]);
    const set = buildVocabulary([setsOnly, { groups: new Map(), valueSets }]).valueSets.get(statin);
    assert.equal(set?.title, 'Statins');
    assert.equal(set?.version, `7 of ${canonical}`);
    assert.equal(set?.display(codeOf('urn:site:formulary', 'ATO20')), 'Atorva 20');
    assert.deepEqual([...(set?.members(rxnorm).keys() ?? [])], ['617310', '301542']);
    assert.equal(set?.counts(['local']), false);
  });

  it('keeps the shipped set where the expansion fails, and says why', async () => {
    const { origin } = await listen(fhirServer(2));
    const plan = { [statin]: 'http://example.org/other', 'urn:auscult:ValueSet:none': canonical };
    const { valueSets, notes } = await refreshValueSets(shipped.valueSets, plan, client(origin));
    assert.equal(valueSets.size, 0);
    assert.deepEqual(notes, [
      { valueSet: statin, outcome: 'kept', reason: 'the server answered 404' },
      {
        valueSet: 'urn:auscult:ValueSet:none',
        outcome: 'kept',
        reason: 'is no value set of the vocabulary',
      },
    ]);
  });

  it('keeps the shipped set where the expansion is empty', async () => {
    const { origin } = await listen(
      answering(200, '{"resourceType":"ValueSet","expansion":{"timestamp":"2026-06-01T00:00:00Z"}}'),
    );
    const { notes } = await refreshValueSets(shipped.valueSets, { [statin]: canonical }, client(origin));
    assert.deepEqual(notes, [{ valueSet: statin, outcome: 'kept', reason: 'the expansion is empty' }]);
  });

  it('refuses a plan that is none, naming file and field', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plan-'));
    const plan = (text: string): string => {
      writeFileSync(join(folder, 'plan.json'), text);
      return join(folder, 'plan.json');
    };
    assert.deepEqual(readRefreshPlan(plan(`{"${statin}":"${canonical}"}`)), { [statin]: canonical });
    assert.throws(() => readRefreshPlan(plan('{')), /plan\.json: must be JSON/);
    assert.throws(
      () => readRefreshPlan(plan(`{"${statin}":"no url"}`)),
      /plan\.json: urn:auscult:ValueSet:statin:/,
    );
    assert.throws(() => readRefreshPlan(join(folder, 'none.json')), /none\.json: must be JSON/);
  });
});
