import type { Feedback } from 'cds-hooks-types';
import { z } from 'zod';
import { Fault } from '../errors.ts';
import { pathsOf } from './envelope.ts';

const text = z.string().min(1);
const coding = z.object({ code: text, system: text.optional(), display: text.optional() });
const reason = z.union([
  z.object({ reason: coding, userComment: text.optional() }),
  z.object({ reason: z.undefined().optional(), userComment: text }),
]);
const extension = z.record(z.string(), z.unknown()).optional();

const common = {
  // Cards we issue carry UUIDs, but clients send what they like (Epic); an unknown card is set apart later.
  card: z.string().min(1).max(256),
  /** RFC 3339 with an offset; kept as UTC. */
  outcomeTimestamp: z.iso.datetime({ offset: true }).transform((value) => new Date(value).toISOString()),
  extension,
};

const accepted = z.object({
  ...common,
  outcome: z.literal('accepted'),
  acceptedSuggestions: z.array(z.object({ id: text })).min(1),
});

const overridden = z.object({
  ...common,
  outcome: z.literal('overridden'),
  overrideReason: reason.optional(),
});

const entry = z.preprocess(withOneReason, z.discriminatedUnion('outcome', [accepted, overridden]));

const body = z.looseObject({ feedback: z.array(entry).min(1).max(1000) });

/**
 * The body of a feedback call (F2, F3): accepted names the suggestions, overridden may carry a reason with a
 * code, the user's words, or both. Epic's `overrideReasons` list is read as its first reason.
 *
 * @throws Fault malformed-request, with field paths only
 */
export function parseFeedback(json: unknown): readonly Feedback[] {
  const parsed = body.safeParse(json);
  if (!parsed.success) throw new Fault('malformed-request', pathsOf(parsed.error));
  return parsed.data.feedback;
}

/** `overrideReasons: [coding]` or `[{reason, userComment}]` as the one `overrideReason` of the specification. */
function withOneReason(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { overrideReasons, ...rest } = value as Record<string, unknown>;
  if (rest.overrideReason !== undefined || !Array.isArray(overrideReasons)) return value;
  const [first] = overrideReasons as unknown[];
  if (first === undefined) return rest;
  const isCoding = typeof first === 'object' && first !== null && 'code' in first;
  return { ...rest, overrideReason: isCoding ? { reason: first } : first };
}
