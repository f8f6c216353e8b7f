/** GRPCInferenceService without the transport: who calls, and one function for each method, from message to message. */
import { asFault, Fault } from '../errors.ts';
import { deadlineIn } from '../fhir/deadline.ts';
import type { Caller } from '../hooks/caller.ts';
import { type Access, type Client, mayInfer, mayKnow } from './access.ts';
import { createCourtesy } from './courtesy.ts';
import type { DataPlane, InferRequest } from './data-plane.ts';
import {
  countIn,
  type ModelInferRequest,
  type ModelInferResponse,
  outputsOf,
  tensorsOf,
} from './grpc-messages.ts';
import { hurryOf, patienceOf } from './hurry.ts';
import { createPace, type Pace } from './pace.ts';
import { Refusal, sentenceOf } from './refusal.ts';
import type { Enter } from './share.ts';

/** A call that is not answered. `code` is google.rpc.Code. */
export class GrpcRefusal extends Error {
  override name = 'GrpcRefusal';
  readonly code: number;
  /** Whole seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(code: number, details: string, retryAfter?: number) {
    super(details);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export interface GrpcDeps {
  readonly dataPlane: DataPlane;
  readonly access: Access;
  /** The one that REST has too, so that a client has one pace at both; without it gRPC keeps its own. */
  readonly pace?: Pace;
  /** Runs the work, or refuses: the gate of REST. @throws Fault overloaded */
  readonly enter: Enter;
  /** Bytes of the largest message, and milliseconds for one whole answer. */
  readonly limits: { readonly bodyBytes: number; readonly deadlineMs: number };
  /** Told of every call that is refused or fails, for logs and metrics. */
  readonly onFault?: (thrown: Fault) => void;
}

/** What a method knows of a call beside its message. */
export interface GrpcCall {
  readonly client: Client;
  /** Aborts where the caller cancels, or its deadline passes. */
  readonly signal?: AbortSignal;
}

interface ModelNamed {
  readonly name: string;
  /** Empty: whichever there is. */
  readonly version?: string;
}

/** @throws from `identify` and every method: GrpcRefusal */
export function grpcHandlers(deps: GrpcDeps) {
  const { dataPlane, access, pace = createPace() } = deps;
  const method =
    <Request, Response>(answer: (request: Request, call: GrpcCall) => Response | Promise<Response>) =>
    (request: Request | Refusal, call: GrpcCall): Promise<Response> =>
      orRefused(deps, () => {
        if (request instanceof Refusal) throw request;
        return answer(request, call);
      });
  return {
    /** @param path the method's, `/inference.GRPCInferenceService/<method>`: the address that a token is made for */
    identify: (caller: Caller, path: string): Promise<Client> =>
      orRefused(deps, async () => {
        const client = await access(caller, path);
        pace(client);
        return client;
      }),
    ServerLive: method(() => ({ live: dataPlane.serverLive() })),
    ServerReady: method(() => ({ ready: dataPlane.serverReady() })),
    ServerMetadata: method(() => dataPlane.serverMetadata()),
    ModelReady: method(({ name, version }: ModelNamed, { client }) => ({
      ready: dataPlane.modelReady(known(name, client), version || undefined),
    })),
    ModelMetadata: method(({ name, version }: ModelNamed, { client }) => {
      const { versions, platform, inputs, outputs } = dataPlane.modelMetadata(
        known(name, client),
        version || undefined,
      );
      return { name, versions, platform, inputs, outputs };
    }),
    ModelInfer: method((request: ModelInferRequest, call) => infer(request, call, deps)),
  };
}

async function orRefused<T>(deps: GrpcDeps, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw refusalOf(thrown, deps);
  }
}

/** @throws Fault unknown-model, also for one that the client may not know */
function known(name: string, client: Client): string {
  if (!mayKnow(client, name)) throw new Fault('unknown-model');
  return name;
}

async function infer(
  message: ModelInferRequest,
  { client, signal: outer }: GrpcCall,
  { dataPlane, enter, limits }: GrpcDeps,
): Promise<ModelInferResponse> {
  const name = known(message.model_name, client);
  if (!mayInfer(client, name)) throw new Refusal('not-allowed');
  const courtesy = createCourtesy();
  const request = requestOf(message, name);
  await courtesy();
  using deadline = deadlineIn(patienceOf(request, limits.deadlineMs), outer);
  const { model, version, digest, id, outputs } = await enter(
    () => dataPlane.infer(request, deadline),
    client.id,
  );
  const raw = (message.raw_input_contents ?? []).length > 0;
  return {
    model_name: model,
    model_version: version,
    id: id ?? '',
    parameters: { digest: { string_param: digest } },
    ...outputsOf(outputs, raw),
  };
}

function requestOf(message: ModelInferRequest, model: string): InferRequest {
  const { model_version: version, id, parameters = {}, outputs = [] } = message;
  return {
    model,
    ...(version ? { version } : {}),
    ...(id ? { id } : {}),
    allowAbstention: parameters.allow_abstention?.bool_param ?? false,
    allowOutOfRange: parameters.allow_out_of_range?.bool_param ?? false,
    ...hurryOf({ priority: countIn(parameters, 'priority'), timeout: countIn(parameters, 'timeout') }),
    inputs: tensorsOf(message),
    ...(outputs.length === 0 ? {} : { outputs: outputs.map(({ name }) => name) }),
  };
}

/** HTTP status → google.rpc.Code. */
const codes: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  413: 8,
  422: 3,
  429: 8,
  500: 13,
  503: 14,
};
const deadlineExceeded = 4;

/** Any thrown thing as the status of a call. */
export function refusalOf(thrown: unknown, { onFault }: Pick<GrpcDeps, 'onFault'>): GrpcRefusal {
  if (thrown instanceof GrpcRefusal) return thrown;
  const refused = asFault(thrown);
  onFault?.(refused);
  const code = refused.code === 'deadline-passed' ? deadlineExceeded : (codes[refused.status] ?? 13);
  const retryAfter = refused instanceof Refusal ? refused.retryAfter : undefined;
  return new GrpcRefusal(code, brief(sentenceOf(refused)), retryAfter);
}

/** A status message travels as a header, of which clients take some kilobytes. */
const maxMessage = 2000;

function brief(sentence: string): string {
  if (sentence.length <= maxMessage) return sentence;
  const cut = sentence.lastIndexOf('; ', maxMessage);
  return `${sentence.slice(0, cut === -1 ? maxMessage : cut)}; and more`;
}
