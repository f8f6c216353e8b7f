import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fault } from '../../src/errors.ts';
import type { DecisionId } from '../../src/ledger/decision.ts';
import { asDecisionId, newDecisionId } from '../../src/ledger/id.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { accepted, fresh, issuer, overridden, patientId, service, twins } from './twins.ts';

for (const [name, open] of Object.entries(twins)) {
  describe(`ledger contract: ${name}`, () => {
    let ledger: Ledger;
    beforeEach(async function () {
      ledger = await open(this);
    });
    afterEach(() => ledger?.close());

    it('gives back the decision as it was recorded', async () => {
      const made = fresh();
      await ledger.record(made);
      assert.deepEqual(await ledger.find(made.id, issuer, patientId), made);
    });

    it('gives a decision to nobody but its issuer and patient', async () => {
      const made = fresh();
      await ledger.record(made);
      assert.equal(await ledger.find(made.id, 'another-ehr', patientId), undefined);
      assert.equal(await ledger.find(made.id, issuer, 'another-patient'), undefined);
      assert.equal(await ledger.find(newDecisionId(), issuer, patientId), undefined);
    });

    it('refuses a second decision of the same id and keeps the first', async () => {
      const made = fresh();
      await ledger.record(made);
      const again = ledger.record({ ...made, outcome: 'silent', cards: [] });
      await assert.rejects(again, (error) => error instanceof Fault && error.code === 'ledger-unavailable');
      assert.equal((await ledger.find(made.id, issuer, patientId))?.outcome, 'show');
    });

    it('records many at once; one that fails sinks no other', async () => {
      const made = Array.from({ length: 20 }, () => fresh());
      const twice = made[3] ?? fresh();
      const done = await Promise.allSettled([...made, twice].map((each) => ledger.record(each)));
      assert.equal(done.filter(({ status }) => status === 'fulfilled').length, 20);
      for (const { id } of made) assert.ok(await ledger.find(id, issuer, patientId));
    });

    it('keeps what was recorded, whatever happens to the object afterwards', async () => {
      const made = structuredClone(fresh());
      await ledger.record(made);
      Object.assign(made, { patientId: 'changed' });
      assert.ok(await ledger.find(made.id, issuer, patientId));
    });

    it('joins feedback by card, and a repeat changes nothing (CDS Hooks "Feedback")', async () => {
      const made = fresh();
      await ledger.record(made);
      const told = overridden(made.card);
      assert.deepEqual(await ledger.recordFeedback(service, issuer, [told, told]), {
        joined: 1,
        repeated: 1,
        quarantined: 0,
      });
      assert.equal((await ledger.recordFeedback(service, issuer, [told])).repeated, 1);
      assert.deepEqual(await ledger.feedbackOf(made.id), [told]);
    });

    it('takes the same suggestions in another order for a repeat', async () => {
      const made = fresh();
      await ledger.record(made);
      const receipt = await ledger.recordFeedback(service, issuer, [
        accepted(made.card, 'a', 'b'),
        accepted(made.card, 'b', 'a'),
        accepted(made.card, 'a'),
      ]);
      assert.deepEqual(receipt, { joined: 2, repeated: 1, quarantined: 0 });
    });

    it('lists feedback oldest first', async () => {
      const made = fresh();
      await ledger.record(made);
      await ledger.recordFeedback(
        service,
        issuer,
        [9, 2, 5].map((minute) => overridden(made.card, minute)),
      );
      const minutes = (await ledger.feedbackOf(made.id)).map(({ outcomeTimestamp }) =>
        outcomeTimestamp.slice(14, 16),
      );
      assert.deepEqual(minutes, ['02', '05', '09']);
    });

    it('quarantines feedback on a card never issued to this issuer and service', async () => {
      const made = fresh();
      await ledger.record(made);
      const told = [overridden(made.card)];
      assert.equal((await ledger.recordFeedback(service, 'another-ehr', told)).quarantined, 1);
      assert.equal((await ledger.recordFeedback('another-service', issuer, told)).quarantined, 1);
      assert.equal(
        (await ledger.recordFeedback(service, issuer, [overridden(crypto.randomUUID())])).quarantined,
        1,
      );
      assert.deepEqual(await ledger.feedbackOf(made.id), []);
    });

    it('purges what is older than the retention, with its cards and feedback', async () => {
      const old = fresh({ decidedAt: '2026-10-01T00:00:00Z' });
      const young = fresh();
      await ledger.record(old);
      await ledger.record(young);
      await ledger.recordFeedback(service, issuer, [overridden(old.card)]);
      assert.equal(await ledger.purge(new Date('2026-11-01T00:00:00Z')), 1);
      assert.equal(await ledger.find(old.id, issuer, patientId), undefined);
      assert.deepEqual(await ledger.feedbackOf(old.id), []);
      assert.ok(await ledger.find(young.id, issuer, patientId));
      assert.equal((await ledger.recordFeedback(service, issuer, [overridden(old.card)])).quarantined, 1);
    });

    it('purges old quarantined feedback', async () => {
      const told = [overridden(crypto.randomUUID())];
      await ledger.recordFeedback(service, issuer, told);
      assert.equal((await ledger.recordFeedback(service, issuer, told)).repeated, 1);
      await ledger.purge(new Date('2026-12-01T00:00:00Z'));
      assert.equal((await ledger.recordFeedback(service, issuer, told)).quarantined, 1);
    });
  });
}

describe('ledger contract: all', () => {
  it('the twins agree on any sequence of feedback', async function () {
    this.timeout(60_000);
    const made = fresh();
    const piece = fc.record({
      card: fc.constantFrom(made.card, crypto.randomUUID(), 'no\0uuid'),
      minute: fc.integer({ min: 0, max: 3 }),
      service: fc.constantFrom(service, 'other'),
      ids: fc.option(fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }), { nil: undefined }),
      purge: fc.constantFrom(undefined, undefined, undefined, '2026-11-20T09:00:00Z', '2026-11-20T09:45:00Z'),
    });
    type Piece = typeof piece extends fc.Arbitrary<infer T> ? T : never;

    async function tell(ledger: Ledger, told: readonly Piece[]) {
      await ledger.record(made);
      const receipts = [];
      for (const each of told) {
        const feedback = each.ids ? accepted(each.card, ...each.ids) : overridden(each.card, each.minute);
        if (each.purge !== undefined) receipts.push(await ledger.purge(new Date(each.purge)));
        receipts.push(await ledger.recordFeedback(each.service, issuer, [feedback]));
      }
      const links = (await ledger.verify()).map(({ length, broken }) => ({ length, broken }));
      return { receipts, links, of: await ledger.feedbackOf(made.id) };
    }

    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (told) => {
        const seen = [];
        for (const open of Object.values(twins)) {
          const ledger = await open(this);
          seen.push(await tell(ledger, told));
          await ledger.close();
        }
        for (const each of seen) assert.deepEqual(each, seen[0]);
      }),
      { numRuns: 15 },
    );
  });

  it('ids are 128 random bits in base64url, and nothing else passes for one', () => {
    const ids = Array.from({ length: 1000 }, newDecisionId);
    assert.equal(new Set(ids).size, 1000);
    for (const id of ids) assert.equal(Buffer.from(id, 'base64url').length, 16);
    for (const text of ['', 'short', '../../../../etc/passwd', undefined, {}, 'a'.repeat(23)]) {
      assert.equal(asDecisionId(text), undefined);
    }
    const id: DecisionId | undefined = asDecisionId(ids[0]);
    assert.equal(id, ids[0]);
  });
});
