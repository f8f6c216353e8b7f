/** Elements of a tensor as JSON data: read flat or nested, written flat. */
import { inOneGo, type Steps } from './steps.ts';
import { type Contents, type Datatype, refuse, sizeOf } from './tensor.ts';

/**
 * Elements of JSON data, row-major, flat or nested like the shape (as deep as the caller likes). `null` is NaN, and the
 * empty word; where the datatype has neither it is marked as missing.
 * @throws Refusal malformed-inference where the nesting is not that of the shape, or an element is not of the datatype
 *   (INT64: a whole number within ±(2^53 − 1))
 */
export function contentsOfJson(
  datatype: Datatype,
  shape: readonly number[],
  data: unknown,
  where: string,
): Contents {
  return inOneGo(readContents(datatype, shape, data, where));
}

/** {@link contentsOfJson} in steps. */
export function* readContents(
  datatype: Datatype,
  shape: readonly number[],
  data: unknown,
  where: string,
): Steps<Contents> {
  const size = sizeOf(shape, where);
  const leaves = yield* leavesOf(data, shape, size, where);
  const odd = (): never => {
    throw refuse(where, `data holds an element that is not ${datatype}`);
  };
  switch (datatype) {
    case 'FP64':
      return { datatype, ...(yield* filled(new Float64Array(size), leaves, real, odd)) };
    case 'FP32':
      return { datatype, ...(yield* filled(new Float32Array(size), leaves, real, odd)) };
    case 'INT64':
      return { datatype, ...(yield* filled(new BigInt64Array(size), leaves, long, odd)) };
    case 'INT32':
      return { datatype, ...(yield* filled(new Int32Array(size), leaves, int, odd)) };
    case 'BOOL':
      return { datatype, ...(yield* filled(new Uint8Array(size), leaves, truth, odd)) };
    case 'BYTES':
      return { datatype, ...(yield* filled(new Array<string>(size).fill(''), leaves, word, odd)) };
  }
}

/** An element as its array holds it; undefined for one of another type, and for null that has no place there. */
const real = (raw: unknown): number | undefined =>
  typeof raw === 'number' ? raw : raw === null ? Number.NaN : undefined;
const long = (raw: unknown): bigint | undefined =>
  Number.isSafeInteger(raw) ? BigInt(raw as number) : undefined;
const int = (raw: unknown): number | undefined =>
  typeof raw === 'number' && (raw | 0) === raw ? raw : undefined;
const truth = (raw: unknown): number | undefined => (typeof raw === 'boolean' ? Number(raw) : undefined);
const word = (raw: unknown): string | undefined =>
  typeof raw === 'string' ? raw : raw === null ? '' : undefined;

type Leaves = readonly (readonly unknown[])[];

/** Elements and lists that are gone through in one step. */
const inOneStep = 8192;

function* filled<Element, Data extends { [at: number]: Element; readonly length: number }>(
  data: Data,
  leaves: Leaves,
  elementOf: (raw: unknown) => Element | undefined,
  odd: () => never,
): Steps<{ readonly data: Data; readonly missing?: Uint8Array }> {
  let missing: Uint8Array | undefined;
  let at = 0;
  for (const leaf of leaves) {
    for (const raw of leaf) {
      const element = elementOf(raw);
      if (element !== undefined) data[at] = element;
      else if (raw !== null) odd();
      else {
        missing ??= new Uint8Array(data.length);
        missing[at] = 1;
      }
      at += 1;
      if (at % inOneStep === 0) yield;
    }
  }
  return missing === undefined ? { data } : { data, missing };
}

/** The innermost arrays, in order: every one of the length that the shape says, all equally deep. */
function* leavesOf(data: unknown, shape: readonly number[], size: number, where: string): Steps<Leaves> {
  if (!Array.isArray(data)) throw refuse(where, 'data is no array');
  let [level, left]: [Leaves, number] = [[data], size];
  for (const axis of shape) {
    const deeper = Array.isArray(level[0]?.[0]);
    const length = deeper ? axis : left;
    if (!(yield* every(level, (list) => list.length === length)))
      throw refuse(where, 'data holds another number of elements than its shape');
    if (!deeper) return level;
    const next = level.flat(1);
    if (!(yield* every(next, Array.isArray))) throw refuse(where, 'data is not nested evenly');
    [level, left] = [next as Leaves, left / axis];
  }
  throw refuse(where, 'data is nested deeper than its shape');
}

function* every<Each>(list: readonly Each[], holds: (each: Each) => boolean): Steps<boolean> {
  for (let from = 0; from < list.length; from += inOneStep) {
    if (!list.slice(from, from + inOneStep).every((each) => holds(each))) return false;
    yield;
  }
  return true;
}

/** Elements that are written in one step. */
const inOnePart = 2048;

/** The elements as one flat JSON array; NaN is null, INT64 has all its digits. */
export function* writeData(contents: Contents, write: (text: string) => void): Steps<void> {
  const { length } = contents.data;
  write('[');
  for (let from = 0; from < length; from += inOnePart) {
    yield;
    write(`${from === 0 ? '' : ','}${textOfPart(contents, from, Math.min(from + inOnePart, length))}`);
  }
  write(']');
}

function textOfPart({ datatype, data }: Contents, from: number, to: number): string {
  switch (datatype) {
    case 'INT64':
    case 'INT32':
      return data.subarray(from, to).join(',');
    case 'BOOL':
      return Array.from(data.subarray(from, to), (each) => each === 1).join(',');
    case 'BYTES':
      return JSON.stringify(data.slice(from, to)).slice(1, -1);
    default:
      return JSON.stringify(Array.from(data.subarray(from, to))).slice(1, -1);
  }
}
