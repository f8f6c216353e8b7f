/** What a site lays over the shipped vocabulary: a folder of its own, the codes of its terminology server. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SettingError } from '../src/settings.ts';
import { openVocabulary } from '../src/site-vocabulary.ts';
import { closeAll, listen } from './fhir/listening.ts';

const shipped = resolve(import.meta.dirname, '../vocabulary');
const statin = 'urn:auscult:ValueSet:statin';
const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';

describe('the vocabulary of a site', () => {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-site-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(closeAll);

  const write = (name: string, content: unknown): string => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  const expansion = (code: string) => ({
    resourceType: 'ValueSet',
    expansion: {
      timestamp: '2026-11-01T00:00:00Z',
      contains: [{ system: rxnorm, code, display: 'a statin' }],
    },
  });

  it('is the shipped one where the site says nothing', async () => {
    const { entries, valueSets } = await openVocabulary(shipped, {});
    assert.ok(entries.has('ldlCholesterol'));
    assert.ok(valueSets.has(statin));
  });

  it('takes a local code from its own folder', async () => {
    const local = { system: 'urn:site:codes', code: 'LDL', display: 'LDL' };
    const value = { name: 'ldlCholesterol', label: 'LDL', from: { kind: 'observation', codes: [local] } };
    write('lipids.json', {
      group: 'lipids',
      label: 'Lipids',
      values: [{ ...value, unit: 'mg/dL', pick: 'latest' }],
    });
    const { entries } = await openVocabulary(shipped, { VOCABULARY: folder });
    assert.deepEqual(entries.get('ldlCholesterol')?.from, { kind: 'observation', codes: [local] });
    assert.ok(entries.has('totalCholesterol'));
  });

  it('takes codes from its terminology server', async () => {
    const { origin } = await listen((_, res) => {
      res.setHeader('content-type', 'application/fhir+json');
      res.end(JSON.stringify(expansion('4711')));
    });
    const plan = write('plan.json', { [statin]: 'https://site.example/ValueSet/statins' });
    const site = { TERMINOLOGY_SERVER: origin, TERMINOLOGY_REFRESH: plan };
    const { valueSets } = await openVocabulary(shipped, site);
    assert.deepEqual([...(valueSets.get(statin)?.members(rxnorm).keys() ?? [])], ['4711']);
  });

  it('keeps the shipped codes of a server that fails, and says so', async () => {
    const { origin } = await listen((_, res) => {
      res.statusCode = 500;
      res.end();
    });
    const plan = write('plan.json', { [statin]: 'https://site.example/ValueSet/statins' });
    const kept: string[] = [];
    const site = {
      TERMINOLOGY_SERVER: origin,
      TERMINOLOGY_REFRESH: plan,
      onKept: (url: string) => kept.push(url),
    };
    const { valueSets } = await openVocabulary(shipped, site);
    assert.ok((valueSets.get(statin)?.members(rxnorm).size ?? 0) > 5);
    assert.deepEqual(kept, [statin]);
  });

  it('stops the start over a plan that cannot be read, and names the setting', async () => {
    const site = {
      TERMINOLOGY_SERVER: 'https://terminology.example',
      TERMINOLOGY_REFRESH: join(folder, 'none.json'),
    };
    await assert.rejects(openVocabulary(shipped, site), (thrown) => {
      return thrown instanceof SettingError && /^TERMINOLOGY_REFRESH: /.test(thrown.message);
    });
  });
});
