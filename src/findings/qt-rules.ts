import { z } from 'zod';
import { drugSchema, sourceSchema } from './caution.ts';
import { readRules } from './rules.ts';

/** The schema of vocabulary/rules/qt.json; its `about` says how it is read. */
const text = z.string().trim().min(1);
const name = z.string().regex(/^[a-z][A-Za-z0-9]*$/);
const severity = z.enum(['info', 'warning', 'critical']);
const words = { problem: text.max(60), advice: text };
const bounds = {
  from: z.number().optional(),
  above: z.number().optional(),
  below: z.number().optional(),
  upTo: z.number().optional(),
};

const threshold = z.strictObject({
  value: name,
  ...bounds,
  /** Of the vocabulary's entry. */
  unit: text,
  /** What it makes of one listed drug; of two, critical. */
  single: severity,
  source: sourceSchema,
});

const label = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  drugs: z.array(drugSchema).min(1),
  /** By QTc in ms; the first that holds counts. */
  bands: z.array(z.strictObject({ ...bounds, severity, ...words })).min(1),
  /** What a long QT on record makes of it. */
  longQt: z.strictObject({ severity, ...words }).optional(),
  source: sourceSchema,
});

export const qtTable = z.strictObject({
  about: text,
  review: text,
  list: z.strictObject({
    /** A set that only a site's vocabulary has. */
    valueSet: text,
    drugs: z.array(drugSchema),
    single: z.strictObject(words),
    pair: z.strictObject(words),
    source: sourceSchema,
  }),
  thresholds: z.array(threshold).min(1),
  longQt: z.strictObject({ value: name, single: severity }),
  labels: z.array(label),
});

export type QtTable = z.output<typeof qtTable>;
export type QtLabel = QtTable['labels'][number];
export type Bounds = Pick<QtTable['thresholds'][number], 'from' | 'above' | 'below' | 'upTo'>;

/** The shipped table, checked once at the start. */
export const qtRules: QtTable = readRules(qtTable, 'qt.json');

/** `from` and `upTo` include the limit. */
export const isWithin = (value: number, { from, above, below, upTo }: Bounds): boolean =>
  (from === undefined || value >= from) &&
  (above === undefined || value > above) &&
  (below === undefined || value < below) &&
  (upTo === undefined || value <= upTo);
