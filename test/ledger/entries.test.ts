/** The contract of what can be read back and proved, on all three. */
import assert from 'node:assert/strict';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { allOf, fresh, issuer, now, overridden, patientId, service, twins } from './twins.ts';

const at = (decidedAt: string, more = {}) => fresh({ decidedAt, ...more });

for (const [name, open] of Object.entries(twins)) {
  describe(`ledger entries: ${name}`, () => {
    let ledger: Ledger;
    beforeEach(async function () {
      ledger = await open(this);
    });
    afterEach(() => ledger?.close());

    const intact = async (length: number) => {
      const [report] = await ledger.verify();
      assert.deepEqual({ length: report?.length, broken: report?.broken }, { length, broken: [] });
      return report?.head;
    };

    it('gives all that was written, in its order, issuer by issuer', async () => {
      const [first, second] = [fresh(), fresh()];
      const elsewhere = fresh({ issuer: 'another-ehr' });
      await ledger.record(first);
      await ledger.recordFeedback(service, issuer, [overridden(first.card), overridden('never-issued')]);
      await ledger.record(elsewhere);
      await ledger.record(second);
      const told = { kind: 'feedback', service, issuer, receivedAt: now().toISOString() };
      assert.deepEqual(await allOf(ledger.entries()), [
        { kind: 'decision', decision: elsewhere },
        { kind: 'decision', decision: first },
        { ...told, feedback: overridden(first.card), decision: first.id },
        { ...told, feedback: overridden('never-issued') },
        { kind: 'decision', decision: second },
      ]);
    });

    it('gives a range: from one instant, until before another, of one issuer', async () => {
      const made = ['08:00', '09:00', '10:00'].map((time) => at(`2026-11-20T${time}:00Z`));
      for (const each of made) await ledger.record(each);
      await ledger.record(at('2026-11-20T09:00:00Z', { issuer: 'another-ehr' }));
      const [from, until] = [new Date('2026-11-20T09:00:00Z'), new Date('2026-11-20T10:00:00Z')];
      const found = await allOf(ledger.entries({ from, until, issuer }));
      assert.deepEqual(found, [{ kind: 'decision', decision: made[1] }]);
      assert.equal((await allOf(ledger.entries({ from, until }))).length, 2);
      assert.deepEqual(await allOf(ledger.entries({ issuer: 'nobody' })), []);
    });

    it('reads more than a page', async () => {
      const made = Array.from({ length: 230 }, () => fresh({ values: [], results: [] }));
      await Promise.all(made.map((each) => ledger.record(each)));
      const found = await allOf(ledger.entries());
      const ids = found.flatMap((entry) => (entry.kind === 'decision' ? [entry.decision.id] : []));
      assert.deepEqual(ids.toSorted(), made.map(({ id }) => id).toSorted());
      await intact(230);
    });

    it('links every entry of an issuer, quarantined ones too, and each issuer on its own', async () => {
      assert.deepEqual(await ledger.verify(), []);
      const made = fresh();
      await ledger.record(made);
      await ledger.recordFeedback(service, issuer, [overridden(made.card), overridden('never-issued')]);
      const head = await intact(3);
      assert.match(head ?? '', /^[0-9a-f]{64}$/);
      await ledger.record(fresh({ issuer: 'another-ehr' }));
      const reports = await ledger.verify();
      assert.deepEqual(
        reports.map(({ issuer: whose, length }) => [whose, length]),
        [
          ['another-ehr', 1],
          [issuer, 3],
        ],
      );
      assert.equal(reports[1]?.head, head);
    });

    it('A: tells whether a chain still leads through a head that was kept', async () => {
      await ledger.record(fresh());
      const kept = (await intact(1)) ?? '';
      await ledger.record(fresh());
      const reports = await ledger.verify(new Set([kept, 'f'.repeat(64)]));
      assert.deepEqual(
        reports.map(({ passed }) => passed),
        [[kept]],
      );
    });

    it('a repeat adds no entry', async () => {
      await ledger.recordFeedback(service, issuer, [overridden('never-issued')]);
      const head = await intact(1);
      await ledger.recordFeedback(service, issuer, [overridden('never-issued')]);
      assert.equal(await intact(1), head);
    });

    it('a purge keeps the links, is one itself, and repeats nothing', async () => {
      const [old, young] = [at('2026-09-30T23:59:59Z'), at('2026-11-20T09:00:00Z')];
      await ledger.record(old);
      await ledger.record(young);
      await ledger.recordFeedback(service, issuer, [overridden(old.card), overridden(young.card)]);
      assert.equal(await ledger.purge(new Date('2026-10-01T00:00:00Z')), 1);
      const head = await intact(5);
      assert.equal(await ledger.purge(new Date('2026-10-01T00:00:00Z')), 0);
      assert.equal(await intact(5), head);
      const kinds = (await allOf(ledger.entries())).map(({ kind }) => kind);
      assert.deepEqual(kinds, ['decision', 'feedback']);
    });

    it('purges more than it clears at once', async () => {
      const old = Array.from({ length: 120 }, () => at('2026-10-01T00:00:00Z', { values: [], results: [] }));
      await Promise.all(old.map((each) => ledger.record(each)));
      assert.equal(await ledger.purge(now()), 120);
      assert.deepEqual(await allOf(ledger.entries()), []);
      await intact(121);
    });

    it('keeps a decision that is exactly as old as the retention', async () => {
      const made = at('2026-11-01T00:00:00.000Z');
      await ledger.record(made);
      assert.equal(await ledger.purge(new Date('2026-11-01T00:00:00.000Z')), 0);
      assert.ok(await ledger.find(made.id, issuer, patientId));
    });

    it('records into a month that was purged before', async () => {
      await ledger.record(at('2026-08-15T00:00:00Z'));
      await ledger.purge(new Date('2026-10-01T00:00:00Z'));
      const late = at('2026-08-16T00:00:00Z');
      await ledger.record(late);
      assert.ok(await ledger.find(late.id, issuer, patientId));
      await intact(3);
    });

    it('has nothing to rotate as long as the key is the same', async () => {
      await ledger.record(fresh());
      assert.equal(await ledger.rotate(), 0);
    });
  });
}
