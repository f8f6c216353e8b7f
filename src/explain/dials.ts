/** What of a patient may be changed for a counterfactual, and to what: a grid inside the valid range. */
import { Fault } from '../errors.ts';
import type { Manifest, ManifestInput } from '../inference/manifest.ts';
import type { Row } from '../inference/model.ts';
import type { Network } from '../inference/network.ts';
import type { NetworkInput } from '../inference/network-manifest.ts';
import { rowSize, type Tensors } from '../inference/tensor.ts';
import { wordOf } from './players.ts';
import { numbersOf } from './rows.ts';

/** One input that may change. */
export interface Dial {
  /** Name of a clinical input; label of a network's column. */
  readonly input: string;
  readonly label: string;
  /** UCUM. */
  readonly unit?: string;
  readonly from: number | string | boolean;
  /** Other than the patient's, all inside the valid range. */
  readonly settings: readonly Setting[];
}

export interface Setting {
  /** As the model takes it. */
  readonly code: number;
  /** As the manifest says it. */
  readonly value: number | string | boolean;
  /** From the patient's: a share of the range; 1 for another truth or word. */
  readonly distance: number;
}

/** More inputs make more pairs than an answer has time for. */
export const maxModifiable = 8;

/** @throws Fault malformed-inference for a name that is unknown, given twice, not measured, or of what nobody can change */
export function modelDials(manifest: Manifest, row: Row, modifiable: readonly string[]): readonly Dial[] {
  return dialsOf(modifiable, (name) => {
    const input = manifest.inputs.find((each) => each.name === name);
    if (input === undefined || input.kind === 'control') return 'the model has no such input';
    if (isGiven(input.name, input.value, input.label)) return 'nobody can change it';
    const code = row[name];
    return code === null || code === undefined ? 'is not measured' : modelDial(input, code);
  });
}

/**
 * The columns of a network's one-axis inputs, by their labels. Their range is what the background shows of them, for one
 * valid range stands for all columns; whole numbers where the background has only such.
 * @throws Fault malformed-inference as {@link modelDials}
 */
export function networkDials(
  network: Network,
  patient: Tensors,
  modifiable: readonly string[],
): readonly (Dial & Column)[] {
  const columns = network.manifest.inputs.flatMap(columnsOf);
  return dialsOf(modifiable, (name) => {
    const [column, twin] = columns.filter(({ label }) => label === name);
    if (column === undefined || twin !== undefined) return 'the model has no such column';
    if (isGiven(name)) return 'nobody can change it';
    const { tensor, element, unit } = column;
    const from = numberAt(patient, tensor, element);
    if (Number.isNaN(from)) return 'is not measured';
    const { min, max, whole } = rangeOf(network, column);
    const about = { input: name, label: name, ...(unit === undefined ? {} : { unit }), from };
    return { ...column, ...about, settings: gridOf(min, max, whole, from) };
  });
}

function dialsOf<Found extends Dial>(
  modifiable: readonly string[],
  find: (name: string) => Found | string,
): readonly Found[] {
  const refuse = (rule: string): Fault => new Fault('malformed-inference', [rule]);
  const place = 'counterfactual.modifiable';
  if (modifiable.length < 1 || modifiable.length > maxModifiable)
    throw refuse(`${place}: names between 1 and ${maxModifiable} inputs`);
  return modifiable.map((name, at) => {
    const found = modifiable.indexOf(name) === at ? find(name) : 'is given twice';
    if (typeof found === 'string') throw refuse(`${place}[${at}]: ${found}`);
    return found;
  });
}

const givenWords = new Set(['age', 'sex', 'gender', 'male', 'female', 'race', 'ethnicity', 'birth', 'born']);

