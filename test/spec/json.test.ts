/** J1–J4: what every body is made of. */
import assert from 'node:assert/strict';
import { validateResource } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { chartNames } from '../../fixtures/charts.ts';
import { hookCall, hookNames } from '../../fixtures/hooks.ts';
import { loadDefinitions } from '../../sandbox/fhir/definitions.ts';
import { readSettings } from '../../src/settings.ts';
import {
  cardsOf,
  feedbackPath,
  hookPath,
  json,
  now,
  openHouse,
  type Site,
  type TestHouse,
} from '../harness.ts';
import { adultTemplates, offersWithAdult } from './adult.ts';

describe('JSON (CDS Hooks 2.0, "Use of JSON")', () => {
  let house: TestHouse;
  let site: Site;
  before(async () => {
    house = await openHouse();
    site = await house.listen({ offers: offersWithAdult(house.packages.services) });
  });
  after(() => house.close());

  it('J1: production does not start under an address without TLS', () => {
    const env = { REGISTRATIONS: 'r.json', LEDGER_KEY: Buffer.alloc(32, 7).toString('base64') };
    assert.throws(() => readSettings({ ...env, BASE_URL: 'http://auscult.example' }, 'serve'), /https/);
    assert.equal(
      readSettings({ ...env, BASE_URL: 'https://auscult.example' }, 'serve').BASE_URL,
      'https://auscult.example',
    );
  });

  it('J1: every answer says that it is JSON', async () => {
    const answers = [
      await site.get('/cds-services'),
      await site.post(hookPath, house.request()),
      await site.post(hookPath, '{}'),
    ];
    for (const { headers } of answers) {
      assert.match(headers.get('content-type') ?? '', /^application\/(fhir\+)?json\b/);
    }
  });

  // The harness walks every JSON answer and fails at null, "", [] or {} that is not `cards` or `services`.
  it('J2: no answer holds anything empty, whatever of the prefetch came', async () => {
    const keys = house.templates.map(({ key }) => key);
    const left = fc.record(
      Object.fromEntries(keys.map((key) => [key, fc.constantFrom('sent', 'null', 'absent')])),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...chartNames()), left, async (persona, fates) => {
        const { prefetch, ...call } = house.request(persona);
        const bent = Object.entries(prefetch).flatMap(([key, value]) =>
          fates[key] === 'absent' ? [] : [[key, fates[key] === 'null' ? null : value]],
        );
        const answer = await site.post(hookPath, { ...call, prefetch: Object.fromEntries(bent) });
        assert.ok(answer.status === 200 || answer.status === 412, answer.text);
      }),
      { numRuns: 60 },
    );
  });

  it('J2: nor does discovery, feedback or a refusal', async () => {
    await site.get('/cds-services');
    for (const path of [hookPath, feedbackPath, '/cds-services/nobody'])
      await site.post(path, { feedback: [] });
  });

  it('J3: every resource that an action brings is valid FHIR R4', async () => {
    loadDefinitions();
    const resources = await actionResources();
    assert.ok(resources.length >= 10);
    for (const resource of resources) validateResource(resource);
    assert.throws(() => validateResource({ ...resources[0], status: undefined } as unknown as Resource));
  });

  it('J4: an unknown extension anywhere in the call changes nothing', async () => {
    const extension = { 'com.example.deep': { a: [1, { b: null }] }, 'com.example.flag': true };
    const request = house.request();
    const [plain] = cardsOf(await site.post(hookPath, request));
    const bent = { ...request, extension, context: { ...request.context, extension } };
    const [card] = cardsOf(await site.post(hookPath, bent));
    assert.equal(card?.detail, plain?.detail);
  });

  it('J4: what we send ourselves under extension has reverse-DNS names', async () => {
    for (const answer of [await site.get('/cds-services'), await site.post(hookPath, house.request())]) {
      assert.deepEqual(
        extensionNames(json(answer)).filter((name) => !/^[a-z]+(\.[\w-]+)+$/.test(name)),
        [],
      );
    }
  });

  const actionResources = async (): Promise<readonly Resource[]> => {
    const cardio = chartNames().map((name) => site.post(hookPath, house.request(name)));
    const adult = hookNames.map((hook) =>
      site.post(`/cds-services/adult-${hook}`, hookCall(hook, 'treated', now, adultTemplates)),
    );
    const cards = (await Promise.all([...cardio, ...adult])).flatMap(cardsOf);
    return cards.flatMap(({ suggestions = [] }) =>
      suggestions.flatMap(({ actions = [] }) => actions.flatMap(({ resource }) => resource ?? [])),
    );
  };
});

/** Names under every `extension` of a tree. */
function extensionNames(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    ...(name === 'extension' ? Object.keys(Object(member)) : []),
    ...extensionNames(member),
  ]);
}
