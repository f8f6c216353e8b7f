import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { feedbackRecord } from '../../src/ledger/feedback-record.ts';
import type { Naming } from '../../src/ledger/pseudonym.ts';
import { accepted, acted, overridden, received, receivedAt, shown, suggestion } from './export-fixture.ts';

const decision = shown();
const [model] = decision.models;

describe('feedback record', () => {
  it('(b)(11)(ii)(C): intervention, action taken, user feedback, user, date and location', () => {
    const record = feedbackRecord(decision, received(overridden(decision.card)), {
      siteName: () => 'Sandbox EHR',
    });
    assert.deepEqual(record, {
      status: 'joined',
      intervention: {
        service: decision.service,
        title: decision.title,
        card: decision.card,
        template: decision.reason,
        decision: decision.id,
        models: [{ id: model?.id, version: model?.version, digest: model?.digest }],
      },
      action: { outcome: 'overridden', suggestions: [] },
      userFeedback: {
        reason: { code: 'not-now', system: 'urn:auscult:override-reason', display: 'Not now' },
        comment: 'will monitor',
      },
      user: 'Practitioner/123',
      date: { acted, received: receivedAt, decided: decision.decidedAt },
      location: { site: 'sandbox', siteName: 'Sandbox EHR', place: 'Ward 3' },
    });
  });

  it('(b)(11)(ii)(C): an accepted suggestion by id and label; one the card never had by id only', () => {
    const { action, userFeedback } = feedbackRecord(
      decision,
      received(accepted(decision.card, suggestion.uuid, 'unknown')),
    );
    assert.deepEqual(action.suggestions, [
      { id: suggestion.uuid, label: suggestion.label },
      { id: 'unknown' },
    ]);
    assert.equal(userFeedback, undefined);
  });

  it('(b)(11)(ii)(C): a list of reasons is kept beside the first, as it came', () => {
    const list = [{ code: 'a' }, { code: 'b' }];
    const told = { ...overridden(decision.card), extension: { 'auscult.overrideReasons': list } };
    const { userFeedback } = feedbackRecord(decision, received(told));
    assert.deepEqual([userFeedback?.reason?.code, userFeedback?.reasonsAsSent], ['not-now', list]);
  });

  it('(b)(11)(ii)(C): dates are UTC', () => {
    const told = { ...overridden(decision.card), outcomeTimestamp: '2026-11-20T05:05:00-05:00' };
    assert.equal(feedbackRecord(decision, received(told)).date.acted, acted);
  });

  it('says of quarantined feedback only what was sent', () => {
    const record = feedbackRecord(undefined, received(overridden('card-1'), { status: 'quarantined' }));
    assert.deepEqual(
      [record.status, record.intervention, record.user, record.patient, record.location],
      [
        'quarantined',
        { service: decision.service, card: 'card-1', models: [] },
        undefined,
        undefined,
        { site: 'sandbox' },
      ],
    );
  });

  describe('privacy', () => {
    const of = (naming: Naming, more = {}) =>
      feedbackRecord(shown(more), received(overridden('c')), { naming });
    const pseudonymKey = randomBytes(32);

    it('P: neither patient nor encounter by default', () => {
      const text = JSON.stringify(feedbackRecord(decision, received(overridden(decision.card))));
      assert.doesNotMatch(text, /arthur-58|enc-7/);
    });

    it('P: no clinical value, no card text', () => {
      const text = JSON.stringify(of('identified'));
      assert.doesNotMatch(text, /"148"|ASCVD risk|totalCholesterol|Observation/);
    });

    it('P: ids of the EHR only where that is asked for', () => {
      const { patient, location } = of('identified');
      assert.deepEqual([patient, location.encounter], ['arthur-58', 'enc-7']);
    });

    it('P: a pseudonym is one per patient, EHR and key', () => {
      const patient = (naming: Naming, more = {}) => of(naming, more).patient;
      const first = patient({ pseudonymKey });
      assert.match(first ?? '', /^[0-9a-f]{32}$/);
      assert.equal(patient({ pseudonymKey }), first);
      assert.notEqual(patient({ pseudonymKey }, { issuer: 'other' }), first);
      assert.notEqual(patient({ pseudonymKey }, { patientId: 'other' }), first);
      assert.notEqual(patient({ pseudonymKey: randomBytes(32) }), first);
      assert.notEqual(of({ pseudonymKey }, { encounterId: 'arthur-58' }).location.encounter, first);
    });

    it('P: a short key is no key', () => {
      assert.throws(() => of({ pseudonymKey: randomBytes(31) }), RangeError);
    });

    it('P: a patient at a portal is a patient', () => {
      for (const userId of ['Patient/arthur-58', 'https://ehr.example/fhir/RelatedPerson/arthur-58']) {
        assert.match(of('left-out', { userId }).user ?? '', /^(Patient|RelatedPerson)$/);
        assert.match(of({ pseudonymKey }, { userId }).user ?? '', /^(Patient|RelatedPerson)\/[0-9a-f]{32}$/);
        assert.equal(of('identified', { userId }).user, userId);
      }
    });
  });
});
