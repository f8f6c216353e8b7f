import type { FeatureValue } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import { explainOf, type Manifest, type ManifestInput } from '../inference/manifest.ts';
import type { Prediction, Row } from '../inference/model.ts';
import { encodeRow } from '../inference/row.ts';
import type { Factor } from './sentence.ts';
import { inSentence, listed } from './wording.ts';

/** What the explanation takes from the vocabulary: group, label and unit of each clinical value. */
export type Words = Pick<Vocabulary, 'entries' | 'groups'>;

/** The two ends of an explanation: where the sum starts and where it ends. */
export interface Reference {
  readonly label: string;
  readonly source: string;
  /** The reference person, with the held inputs of the patient. */
  readonly row: Row;
  /** The patient as the model saw them, by the equation variant that answered. */
  readonly patient: Row;
}

/** One clinical group: its inputs enter a coalition together. */
export interface Player {
  readonly group: string;
  readonly label: string;
  readonly inputs: readonly string[];
  readonly factors: readonly Factor[];
}

/**
 * The manifest's reference person beside the patient. Held inputs and every control input are the patient's in
 * both; a control input whose name is also a label output takes the word that was answered, so that every
 * coalition is computed by the equation variant of this patient.
 */
export function referenceOf(manifest: Manifest, prediction: Prediction): Reference {
  const { hold, baseline } = explainOf(manifest);
  const kept = manifest.inputs.filter((input) => isHeld(input, hold));
  const held = Object.fromEntries(kept.map((input) => [input.name, heldCode(input, prediction)]));
  return {
    label: baseline.label,
    source: baseline.source,
    row: { ...baselineRow(manifest), ...held },
    patient: { ...prediction.row, ...held },
  };
}

const baselineRows = new WeakMap<Manifest, Row>();

/** The reference person as a row, worked out once for a manifest. */
function baselineRow(manifest: Manifest): Row {
  const known = baselineRows.get(manifest);
  if (known !== undefined) return known;
  const { row } = encodeRow(manifest, new Map(Object.entries(explainOf(manifest).baseline.inputs)));
  baselineRows.set(manifest, row);
  return row;
}

const isHeld = (input: ManifestInput, hold: readonly string[]): boolean =>
  input.kind === 'control' || hold.includes(input.name);

function heldCode(input: ManifestInput, { row, labels }: Prediction): number | null {
  const answered = input.kind === 'control' ? input.codes[labels[input.name] ?? ''] : undefined;
  return answered ?? row[input.name] ?? null;
}

/**
 * The groups that may differ, in the manifest's order. An input that is missing in both patient and reference is
 * left out, and a group of such inputs with it.
 */
export function playersOf(manifest: Manifest, reference: Reference, words: Words): readonly Player[] {
  const { hold } = explainOf(manifest);
  const groups = new Map<string, ClinicalInput[]>();
  const shared = new Set<string>();
  for (const input of manifest.inputs) {
    if (input.kind === 'control') continue;
    const group = words.entries.get(input.value)?.group ?? input.value;
    if (hold.includes(input.name)) shared.add(group);
    else if ((reference.row[input.name] ?? reference.patient[input.name] ?? null) !== null) {
      groups.set(group, [...(groups.get(group) ?? []), input]);
    }
  }
  return [...groups].map(([group, inputs]) => player(group, inputs, reference, words, shared.has(group)));
}

type ClinicalInput = Exclude<ManifestInput, { kind: 'control' }>;

/** A group of which a part is held is called after what is left of it: "Age", not "Age and sex". */
function player(
  group: string,
  inputs: readonly ClinicalInput[],
  reference: Reference,
  words: Words,
  partlyHeld: boolean,
): Player {
  const factors = inputs.map((input) => factor(input, reference, words));
  const own = listed(factors.map(({ label }, at) => (at === 0 ? label : inSentence(label))));
  return {
    group,
    label: partlyHeld ? own : (words.groups.get(group) ?? own),
    inputs: inputs.map(({ name }) => name),
    factors,
  };
}

function factor(input: ClinicalInput, { patient, row }: Reference, words: Words): Factor {
  return {
    name: input.value,
    label: words.entries.get(input.value)?.label ?? input.label,
    ...(input.kind === 'number' ? { unit: input.unit } : {}),
    value: decode(input, patient[input.name] ?? null),
    reference: decode(input, row[input.name] ?? null),
  };
}

/** A tensor's code as the clinical value it stands for. */
function decode(input: ClinicalInput, code: number | null): FeatureValue | null {
  if (code === null) return null;
  switch (input.kind) {
    case 'number':
      return code;
    case 'boolean':
      return code === input.codes.true;
    case 'category':
      return Object.keys(input.codes).find((word) => input.codes[word] === code) ?? null;
  }
}
