import { z } from 'zod';
import { parseDuration } from '../fhir/time.ts';
import { readRules } from './rules.ts';

/** The schema of vocabulary/rules/interactions.json; docs/findings.md says how a row is read. */

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'must be an ISO 8601 duration');
const severity = z.enum(['info', 'warning', 'critical']);
const sentence = z.string().min(10);
const ingredient = z.strictObject({
  code: z.string().regex(/^\d+$/, 'must be an RxNorm code'),
  name: z.string().min(2),
});
/** Value sets by id, ingredients beside them, ingredients left out. */
const drugs = {
  classes: z.array(z.string().min(2)).default([]),
  ingredients: z.array(ingredient).default([]),
  without: z.array(ingredient).default([]),
};

const side = z
  .strictObject({
    label: z.string().min(2).max(40),
    ...drugs,
    /** How long after its end a drug of this side still counts; absent: not at all. */
    recent: z
      .strictObject({
        within: duration,
        longer: z.array(z.strictObject({ ingredient, within: duration })).default([]),
        because: sentence,
      })
      .optional(),
  })
  .refine(({ classes, ingredients }) => classes.length + ingredients.length > 0, 'must name a drug');

const id = { id: z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'must be camelCase') };
const which = z.enum(['one', 'other']);
const factor = z.discriminatedUnion('kind', [
  /** A clinical value that is true, or lies between the limits (exclusive), and is not older than `within`. */
  z.strictObject({
    ...id,
    kind: z.literal('value'),
    value: z.string().min(2),
    above: z.number().optional(),
    below: z.number().optional(),
    unit: z.string().optional(),
    within: duration.optional(),
    because: sentence.optional(),
    otherwise: sentence.optional(),
    unknown: sentence,
  }),
  /** Another drug on the list or among the drafts, beside the two that interact. */
  z.strictObject({
    ...id,
    kind: z.literal('drug'),
    ...drugs,
    because: sentence.optional(),
    otherwise: sentence.optional(),
    unknown: sentence,
  }),
  /** The drug of that side is one of these. */
  z.strictObject({
    ...id,
    kind: z.literal('member'),
    side: which,
    ingredients: z.array(ingredient).min(1),
    because: sentence,
  }),
  /** The drug of that side is a draft, and the patient neither has nor recently had it. */
  z.strictObject({ ...id, kind: z.literal('new'), side: which, because: sentence.optional() }),
  /** One of the two is no longer on the list. */
  z.strictObject({ ...id, kind: z.literal('recent') }),
]);

const names = z.array(z.string()).default([]);
/** Holds when all of `all` hold, one of `any` (if there are any) does, and none of `none` does, known for sure. */
const branch = z.strictObject({ all: names, any: names, none: names, severity });

const rule = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/, 'must be lower case with hyphens'),
    one: side,
    other: side,
    severity,
    problem: z.string().min(5).max(60),
    advice: sentence,
    factors: z.array(factor).default([]),
    /** The first that holds decides; none: the row's own severity. */
    branches: z.array(branch).default([]),
    /** What to order in place of a drug of that side. */
    alternatives: z
      .strictObject({
        inPlaceOf: which,
        /** Ordered for another reason: aspirin as an antiplatelet drug. */
        notFor: z.array(ingredient).default([]),
        drugs: z.array(z.strictObject({ code: z.string(), display: z.string(), label: z.string() })).min(1),
      })
      .optional(),
    source: z.strictObject({ label: z.string().min(5), url: z.url().optional() }),
    notes: z.string().optional(),
  })
  .refine(
    ({ factors, branches }) =>
      branches
        .flatMap(({ all, any, none }) => [...all, ...any, ...none])
        .every((each) => factors.some((known) => known.id === each)),
    { path: ['branches'], message: 'must name factors of the rule' },
  );

export const interactionSchema = z.strictObject({
  about: z.string().min(10),
  clinicalReview: z.literal('pending').or(z.strictObject({ by: z.string(), at: z.iso.date() })),
  rules: z
    .array(rule)
    .min(1)
    .refine(
      (rules) => new Set(rules.map(({ id: each }) => each)).size === rules.length,
      'must have ids that differ',
    ),
});

export type InteractionRule = z.infer<typeof rule>;
export type Side = z.infer<typeof side>;
export type Factor = z.infer<typeof factor>;
export type DrugSet = Pick<Side, 'classes' | 'ingredients' | 'without'>;

export const interactionRules: readonly InteractionRule[] = readRules(
  interactionSchema,
  'interactions.json',
).rules;
