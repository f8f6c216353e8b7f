import { z } from 'zod';
import { isKnownProperty, isKnownSubstance, isKnownUnit } from '../fhir/quantity.ts';
import { parseDuration } from '../fhir/time.ts';
import { isFormula } from './formulas.ts';

/**
 * The schema of `vocabulary/<group>.json`: what a clinical value is, once. A rule that a file breaks is reported
 * in these words. Cross-file rules (value sets and inputs exist, no cycles) are in vocabulary.ts.
 */

const name = z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'must be camelCase');
const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'must be an ISO 8601 duration such as P5Y');
const unit = z.string().refine(isKnownUnit, 'must be a UCUM unit');

const code = z.strictObject({
  system: z.string().min(1),
  code: z.string().min(1),
  display: z.string().min(1),
});
const measured = code.extend({
  /** LOINC property: the unit of a value must fit it (vocabulary/units.json). */
  property: z.string().refine(isKnownProperty, 'must be a property of units.json').optional(),
  /** Where it is another substance than the entry's: urea beside urea nitrogen. */
  substance: z.string().refine(isKnownSubstance, 'must be a substance of units.json').optional(),
});
const answer = code.extend({
  meaning: z.string().min(1),
  note: z.string().optional(),
});

/** An answer is its own meaning (a word), or speaks for or against presence; other meanings are no answer. */
const answers = z.union([
  z.strictObject({
    present: z.array(z.string()).min(1),
    absent: z.array(z.string()).min(1),
    codes: z.array(answer).min(1),
  }),
  z.strictObject({ word: z.literal(true), codes: z.array(answer).min(1) }),
]);

const observation = z.strictObject({
  kind: z.literal('observation'),
  codes: z.array(measured).min(1),
  /** Panels whose components count (blood pressure); elsewhere a component is not looked at. */
  panels: z.array(code).optional(),
  /** Key of units.json `substances` or `equations`. */
  substance: z.string().refine(isKnownSubstance, 'must be a substance of units.json').optional(),
  answers: answers.optional(),
});
const member = { valueSet: z.string().startsWith('urn:') };
/** Class names that make an uncoded record evidence that cannot be read, beside the names of the ingredients. */
const named = { ...member, words: z.array(z.string().min(3)).optional() };
/** `encounter`: only what is a diagnosis of the visit that the hook names. */
const condition = z.strictObject({
  kind: z.literal('condition'),
  ...named,
  encounter: z.literal('current').optional(),
});
/**
 * `within`: what was given or ended within that time counts too, not only what is active. `includes`: orders of this visit
 * for discharge count although they are completed.
 */
const medication = z.strictObject({
  kind: z.literal('medication'),
  ...named,
  within: duration.optional(),
  includes: z.array(z.literal('discharge')).length(1).optional(),
});
const allergy = z.strictObject({ kind: z.literal('allergy'), ...named });
/** Words: phrases that make a procedure without a code that is known evidence that cannot be read. */
const procedure = z.strictObject({ kind: z.literal('procedure'), ...named });
const declined = z.strictObject({ kind: z.literal('declined'), ...named });
/** Words: an order that holds one is one. */
const ordered = z.strictObject({ kind: z.literal('ordered'), ...named });
const dose = z.strictObject({ kind: z.literal('dose'), ...member });
const encounter = z.strictObject({
  kind: z.literal('encounter'),
  field: z.enum([
    'inpatient',
    'lengthOfStay',
    'acuteAdmission',
    'emergencyVisits',
    'admissions',
    'dischargeDisposition',
    'hospice',
    'leavesElsewhere',
  ]),
});
const demographic = z.discriminatedUnion('field', [
  z.strictObject({ kind: z.literal('demographic'), field: z.enum(['age', 'sex', 'race', 'deceased']) }),
  z.strictObject({ kind: z.literal('demographic'), field: z.literal('extension'), url: z.string().min(1) }),
]);
const derived = z.strictObject({
  kind: z.literal('derived'),
  formula: z.string().refine(isFormula, 'must be a formula of src/features/formulas.ts'),
  /** A list for the formulas that choose among values, otherwise the formula's argument → value. */
  inputs: z.union([z.array(name).min(1), z.record(z.string(), name)]),
  /** The formula's constants: a limit, a factor, a word, the points of each input. */
  with: z.record(z.string(), z.union([z.number(), z.string().min(1)])).optional(),
  /** Presence values that forbid its use, now or at the time of the value itself. */
  unless: z.array(name).optional(),
});

const from = z.union([
  observation,
  condition,
  medication,
  allergy,
  procedure,
  declined,
  ordered,
  dose,
  encounter,
  demographic,
  derived,
]);

/**
 * Which records decide: the newest; the worst (least or greatest) within the look-back; how many instants it was
 * recorded at; whether there is any; the newest that is at least that much older than the newest of all; a mean of days;
 * on how many calendar days there is one that can be read in that unit, within `plausible` in that unit.
 */
const pick = z.union([
  z.enum(['latest', 'min', 'max', 'count', 'any']),
  z.strictObject({ latestBefore: duration }),
  z.strictObject({ meanOfLatestOnDays: z.int().min(1).max(30) }),
  z.strictObject({ days: unit }),
]);

export const entrySchema = z.strictObject({
  name,
  label: z.string().min(1),
  from,
  /** UCUM; absent for presence and coded values. */
  unit: unit.optional(),
  lookback: duration.optional(),
  lookbackBasis: z.string().optional(),
  pick,
  /** Readings taken in hospital or emergency care alone, or outside them alone. */
  setting: z.enum(['outpatient', 'inpatient']).optional(),
  /** Outside (inclusive bounds, in the entry's unit): implausible. */
  plausible: z.tuple([z.number(), z.number()]).optional(),
  /** Two values of one instant further apart than this: conflicting. */
  conflictAbove: z.number().positive().optional(),
  /** Once had, always counts: resolved and past records too. */
  history: z.boolean().optional(),
  /** Unconfirmed, provisional and differential records count too (safety exclusions). */
  unconfirmed: z.boolean().optional(),
  /** For coded presence: the value when nothing lies within the look-back. Without it: Missing. */
  whenNone: z.boolean().optional(),
  notes: z.string().optional(),
});

export const groupSchema = z.strictObject({
  group: name,
  label: z.string().min(1),
  copyright: z.string().optional(),
  values: z.array(entrySchema).min(1),
});

/** An entry of the vocabulary with the group it stands in. */
export type Entry = z.infer<typeof entrySchema> & { readonly group: string };
export type Origin = Entry['from'];
export type EntryFrom<Kind extends Origin['kind']> = Entry & {
  readonly from: Extract<Origin, { kind: Kind }>;
};

/** Narrows an entry by the kind of its source. */
export const isFrom = <Kind extends Origin['kind']>(entry: Entry, kind: Kind): entry is EntryFrom<Kind> =>
  entry.from.kind === kind;

/** Names without which a derived value cannot be told: of `any-known` the first alone. */
export function requiredInputsOf(entry: Entry): readonly string[] {
  const inputs = inputsOf(entry);
  return entry.from.kind === 'derived' && entry.from.formula === 'any-known' ? inputs.slice(0, 1) : inputs;
}

/** Names a derived value is computed from, guards included; none for a value read from the chart. */
export function inputsOf(entry: Entry): readonly string[] {
  if (entry.from.kind !== 'derived') return [];
  const { inputs, unless = [] } = entry.from;
  return [...(Array.isArray(inputs) ? inputs : Object.values(inputs)), ...unless];
}
