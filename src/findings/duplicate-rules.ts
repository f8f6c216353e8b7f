import { z } from 'zod';
import { readRules } from './rules.ts';

/** The schema of vocabulary/rules/duplicates.json; its `about` says how it is read. */
const id = z.string().regex(/^[a-z][a-z0-9-]*$/);
const words = {
  id,
  severity: z.enum(['info', 'warning', 'critical']),
  problem: z.string().min(1).max(60),
  advice: z.string().min(1),
};
const allow = z.array(z.enum(['prn-with-scheduled', 'long-with-short', 'short-course', 'any'])).min(1);
const source = z.strictObject({ label: z.string().min(1), url: z.url().optional() });
const same = z.strictObject(words);

export const duplicatesSchema = z.strictObject({
  about: z.string(),
  review: z.string(),
  shortCourseDays: z.int().positive(),
  localRoutes: z.array(z.string()),
  /** What a long-acting RxNorm dose form is called. */
  longActingForms: z.array(z.string()).min(1),
  same: z.strictObject({
    /** The same product again. */
    repeated: same,
    /** The same ingredients in another product: a dose that is being changed, perhaps. */
    otherStrength: same,
    /** One ingredient of both, beside others. */
    contained: same,
    source,
    /** Solvents and additions that repeat without meaning. */
    never: z.array(z.strictObject({ code: z.string().regex(/^\d+$/), name: z.string() })),
    allowances: z.array(z.strictObject({ set: z.string(), allow, because: z.string() })),
  }),
  classes: z
    .array(
      z.strictObject({
        ...words,
        label: z.string().min(1),
        /** Drug sets that together are the class. */
        sets: z.array(z.string()).min(1),
        without: z.array(z.string()).optional(),
        allow: allow.optional(),
        /** Two sets of the class that the row leaves alone: usual together, or spoken of by another kind. */
        allowPairs: z.array(z.tuple([z.string(), z.string()])).optional(),
        source,
      }),
    )
    .min(1),
});

export type DuplicateClass = z.infer<typeof duplicatesSchema>['classes'][number];
export type Allowance = z.infer<typeof allow>[number];
export type DuplicateWords = z.infer<typeof same>;

/** The table, checked once at the start. */
export const duplicateTable: z.infer<typeof duplicatesSchema> = readRules(
  duplicatesSchema,
  'duplicates.json',
);
