import { z } from 'zod';
import { readRules } from './rules.ts';

/** The schema of vocabulary/rules/opioids.json; its `about` says how it is read. */
const code = z.string().regex(/^\d+$/);
const rule = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  severity: z.enum(['info', 'warning', 'critical']),
  problem: z.string().min(1).max(60),
  advice: z.string().min(1),
  basis: z.string().min(1),
});

export const opioidsSchema = z.strictObject({
  about: z.string(),
  review: z.string(),
  source: z.strictObject({ label: z.string().min(1), url: z.url() }),
  /** MME per mg a day by mouth, or per ug/h of a patch. */
  factors: z
    .array(
      z.strictObject({
        opioid: z.string().min(1),
        code,
        route: z.enum(['oral', 'transdermal']),
        unit: z.enum(['mg/d', 'ug/h']),
        factor: z.number().positive(),
      }),
    )
    .min(1),
  neverCounted: z.array(z.strictObject({ opioid: z.string(), code, because: z.string() })),
  /** Opioids that may be treatment of opioid use disorder. */
  treatsUseDisorder: z.array(code),
  /** Ids of drug sets. */
  opioids: z.string().min(1),
  benzodiazepines: z.string().min(1),
  exclusions: z.array(z.strictObject({ value: z.string(), label: z.string() })),
  adultFrom: z.number(),
  rules: z.strictObject({
    mme: rule.extend({ from: z.number().positive() }),
    mmeUnknown: rule,
    benzodiazepine: rule,
    naloxone: rule,
    extendedRelease: rule,
  }),
  longActing: z.strictObject({ forms: z.array(z.string()), codes: z.array(code), not: z.array(code) }),
  naloxone: z.strictObject({
    code,
    /** Id of the drug set of what reverses an overdose. */
    set: z.string().min(1),
    order: z.strictObject({
      label: z.string(),
      system: z.url(),
      code,
      display: z.string(),
      dosage: z.string(),
      reason: z.string(),
    }),
  }),
});

export type OpioidRule = z.infer<typeof rule>;
export type OpioidFactor = z.infer<typeof opioidsSchema>['factors'][number];

/** The table, checked once at the start. */
export const opioidTable: z.infer<typeof opioidsSchema> = readRules(opioidsSchema, 'opioids.json');
