/**
 * What a model package says of itself (`models/<id>/manifest.json`): which clinical value feeds which tensor, what
 * the outputs mean, where the model holds, how it is explained and under which rules it may be shown. Data only:
 * codes and ranges, no expressions.
 */
import { z } from 'zod';
import { Fault } from '../errors.ts';
import { benefitDisagreements, benefitSchema } from './benefit.ts';
import { agreeing, type Disagreement, repeats } from './disagreement.ts';
import { placeDisagreements, tensorsTaken } from './place.ts';

export { companionOf } from './place.ts';

const text = z.string().trim().min(1);
/** Names appear in FHIRPath as `%<model id>_<output>`. */
const name = z.string().regex(/^[a-z0-9][a-z0-9_]*$/, 'is not lower case letters, digits and _');
const valueName = z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'is not a vocabulary name');
const sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not sha256: and 64 hex digits');
const day = z.iso.date();
const code = z.number();

/** Column of a tensor [rows, width] that inputs (or outputs) share, from 0. Absent: the tensor is one column, [rows]. */
const at = z.int().min(0).max(9_999).optional();

/**
 * What happens where the clinical value is missing: the model abstains, or its tensor takes `fill` and the
 * companion `tensor` says 1 (missing) instead of 0.
 */
const ifMissing = z.union([z.literal('abstain'), z.strictObject({ tensor: text, at, fill: z.number() })]);

const inputBase = {
  name,
  tensor: text,
  at,
  /** Also of its companion tensor. A number is rounded to float32 where the graph takes that. */
  dtype: z.enum(['float64', 'float32', 'int64']),
  /** In plain words; starts a sentence. */
  label: text,
};
const clinical = { ...inputBase, value: valueName, ifMissing };

const numberInput = z.strictObject({
  ...clinical,
  kind: z.literal('number'),
  /** UCUM. */
  unit: text,
  /** Bounds included. Outside, the model abstains; it never clamps. */
  valid: z.strictObject({ min: z.number(), max: z.number(), integer: z.boolean().optional() }),
});
const booleanInput = z.strictObject({
  ...clinical,
  kind: z.literal('boolean'),
  codes: z.strictObject({ false: code, true: code }),
});
const categoryInput = z.strictObject({
  ...clinical,
  kind: z.literal('category'),
  codes: z.record(text, code),
});
/** Not a fact of the patient: chooses how the model works. `absent` is its code where nothing is chosen. */
const controlInput = z.strictObject({
  ...inputBase,
  kind: z.literal('control'),
  codes: z.record(text, code),
  absent: code,
});
const inputSchema = z.discriminatedUnion('kind', [numberInput, booleanInput, categoryInput, controlInput]);

const outputBase = {
  name,
  tensor: text,
  at,
  /** Absent: float64. A float32 number is widened exactly. */
  dtype: z.enum(['float64', 'float32']).optional(),
  /** In plain words; starts a sentence. */
  label: text,
};
const measured = {
  ...outputBase,
  /** Boolean tensor: the output exists for this row. Absent: it always does. */
  appliesTensor: text.optional(),
  /** The treatment of `benefit` that the output speaks of. Absent: as the patient is. */
  treatment: name.optional(),
};
/** ISO 8601 duration. */
const horizon = z.string().regex(/^P(?:\d+[YMWD])+$|^PT\d+H$/, 'is not an ISO 8601 duration');
const decimals = z.int().min(0).max(3);
const mode = z.literal('half-up');

const probabilityOutput = z.strictObject({
  ...measured,
  kind: z.literal('probability'),
  horizon,
  /** UCUM: a proportion. */
  unit: z.literal('1'),
  /** For words only. Thresholds are decided on the unrounded double. */
  rounding: z.strictObject({ unit: z.literal('%'), decimals, mode }),
});
/** A score or a computed measure: points, mL/min, mg/d. */
const numberOutput = z.strictObject({
  ...measured,
  kind: z.literal('number'),
  /** UCUM; `{points}` for a score. */
  unit: text,
  /** Bounds included. Anything else that the graph answers is an error, never a result. */
  range: z.strictObject({ min: z.number(), max: z.number(), integer: z.boolean().optional() }),
  horizon: horizon.optional(),
  /** For words only. */
  rounding: z.strictObject({ decimals, mode }),
});
/** A word about the answer, e.g. the equation variant that gave it. */
const labelOutput = z.strictObject({
  ...outputBase,
  kind: z.literal('label'),
  codes: z.record(text, code),
  /** How a word of `codes` is printed; one that is not named here is printed as it is. */
  words: z.record(text, text).optional(),
});
const outputSchema = z.discriminatedUnion('kind', [probabilityOutput, numberOutput, labelOutput]);

const explainSchema = z.strictObject({
  method: z.literal('exact-shapley'),
  scale: z.literal('logit'),
  /** Inputs that stay at the patient's value: they are no player of the game. */
  hold: z.array(name),
  baseline: z.strictObject({
    /** One noun phrase for the reference person. */
    label: text,
    source: text,
    /** Input name → value, `null` for not measured; every input that is not held. */
    inputs: z.record(name, z.union([z.number(), z.boolean(), z.string(), z.null()])),
  }),
  /**
   * With whom the risk is compared in words: the reference person with these inputs (besides the held ones) at the
   * patient's value. They must be whole clinical groups. Absent: the reference person.
   */
  peer: z.strictObject({ inputs: z.array(name).min(1), label: text }).optional(),
});

