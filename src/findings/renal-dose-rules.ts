import { z } from 'zod';
import type { Feature } from '../features/feature.ts';
import { readRules } from './rules.ts';

/** The schema of vocabulary/rules/renal-dosing.json; its `about` says how a row is read. */
const severity = z.enum(['info', 'warning', 'critical']);
const bounds = {
  from: z.number().optional(),
  above: z.number().optional(),
  below: z.number().optional(),
  upTo: z.number().optional(),
};
const name = z.string().regex(/^[a-z][A-Za-z0-9]*$/);
const words = { severity, problem: z.string().min(1).max(60), advice: z.string().min(1) };
const band = z.strictObject({
  ...bounds,
  ...words,
  /** Presence values that say what the band is for. */
  when: z.array(z.strictObject({ value: name, is: z.boolean() })).optional(),
  criteria: z
    .strictObject({ atLeast: z.int().min(1), of: z.array(z.strictObject({ value: name, ...bounds })).min(1) })
    .optional(),
  newStart: z.literal(true).optional(),
  /** Highest daily dose, mg. */
  most: z.number().positive().optional(),
  mostPerKg: z.number().positive().optional(),
});
const drug = z.strictObject({ code: z.string().regex(/^\d+$/), name: z.string().min(1).max(24) });
const row = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  drugs: z.array(drug).min(1).optional(),
  valueSet: z.string().optional(),
  /** Members of the value set that the row is not about. */
  without: z.array(z.string()).optional(),
  /** Routes that the row is about; an order whose route is not known counts. */
  routes: z.array(z.string()).optional(),
  metric: z.enum(['creatinineClearance', 'egfr', 'creatinine', 'potassium']),
  /** The label asks for the metric before the drug is started. */
  knownBeforeStart: z.boolean().optional(),
  bands: z.array(band).min(1),
  dialysis: z.strictObject(words).optional(),
  source: z.strictObject({ label: z.string().min(1), url: z.url().optional() }),
});

export const renalDosingSchema = z.strictObject({
  about: z.string(),
  review: z.string(),
  rows: z
    .array(
      row.refine(
        (each) => (each.drugs === undefined) !== (each.valueSet === undefined),
        'names drugs or a set',
      ),
    )
    .refine((rows) => new Set(rows.map(({ id }) => id)).size === rows.length, 'has an id twice'),
});

export type RenalRow = z.infer<typeof row>;
export type RenalBand = z.infer<typeof band>;
type Bounds = Pick<RenalBand, 'from' | 'above' | 'below' | 'upTo'>;

/** The rows, checked once at the start. */
export const renalRows: readonly RenalRow[] = readRules(renalDosingSchema, 'renal-dosing.json').rows;

/** Does a number lie within the bounds? `from` and `upTo` include the limit; no bounds: always. */
export const isWithin = (value: number, { from, above, below, upTo }: Bounds): boolean =>
  (from === undefined || value >= from) &&
  (above === undefined || value > above) &&
  (below === undefined || value < below) &&
  (upTo === undefined || value <= upTo);

/** Yes, no, or the values that would have to be known to tell. */
export type Verdict = boolean | readonly string[];

/** Is the band's purpose the patient's? A presence value that is not known leaves it open. */
export function isMeant({ when = [] }: RenalBand, feature: (name: string) => Feature): Verdict {
  const answers = when.map(({ value, is }) => ({ value, is, told: feature(value) }));
  if (answers.some(({ told, is }) => told.kind === 'observed' && told.value !== is)) return false;
  const open = answers.filter(({ told }) => told.kind !== 'observed').map(({ value }) => value);
  return open.length === 0 || open;
}

/** Are enough of the criteria met? Enough known ones decide; open ones only where they could. */
export function isMet({ criteria }: RenalBand, feature: (name: string) => Feature): Verdict {
  if (criteria === undefined) return true;
  const told = criteria.of.map((each) => ({ ...each, feature: feature(each.value) }));
  const met = told.filter((each) => isNumber(each.feature) && isWithin(each.feature.value, each)).length;
  const open = told.filter((each) => !isNumber(each.feature)).map(({ value }) => value);
  if (met >= criteria.atLeast) return true;
  return met + open.length < criteria.atLeast ? false : open;
}

/** A number that was observed; an imputed one never doses a drug. */
export const isNumber = (
  feature: Feature,
): feature is Extract<Feature, { kind: 'observed' }> & { readonly value: number } =>
  feature.kind === 'observed' && typeof feature.value === 'number';
