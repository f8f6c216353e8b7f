/** P1–P3 on everything that discovery offers, and Q4–Q10 as clients really fill it. */
import assert from 'node:assert/strict';
import type { Bundle } from '@medplum/fhirtypes';
import type { CdsService, Discovery } from 'cds-hooks-types';
import { loadChart } from '../../fixtures/charts.ts';
import { dialects } from '../../fixtures/dialects.ts';
import { hookCall, hookNames } from '../../fixtures/hooks.ts';
import { answer as answerFrom } from '../../fixtures/requests.ts';
import { loadDefinitions } from '../../sandbox/fhir/definitions.ts';
import { supportedParameters } from '../../sandbox/fhir/query.ts';
import {
  cardsOf,
  type FhirStub,
  fhirStub,
  hookPath,
  json,
  now,
  openHouse,
  refused,
  type Site,
  type TestHouse,
} from '../harness.ts';
import { adultTemplates, offersWithAdult } from './adult.ts';

const persona = 'high-risk-untreated';
const userTokens = ['userPractitionerId', 'userPractitionerRoleId', 'userPatientId', 'userRelatedPersonId'];
const ids = ['userId', 'patientId', 'encounterId'];
/** The hook library's "Prefetch Token: Yes": primitives at the root of the context. */
const rootsOf = (hook: string): readonly string[] =>
  hook === 'order-dispatch' ? ['patientId', 'dispatchedOrders', 'performer'] : ids;

describe('prefetch (CDS Hooks 2.0, "Prefetch Template")', () => {
  let house: TestHouse;
  let site: Site;
  let fhir: FhirStub;
  let services: readonly CdsService[];
  const { bundle } = loadChart(persona, now);
  const secondPage: Bundle = {
    resourceType: 'Bundle',
    type: 'searchset',
    entry: bundle.entry?.slice(0, 1) ?? [],
  };
  before(async () => {
    house = await openHouse();
    loadDefinitions();
    fhir = await fhirStub((query, send) => {
      const found = query === 'Patient?page=2' ? secondPage : answerFrom(bundle, query);
      send(found === null ? 404 : 200, found ?? { resourceType: 'OperationOutcome', issue: [] });
    });
    const offered = offersWithAdult(house.packages.services);
    site = await house.listen({ offers: offered, authenticate: async () => fhir.registration });
    services = (json(await site.get('/cds-services')) as Discovery).services;
  });
  after(() => house.close());

  const queries = () =>
    services.flatMap(({ hook, prefetch = {} }) => Object.values(prefetch).map((query) => ({ hook, query })));
  const tokensOf = (query: string): readonly string[] =>
    [...query.matchAll(/\{\{(.*?)\}\}/g)].map(([, token = '']) => token);

  it('P1: every token is a context path or a user identifier', () => {
    for (const { query } of queries()) {
      for (const token of tokensOf(query)) {
        assert.ok(userTokens.includes(token) || /^context\.\w+$/.test(token), token);
      }
    }
  });

  it('P2: every context path is a root primitive of that hook, and nothing of 3.0', () => {
    for (const { hook, query } of queries()) {
      for (const token of tokensOf(query)) {
        const [, root] = token.split('.');
        assert.ok(root === undefined || rootsOf(hook).includes(root), `${hook}: ${token}`);
      }
      assert.doesNotMatch(query, /%|today\(|ofType|resolve\(/);
    }
  });

  it('P3: every query is a read, or a search by parameters that FHIR R4 defines for the type', () => {
    for (const { query } of queries()) {
      const [path = '', search] = query.split('?');
      if (search === undefined) {
        assert.match(path, /^[A-Z]\w+\/\{\{[\w.]+\}\}$/);
        continue;
      }
      const known = supportedParameters(path);
      assert.ok(known.size > 0, path);
      for (const [name, value] of new URLSearchParams(search)) {
        if (name === '_count') assert.match(value, /^\d+$/);
        else if (name === '_sort') assert.ok(known.has(value.replace(/^-/, '')), value);
        else assert.ok(['token', 'reference', 'date'].includes(known.get(name) ?? ''), `${path}: ${name}`);
      }
    }
  });

  it('Q4: a hook without userId is read for like any other', async () => {
    const { prefetch: _, ...call } = hookCall('order-dispatch', persona, now);
    const asked = fhir.asked.length;
    const answer = await site.post('/cds-services/adult-order-dispatch', { ...call, fhirServer: fhir.base });
    assert.equal(cardsOf(answer).length, 1);
    assert.deepEqual(
      fhir.asked.slice(asked).map(({ query }) => query),
      [`Patient/${persona}`],
    );
  });

  it('Q5: null for the patient: nobody is there to decide about, and nobody is asked', async () => {
    const asked = fhir.asked.length;
    for (const hook of hookNames) {
      const call = { ...hookCall(hook, persona, now), prefetch: { patient: null }, fhirServer: fhir.base };
      assert.deepEqual(cardsOf(await site.post(`/cds-services/adult-${hook}`, call)), [], hook);
    }
    assert.equal(fhir.asked.length, asked);
  });

  it('Q7: no key and no server: 412, on every hook', async () => {
    for (const hook of hookNames) {
      const answer = await site.post(`/cds-services/adult-${hook}`, hookCall(hook, persona, now));
      refused(answer, 412, 'required-data-unavailable', 'patient: not-supplied');
    }
  });

  for (const { client, speak } of dialects) {
    it(`Q4–Q6: what ${client} sends brings the decision that a plain client gets`, async () => {
      const plain = hookCall('patient-view', persona, now, house.templates);
      const [expected] = cardsOf(await site.post(hookPath, plain));
      const [card] = cardsOf(await site.post(hookPath, speak(plain, fhir.base)));
      assert.ok(expected?.summary !== undefined && expected.detail !== undefined);
      assert.deepEqual([card?.summary, card?.detail], [expected.summary, expected.detail]);
    });

    it(`Q2: ${client} may fire any hook`, async () => {
      for (const hook of hookNames) {
        const call = speak(hookCall(hook, persona, now, adultTemplates), fhir.base);
        assert.equal(cardsOf(await site.post(`/cds-services/adult-${hook}`, call)).length, 1, hook);
      }
    });
  }

  it('Q8: a page that leads on is read on, in a list of another hook too', async () => {
    const { prefetch: _, ...call } = hookCall('order-sign', persona, now);
    const link = [{ relation: 'next', url: `${fhir.base}/Patient?page=2` }];
    const patient: Bundle = { resourceType: 'Bundle', type: 'searchset', link };
    const body = { ...call, prefetch: { patient }, fhirServer: fhir.base };
    assert.equal(cardsOf(await site.post('/cds-services/adult-order-sign', body)).length, 1);
  });

  it('Q10: 95 of 100 answers come within 500 ms, from prefetch and from FHIR reads', async () => {
    const prefetched = house.request(persona);
    const { prefetch: _, ...bare } = prefetched;
    for (const body of [prefetched, { ...bare, fhirServer: fhir.base }]) {
      const times: number[] = [];
      for (let round = 0; round < 40; round++) {
        const began = performance.now();
        cardsOf(await site.post(hookPath, body));
        times.push(performance.now() - began);
      }
      const p95 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Infinity;
      assert.ok(p95 < 500, `${p95} ms`);
    }
  });
});
