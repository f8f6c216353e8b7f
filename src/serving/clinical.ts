/** A clinical model asked in tensors: every row is judged by the function behind every card. */
import { Fault } from '../errors.ts';
import type { Manifest, ManifestInput } from '../inference/manifest.ts';
import type { Abstention, Model, Result } from '../inference/model.ts';
import { predict } from '../inference/predict.ts';
import type { Inputs, InputValue } from '../inference/row.ts';
import type { Urgency } from '../inference/urgency.ts';
import { type Courtesy, createCourtesy, createTurns } from './courtesy.ts';
import type { InferRequest } from './data-plane.ts';
import { inOneRun } from './one-run.ts';
import { abstentionTensors, outputTensors } from './outputs.ts';
import { reasonsOf } from './reasons.ts';
import { Refusal } from './refusal.ts';
import { abstainedName, datatypesOf, mayBeMissing, outputMetadata, reasonsName } from './signature.ts';
import { refuse, type Tensor } from './tensor.ts';

/** @throws Refusal malformed-inference, abstained; Fault model-unavailable, deadline-passed */
export async function askClinical(
  model: Model,
  { inputs, outputs: wanted, allowAbstention = false, allowOutOfRange = false }: InferRequest,
  urgency: Urgency,
): Promise<readonly Tensor[]> {
  const { manifest } = model;
  refuseUnknown(manifest, inputs);
  const courtesy = createCourtesy();
  const results = await judged(model, inputs, { ...urgency, allowOutOfRange }, courtesy);
  if (!allowAbstention) refuseAbstentions(manifest, results);
  const given = [
    ...(await outputTensors(manifest, results, wanted, courtesy)),
    ...(allowAbstention ? await abstentionTensors(manifest, results, courtesy) : []),
  ];
  const byName = new Map(given.map((tensor) => [tensor.name, tensor]));
  if (wanted === undefined) return given;
  // Who asks for rows that the model abstains from is told which they are.
  const told = allowAbstention ? [abstainedName(manifest.id), reasonsName(manifest.id)] : [];
  return [...new Set([...wanted, ...told])].flatMap((name) => byName.get(name) ?? []);
}

/** Names of the tensors that may be asked for. */
export const clinicalOutputs = (
  manifest: Manifest,
  { allowAbstention = false }: Pick<InferRequest, 'allowAbstention'>,
): readonly string[] => [
  ...outputMetadata(manifest).map(({ name }) => name),
  ...(allowAbstention ? [abstainedName(manifest.id), reasonsName(manifest.id)] : []),
];

/** @throws Refusal malformed-inference */
function refuseUnknown({ inputs: known }: Manifest, tensors: readonly Tensor[]): void {
  const rows = tensors[0]?.shape[0];
  for (const [at, tensor] of tensors.entries()) {
    const input = known.find(({ name }) => name === tensor.name);
    const rule = ruleBroken(tensor, input, rows);
    if (rule !== undefined) throw refuse(`inputs[${at}]`, rule);
  }
  const given = new Set(tensors.map(({ name }) => name));
  const absent = known.filter((input) => !mayBeMissing(input) && !given.has(input.name));
  if (absent.length > 0) throw refuse('inputs', `${absent.map(({ name }) => name).join(', ')} missing`);
}

function ruleBroken(
  { name, datatype, shape: [rows, width = 1, ...more] }: Tensor,
  input: ManifestInput | undefined,
  expected: number | undefined,
): string | undefined {
  if (input === undefined) return 'the model has no such input';
  const taken = datatypesOf(input);
  if (!taken.includes(datatype)) return `${name} is taken as ${taken.join(', ')}`;
  if (width !== 1 || more.length > 0) return 'shape is neither [rows] nor [rows, 1]';
  return rows === expected ? undefined : 'has another number of rows than the first';
}

/** Rows judged before others have the event loop; they are computed in one run. */
const atOnce = 128;

/** Columns become rows, rows results; while some are computed the next are judged. */
async function judged(
  model: Model,
  tensors: readonly Tensor[],
  options: Urgency & { readonly allowOutOfRange: boolean },
  courtesy: Courtesy,
): Promise<readonly Result[]> {
  const rows = tensors[0]?.shape[0] ?? 0;
  const columns = tensors.map((tensor, at): Column => [tensor.name, elementsOf(tensor, `inputs[${at}]`)]);
  const parts: Promise<readonly Result[]>[] = [];
  const turn = createTurns();
  for (let from = 0; from < rows; from += atOnce) {
    await courtesy();
    if (options.signal?.aborted) throw new Fault('deadline-passed', [model.manifest.id]);
    const batch = inOneRun(model, turn);
    const results = Array.from({ length: Math.min(atOnce, rows - from) }, (_, at) =>
      predict(batch, rowAt(columns, from + at), options),
    );
    parts.push(handled(Promise.all(results)));
  }
  return (await Promise.all(parts)).flat();
}

/** A failure that is waited for later is no unhandled one until then. */
function handled<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

type Column = readonly [string, (row: number) => InputValue];

const rowAt = (columns: readonly Column[], row: number): Inputs =>
  new Map(columns.map(([name, elementAt]) => [name, elementAt(row)]));

/** The element of a row as `predict` takes it; null where there is none. */
function elementsOf(tensor: Tensor, where: string): Column[1] {
  const { missing } = tensor;
  switch (tensor.datatype) {
    case 'FP64':
    case 'FP32':
    case 'INT32':
      return (row) => numberOf(tensor.data[row], missing?.[row]);
    case 'INT64':
      if (!tensor.data.every(isSafe))
        throw refuse(where, 'data hold an element that is not INT64 within ±2^53');
      return (row) => numberOf(Number(tensor.data[row]), missing?.[row]);
    case 'BOOL':
      return (row) => (missing?.[row] === 1 ? null : tensor.data[row] === 1);
    case 'BYTES':
      return (row) => tensor.data[row] || null;
  }
}

const numberOf = (value = Number.NaN, missing = 0): number | null =>
  missing === 1 || Number.isNaN(value) ? null : value;

const isSafe = (value: bigint): boolean => Number.isSafeInteger(Number(value));

/** Rows named in one refusal; more are counted. */
const namedRows = 100;

/** @throws Refusal abstained: `row 3: sbp out-of-range (90 to 200 mm[Hg])`, behind what helps where there are other rows */
function refuseAbstentions(manifest: Manifest, results: readonly Result[]): void {
  const abstained: { readonly row: number; readonly because: Abstention['because'] }[] = [];
  for (const [row, result] of results.entries())
    if (result.kind === 'abstention') abstained.push({ row, because: result.because });
  if (abstained.length === 0) return;
  const more = abstained.length - namedRows;
  throw new Refusal('abstained', [
    ...(results.length > 1 ? ['parameters.allow_abstention answers the other rows'] : []),
    ...abstained.slice(0, namedRows).map(({ row, because }) => `row ${row}: ${reasonsOf(manifest, because)}`),
    ...(more > 0 ? [`and ${more} more rows`] : []),
  ]);
}
