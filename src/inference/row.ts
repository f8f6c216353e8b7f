/** Clinical values → the row a model sees, with every reason why it should not see them. */
import type { Features, Missing } from '../features/feature.ts';
import { companionOf, type Manifest, type ManifestInput, type NumberInput } from './manifest.ts';
import type { InputProblem, Row } from './model.ts';

export type InputValue = number | boolean | string | null;

/** Manifest input name → value in the manifest's unit; `null` or absent where it is missing. */
export type Inputs = ReadonlyMap<string, InputValue>;

/** Why a value of the inputs is missing: manifest input name → the feature that said so. */
export type MissingInputs = ReadonlyMap<string, Missing>;

export interface FeatureInputs {
  readonly inputs: Inputs;
  readonly missing: MissingInputs;
}

/** The values a model's manifest names, by its own input names. A value nobody extracted counts as not supplied. */
export function inputsFrom(manifest: Manifest, features: Features): FeatureInputs {
  const inputs = new Map<string, InputValue>();
  const missing = new Map<string, Missing>();
  for (const input of manifest.inputs) {
    if (input.kind === 'control') continue;
    const feature = features.get(input.value) ?? notSupplied;
    inputs.set(input.name, feature.kind === 'missing' ? null : feature.value);
    if (feature.kind === 'missing') missing.set(input.name, feature);
  }
  return { inputs, missing };
}

const notSupplied: Missing = { kind: 'missing', reason: 'not-supplied', sources: [] };

export interface EncodedRow {
  /** Complete only where `problems` is empty. */
  readonly row: Row;
  /** In the manifest's order: what makes the row unusable. */
  readonly problems: readonly InputProblem[];
  /** Usable numbers outside the model's valid range. */
  readonly outOfRange: readonly InputProblem[];
}

/** Encodes by the manifest's codes and collects every problem. A name the manifest does not have is one too. */
export function encodeRow(
  manifest: Manifest,
  inputs: Inputs,
  missing: MissingInputs = noneMissing,
): EncodedRow {
  const row: Record<string, number | null> = {};
  const problems: InputProblem[] = [];
  const outOfRange: InputProblem[] = [];
  for (const input of manifest.inputs) {
    const { name } = input;
    const { code, problem } = encode(input, inputs.get(name) ?? null, missing.get(name));
    row[name] = code;
    if (problem !== undefined) (problem.reason === 'out-of-range' ? outOfRange : problems).push(problem);
  }
  const known = namesOf(manifest);
  for (const input of inputs.keys()) {
    if (known.has(input)) continue;
    problems.push({ input, reason: 'not-applicable', detail: 'the model has no such input' });
  }
  return { row, problems, outOfRange };
}

const noneMissing: MissingInputs = new Map();
const namesOfManifests = new WeakMap<Manifest, ReadonlySet<string>>();

/** Its inputs' names: put together once, not for every row. */
function namesOf(manifest: Manifest): ReadonlySet<string> {
  const made = namesOfManifests.get(manifest) ?? new Set(manifest.inputs.map(({ name }) => name));
  namesOfManifests.set(manifest, made);
  return made;
}

interface Encoded {
  readonly code: number | null;
  readonly problem?: InputProblem;
}

function encode(input: ManifestInput, value: InputValue, why: Missing | undefined): Encoded {
  if (value === null) return encodeMissing(input, why);
  switch (input.kind) {
    case 'number':
      return encodeNumber(input, value);
    case 'boolean':
      if (value === true || value === 1) return { code: input.codes.true };
      if (value === false || value === 0) return { code: input.codes.false };
      return refuse(input, 'unknown-category', `${input.label} is neither true nor false`);
    case 'category':
    case 'control': {
      const code =
        typeof value === 'string' && Object.hasOwn(input.codes, value) ? input.codes[value] : undefined;
      if (code !== undefined) return { code };
      const words = Object.keys(input.codes).join(', ');
      return refuse(input, 'unknown-category', `${input.label} is none of ${words}`);
    }
  }
}

function encodeMissing(input: ManifestInput, why: Missing | undefined): Encoded {
  if (input.kind === 'control') return { code: input.absent };
  if (companionOf(input) !== undefined) return { code: null };
  const reason = why?.reason ?? 'not-supplied';
  return refuse(input, 'missing', why?.detail === undefined ? reason : `${reason}: ${why.detail}`);
}

function encodeNumber(input: NumberInput, value: number | boolean | string): Encoded {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return refuse(input, 'not-finite', `${input.label} is not a finite number`);
  }
  const rule = rangeRule(input.valid, value);
  if (rule === undefined) return { code: value };
  return refuse(input, 'out-of-range', `${input.label} ${value} ${input.unit} ${rule}`, value);
}

function rangeRule({ min, max, integer }: NumberInput['valid'], value: number): string | undefined {
  if (value < min) return `is below ${min}`;
  if (value > max) return `is above ${max}`;
  return integer && !Number.isInteger(value) ? 'is not a whole number' : undefined;
}

function refuse(
  input: ManifestInput,
  reason: InputProblem['reason'],
  detail: string,
  code: number | null = null,
): Encoded {
  const value = input.kind === 'control' ? {} : { value: input.value };
  return { code, problem: { input: input.name, ...value, reason, detail } };
}
