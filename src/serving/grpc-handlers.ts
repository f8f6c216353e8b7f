/**
 * GRPCInferenceService without the transport: one function for each method, from message to message. Whoever listens
 * hands in the call's `authorization` metadata and turns a GrpcRefusal into the call's status.
 */
import { asFault, Fault } from '../errors.ts';
import { deadlineIn } from '../fhir/deadline.ts';
import type { Caller } from '../hooks/caller.ts';
import { type Access, type Client, mayInfer } from './access.ts';
import type { DataPlane, InferRequest } from './data-plane.ts';
import { type ModelInferRequest, type ModelInferResponse, outputsOf, tensorsOf } from './grpc-messages.ts';
import { createPace } from './pace.ts';
import { Refusal, sentenceOf } from './refusal.ts';

/** A call that is not answered. `code` is google.rpc.Code. */
export class GrpcRefusal extends Error {
  override name = 'GrpcRefusal';
  readonly code: number;

  constructor(code: number, details: string) {
    super(details);
    this.code = code;
  }
}

export interface GrpcDeps {
  readonly dataPlane: DataPlane;
  readonly access: Access;
  /** @throws Fault overloaded */
  readonly enter: <T>(work: () => Promise<T>) => Promise<T>;
  readonly limits: { readonly deadlineMs: number };
  readonly onFault?: (thrown: Fault | Refusal) => void;
}

interface ModelNamed {
  readonly name: string;
  /** Empty: whichever there is. */
  readonly version?: string;
}

/** A method's path is the address that a token is made for. */
export const servicePath = '/inference.GRPCInferenceService';

/** @throws from every method: GrpcRefusal */
export function grpcHandlers(deps: GrpcDeps) {
  const { dataPlane } = deps;
  const pace = createPace();
  const method =
    <Request, Response>(
      name: string,
      answer: (request: Request, client: Client) => Response | Promise<Response>,
    ) =>
    async (request: Request, caller: Caller): Promise<Response> => {
      try {
        const client = await deps.access(caller, `${servicePath}/${name}`);
        pace(client);
        return await answer(request, client);
      } catch (thrown) {
        throw refusalOf(thrown, deps);
      }
    };
  return {
    ServerLive: method('ServerLive', () => ({ live: dataPlane.serverLive() })),
    ServerReady: method('ServerReady', () => ({ ready: dataPlane.serverReady() })),
    ServerMetadata: method('ServerMetadata', () => dataPlane.serverMetadata()),
    ModelReady: method('ModelReady', ({ name, version }: ModelNamed, client) => ({
      ready: dataPlane.modelReady(known(name, client), version || undefined),
    })),
    ModelMetadata: method('ModelMetadata', ({ name, version }: ModelNamed, client) => {
      const { versions, platform, inputs, outputs } = dataPlane.modelMetadata(
        known(name, client),
        version || undefined,
      );
      return { name, versions, platform, inputs, outputs };
    }),
    ModelInfer: method('ModelInfer', (request: ModelInferRequest, client) => infer(request, client, deps)),
  };
}

/** @throws Fault unknown-model, also for one that the client may not ask */
function known(name: string, client: Client): string {
  if (!mayInfer(client, name) && !client.scopes.includes('admin')) throw new Fault('unknown-model');
  return name;
}

async function infer(
  message: ModelInferRequest,
  client: Client,
  { dataPlane, enter, limits }: GrpcDeps,
): Promise<ModelInferResponse> {
  const name = known(message.model_name, client);
  if (!mayInfer(client, name)) throw new Refusal('not-allowed');
  const request = requestOf(message, name);
  using deadline = deadlineIn(limits.deadlineMs);
  const { model, version, digest, id, outputs } = await enter(() =>
    dataPlane.infer(request, deadline.signal),
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

function refusalOf(thrown: unknown, { onFault }: GrpcDeps): GrpcRefusal {
  const refused = thrown instanceof Refusal ? thrown : asFault(thrown);
  onFault?.(refused);
  const code = refused.code === 'deadline-passed' ? deadlineExceeded : (codes[refused.status] ?? 13);
  return new GrpcRefusal(code, sentenceOf(refused));
}
