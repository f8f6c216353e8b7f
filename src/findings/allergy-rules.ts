import { z } from 'zod';
import { readRules } from './rules.ts';

/** The schema of vocabulary/rules/cross-reactivity.json; docs/findings.md says how a row is read. */

const severity = z.enum(['info', 'warning', 'critical']);
const slug = z.string().regex(/^[a-z0-9-]+$/, 'must be lower case with hyphens');

/** Drugs that count as one to the immune system, or to whoever recorded the allergy. */
const group = z
  .strictObject({
    id: slug,
    /** As a card names it. */
    label: z.string().min(3).max(24),
    /** Drug value sets by id. */
    classes: z.array(z.string().min(2)).default([]),
    /** Allergen value sets by id: class codes that an allergy may be recorded with. */
    allergens: z.array(z.string().endsWith('-allergen')).default([]),
    ingredients: z.array(z.strictObject({ code: z.string().regex(/^\d+$/), name: z.string() })).default([]),
    /** Class names that an uncoded allergy may use. */
    words: z.array(z.string().min(3)).default([]),
  })
  .refine(({ classes, ingredients }) => classes.length + ingredients.length > 0, 'must name a drug');

const rule = z.strictObject({
  id: slug,
  from: slug,
  to: slug,
  /** Only where the reaction on record was this one. */
  onlyAfter: z.literal('angioedema').optional(),
  /** With `onlyAfter`: the severity where no reaction is recorded; absent: nothing is said then. */
  untold: severity.optional(),
  usual: severity,
  /** Where the record says high criticality, a severe reaction or anaphylaxis. */
  severe: severity,
  problem: z.string().min(5).max(60),
  advice: z.string().min(10),
  source: z.strictObject({ label: z.string().min(5), url: z.url().optional() }),
  notes: z.string().optional(),
});

export const allergySchema = z
  .strictObject({
    about: z.string().min(10),
    clinicalReview: z.literal('pending').or(z.strictObject({ by: z.string(), at: z.iso.date() })),
    /** The two rules that need no row: the same ingredient, and a drug that is only named. */
    same: rule.omit({ from: true, to: true, onlyAfter: true, untold: true }),
    named: rule.omit({ from: true, to: true, onlyAfter: true, untold: true }),
    groups: z.array(group).min(1),
    /** For an allergy and an order the first that fits decides. */
    rules: z.array(rule).min(1),
  })
  .refine(
    ({ groups, rules }) =>
      rules.every(({ from, to }) => [from, to].every((id) => groups.some((each) => each.id === id))),
    { path: ['rules'], message: 'must name groups of the table' },
  )
  .refine(({ rules }) => new Set(rules.map(({ id }) => id)).size === rules.length, {
    path: ['rules'],
    message: 'must have ids that differ',
  });

export type AllergyTable = z.infer<typeof allergySchema>;
export type AllergyGroup = AllergyTable['groups'][number];
export type AllergyRule = Omit<AllergyTable['rules'][number], 'from' | 'to'>;

export const allergyTable: AllergyTable = readRules(allergySchema, 'cross-reactivity.json');
