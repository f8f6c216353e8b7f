import type { HookName } from 'cds-hooks-types';
import { z } from 'zod';
import { findingKinds } from '../findings/finding.ts';

/**
 * The two files of a card package as an informaticist writes them. What they say of other things (values,
 * models, thresholds) is checked in check.ts.
 */

const hooks = [
  'patient-view',
  'order-select',
  'order-sign',
  'order-dispatch',
  'encounter-start',
  'encounter-discharge',
  'appointment-book',
  'allergyintolerance-create',
  'problem-list-item-create',
  'medication-refill',
  'medication-verify',
] as const satisfies readonly HookName[];

const text = z.string().trim().min(1);
const name = z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'must be camelCase');
const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower case with hyphens');
const date = z.iso.date();
const link = z.url({ protocol: /^https$/, error: 'must be an https URL' });

const duration = z.string().regex(/^P(\d+D|T\d+H)$/, 'must be an ISO 8601 duration in days or hours');

/** FHIRPath over named values; see conditions.ts for the part of the language that is allowed. */
const condition = text;
/** Lines of GitHub-flavoured markdown with `{{placeholders}}`; see template.ts. */
const lines = z.array(z.string()).min(1);

/** Which of two forms an object has is told by a member that only one of them has; nobody writes `kind`. */
function byMember<Schema extends z.ZodType>(
  kinds: Readonly<Record<string, string>>,
  otherwise: string,
  schema: Schema,
) {
  return z.preprocess((given) => {
    if (typeof given !== 'object' || given === null) return given;
    const [, kind = otherwise] = Object.entries(kinds).find(([member]) => member in given) ?? [];
    return { ...given, kind };
  }, schema);
}

const coding = z.strictObject({ system: text, code: text, display: text });

const threshold = z.strictObject({
  value: z.number(),
  /** UCUM; `1` for a proportion. */
  unit: text,
  /** The one model output (`prevent_10yr_ascvd`) or clinical value it may be compared with. */
  appliesTo: text,
  /** Guideline and year. */
  source: text,
});

const clinicalReview = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('pending'), note: text }),
  z.strictObject({ status: z.literal('signed'), by: text, date }),
]);

export const serviceFile = z.strictObject({
  hooks: z
    .array(z.enum(hooks))
    .min(1)
    .refine((all) => new Set(all).size === all.length, 'must not name a hook twice'),
  title: text,
  description: text,
  models: z.array(text).default([]),
  /** Kinds of findings that are looked for among the draft orders. */
  findings: z.array(z.enum(findingKinds)).default([]),
  /** The output that the card's drivers and the app explain. */
  explain: z.strictObject({ model: text, output: text }).optional(),
  /** The model also runs on the chart as it stood that long ago (ISO 8601): `%<model>_<output>_before`. */
  trend: z.strictObject({ model: text, output: text, before: duration }).optional(),
  thresholds: z.record(name, threshold).default({}),
  /** In this order: the first that holds silences the service, whatever else is missing. */
  exclusions: z.array(z.strictObject({ reason: id, when: condition })).default([]),
  /** Not part of `all-<hook>` before a site signs it on: for content that a site must want (time-critical, screening). */
  optIn: z.literal(true).optional(),
  clinicalReview,
  owner: text,
  reviewBy: date,
});

const proposed = {
  label: text,
  /** What accepting does, for the EHR that shows actions. */
  description: text,
  /** Offered only where this holds. */
  when: condition.optional(),
};
const reason = z.strictObject({ coding: coding.optional(), text });
const medicationSuggestion = z.strictObject({
  ...proposed,
  kind: z.literal('medication'),
  /** RxNorm SCD: a clinical drug, so that the order is one the pharmacy can fill. */
  medication: coding.extend({ system: z.literal('http://www.nlm.nih.gov/research/umls/rxnorm') }),
  dosage: text,
  reason,
});
/** A test, a referral or counselling: draft ServiceRequest. */
const serviceSuggestion = z.strictObject({
  ...proposed,
  kind: z.literal('service'),
  service: z.strictObject({ coding: coding.optional(), text }),
  reason: reason.optional(),
});
const suggestion = byMember(
  { service: 'service' },
  'medication',
  z.discriminatedUnion('kind', [medicationSuggestion, serviceSuggestion]),
);

const source = z.strictObject({
  label: text,
  url: link.optional(),
  /** Static: EHRs remember overrides by it; Epic takes letters and digits only. */
  topic: coding.extend({
    code: z.string().regex(/^[A-Za-z0-9]{1,100}$/, 'must be 1 to 100 letters or digits'),
  }),
});

const worded = {
  id,
  summary: text,
  /** With placeholders of values, outputs and thresholds; inserted into `detail` as {{recommendation}}. */
  recommendation: text,
  /** In place of the package's own. */
  source: source.optional(),
  detail: lines.optional(),
};
const conditionCard = z.strictObject({
  ...worded,
  kind: z.literal('condition'),
  /** Of cards for one problem the first that holds is shown; without a name they are one problem. */
  problem: id.optional(),
  when: condition,
  indicator: z.enum(['info', 'warning', 'critical']),
  suggestions: z.array(id).default([]),
  selectionBehavior: z.enum(['at-most-one', 'any']).default('at-most-one'),
});
/** One card for each finding of the kind; its severity is the indicator, its actions are the suggestions. */
const findingCard = z.strictObject({ ...worded, kind: z.literal('finding'), forEach: z.enum(findingKinds) });
const card = byMember(
  { forEach: 'finding' },
  'condition',
  z.discriminatedUnion('kind', [conditionCard, findingCard]),
);

/** The first alternative that holds is the line; one that cannot be told writes its `unknown`, or is passed over. */
const line = z.array(z.strictObject({ when: condition, text, unknown: text.optional() })).min(1);

export const cardFile = z.strictObject({
  source,
  /** Label of the link to the explanation app. */
  appLink: text,
  overrideReasons: z.array(coding).min(1),
  suggestions: z.record(id, suggestion).default({}),
  /** Lists of lines that depend on the chart, each a section of the texts: {{#pillars}}{{text}}{{/pillars}}. */
  lists: z.record(name, z.array(line).min(1)).default({}),
  detail: lines,
  cards: z.array(card).min(1),
});

export type ServiceFile = z.infer<typeof serviceFile>;
export type CardFile = z.infer<typeof cardFile>;
export type Threshold = z.infer<typeof threshold>;
export type ClinicalReview = z.infer<typeof clinicalReview>;
export type SuggestionTemplate = z.infer<typeof suggestion>;
export type CardTemplate = CardFile['cards'][number];
