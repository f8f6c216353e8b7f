/** Where the numbers of a clinical manifest stand in the graph's tensors: a column each, or columns of a shared tensor. */
import { type Disagreement, repeats } from './disagreement.ts';
import type { Manifest, ManifestInput } from './manifest.ts';

export type InputDtype = ManifestInput['dtype'];

/** One column of what the graph takes. */
export interface Place {
  readonly tensor: string;
  /** Absent: the tensor is this one column, [rows]; else column `at` of [rows, width]. */
  readonly at: number | undefined;
  readonly dtype: InputDtype;
  readonly input: ManifestInput;
  /** `missing`: 1 where the input is missing, else 0. */
  readonly holds: 'value' | 'missing';
}

/** A tensor that the graph takes, with its columns in their order. */
export interface InputTensor {
  readonly name: string;
  readonly dtype: InputDtype;
  /** Columns of [rows, width]; absent: [rows]. */
  readonly width: number | undefined;
  readonly places: readonly Place[];
}

type Companion = Exclude<Extract<ManifestInput, { ifMissing: unknown }>['ifMissing'], 'abstain'>;

/** Where it is said that an input is missing, and what its own place holds then. */
export function companionOf(input: ManifestInput): Companion | undefined {
  if (input.kind === 'control' || input.ifMissing === 'abstain') return undefined;
  return input.ifMissing;
}

const placesOf = (inputs: readonly ManifestInput[]): readonly Place[] =>
  inputs.flatMap((input): readonly Place[] => {
    const { tensor, at, dtype } = input;
    const own = { tensor, at, dtype, input, holds: 'value' } as const;
    const companion = companionOf(input);
    if (companion === undefined) return [own];
    return [own, { tensor: companion.tensor, at: companion.at, dtype, input, holds: 'missing' }];
  });

/** Every tensor the graph must take, in the manifest's order. */
export function tensorsTaken({ inputs }: Pick<Manifest, 'inputs'>): readonly InputTensor[] {
  const byTensor = Map.groupBy(placesOf(inputs), ({ tensor }) => tensor);
  return [...byTensor].flatMap(([name, places]) => {
    const [first] = places;
    if (first === undefined) return [];
    const width = first.at === undefined ? undefined : places.length;
    const ordered = places.toSorted((one, other) => (one.at ?? 0) - (other.at ?? 0));
    return [{ name, dtype: first.dtype, width, places: ordered }];
  });
}

/** Columns given twice or not at all, types that differ within a tensor or cannot hold what they are given. */
export function placeDisagreements({ inputs, outputs }: Manifest): readonly Disagreement[] {
  const taken = placesOf(inputs);
  return [
    ...twice(taken, 'inputs'),
    ...twice(outputs, 'outputs'),
    ...tensorsTaken({ inputs }).flatMap(({ name, dtype, width, places }) => {
      if (width === undefined) return [];
      const absent = Array.from({ length: width }, (_, at) => at).find((at) => places[at]?.at !== at);
      return [
        ...inInputs(absent !== undefined, `tensor ${name} has no input at column ${absent}`),
        ...inInputs(
          places.some((place) => place.dtype !== dtype),
          `tensor ${name} has inputs of more than one dtype`,
        ),
      ];
    }),
    ...inputs.flatMap((input, at) =>
      unfit(input).map((rule) => ({ path: ['inputs', at, 'dtype'], rule: `${input.dtype} ${rule}` })),
    ),
  ];
}

const inInputs = (broken: boolean, rule: string): readonly Disagreement[] =>
  broken ? [{ path: ['inputs'], rule }] : [];

function twice(
  places: readonly { readonly tensor: string; readonly at?: number | undefined }[],
  side: 'inputs' | 'outputs',
): readonly Disagreement[] {
  const shared = new Set(places.flatMap(({ tensor, at }) => (at === undefined ? [] : [tensor])));
  const whole = places.filter(({ tensor, at }) => at === undefined && shared.has(tensor));
  return [
    ...repeats(
      places.map(({ tensor, at }) => (at === undefined ? tensor : `${tensor} at ${at}`)),
      [side],
      'tensor',
    ),
    ...whole.map(({ tensor }) => ({
      path: [side],
      rule: `tensor ${tensor} is given with a column and without`,
    })),
  ];
}

/** What the input's type cannot hold of what the manifest puts into it. */
function unfit(input: ManifestInput): readonly string[] {
  const numbers = [...constants(input), ...(input.kind === 'number' ? bounds(input.valid) : [])];
  switch (input.dtype) {
    case 'float64':
      return [];
    case 'float32':
      return numbers.every((number) => Number.isFinite(Math.fround(number))) ? [] : ['does not reach so far'];
    case 'int64': {
      const fractions = input.kind === 'number' && input.valid.integer !== true;
      return !fractions && numbers.every(Number.isSafeInteger)
        ? []
        : ['holds whole numbers within 2^53 only'];
    }
  }
}

const bounds = ({ min, max }: { readonly min: number; readonly max: number }): readonly number[] => [
  min,
  max,
];

function constants(input: ManifestInput): readonly number[] {
  const companion = companionOf(input);
  return [
    ...(input.kind === 'number' ? [] : Object.values(input.codes)),
    ...(input.kind === 'control' ? [input.absent] : []),
    ...(companion === undefined ? [] : [companion.fill]),
  ];
}
