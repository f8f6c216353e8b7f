/**
 * `cards/<package>/cases/*.json`: what a package must say of a chart or of clinical values. A case is part of its
 * package: the tests run them all, and `auscult validate` runs those of one package.
 */
import { z } from 'zod';
import type { FeatureValue, MissingReason } from '../features/feature.ts';

/** A value as a case writes it: itself, or why there is none. */
export type Written =
  | FeatureValue
  | { readonly missing: MissingReason }
  | { readonly value: FeatureValue; readonly at: string };

const written = z.record(z.string(), z.custom<Written>());
const texts = z.union([z.string(), z.array(z.string())]);
const expectedCard = z.strictObject({
  template: z.string(),
  indicator: z.enum(['info', 'warning', 'critical']).optional(),
  summaryIncludes: texts.optional(),
  detailIncludes: texts.optional(),
  detailExcludes: texts.optional(),
  /** Codes of proposed drugs, texts of proposed services, references of orders to be removed; in order. */
  suggestions: z.array(z.string()).optional(),
});
const shown = expectedCard.extend({
  outcome: z.literal('show'),
  /** The cards after the first, in order. */
  also: z.array(expectedCard).default([]),
});
const quiet = z.strictObject({
  outcome: z.enum(['silent', 'abstained', 'undetermined']),
  reason: z.string(),
});

/**
 * A chart (a persona of fixtures/charts, through the whole story) or clinical values (beside those of a healthy
 * chart), and a clock → the cards, or silence and why. Dates of added resources are written as in fixtures/charts.
 */
export const caseFile = z
  .strictObject({
    title: z.string().min(1),
    chart: z.string().optional(),
    /** Resources beside the persona's; `{{patient}}` stands for the persona's id. */
    add: z.array(z.looseObject({ resourceType: z.string() })).optional(),
    /** Resources that are left out: `Type`, `Type/id`. */
    without: z.array(z.string()).optional(),
    /** Orders of order-select and order-sign. */
    drafts: z.array(z.looseObject({ resourceType: z.string(), id: z.string() })).optional(),
    /** The visit the user is in. */
    encounter: z.string().optional(),
    values: written.optional(),
    /** Values as they were before, for a trend: what is not written is as it is now. */
    earlier: written.optional(),
    /** Model outputs in the place of the model's own, for the edges of a threshold. */
    outputs: z.record(z.string(), z.number()).optional(),
    clock: z.iso.datetime().transform((text) => new Date(text)),
    expect: z.discriminatedUnion('outcome', [shown, quiet]),
  })
  .refine(
    (one) => (one.chart === undefined) !== (one.values === undefined),
    'names either a chart or values',
  );

export type Case = z.output<typeof caseFile>;

export type Expected = z.output<typeof expectedCard>;
