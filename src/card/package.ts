import type { HookName } from 'cds-hooks-types';
import { z } from 'zod';

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

/** FHIRPath over named values; see conditions.ts for the part of the language that is allowed. */
const condition = text;
/** Lines of GitHub-flavoured markdown with `{{placeholders}}`; see template.ts. */
const lines = z.array(z.string()).min(1);

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
  /** The output that the card's drivers and the app explain. */
  explain: z.strictObject({ model: text, output: text }).optional(),
  thresholds: z.record(name, threshold).default({}),
  /** In this order: the first that holds silences the service, whatever else is missing. */
  exclusions: z.array(z.strictObject({ reason: id, when: condition })).default([]),
  clinicalReview,
  owner: text,
  reviewBy: date,
});

const suggestion = z.strictObject({
  label: text,
  /** What accepting does, for the EHR that shows actions. */
  description: text,
  /** RxNorm SCD: a clinical drug, so that the order is one the pharmacy can fill. */
  medication: coding.extend({ system: z.literal('http://www.nlm.nih.gov/research/umls/rxnorm') }),
  dosage: text,
  reason: z.strictObject({ coding: coding.optional(), text }),
});

const card = z.strictObject({
  id,
  when: condition,
  indicator: z.enum(['info', 'warning', 'critical']),
  summary: text,
  /** With placeholders of values, outputs and thresholds; inserted into `detail` as {{recommendation}}. */
  recommendation: text,
  suggestions: z.array(id).default([]),
  selectionBehavior: z.enum(['at-most-one', 'any']).default('at-most-one'),
});

export const cardFile = z.strictObject({
  source: z.strictObject({
    label: text,
    url: link.optional(),
    /** Static: EHRs remember overrides by it; Epic takes letters and digits only. */
    topic: coding.extend({
      code: z.string().regex(/^[A-Za-z0-9]{1,100}$/, 'must be 1 to 100 letters or digits'),
    }),
  }),
  /** Label of the link to the explanation app. */
  appLink: text,
  overrideReasons: z.array(coding).min(1),
  suggestions: z.record(id, suggestion).default({}),
  detail: lines,
  /** In this order: the first whose condition holds is shown. */
  cards: z.array(card).min(1),
});

export type ServiceFile = z.infer<typeof serviceFile>;
export type CardFile = z.infer<typeof cardFile>;
export type Threshold = z.infer<typeof threshold>;
export type ClinicalReview = z.infer<typeof clinicalReview>;
export type SuggestionTemplate = z.infer<typeof suggestion>;
