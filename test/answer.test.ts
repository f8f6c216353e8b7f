/** From what a service came to, to the decision that is recorded. */
import assert from 'node:assert/strict';
import type { Call } from '../src/call.ts';
import { offerOf } from '../src/card/offer.ts';
import { decide } from '../src/decide.ts';
import { parseEnvelope } from '../src/hooks/envelope.ts';
import { sandboxRegistration } from '../src/hooks/registration.ts';
import { profileOf } from './clients/profiles.ts';
import { openHouse, service as serviceId, type TestHouse } from './harness.ts';

describe('answer', () => {
  let house: TestHouse;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  const decisionFor = async (persona: string) => {
    const service = house.packages.services.get(serviceId) ?? assert.fail();
    const call: Call = {
      request: parseEnvelope({ ...house.request(persona) }, service.hook),
      registration: sandboxRegistration(3000),
      profile: profileOf('cds-hooks-2.0'),
      signal: new AbortController().signal,
    };
    const called = { ...offerOf(service), id: 'all-patient-view' };
    const [decision] = await decide(call, called, house.deps());
    return decision ?? assert.fail();
  };

  it('is kept under the id that was called and the package that decided', async () => {
    const decision = await decisionFor('high-risk-untreated');
    assert.equal(decision.service, 'all-patient-view');
    assert.equal(decision.package, serviceId);
  });

  it('names the template of every card it shows, and explains what it shows', async () => {
    const { cards, templates = {}, explanation } = await decisionFor('high-risk-untreated');
    assert.deepEqual(
      Object.keys(templates),
      cards.map(({ uuid }) => uuid),
    );
    assert.ok(explanation !== undefined);
  });

  it('has neither cards nor explanation where it is silent', async () => {
    const { cards, templates, explanation } = await decisionFor('low-risk');
    assert.deepEqual([cards, templates, explanation], [[], undefined, undefined]);
  });
});
