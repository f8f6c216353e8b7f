/** `auscult evaluate`, a line at a time: the decision that HTTP would give, and no line costs another. */
import assert from 'node:assert/strict';
import { offerOf } from '../src/card/offer.ts';
import { evaluateLine } from '../src/evaluate.ts';
import { profileOf } from './clients/profiles.ts';
import { cardsOf, hookPath, openHouse, service as serviceId, type TestHouse } from './harness.ts';

describe('evaluate', () => {
  let house: TestHouse;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  const service = () => house.packages.services.get(serviceId) ?? assert.fail();
  const evaluate = (line: unknown) =>
    evaluateLine(
      typeof line === 'string' ? line : JSON.stringify(line),
      offerOf(service()),
      profileOf('cds-hooks-2.0'),
      house.deps({ readerFor: () => undefined }),
    );
  const authorization = {
    access_token: 't',
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'patient/*.rs',
    subject: 'auscult',
  };

  it('a persona that is shown: one card, outcome show, the reason is the card', async () => {
    const { cards, outcome, reason, error } = await evaluate(house.request());
    assert.deepEqual([cards.length, outcome, reason, error], [1, 'show', 'high-risk', undefined]);
  });

  it('silence and abstention carry their reason', async () => {
    assert.deepEqual(await evaluate(house.request('treated')), {
      cards: [],
      outcome: 'silent',
      reason: 'already-treated',
    });
    const abstained = await evaluate(house.request('missing-cholesterol'));
    assert.equal(abstained.outcome, 'abstained');
    assert.match(abstained.reason, /totalCholesterol/);
  });

  it('a line that HTTP would refuse is undetermined, with the same OperationOutcome, and never rejects', async () => {
    const site = await house.listen();
    const lines: readonly [string, string][] = [
      ['', 'malformed-json'],
      ['null', 'malformed-json'],
      ['{"a":1,"a":2}', 'unsafe-json'],
      ['{}', 'malformed-request'],
      [JSON.stringify({ ...house.request(), hook: 'order-sign' }), 'hook-mismatch'],
      [JSON.stringify({ ...house.request(), prefetch: {} }), 'required-data-unavailable'],
      [
        JSON.stringify({
          ...house.request(),
          prefetch: { ...house.request().prefetch, patient: { resourceType: 'Patient', id: 'other' } },
        }),
        'wrong-patient',
      ],
    ];
    for (const [line, code] of lines) {
      const { cards, outcome, reason, error } = await evaluate(line);
      assert.deepEqual([cards, outcome, reason.split(':')[0]], [[], 'undetermined', code]);
      assert.deepEqual(error, JSON.parse((await site.post(hookPath, line)).text));
    }
    await site.close();
  });

  it('a fhirServer is not asked and needs no registration; without prefetch that is not-supplied', async () => {
    const server = { fhirServer: 'https://ehr.example/fhir', fhirAuthorization: authorization };
    assert.equal((await evaluate({ ...house.request(), ...server })).outcome, 'show');
    const { prefetch: _, ...bare } = house.request();
    assert.match(
      (await evaluate({ ...bare, ...server })).reason,
      /^required-data-unavailable: .*not-supplied/,
    );
  });

  it('an authorization for another patient is refused here too', async () => {
    const fhirAuthorization = { ...authorization, patient: 'other' };
    const line = { ...house.request(), fhirServer: 'https://ehr.example/fhir', fhirAuthorization };
    assert.equal((await evaluate(line)).reason, 'wrong-patient: fhirAuthorization.patient');
  });

  it('decides what the service decides over HTTP', async () => {
    const site = await house.listen();
    const request = house.request('intermediate-risk');
    const [served] = cardsOf(await site.post(hookPath, request));
    const [evaluated] = (await evaluate(request)).cards;
    assert.equal(evaluated?.summary, served?.summary);
    assert.equal(evaluated?.detail, served?.detail);
    await site.close();
  });
});
