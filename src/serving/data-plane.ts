/** The Open Inference Protocol over the model registry, without a transport: REST and gRPC are two mouths of this. */
import type { Manifest, ManifestInput } from '../inference/manifest.ts';
import type { Model, Result } from '../inference/model.ts';
import { predict } from '../inference/predict.ts';
import type { ModelRegistry } from '../inference/registry.ts';
import type { Inputs, InputValue } from '../inference/row.ts';
import type { Urgency } from '../inference/urgency.ts';
import { inOneRun } from './one-run.ts';
import { abstentionTensors, outputTensors } from './outputs.ts';
import { reasonsOf } from './reasons.ts';
import { Refusal } from './refusal.ts';
import {
  abstainedName,
  datatypesOf,
  inputMetadata,
  mayBeMissing,
  outputMetadata,
  platform,
  reasonsName,
  type TensorMetadata,
} from './signature.ts';
import { maxRows, type Tensor } from './tensor.ts';

export interface ServerMetadata {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
  /** Title, digest and what else the manifest says of the model as a whole. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface InferRequest {
  readonly model: string;
  readonly version?: string;
  readonly id?: string;
  /** Rows outside the valid ranges are computed as far as the equation goes. */
  readonly allowOutOfRange?: boolean;
  /** Rows for which the model abstains are told apart instead of failing the request. */
  readonly allowAbstention?: boolean;
  readonly inputs: readonly Tensor[];
  /** Names of the outputs wanted, in that order; all without it. */
  readonly outputs?: readonly string[];
}

export interface InferResponse {
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly id?: string;
  readonly outputs: readonly Tensor[];
}

/** One line of the repository index (Triton's model repository extension). */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'UNAVAILABLE';
  readonly reason: string;
}

export interface DataPlane {
  serverLive(): boolean;
  serverReady(): boolean;
  serverMetadata(): ServerMetadata;
  /** @throws Fault unknown-model; Refusal unknown-version */
  modelReady(name: string, version?: string): boolean;
  /** @throws Fault unknown-model; Refusal unknown-version */
  modelMetadata(name: string, version?: string): ModelMetadata;
  /** The model behind a name. @throws Fault unknown-model; Refusal unknown-version, model-unloaded */
  model(name: string, version?: string): Model;
  /**
   * @throws Refusal malformed-inference (tensors that the model does not take), abstained (rows and reasons),
   *   unknown-version, model-unloaded; Fault unknown-model, model-unavailable, deadline-passed
   */
  infer(request: InferRequest, urgency?: Urgency): Promise<InferResponse>;
  index(): readonly IndexEntry[];
  /** Serves it again. @throws Fault unknown-model */
  load(name: string): void;
  /** Serves it no more, here, until it is loaded; the packages stay sealed. @throws Fault unknown-model */
  unload(name: string): void;
}

export interface DataPlaneDeps {
  readonly models: ModelRegistry;
  /** Version of the product. */
  readonly version: string;
  readonly ready: () => boolean;
}

/** What the protocol's extensions call what we do beside it. */
const extensions = ['binary_tensor_data', 'model_repository'];

export function createDataPlane({ models, version: product, ready }: DataPlaneDeps): DataPlane {
  const unloaded = new Set<string>();
  const find = (name: string, version?: string): Model => {
    const model = models.get(name);
    if (version !== undefined && version !== model.manifest.version) throw new Refusal('unknown-version');
    return model;
  };
  const served = (name: string, version?: string): Model => {
    const model = find(name, version);
    if (unloaded.has(name)) throw new Refusal('model-unloaded');
    return model;
  };
  return {
    serverLive: () => true,
    serverReady: ready,
    serverMetadata: () => ({ name: 'auscult', version: product, extensions }),
    modelReady: (name, version) => !unloaded.has(find(name, version).manifest.id) && ready(),
    modelMetadata: (name, version) => metadataOf(find(name, version)),
    model: served,
    infer: async (request, urgency) => inferOn(served(request.model, request.version), request, urgency),
    index: () => models.ids().map((name) => entryOf(find(name).manifest, unloaded.has(name))),
    load: (name) => void unloaded.delete(find(name).manifest.id),
    unload: (name) => void unloaded.add(find(name).manifest.id),
  };
}

const metadataOf = ({ manifest, digest }: Model): ModelMetadata => ({
  name: manifest.id,
  versions: [manifest.version],
  platform,
  inputs: inputMetadata(manifest),
  outputs: outputMetadata(manifest),
  parameters: {
    title: manifest.title,
    digest,
    intended_use: manifest.intendedUse,
    population: manifest.population,
    regulatory_tier: manifest.regulatoryTier,
    citation: manifest.citation,
  },
});

