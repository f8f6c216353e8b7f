/** F1–F3 and cds-fb-1 to -3, for a service of every hook. */
import assert from 'node:assert/strict';
import type { Card } from 'cds-hooks-types';
import { hookCall, hookNames } from '../../fixtures/hooks.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { cardsOf, now, openHouse, refused, type Site, type TestHouse } from '../harness.ts';
import { adultTemplates, offersWithAdult } from './adult.ts';

const outcomeTimestamp = '2026-03-15T10:00:05Z';

describe('feedback (CDS Hooks 2.0, "Feedback")', () => {
  let house: TestHouse;
  let site: Site;
  const metrics = createMetrics();
  before(async () => {
    house = await openHouse();
    site = await house.listen({ offers: offersWithAdult(house.packages.services), metrics });
  });
  after(() => house.close());

  const pathOf = (hook: string): string => `/cds-services/adult-${hook}`;
  const cardOf = async (hook: (typeof hookNames)[number] = 'patient-view'): Promise<Card> => {
    const [card] = cardsOf(await site.post(pathOf(hook), hookCall(hook, 'treated', now, adultTemplates)));
    assert.ok(card);
    return card;
  };
  const send = (feedback: unknown, hook = 'patient-view') =>
    site.post(`${pathOf(hook)}/feedback`, { feedback });
  const accepted = ({ uuid, suggestions }: Card) => ({
    card: uuid,
    outcome: 'accepted',
    acceptedSuggestions: [{ id: suggestions?.[0]?.uuid }],
    outcomeTimestamp,
  });
  const overridden = ({ uuid }: Card) => ({ card: uuid, outcome: 'overridden', outcomeTimestamp });
  const counted = async (result: string): Promise<number> =>
    Number(new RegExp(`feedback_total\\{result="${result}"\\} (\\d+)`).exec(await metrics.text())?.[1] ?? 0);

  it('F1: is taken at the address of each service, and joined', async () => {
    const before = await counted('joined');
    for (const hook of hookNames) {
      const answer = await send([accepted(await cardOf(hook))], hook);
      assert.equal(answer.status, 200, hook);
    }
    assert.equal(await counted('joined'), before + hookNames.length);
    refused(await site.post('/cds-services/nobody/feedback', {}), 404, 'unknown-service');
  });

  it('F2: each member of an entry is needed', async () => {
    const whole = accepted(await cardOf());
    for (const name of ['card', 'outcome', 'outcomeTimestamp'] as const) {
      const { [name]: _, ...lacking } = whole;
      refused(await send([lacking]), 400, 'malformed-request', new RegExp(`feedback\\.0\\.${name}`));
    }
  });

  it('F3: a batch of several calls is taken whole, a repeat changes nothing', async () => {
    const [first, second] = [await cardOf(), await cardOf()];
    const [joined, repeated] = [await counted('joined'), await counted('repeated')];
    const batch = [accepted(first), overridden(second)];
    assert.equal((await send(batch)).status, 200);
    assert.equal((await send(batch)).status, 200);
    assert.deepEqual([await counted('joined'), await counted('repeated')], [joined + 2, repeated + 2]);
  });

  it('F3: one entry that breaks the rules refuses the batch, and nothing of it is kept', async () => {
    const joined = await counted('joined');
    refused(await send([accepted(await cardOf()), { outcome: 'accepted' }]), 400, 'malformed-request');
    assert.equal(await counted('joined'), joined);
  });

  it('cds-fb-1: an outcome other than accepted and overridden is 400', async () => {
    const card = await cardOf();
    for (const outcome of ['ignored', 'Accepted', '', null]) {
      refused(await send([{ ...overridden(card), outcome }]), 400, 'malformed-request', /outcome/);
    }
    assert.equal((await send([overridden(card)])).status, 200);
  });

  it('cds-fb-2: accepted without suggestions is 400', async () => {
    const { acceptedSuggestions: _, ...bare } = accepted(await cardOf());
    refused(await send([bare]), 400, 'malformed-request', /acceptedSuggestions/);
  });

  it('cds-fb-3: an override reason is a reason, a comment, or both; empty it is 400', async () => {
    const card = await cardOf();
    const reason = { code: 'later', system: 'urn:auscult:test' };
    for (const overrideReason of [
      { reason },
      { userComment: 'Not now' },
      { reason, userComment: 'Not now' },
    ]) {
      assert.equal((await send([{ ...overridden(card), overrideReason }])).status, 200);
    }
    refused(
      await send([{ ...overridden(card), overrideReason: {} }]),
      400,
      'malformed-request',
      /overrideReason/,
    );
  });
});
