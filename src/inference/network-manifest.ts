/**
 * What a network says of itself (`manifest.json` with `kind: "network"`): tensors in, tensors out, whole arrays for each
 * patient, under the graph's own names. Where a published equation speaks of clinical values (manifest.ts), a network
 * speaks of series, images, events; it is served to other systems and stands behind no card.
 */
import { z } from 'zod';
import { agreeing } from './disagreement.ts';
import { aboutShape } from './manifest.ts';
import { networkDisagreements } from './network-agreement.ts';

const text = z.string().trim().min(1);
const name = z.string().regex(/^[a-z][a-z0-9_]*$/, 'is not lower case letters, digits and _');

/** One axis of one patient's tensor; the graph has the axis of patients before them. */
const axis = z.strictObject({
  /** What is counted along it: hour, pixel row, drug. */
  name: text,
  size: z.int().min(1).max(100_000),
  /** A word for each position. */
  labels: z.array(text).optional(),
});

const tensorBase = {
  /** Also the tensor's name in the graph. */
  name,
  /** In plain words; starts a sentence. */
  label: text,
  /** Outermost first; empty: one number for each patient. */
  axes: z.array(axis).max(3),
  /** UCUM, where all elements share one. */
  unit: text.optional(),
};
const range = z.strictObject({ min: z.number(), max: z.number() });

export const networkInputSchema = z.strictObject({
  ...tensorBase,
  dtype: z.enum(['float32', 'float64', 'int64']),
  /** Bounds included. A request with an element outside is refused; nothing is clamped. */
  valid: range,
  /** May an element be NaN: not measured? Absent: it may not. */
  missing: z.literal('nan').optional(),
});

export const networkOutputSchema = z.strictObject({
  ...tensorBase,
  dtype: z.enum(['float32', 'float64', 'int64']),
  kind: z.enum(['probability', 'number']),
  /** Bounds included. Anything else that the graph answers is an error, never a result. */
  range,
});

/** The players of an explanation: the elements of an input that are there together or not at all. */
const players = z.discriminatedUnion('by', [
  /** Each position along one axis: an hour, an event, a column. */
  z.strictObject({ input: name, by: z.literal('position'), axis: text }),
  /** Positions of one axis under one name: `{ "renal panel": ["creatinine", "urea"] }`, labels of that axis. */
  z.strictObject({
    input: name,
    by: z.literal('group'),
    axis: text,
    groups: z.record(text, z.array(text).min(1)),
  }),
  /** Squares of an image: the last two axes, in squares of so many pixels. */
  z.strictObject({ input: name, by: z.literal('patch'), size: z.int().min(1) }),
  /** The input as a whole. */
  z.strictObject({ input: name, by: z.literal('whole') }),
]);

export const explanationMethods = [
  'exact-shapley',
  'additive',
  'tree-shap',
  'integrated-gradients',
  'expected-gradients',
  'permutation-shapley',
  'kernel-shap',
  'lime',
  'occlusion',
  'grad-cam',
  'leave-one-out',
] as const;
export type ExplanationMethod = (typeof explanationMethods)[number];

const explainSchema = z.strictObject({
  /** The output that is explained, and which of its elements (flat, within one patient), where it has several. */
  output: name,
  element: z.int().min(0).optional(),
  /** `logit`: contributions add up on the log odds of a probability. */
  scale: z.enum(['logit', 'identity']),
  players: z.array(players).min(1),
  /** What this model can be explained by; the first is used where none is asked for. */
  methods: z.array(z.enum(explanationMethods)).min(1),
  /** Whom a patient is compared with: what the rows of background.json are. */
  background: z.strictObject({ label: text, source: text }),
});

const sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not sha256: and 64 hex digits');

export const networkShape = z.strictObject({
  ...aboutShape,
  kind: z.literal('network'),
  inputs: z.array(networkInputSchema).min(1),
  outputs: z.array(networkOutputSchema).min(1),
  explain: explainSchema.optional(),
  /** SHA-256 of background.json: input name → one flat array of elements for each background patient. */
  background: sha256.optional(),
  /**
   * SHA-256 of 1/gradient.onnx: the same inputs; outputs `d_<input>`, the gradient of what is explained (on its scale) by
   * each input. For Grad-CAM also `activations` and `d_activations`, both [rows, channels, height, width].
   */
  gradient: sha256.optional(),
});

export type NetworkManifest = z.output<typeof networkShape>;
export type NetworkInput = NetworkManifest['inputs'][number];
export type NetworkOutput = NetworkManifest['outputs'][number];
export type NetworkExplain = NonNullable<NetworkManifest['explain']>;

/** The manifest's grammar and what must agree inside it. */
export const networkManifestSchema = networkShape.superRefine(agreeing(networkDisagreements));

/** The grammar as JSON Schema (2020-12), for editors: published as `models/network.schema.json`. */
export function networkJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(networkShape, { io: 'input' });
  return { $schema, title: 'auscult network manifest', ...rest };
}
