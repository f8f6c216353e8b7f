import assert from 'node:assert/strict';
import { Fault } from '../../src/errors.ts';
import { parseFeedback } from '../../src/hooks/feedback.ts';

const card = 'f6b95768-b1c8-40dc-8385-bf3504b82ffb';
const outcomeTimestamp = '2026-11-20T10:05:31Z';
const accepted = { card, outcome: 'accepted', acceptedSuggestions: [{ id: 's1' }], outcomeTimestamp };
const overridden = {
  card,
  outcome: 'overridden',
  overrideReason: { reason: { code: 'c', system: 's', display: 'd' }, userComment: 'SECRET' },
  outcomeTimestamp,
};
const utc = { outcomeTimestamp: '2026-11-20T10:05:31.000Z' };

const refused = (body: unknown, detail: string): void =>
  assert.throws(
    () => parseFeedback(body),
    (thrown) => {
      assert.ok(thrown instanceof Fault);
      assert.equal(thrown.code, 'malformed-request');
      assert.deepEqual(thrown.details, [detail]);
      return true;
    },
  );

describe('feedback', () => {
  it('F2: reads accepted and overridden', () => {
    assert.deepEqual(parseFeedback({ feedback: [accepted, overridden] }), [
      { ...accepted, ...utc },
      { ...overridden, ...utc },
    ]);
  });

  it('F2: an override needs no reason; a reason is a code, a comment, or both', () => {
    const [bare, comment, code] = [undefined, { userComment: 'no' }, { reason: { code: 'c' } }];
    for (const overrideReason of [bare, comment, code]) {
      const [read] = parseFeedback({ feedback: [{ ...overridden, overrideReason }] });
      assert.deepEqual(read?.overrideReason, overrideReason);
    }
  });

  it('F3: reads batches, repeats included', () => {
    assert.equal(parseFeedback({ feedback: [accepted, accepted, overridden] }).length, 3);
  });

  it('keeps instants as UTC', () => {
    const [read] = parseFeedback({
      feedback: [{ ...accepted, outcomeTimestamp: '2026-11-20T05:05:31.5-05:00' }],
    });
    assert.equal(read?.outcomeTimestamp, '2026-11-20T10:05:31.500Z');
  });

  it('loses nothing that has no place in the specification: it is kept in the extension', () => {
    const { overrideReason, ...bare } = overridden;
    const [reasons, both, mixed] = parseFeedback({
      feedback: [
        { ...bare, overrideReasons: [overrideReason], extension: { 'com.example': 1 } },
        { ...overridden, acceptedSuggestions: [{ id: 's1' }] },
        { ...accepted, overrideReason, acceptedSuggestions: [{ id: 's1', at: 'x' }] },
      ],
    });
    assert.deepEqual(reasons, {
      ...bare,
      ...utc,
      extension: { 'com.example': 1, 'auscult.other': { overrideReasons: [overrideReason] } },
    });
    assert.deepEqual(both?.extension, { 'auscult.other': { acceptedSuggestions: [{ id: 's1' }] } });
    assert.deepEqual(both?.overrideReason, overrideReason);
    assert.deepEqual(mixed?.extension, { 'auscult.other': { overrideReason } });
    assert.deepEqual(mixed?.acceptedSuggestions, [{ id: 's1', at: 'x' }]);
  });

  it('keeps what stands beside code and comment of a reason', () => {
    const overrideReason = {
      reason: { code: 'c', version: '2' },
      userComment: 'x',
      extension: { 'com.x': 1 },
    };
    const [read] = parseFeedback({ feedback: [{ ...overridden, overrideReason }] });
    assert.deepEqual(read?.overrideReason, overrideReason);
  });

  it('J4: keeps extensions', () => {
    const extension = { 'com.example': { a: 1 } };
    assert.deepEqual(parseFeedback({ feedback: [{ ...overridden, extension }] })[0]?.extension, extension);
  });

  const wrong: Record<string, readonly [unknown, string]> = {
    'no object': [[accepted], 'body'],
    'no feedback': [{}, 'feedback'],
    'an empty list': [{ feedback: [] }, 'feedback'],
    'an outcome "banana"': [{ feedback: [{ ...accepted, outcome: 'banana' }] }, 'feedback.0.outcome'],
    'no card': [{ feedback: [{ ...accepted, card: undefined }] }, 'feedback.0.card'],
    'an empty card': [{ feedback: [{ ...accepted, card: '' }] }, 'feedback.0.card'],
    'accepted without suggestions': [
      { feedback: [{ ...accepted, acceptedSuggestions: undefined }] },
      'feedback.0.acceptedSuggestions',
    ],
    'accepted with none': [
      { feedback: [{ ...accepted, acceptedSuggestions: [] }] },
      'feedback.0.acceptedSuggestions',
    ],
    'a suggestion without id': [
      { feedback: [accepted, { ...accepted, acceptedSuggestions: [{}] }] },
      'feedback.1.acceptedSuggestions.0.id',
    ],
    'no timestamp': [
      { feedback: [{ ...accepted, outcomeTimestamp: undefined }] },
      'feedback.0.outcomeTimestamp',
    ],
    'a date without time': [
      { feedback: [{ ...accepted, outcomeTimestamp: '2026-11-20' }] },
      'feedback.0.outcomeTimestamp',
    ],
    'a local time': [
      { feedback: [{ ...accepted, outcomeTimestamp: '2026-11-20T10:05:31' }] },
      'feedback.0.outcomeTimestamp',
    ],
    'an impossible time': [
      { feedback: [{ ...accepted, outcomeTimestamp: '2026-13-40T10:05:31Z' }] },
      'feedback.0.outcomeTimestamp',
    ],
    'an empty reason': [{ feedback: [{ ...overridden, overrideReason: {} }] }, 'feedback.0.overrideReason'],
    'a reason without code': [
      { feedback: [{ ...overridden, overrideReason: { reason: { display: 'SECRET' } } }] },
      'feedback.0.overrideReason',
    ],
    'an entry that is no object': [{ feedback: ['SECRET'] }, 'feedback.0'],
  };
  const invariants: Record<string, readonly [unknown, string]> = {
    'cds-fb-1: outcome is accepted or overridden': [
      { ...accepted, outcome: 'ignored' },
      'feedback.0.outcome',
    ],
    'cds-fb-2: accepted names its suggestions': [
      { card, outcome: 'accepted', outcomeTimestamp },
      'feedback.0.acceptedSuggestions',
    ],
    'cds-fb-3: a reason has a code, a comment, or both': [
      { ...overridden, overrideReason: { extension: {} } },
      'feedback.0.overrideReason',
    ],
  };
  for (const [what, [entry, detail]] of Object.entries(invariants)) {
    it(what, () => refused({ feedback: [entry] }, detail));
  }

  it('J4: refuses an extension that is no object, also beside something to keep in it', () =>
    refused({ feedback: [{ ...overridden, extension: 'x', other: 1 }] }, 'feedback.0.extension'));

  for (const [what, [body, detail]] of Object.entries(wrong)) {
    it(`F2: refuses ${what}`, () => refused(body, detail));
  }
});