/** What every package says of itself, whatever it takes and gives. */
export const aboutShape = {
  $schema: text.optional(),
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'is not a model id'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'is not a semantic version'),
  title: text,
  /** How software that shows these outputs is regulated, as its makers see it. */
  regulatoryTier: z.enum(['non-device-cds', 'device', 'research']),
  intendedUse: text,
  population: text,
  validation: text,
  cautions: z.array(text).min(1),
  license: text,
  citation: text,
  /** The day by which someone must have looked at the model again. */
  reviewBy: day,
  /** SHA-256 of parity.jsonl, so that the seal covers what the model is tested against. */
  parity: sha256,
  /** The seal: see digest.ts. */
  digest: sha256,
};

const shape = z.strictObject({
  ...aboutShape,
  inputs: z.array(inputSchema).min(1),
  outputs: z.array(outputSchema).min(1),
  /** Absent: the answer is a sum of points or a formula that explains itself, and no service may ask for one. */
  explain: explainSchema.optional(),
  /** The risk under candidate treatments: the cited table. */
  benefit: benefitSchema.optional(),
});

export type Manifest = z.output<typeof shape>;
export type ExplainRules = NonNullable<Manifest['explain']>;
export type ManifestInput = Manifest['inputs'][number];
export type NumberInput = Extract<ManifestInput, { kind: 'number' }>;
export type ManifestOutput = Manifest['outputs'][number];

/** The manifest's grammar and what must agree inside it. */
export const manifestSchema = shape.superRefine(agreeing(disagreements));

function disagreements(manifest: Manifest): readonly Disagreement[] {
  const names = manifest.inputs.map((input) => input.name);
  return [
    ...repeats(names, ['inputs'], 'input name'),
    ...repeats(
      manifest.outputs.map((output) => output.name),
      ['outputs'],
      'output name',
    ),
    ...placeDisagreements(manifest),
    ...manifest.inputs.flatMap(rangeAndCodes),
    ...manifest.outputs.flatMap(printedWords),
    ...manifest.outputs.flatMap(outputRange),
    ...explainNames(manifest, names),
    ...benefitDisagreements({
      benefit: manifest.benefit,
      inputs: manifest.inputs,
      outputs: manifest.outputs.map((output) => (output.kind === 'label' ? { name: output.name } : output)),
    }),
  ];
}

function rangeAndCodes(input: ManifestInput, at: number): readonly Disagreement[] {
  if (input.kind === 'number') {
    return input.valid.min <= input.valid.max
      ? []
      : [{ path: ['inputs', at, 'valid'], rule: 'min is above max' }];
  }
  const codes = Object.values(input.codes);
  return new Set(codes).size === codes.length
    ? []
    : [{ path: ['inputs', at, 'codes'], rule: 'two words share a code' }];
}

function printedWords(output: ManifestOutput, at: number): readonly Disagreement[] {
  if (output.kind !== 'label') return [];
  return Object.keys(output.words ?? {})
    .filter((word) => !(word in output.codes))
    .map((word) => ({ path: ['outputs', at, 'words'], rule: `${word} has no code` }));
}

const outputRange = (output: ManifestOutput, at: number): readonly Disagreement[] =>
  output.kind === 'number' && output.range.min > output.range.max
    ? [{ path: ['outputs', at, 'range'], rule: 'min is above max' }]
    : [];

function explainNames(manifest: Manifest, names: readonly string[]): readonly Disagreement[] {
  if (manifest.explain === undefined) return [];
  const { hold, baseline, peer } = manifest.explain;
  const needed = names.filter((known) => !hold.includes(known));
  const given = Object.keys(baseline.inputs);
  return [
    ...hold
      .filter((held) => !names.includes(held))
      .map((held) => ({ path: ['explain', 'hold'], rule: `${held} is no input` })),
    ...needed
      .filter((input) => !given.includes(input))
      .map((input) => ({ path: ['explain', 'baseline', 'inputs'], rule: `${input} is missing` })),
    ...given
      .filter((input) => !needed.includes(input))
      .map((input) => ({ path: ['explain', 'baseline', 'inputs', input], rule: 'is held or no input' })),
    ...(peer?.inputs ?? [])
      .filter((input) => !needed.includes(input))
      .map((input) => ({ path: ['explain', 'peer', 'inputs'], rule: `${input} is held or no input` })),
  ];
}

/** How the model is explained. @throws Fault internal where it is not: services are checked for that at the start */
export function explainOf({ id, explain }: Manifest): ExplainRules {
  if (explain === undefined) throw new Fault('internal', [`${id} is not explained`]);
  return explain;
}

/** Every tensor the graph must take, companions included. */
export const inputTensors = (manifest: Manifest): readonly string[] =>
  tensorsTaken(manifest).map((tensor) => tensor.name);

/** The grammar as JSON Schema (2020-12), for editors: published as `models/manifest.schema.json`. */
export function manifestJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(shape, { io: 'input' });
  return { $schema, title: 'auscult model manifest', ...rest };
}
