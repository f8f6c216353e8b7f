/**
 * The cited table of a model that re-evaluates a risk under candidate treatments: the trials' relative risk with its
 * interval and what each treatment changes. Sealed with the manifest; the graph is built from the same numbers.
 */
import { z } from 'zod';

const text = z.string().trim().min(1);
/** Treatments begin the names of outputs. */
const name = z.string().regex(/^[a-z][a-z0-9_]*$/, 'is not lower case letters, digits and _');
const ratio = z.number().gt(0).lt(1);

const relativeRiskSchema = z.strictObject({
  value: ratio,
  low: ratio,
  high: ratio,
  /** Of the interval: 0.95. */
  confidence: z.number().gt(0).lt(1),
  /** The change that the relative risk belongs to; UCUM. */
  per: z.strictObject({ value: z.number().positive(), unit: text }),
  /** What is lowered, in words. */
  of: text,
  /** The trials' outcome and participants, in their own terms. */
  outcome: text,
  population: text,
  source: text,
});

const treatmentSchema = z.strictObject({
  name,
  label: text,
  /** Lowers an input by a share of the patient's own value, or by an amount in that input's unit. */
  lowers: z.union([
    z.strictObject({ input: text, fraction: z.number().gt(0).lt(1) }),
    z.strictObject({ input: text, amount: z.number().positive() }),
  ]),
  defined: text,
});

/** Absolute risk reduction = risk × (1 − relative risk ^ units lowered). The risk's own inputs are never changed. */
export const benefitSchema = z.strictObject({
  /** The output that is the risk without the treatment. */
  of: text,
  relativeRisk: relativeRiskSchema,
  treatments: z.array(treatmentSchema).min(1),
  /** How the trials' outcome differs from the risk's. */
  mismatch: text,
});

export type Benefit = z.output<typeof benefitSchema>;

interface Names {
  readonly benefit?: Benefit | undefined;
  readonly inputs: readonly { readonly name: string }[];
  readonly outputs: readonly { readonly name: string; readonly treatment?: string | undefined }[];
}

/** What in the table contradicts itself or the manifest around it. */
export function benefitDisagreements({
  benefit,
  inputs,
  outputs,
}: Names): readonly { readonly path: readonly (string | number)[]; readonly rule: string }[] {
  const treatments = benefit?.treatments ?? [];
  const strange = outputs.flatMap(({ treatment }, at) =>
    treatment === undefined || treatments.some((known) => known.name === treatment)
      ? []
      : [{ path: ['outputs', at, 'treatment'], rule: `${treatment} is no treatment of benefit` }],
  );
  if (benefit === undefined) return strange;
  const { value, low, high } = benefit.relativeRisk;
  return [
    ...strange,
    ...(low <= value && value <= high
      ? []
      : [{ path: ['benefit', 'relativeRisk'], rule: 'value is not between low and high' }]),
    ...(outputs.some((output) => output.name === benefit.of)
      ? []
      : [{ path: ['benefit', 'of'], rule: `${benefit.of} is no output` }]),
    ...treatments.flatMap(({ name: treatment, lowers }, at) => [
      ...(inputs.some((input) => input.name === lowers.input)
        ? []
        : [{ path: ['benefit', 'treatments', at, 'lowers'], rule: `${lowers.input} is no input` }]),
      ...(outputs.some((output) => output.treatment === treatment)
        ? []
        : [{ path: ['benefit', 'treatments', at], rule: `${treatment} has no output` }]),
      ...(treatments.findIndex((other) => other.name === treatment) === at
        ? []
        : [{ path: ['benefit', 'treatments', at], rule: `treatment ${treatment} is given twice` }]),
    ]),
  ];
}
