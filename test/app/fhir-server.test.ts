/** Q4–Q8: prefetch first, then the caller's FHIR server, then 412 with the reason; the token of each call. */
import assert from 'node:assert/strict';
import type { Bundle } from '@medplum/fhirtypes';
import { loadChart } from '../../fixtures/charts.ts';
import { answer as answerFrom } from '../../fixtures/requests.ts';
import type { Decision } from '../../src/ledger/decision.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import {
  cardsOf,
  type FhirStub,
  fhirStub,
  hookPath,
  now,
  openHouse,
  refused,
  type Site,
  type TestHouse,
} from '../harness.ts';

const persona = 'high-risk-untreated';
const token = 'secret-access-token';
const authorization = {
  access_token: token,
  token_type: 'Bearer',
  expires_in: 300,
  scope: 'patient/*.rs',
  subject: 'auscult',
};

describe('fhir server', () => {
  let house: TestHouse;
  let site: Site;
  let fhir: FhirStub;
  let decided: Decision[] = [];
  /** How the server treats one list, by a piece of its query; everything else it answers from the chart. */
  let behaviour: ReadonlyMap<string, (send: (status: number, body: unknown) => void) => void>;
  const { bundle } = loadChart(persona, now);
  const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception' }] };

  before(async () => {
    house = await openHouse();
    fhir = await fhirStub((query, send) => {
      const [, odd] = [...behaviour].find(([part]) => query.includes(part)) ?? [];
      if (odd !== undefined) return odd(send);
      const found = answerFrom(bundle, query);
      send(found === null ? 404 : 200, found ?? outcome);
    });
    const memory = createMemoryLedger();
    const record = async (decision: Decision) => {
      decided.push(decision);
      await memory.record(decision);
    };
    site = await house.listen({
      ledger: { ...memory, record },
      authenticate: async () => fhir.registration,
      settings: { MAX_BODY_BYTES: 2 ** 21, DEADLINE_MS: 5_000, FHIR_DEADLINE_MS: 1_500 },
    });
  });
  after(async () => {
    await site.close();
    await fhir.close();
    await house.close();
  });
  beforeEach(() => {
    decided = [];
    behaviour = new Map();
    (fhir.asked as unknown[]).length = 0;
  });

  const asked = () => fhir.asked.map(({ query }) => query);
  /** The persona's request without some prefetch keys, or with others in their place. */
  const request = (changes: Readonly<Record<string, unknown>>) => {
    const full = house.request(persona);
    const prefetch = Object.entries({ ...full.prefetch, ...changes }).filter(
      ([, value]) => value !== undefined,
    );
    return { ...full, prefetch: Object.fromEntries(prefetch) };
  };
  const withServer = (changes: Readonly<Record<string, unknown>>) => ({
    ...request(changes),
    fhirServer: fhir.base,
    fhirAuthorization: authorization,
  });
  const lipidsQuery = () =>
    (house.templates.find(({ key }) => key === 'lipids')?.query ?? '').replace(
      '{{context.patientId}}',
      house.request().context.patientId,
    );
  const post = (body: unknown) => site.post(hookPath, body);
  const featureOf = (name: string) =>
    decided[0]?.values.find((value) => value.name === name)?.feature ?? assert.fail(`no ${name}`);

  describe('without one', () => {
    it('Q5: a key that is null was fetched and empty: known absent, and decided', async () => {
      assert.equal(cardsOf(await post(request({ conditions: null, allergies: null }))).length, 1);
      const ascvd = featureOf('ascvd');
      assert.ok(ascvd.kind === 'observed' && ascvd.value === false);
    });

    it('Q5: an empty Bundle, and one that says "none found", are known absent too', async () => {
      const empty = { resourceType: 'Bundle', type: 'searchset', total: 0 };
      const warning = { ...outcome, issue: [{ severity: 'warning', code: 'not-found' }] };
      const none = { ...empty, entry: [{ resource: warning, search: { mode: 'outcome' } }] };
      assert.equal(cardsOf(await post(request({ conditions: empty, allergies: none }))).length, 1);
      const ascvd = featureOf('ascvd');
      assert.ok(ascvd.kind === 'observed' && ascvd.value === false);
    });

    it('Q5: null where a model needs values: no card, and the reason is not-recorded', async () => {
      assert.deepEqual(cardsOf(await post(request({ lipids: null }))), []);
      const cholesterol = featureOf('totalCholesterol');
      assert.ok(cholesterol.kind === 'missing' && cholesterol.reason === 'not-recorded');
      assert.equal(decided[0]?.outcome, 'abstained');
    });

    it('Q7: an absent required key: 412 that names it', async () => {
      refused(
        await post(request({ lipids: undefined })),
        412,
        'required-data-unavailable',
        'lipids: not-supplied',
      );
      const { prefetch: _, ...bare } = request({});
      refused(await post(bare), 412, 'required-data-unavailable', /patient: not-supplied/);
      assert.equal(decided.length, 0);
    });

    it('Q6, Q7: an OperationOutcome in a required key: 412 that names it', async () => {
      refused(
        await post(request({ lipids: outcome })),
        412,
        'required-data-unavailable',
        'lipids: operation-outcome',
      );
    });

    it('Q8: a page with more behind it, and nobody to ask: 412', async () => {
      const page = {
        ...asBundle('lipids'),
        link: [{ relation: 'next', url: 'https://ehr.example/fhir?page=2' }],
      };
      refused(await post(request({ lipids: page })), 412, 'required-data-unavailable', 'lipids: partial');
    });

    it('an optional key may be absent', async () => {
      assert.equal(cardsOf(await post(request({ encounters: undefined }))).length, 1);
    });
  });

  const asBundle = (key: string): Bundle => house.request(persona).prefetch[key] as Bundle;

  describe('with one', () => {
    it('Q4, Q9: exactly the missing queries are asked, with the token of this call', async () => {
      assert.equal(cardsOf(await post(withServer({ lipids: undefined }))).length, 1);
      assert.deepEqual(asked(), [lipidsQuery()]);
      assert.equal(fhir.asked[0]?.headers.authorization, `Bearer ${token}`);
    });

    it('Q4: full prefetch asks nothing', async () => {
      assert.equal(cardsOf(await post(withServer({}))).length, 1);
      assert.deepEqual(asked(), []);
    });

    it('Q4: no prefetch at all: every list once, and the same decision', async () => {
      const { prefetch: _, ...bare } = withServer({});
      const fetched = cardsOf(await post(bare));
      assert.equal(asked().length, house.templates.length);
      assert.equal(new Set(asked()).size, house.templates.length);
      const [sent] = cardsOf(await post(request({})));
      assert.equal(fetched[0]?.summary, sent?.summary);
    });

    it('Q5: null is not asked again', async () => {
      await post(withServer({ lipids: null }));
      assert.deepEqual(asked(), []);
    });

    it('Q6: what came as an OperationOutcome is asked', async () => {
      assert.equal(cardsOf(await post(withServer({ lipids: outcome }))).length, 1);
      assert.deepEqual(asked(), [lipidsQuery()]);
    });

    for (const severity of ['fatal', 'error', 'warning', 'information']) {
      it(`Q6: an OperationOutcome (${severity}) in place of the data is asked, and never data`, async () => {
        const instead = { resourceType: 'OperationOutcome', issue: [{ severity, code: 'processing' }] };
        behaviour = new Map([['2093-3', (send) => send(200, instead)]]);
        const answer = await post(withServer({ lipids: instead }));
        refused(answer, 412, 'required-data-unavailable', 'lipids: operation-outcome');
        assert.deepEqual(asked(), [lipidsQuery()]);
      });
    }

    it('Q6: a list of another type is not what was asked: it is asked', async () => {
      const wrong = { resourceType: 'Bundle', type: 'searchset', entry: asBundle('conditions').entry };
      assert.equal(cardsOf(await post(withServer({ lipids: wrong }))).length, 1);
      assert.deepEqual(asked(), [lipidsQuery()]);
    });

    const failures: readonly [string, (send: (status: number, body: unknown) => void) => void, string][] = [
      ['401', (send) => send(401, outcome), 'unauthorized'],
      ['403', (send) => send(403, outcome), 'unauthorized'],
      ['404', (send) => send(404, outcome), 'not-found'],
      ['429', (send) => send(429, outcome), 'throttled'],
      ['500', (send) => send(500, outcome), 'server-error'],
      ['no answer at all', () => {}, 'timeout'],
      ['an OperationOutcome with 200', (send) => send(200, outcome), 'operation-outcome'],
      [
        'something else than a Bundle',
        (send) => send(200, { resourceType: 'Organization' }),
        'invalid-response',
      ],
    ];
    for (const [what, odd, reason] of failures) {
      it(`Q7: ${what} for a required list: 412 ${reason}, nothing decided`, async () => {
        behaviour = new Map([['2093-3', odd]]);
        const answer = await post(withServer({ lipids: undefined }));
        refused(answer, 412, 'required-data-unavailable', `lipids: ${reason}`);
        assert.ok(!answer.text.includes(token));
        assert.equal(decided.length, 0);
      });
    }

    it('a failing optional list does not stand in the way', async () => {
      behaviour = new Map([['Encounter?', (send) => send(500, outcome)]]);
      assert.equal(cardsOf(await post(withServer({ encounters: undefined }))).length, 1);
    });

    it('Q8: the next page is fetched and counts', async () => {
      const whole = asBundle('lipids');
      const [first, ...rest] = whole.entry ?? [];
      behaviour = new Map([['page=2', (send) => send(200, { ...whole, entry: rest })]]);
      const page = {
        ...whole,
        entry: [first],
        link: [{ relation: 'next', url: `${fhir.base}/Observation?page=2` }],
      };
      const [card] = cardsOf(await post(withServer({ lipids: page })));
      const [sent] = cardsOf(await post(request({})));
      assert.equal(card?.summary, sent?.summary);
      assert.deepEqual(asked(), ['Observation?page=2']);
    });

    it('Q8: a next page that fails leaves half a list: 412 partial', async () => {
      behaviour = new Map([['page=2', (send) => send(500, outcome)]]);
      const link = [{ relation: 'next', url: `${fhir.base}/Observation?page=2` }];
      const answer = await post(withServer({ lipids: { ...asBundle('lipids'), link } }));
      refused(answer, 412, 'required-data-unavailable', 'lipids: partial');
    });
  });

  describe('the token (Q9)', () => {
    it('Q9: is sent as a header and nowhere else; logs, ledger and answers do not know it', async () => {
      behaviour = new Map([['Encounter?', (send) => send(500, outcome)]]);
      const { prefetch: _, ...bare } = withServer({});
      const failing = withServer({ lipids: undefined });
      const answers = [await post(bare), await post({ ...failing, fhirServer: `${fhir.base}x` })];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 403],
      );
      assert.ok(fhir.asked.every(({ headers }) => headers.authorization === `Bearer ${token}`));
      const kept = JSON.stringify([decided, site.logged, answers.map(({ text }) => text), asked()]);
      assert.ok(!kept.includes(token));
    });

    it('Q9: without an authorization none is sent', async () => {
      await post({ ...request({ lipids: undefined }), fhirServer: fhir.base });
      assert.deepEqual(
        fhir.asked.map(({ headers }) => headers.authorization),
        [undefined],
      );
    });

    it('Q9: a token is good for its own call only', async () => {
      await post(withServer({ lipids: undefined }));
      const other = { ...authorization, access_token: 'another-token' };
      await post({ ...withServer({ lipids: undefined }), fhirAuthorization: other });
      assert.deepEqual(
        fhir.asked.map(({ headers }) => headers.authorization),
        [`Bearer ${token}`, 'Bearer another-token'],
      );
    });
  });
});
