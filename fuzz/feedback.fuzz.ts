/** Any JSON as feedback: what is taken can be recorded and exported, what is not is a Fault that quotes nothing. */
import assert from 'node:assert/strict';
import type { Feedback } from 'cds-hooks-types';
import { Fault } from '../src/errors.ts';
import { parseFeedback } from '../src/hooks/feedback.ts';
import { feedbackKey, outcomeInstant } from '../src/ledger/feedback.ts';
import { feedbackRecord } from '../src/ledger/feedback-record.ts';
import { editSeeds, jsonFrom } from './edits.ts';
import { bytes } from './target.ts';

const card = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
const outcomeTimestamp = '2026-11-20T10:05:31Z';
const reason = { code: 'c', system: 's', display: 'd' };
const bases: readonly unknown[] = [
  { feedback: [{ card, outcome: 'accepted', acceptedSuggestions: [{ id: 's1' }], outcomeTimestamp }] },
  {
    feedback: [
      { card, outcome: 'overridden', overrideReason: { reason, userComment: 'no' }, outcomeTimestamp },
    ],
  },
  {
    feedback: [{ card: 'x', outcome: 'overridden', overrideReasons: [reason], outcomeTimestamp }],
    extension: {},
  },
];

export function fuzz(data: Buffer): void {
  const body = jsonFrom(data, bases);
  for (const dialect of ['standard', 'epic'] as const) read(body, dialect);
}

function read(body: unknown, feedback: 'standard' | 'epic'): void {
  try {
    for (const each of parseFeedback(body, { feedback })) check(each);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'malformed-request') throw thrown;
    assert.ok(thrown.details.every((detail) => /^[\w\-.?]{1,400}$/.test(detail)));
  }
}

function check(feedback: Feedback): void {
  assert.equal(outcomeInstant(feedback), Date.parse(feedback.outcomeTimestamp));
  assert.equal(feedback.outcomeTimestamp, new Date(feedback.outcomeTimestamp).toISOString());
  assert.equal(feedbackKey('s', 'i', feedback).length, 43);
  const received = { service: 's', issuer: 'i', receivedAt: outcomeTimestamp, feedback } as const;
  const record = feedbackRecord(undefined, { ...received, status: 'quarantined' });
  assert.equal(record.date.acted, feedback.outcomeTimestamp);
  assert.equal(record.userFeedback?.reason !== undefined, feedback.overrideReason?.reason !== undefined);
}

export const seeds = (): readonly Buffer[] => [...bases.map(bytes), ...editSeeds(bases)];

export const dictionary = [
  '"outcome":"',
  'accepted',
  'overridden',
  '"overrideReasons":[',
  '"code":',
  'Z"',
  '+14:00',
];
