import { z } from 'zod';

/**
 * The grammar that the tables of cautions share (vocabulary/rules/pregnancy.json, older-adults.json): a drug or a
 * class, what must hold of the patient, what excepts them, how the severity changes, the words and their source.
 */

const severity = z.enum(['info', 'warning', 'critical']);
const name = z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'must be camelCase');
const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower case with hyphens');
const text = z.string().trim().min(1);

/** A value that is not known silences the rule; `ask`: the rule speaks, as information, and says what is unknown. */
const ifUnknown = z.literal('ask').optional();
/** Presence, or a coded answer. */
const presence = z.strictObject({ value: name, is: z.union([z.boolean(), text]), ifUnknown });
/** A number in the entry's unit; `from` and `upTo` include the limit. */
const measure = z
  .strictObject({
    value: name,
    from: z.number().optional(),
    above: z.number().optional(),
    below: z.number().optional(),
    upTo: z.number().optional(),
    ifUnknown,
  })
  .refine(({ from, above, below, upTo }) => [from, above, below, upTo].some((each) => each !== undefined), {
    error: 'needs a bound',
  });
/** So many other drugs of these sets, among the orders and what the patient is on. */
const others = z.strictObject({ others: z.array(id).min(1), atLeast: z.int().min(1) });
/** Nothing of the same ingredient is on the list, and the order is no renewal. */
const newStart = z.strictObject({ newStart: z.literal(true) });

const criterion = z.union([presence, measure, others, newStart]);
const criteria = z.array(criterion).default([]);

/** An order known to end within so many days (`asNeeded`: and to be as needed) is silent, unless a context adjusts it. */
const course = z.strictObject({ upToDays: z.int().min(1), asNeeded: z.literal(true).optional() });

export const sourceSchema = z.strictObject({ label: text, url: z.url({ protocol: /^https$/ }).optional() });
/** A set of the vocabulary, or an ingredient by its RxNorm code. */
export const drugSchema = z.union([
  z.strictObject({ valueSet: id }),
  z.strictObject({ code: z.string().regex(/^\d+$/), name: text.max(24) }),
]);
const words = { problem: text.max(60), advice: text };

export const cautionRow = z.strictObject({
  id,
  drugs: z.array(drugSchema).min(1),
  /** Ingredients of those sets that the rule is not about. */
  without: z.array(z.string().regex(/^\d+$/)).default([]),
  /** All of them must hold. */
  when: criteria,
  /** Any of them silences. */
  unless: criteria,
  course: course.optional(),
  severity,
  /** The first whose criteria all hold sets the severity; all that hold are reasons. */
  adjust: z.array(z.strictObject({ when: z.array(criterion).min(1), severity })).default([]),
  ...words,
  /** Pregnancy only: said before the first dose to a woman of childbearing age whose status is not on record. */
  beforeStart: z.strictObject(words).optional(),
  source: sourceSchema,
});

const cautionGroup = z.strictObject({
  id,
  /** Of every row. */
  when: criteria,
  unless: criteria,
  course: course.optional(),
  rows: z
    .array(cautionRow)
    .min(1)
    .refine((rows) => new Set(rows.map((row) => row.id)).size === rows.length, 'has an id twice'),
});

export const cautionTable = z.strictObject({
  about: text,
  review: text,
  groups: z.array(cautionGroup).min(1),
});

export type Criterion = z.output<typeof criterion>;
export type Measure = z.output<typeof measure>;
export type DrugRule = z.output<typeof drugSchema>;
export type CautionRow = z.output<typeof cautionRow>;
export type CautionGroup = z.output<typeof cautionGroup>;
export type Course = z.output<typeof course>;

/** Every clinical value that the groups name. */
export function valuesOf(groups: readonly CautionGroup[]): readonly string[] {
  const all = groups.flatMap(({ when, unless, rows }) => [
    ...when,
    ...unless,
    ...rows.flatMap((row) => [...row.when, ...row.unless, ...row.adjust.flatMap((each) => each.when)]),
  ]);
  return [...new Set(all.flatMap((each) => ('value' in each ? [each.value] : [])))];
}
