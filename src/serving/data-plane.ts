/** The Open Inference Protocol over the model registry, without a transport: REST and gRPC are two mouths of this. */
import type { Model } from '../inference/model.ts';
import { isNetwork, type Network } from '../inference/network.ts';
import type { ModelRegistry } from '../inference/registry.ts';
import type { Urgency } from '../inference/urgency.ts';
import { askClinical, clinicalOutputs } from './clinical.ts';
import { explainParameters } from './explainable.ts';
import type { Hurry } from './hurry.ts';
import { askNetwork, networkMetadata } from './networks.ts';
import { Refusal } from './refusal.ts';
import { inputMetadata, outputMetadata, platform, type TensorMetadata } from './signature.ts';
import { refuse, type Tensor } from './tensor.ts';

/** What is served: clinical models, and networks where there are any. */
export type ServedModels = Omit<ModelRegistry, 'close' | 'isUp'> &
  /** Absent: each is. */
  Partial<Pick<ModelRegistry, 'isUp'>>;

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
  /** Title, digest, what can be explained, and what else the manifest says of the model as a whole. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

export interface InferRequest extends Partial<Hurry> {
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
  /**
   * False while unloaded, and while nobody is known who could run it: no server of a remote model is in order.
   * @throws Fault unknown-model; Refusal unknown-version
   */
  modelReady(name: string, version?: string): boolean;
  /** @throws Fault unknown-model; Refusal unknown-version */
  modelMetadata(name: string, version?: string): ModelMetadata;
  /** What answers to a name. @throws Fault unknown-model; Refusal unknown-version, model-unloaded */
  served(name: string, version?: string): Model | Network;
  /**
   * The clinical model behind a name.
   * @throws Fault unknown-model; Refusal unknown-version, model-unloaded, unreadable-bundle (a network reads no records)
   */
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
  readonly models: ServedModels;
  /** Version of the product. */
  readonly version: string;
  readonly ready: () => boolean;
}

/** What the protocol's extensions call what we do beside it; `explain` is our own. */
const extensions = ['binary_tensor_data', 'model_repository', 'schedule_policy', 'explain'];

export function createDataPlane({ models, version: product, ready }: DataPlaneDeps): DataPlane {
  const unloaded = new Set<string>();
  const whyNot = (name: string): string | undefined => {
    if (unloaded.has(name)) return 'unloaded';
    return models.isUp?.(name) === false ? 'none of its servers answers' : undefined;
  };
  const networks = new Set(models.networkIds());
  const find = (name: string, version?: string): Model | Network => {
    const found = networks.has(name) ? models.network(name) : models.get(name);
    if (version !== undefined && version !== found.manifest.version) throw new Refusal('unknown-version');
    return found;
  };
  const served = (name: string, version?: string): Model | Network => {
    const found = find(name, version);
    if (unloaded.has(name)) throw new Refusal('model-unloaded');
    return found;
  };
  return {
    serverLive: () => true,
    serverReady: ready,
    serverMetadata: () => ({ name: 'auscult', version: product, extensions }),
    modelReady: (name, version) => whyNot(find(name, version).manifest.id) === undefined && ready(),
    modelMetadata: (name, version) => metadataOf(find(name, version)),
    served,
    model: (name, version) => clinical(served(name, version)),
    infer: async (request, urgency) => answerOf(served(request.model, request.version), request, urgency),
    index: () => [...models.ids(), ...networks].map((name) => entryOf(find(name), whyNot(name))),
    load: (name) => void unloaded.delete(find(name).manifest.id),
    unload: (name) => void unloaded.add(find(name).manifest.id),
  };
}

function clinical(found: Model | Network): Model {
  if (isNetwork(found)) throw new Refusal('unreadable-bundle', ['this model takes tensors only']);
  return found;
}

function metadataOf(found: Model | Network): ModelMetadata {
  const { manifest, digest } = found;
  const tensors = isNetwork(found)
    ? networkMetadata(found.manifest)
    : { inputs: inputMetadata(found.manifest), outputs: outputMetadata(found.manifest) };
  return {
    name: manifest.id,
    versions: [manifest.version],
    platform,
    ...tensors,
    parameters: {
      title: manifest.title,
      digest,
      intended_use: manifest.intendedUse,
      population: manifest.population,
      regulatory_tier: manifest.regulatoryTier,
      citation: manifest.citation,
      ...explainParameters(manifest),
    },
  };
}

const entryOf = ({ manifest: { id, version } }: Model | Network, whyNot: string | undefined): IndexEntry => ({
  name: id,
  version,
  state: whyNot === undefined ? 'READY' : 'UNAVAILABLE',
  reason: whyNot ?? '',
});

async function answerOf(
  found: Model | Network,
  request: InferRequest,
  { signal, endsAt }: Urgency = {},
): Promise<InferResponse> {
  const { id, version } = found.manifest;
  refuseTwice(request, isNetwork(found) ? networkOutputs(found) : clinicalOutputs(found.manifest, request));
  const urgency = { lane: request.lane ?? 'bulk', signal, endsAt } as const;
  const outputs = isNetwork(found)
    ? await askNetwork(found, request, urgency)
    : await askClinical(found, request, urgency);
  const own = request.id === undefined ? {} : { id: request.id };
  return { model: id, version, digest: found.digest, ...own, outputs };
}

const networkOutputs = ({ manifest }: Network): readonly string[] => manifest.outputs.map(({ name }) => name);

/** @throws Refusal malformed-inference for an input given twice, an output asked for twice or that there is not */
function refuseTwice({ inputs, outputs = [] }: InferRequest, known: readonly string[]): void {
  if (inputs.length === 0) throw refuse('inputs', 'there is none');
  const names = inputs.map(({ name }) => name);
  const again = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (again !== -1) throw refuse(`inputs[${again}]`, 'is given twice');
  for (const [at, name] of outputs.entries()) {
    if (!known.includes(name)) throw refuse(`outputs[${at}]`, 'the model has no such output');
    if (outputs.indexOf(name) !== at) throw refuse(`outputs[${at}]`, 'is asked for twice');
  }
}
