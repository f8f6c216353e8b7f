import type { Feedback } from 'cds-hooks-types';
import { z } from 'zod';
import { Fault } from '../errors.ts';
import { pathsOf } from './envelope.ts';
import type { ClientProfile } from './profile.ts';

const text = z.string().min(1);
const coding = z.looseObject({ code: text, system: text.optional(), display: text.optional() });
/** cds-fb-3: a code, the user's words, or both. */
const reason = z.union([
  z.looseObject({ reason: coding, userComment: text.optional() }),
  z.looseObject({ reason: z.undefined().optional(), userComment: text }),
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
  acceptedSuggestions: z.array(z.looseObject({ id: text })).min(1),
});

const overridden = z.object({
  ...common,
  outcome: z.literal('overridden'),
  overrideReason: reason.optional(),
});

const entry = z.discriminatedUnion('outcome', [accepted, overridden]);
const bodyOf = (read: (sent: JsonObject) => JsonObject) =>
  z.looseObject({
    feedback: z
      .array(z.preprocess((sent) => (isObject(sent) ? withTheRest(read(sent)) : sent), entry))
      .min(1)
      .max(1000),
  });

const bodies = { standard: bodyOf((sent) => sent), epic: bodyOf(epicReasons) } as const;

/**
 * The body of a feedback call (F2, F3; cds-fb-1..3): accepted names the suggestions, overridden may carry a reason
 * with a code, the user's words, or both. Nothing that was said is lost: members of an entry that have no place in
 * the specification are kept as they came in its `extension`, under `auscult.other`.
 *
 * Dialect `epic`: `overrideReasons` is one reason or several. The first that says anything becomes the
 * `overrideReason`; all of them, as they came, are kept under `auscult.overrideReasons`. A reason built in Epic
 * comes as an extension and is read as a code of the system `com.epic.cdshooks.feedback.overrideReason`.
 *
 * @throws Fault malformed-request, with field paths only
 */
export function parseFeedback(
  json: unknown,
  profile: Pick<ClientProfile, 'feedback'> = { feedback: 'standard' },
): readonly Feedback[] {
  const parsed = bodies[profile.feedback].safeParse(json);
  if (!parsed.success) throw new Fault('malformed-request', pathsOf(parsed.error));
  return parsed.data.feedback;
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const placed = ['card', 'outcome', 'outcomeTimestamp', 'extension'];

/** What the outcome has no member for, in the extension. */
function withTheRest(sent: JsonObject): JsonObject {
  const own = sent.outcome === 'accepted' ? 'acceptedSuggestions' : 'overrideReason';
  const other = Object.entries(sent).filter(([name]) => !placed.includes(name) && name !== own);
  return other.length === 0 ? sent : extended(sent, 'auscult.other', Object.fromEntries(other));
}

/** An extension of another type stays, to be refused. */
function extended(sent: JsonObject, name: string, value: unknown): JsonObject {
  const { extension = {} } = sent;
  return isObject(extension) ? { ...sent, extension: { ...extension, [name]: value } } : sent;
}

function epicReasons(sent: JsonObject): JsonObject {
  const { overrideReasons, ...rest } = sent;
  if (overrideReasons === undefined) return sent;
  const kept = extended(rest, 'auscult.overrideReasons', overrideReasons);
  const first = [overrideReasons].flat().map(epicReason).find(isObject);
  return rest.overrideReason !== undefined || rest.outcome !== 'overridden' || first === undefined
    ? kept
    : { ...kept, overrideReason: first };
}

const epicSystem = 'com.epic.cdshooks.feedback.overrideReason';

/** One of Epic's reasons as the specification writes it; undefined where it says nothing. */
function epicReason(sent: unknown): JsonObject | undefined {
  if (!isObject(sent)) return undefined;
  const { reason, userComment } = 'code' in sent ? { reason: sent } : sent;
  const code = codingOf(reason) ?? builtInReason(sent.extension);
  const comment = isText(userComment) ? { userComment } : undefined;
  return code === undefined && comment === undefined
    ? undefined
    : { ...(code === undefined ? {} : { reason: code }), ...comment };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** A coding without its empty members; undefined without a code. */
function codingOf(reason: unknown): JsonObject | undefined {
  if (!isObject(reason) || !isText(reason.code)) return undefined;
  return Object.fromEntries(Object.entries(reason).filter(([, member]) => member !== '' && member !== null));
}

function builtInReason(extension: unknown): JsonObject | undefined {
  if (!isObject(extension)) return undefined;
  const [code, display, title] = ['reasonCategory', 'reasonDisplay', 'reasonTitle'].map(
    (name) => extension[`${epicSystem}.${name}`],
  );
  const shown = [display, title].find(isText);
  return isText(code)
    ? { system: epicSystem, code, ...(shown === undefined ? {} : { display: shown }) }
    : undefined;
}
