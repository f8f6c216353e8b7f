/** F1–F3: feedback is taken once it is durable, joined to its decision, and never twice. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import {
  cardsOf,
  feedbackPath,
  hookPath,
  openHouse,
  refused,
  type Site,
  type TestHouse,
} from '../harness.ts';

const accepted = (card: string, suggestion = randomUUID() as string) => ({
  feedback: [
    {
      card,
      outcome: 'accepted',
      acceptedSuggestions: [{ id: suggestion }],
      outcomeTimestamp: '2026-03-15T10:00:05Z',
    },
  ],
});

describe('feedback', () => {
  let house: TestHouse;
  let site: Site;
  before(async () => {
    house = await openHouse();
    site = await house.listen();
  });
  after(() => house.close());

  const post = (to: Site, body: unknown) => to.post(feedbackPath, body);

  it('F1–F3: 200 once it is durable, joined to the decision; a repeat changes nothing', async () => {
    const ledger = createMemoryLedger();
    const metrics = createMetrics();
    const own = await house.listen({ ledger, metrics });
    const [card] = cardsOf(await own.post(hookPath, house.request()));
    const feedback = accepted(card?.uuid ?? '', card?.suggestions?.[0]?.uuid);
    for (const _ of [1, 2]) {
      const answer = await post(own, feedback);
      assert.deepEqual([answer.status, answer.text], [200, '']);
    }
    assert.match(await metrics.text(), /auscult_feedback_total\{result="joined"\} 1/);
    assert.match(await metrics.text(), /auscult_feedback_total\{result="repeated"\} 1/);
    await own.close();
  });

  it('F1: not 200 before it is durable', async () => {
    const memory = createMemoryLedger();
    let stored = false;
    const recordFeedback: typeof memory.recordFeedback = async (...told) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      stored = true;
      return memory.recordFeedback(...told);
    };
    const own = await house.listen({ ledger: { ...memory, recordFeedback } });
    assert.equal((await post(own, accepted(randomUUID()))).status, 200);
    assert.ok(stored);
    await own.close();
  });

  it('a card we never issued is taken, and kept apart', async () => {
    const metrics = createMetrics();
    const own = await house.listen({ metrics });
    assert.equal((await post(own, accepted(randomUUID()))).status, 200);
    assert.match(await metrics.text(), /auscult_feedback_total\{result="quarantined"\} 1/);
    assert.match(await metrics.text(), /auscult_feedback_total\{result="joined"\} 0/);
    await own.close();
  });

  it('F2: what is not feedback is 400, and names the field only', async () => {
    const [entry] = accepted(randomUUID()).feedback;
    const bad = [
      {},
      { feedback: [] },
      { feedback: [{ ...entry, outcome: 'liked' }] },
      { feedback: [{ ...entry, outcomeTimestamp: 'yesterday' }] },
      { feedback: [{ ...entry, acceptedSuggestions: [] }] },
      { feedback: [{ ...entry, card: '' }] },
      { feedback: [{ ...entry, outcome: 'overridden', overrideReason: {} }] },
      { feedback: 'Mrs. Secret' },
    ];
    for (const body of bad) {
      const answer = await post(site, body);
      refused(answer, 400, 'malformed-request');
      assert.ok(!/liked|yesterday|Secret/.test(answer.text));
    }
    refused(await post(site, '{"feedback":'), 400, 'malformed-json');
  });
});