/** What a person is: `age_years`, `sexMale`, "Female sex". */
const isGiven = (...names: readonly string[]): boolean =>
  names
    .flatMap((name) => name.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2').split(/[^\p{L}]+/u))
    .some((word) => givenWords.has(word.toLowerCase()));

function modelDial(input: Exclude<ManifestInput, { kind: 'control' }>, code: number): Dial {
  const about = { input: input.name, label: input.label };
  switch (input.kind) {
    case 'number': {
      const { min, max, integer = false } = input.valid;
      return { ...about, unit: input.unit, from: code, settings: gridOf(min, max, integer, code) };
    }
    case 'boolean':
      return {
        ...about,
        ...choices(
          [
            [false, input.codes.false],
            [true, input.codes.true],
          ],
          code,
        ),
      };
    case 'category':
      return { ...about, ...choices(Object.entries(input.codes), code) };
  }
}

function choices(
  words: readonly (readonly [string | boolean, number])[],
  own: number,
): Pick<Dial, 'from' | 'settings'> {
  const from = words.find(([, code]) => code === own)?.[0] ?? '';
  const others = words.filter(([, code]) => code !== own);
  return { from, settings: others.map(([value, code]) => ({ code, value, distance: 1 })) };
}

/** Steps on a grid of a range, as people count: 1, 2 or 5 times a power of ten. */
const finest = 40;
/** Around the patient's value steps are this share of it at most: a range may be a thousand times as wide as what matters. */
const nearShare = 0.1;

function gridOf(min: number, max: number, whole: boolean, from: number): readonly Setting[] {
  const span = max - min;
  if (!(span > 0)) return [];
  const [coarse, ...finer] = stepsOf(span, whole, from);
  const around = finer.flatMap((step) => marksOf(step, from - 10 * step, from + 10 * step));
  const ends = whole ? [Math.ceil(min), Math.floor(max)] : [min, max];
  return [...new Set([...marksOf(coarse, min, max), ...around, ...ends])]
    .filter((value) => value !== from && value >= min && value <= max)
    .toSorted((a, b) => a - b)
    .map((value) => ({ code: value, value, distance: Math.abs(value - from) / span }));
}

/** Of the whole range, then each a tenth of the one before as long as that is coarse for the value. */
function stepsOf(span: number, whole: boolean, from: number): readonly [number, ...number[]] {
  const least = whole ? 1 : 0;
  const coarse = Math.max(least, roundStep(span / finest));
  const finer: number[] = [];
  for (let step = coarse; from !== 0 && step > Math.max(least, nearShare * Math.abs(from)); ) {
    step = Math.max(least, tidy(step / 10));
    finer.push(step);
  }
  return [coarse, ...finer];
}

function marksOf(step: number, low: number, high: number): readonly number[] {
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.floor(high / step) - first + 1);
  return Array.from({ length: count }, (_, at) => tidy((first + at) * step));
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return tidy(([1, 2, 5].find((times) => times * power >= least * (1 - 1e-9)) ?? 10) * power);
}

/** 0.30000000000000004 is 0.3. */
const tidy = (value: number): number => Number(value.toPrecision(12));

/** One element of an input's row, under its word. */
export interface Column {
  readonly tensor: string;
  readonly element: number;
  readonly label: string;
  readonly unit?: string | undefined;
}

function columnsOf({ name, axes, unit }: NetworkInput): readonly Column[] {
  const [axis, ...more] = axes;
  if (axis === undefined) return [{ tensor: name, element: 0, label: name, unit }];
  if (more.length > 0) return [];
  return Array.from({ length: axis.size }, (_, element) => ({
    tensor: name,
    element,
    label: wordOf(axis, element),
    unit,
  }));
}

function numberAt(tensors: Tensors, name: string, element: number, row = 0): number {
  const tensor = tensors[name];
  return tensor === undefined
    ? Number.NaN
    : Number(tensor.data[row * rowSize(tensor) + element] ?? Number.NaN);
}

/** What the background shows of a column; of a background of one patient, the valid range. */
function rangeOf({ manifest, background }: Network, { tensor, element }: Column) {
  const input = manifest.inputs.find(({ name }) => name === tensor);
  const { min = 0, max = 0 } = input?.valid ?? {};
  const all = background?.feeds[tensor];
  const numbers = all === undefined ? [] : [...numbersOf(all)];
  const size = all === undefined ? 1 : rowSize(all);
  const seen = numbers.filter((value, at) => at % size === element && !Number.isNaN(value));
  const whole = input?.dtype === 'int64' || (seen.length > 0 && [...seen, min, max].every(Number.isInteger));
  return seen.length > 1 ? { min: Math.min(...seen), max: Math.max(...seen), whole } : { min, max, whole };
}