const entryOf = ({ id, version }: Manifest, isUnloaded: boolean): IndexEntry => ({
  name: id,
  version,
  state: isUnloaded ? 'UNAVAILABLE' : 'READY',
  reason: isUnloaded ? 'unloaded' : '',
});

async function inferOn(model: Model, request: InferRequest, urgency?: Urgency): Promise<InferResponse> {
  const { manifest, digest } = model;
  const { allowOutOfRange = false, allowAbstention = false, inputs, id } = request;
  const wanted = wantedOf(manifest, request);
  const batch = inOneRun(model);
  const { signal, endsAt } = urgency ?? {};
  const options = { allowOutOfRange, lane: 'bulk', signal, endsAt } as const;
  const results = await Promise.all(rowsOf(manifest, inputs).map((row) => predict(batch, row, options)));
  if (!allowAbstention) refuseAbstentions(manifest, results);
  const given = [
    ...outputTensors(manifest, results),
    ...(allowAbstention ? abstentionTensors(manifest, results) : []),
  ];
  const byName = new Map(given.map((tensor) => [tensor.name, tensor]));
  const outputs = wanted?.flatMap((name) => byName.get(name) ?? []) ?? given;
  return {
    model: manifest.id,
    version: manifest.version,
    digest,
    ...(id === undefined ? {} : { id }),
    outputs,
  };
}

const malformed = (detail: string): Refusal => new Refusal('malformed-inference', [detail]);

/** @throws Refusal malformed-inference for an output that the model does not have, or asked for twice */
function wantedOf(
  manifest: Manifest,
  { outputs, allowAbstention = false }: InferRequest,
): readonly string[] | undefined {
  const known = new Set(outputMetadata(manifest).map(({ name }) => name));
  if (allowAbstention) known.add(abstainedName(manifest.id)).add(reasonsName(manifest.id));
  for (const [at, name] of (outputs ?? []).entries()) {
    if (!known.has(name)) throw malformed(`outputs[${at}]: the model has no such output`);
    if (outputs?.indexOf(name) !== at) throw malformed(`outputs[${at}]: is asked for twice`);
  }
  return outputs;
}

/** Columns become rows. @throws Refusal malformed-inference */
function rowsOf({ inputs: known }: Manifest, tensors: readonly Tensor[]): readonly Inputs[] {
  const count = tensors[0]?.column.length ?? 0;
  if (count < 1 || count > maxRows) throw malformed(`inputs: between 1 and ${maxRows} rows are taken`);
  const byName = new Map<string, Tensor>();
  for (const [at, tensor] of tensors.entries()) {
    const rule = ruleBroken(tensor, known, byName, count);
    if (rule !== undefined) throw malformed(`inputs[${at}]: ${rule}`);
    byName.set(tensor.name, tensor);
  }
  const absent = known.filter((input) => !mayBeMissing(input) && !byName.has(input.name));
  if (absent.length > 0) throw malformed(`inputs: ${absent.map(({ name }) => name).join(', ')} missing`);
  return Array.from(
    { length: count },
    (_, row) => new Map<string, InputValue>(tensors.map(({ name, column }) => [name, column[row] ?? null])),
  );
}

function ruleBroken(
  { name, datatype, column }: Tensor,
  known: readonly ManifestInput[],
  before: ReadonlyMap<string, Tensor>,
  count: number,
): string | undefined {
  const input = known.find((each) => each.name === name);
  if (input === undefined) return 'the model has no such input';
  if (before.has(name)) return 'is given twice';
  const taken = datatypesOf(input);
  if (!taken.includes(datatype)) return `${name} is taken as ${taken.join(', ')}`;
  return column.length === count ? undefined : 'has another number of rows than the first';
}

/** Rows named in one refusal; more are counted. */
const namedRows = 100;

/** @throws Refusal abstained: `row 3: sbp out-of-range (90 to 200 mm[Hg])` */
function refuseAbstentions(manifest: Manifest, results: readonly Result[]): void {
  const lines = results.flatMap((result, row) =>
    result.kind === 'abstention' ? [`row ${row}: ${reasonsOf(manifest, result.because)}`] : [],
  );
  if (lines.length === 0) return;
  const more = lines.length - namedRows;
  throw new Refusal('abstained', [
    ...lines.slice(0, namedRows),
    ...(more > 0 ? [`and ${more} more rows`] : []),
  ]);
}
