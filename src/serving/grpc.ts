/** The Open Inference Protocol over gRPC: GRPCInferenceService on a port of its own. */
import type { Http2Server } from 'node:http2';
import { join } from 'node:path';
import {
  type handleUnaryCall,
  logVerbosity,
  Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServiceDefinition,
  setLogVerbosity,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Fault } from '../errors.ts';
import type { Caller } from '../hooks/caller.ts';
import type { Client } from './access.ts';
import { type GrpcCall, type GrpcDeps, type GrpcRefusal, grpcHandlers, refusalOf } from './grpc-handlers.ts';
import type { ModelInferRequest } from './grpc-messages.ts';
import { refuseCrowded } from './grpc-wire.ts';
import { Refusal } from './refusal.ts';

export interface GrpcOptions extends GrpcDeps {
  /** 0 takes any free one. */
  readonly port: number;
  /** Address to listen on; without it loopback only, in both address families where the machine has both. */
  readonly host?: string;
  /** TLS, PEM; without it plain text, as behind a proxy that speaks TLS. */
  readonly credentials?: { readonly cert: string; readonly key: string };
}

export interface GrpcServer {
  readonly port: number;
  /** Takes no further call; resolves when those in flight are answered, or cut off after the grace period. */
  close(graceMs: number): Promise<void>;
}

/** @throws Error where nothing can listen there */
export async function startGrpc(options: GrpcOptions): Promise<GrpcServer> {
  // The library's own lines name metadata with their values, tokens among them.
  setLogVerbosity(logVerbosity.NONE);
  const { limits, host } = options;
  const handlers = grpcHandlers(options);
  const clients = new WeakMap<Metadata, Client>();
  const server = new Server({
    'grpc.max_receive_message_length': limits.bodyBytes,
    'grpc.max_concurrent_streams': 100,
    'grpc.keepalive_time_ms': 60_000,
    interceptors: [identified(handlers.identify, clients, options)],
  });
  const unary = unaryOf(clients);
  server.addService(inferenceService(), {
    ServerLive: unary(handlers.ServerLive),
    ServerReady: unary(handlers.ServerReady),
    ServerMetadata: unary(handlers.ServerMetadata),
    ModelReady: unary(handlers.ModelReady),
    ModelMetadata: unary(handlers.ModelMetadata),
    ModelInfer: unary(handlers.ModelInfer),
  });
  const port = await listen(server, host ?? '127.0.0.1', options);
  if (host === undefined) await listen(server, '::1', { ...options, port }).catch(() => {});
  openWindows(server);
  return { port, close: (graceMs) => close(server, graceMs) };
}

/** The service as its .proto says; a ModelInferRequest that is not read arrives as the reason for it. */
function inferenceService(): ServiceDefinition {
  const file = join(import.meta.dirname, 'open_inference_grpc.proto');
  const loaded = loadSync(file, { keepCase: true, longs: Number, defaults: true });
  const service = loaded['inference.GRPCInferenceService'] as ServiceDefinition;
  const { ModelInfer } = service;
  if (ModelInfer === undefined) throw new Error(`${file}: there is no ModelInfer`);
  return { ...service, ModelInfer: { ...ModelInfer, requestDeserialize: inferReader(ModelInfer) } };
}

const inferReader =
  ({ requestDeserialize }: { readonly requestDeserialize: (bytes: Buffer) => ModelInferRequest }) =>
  (bytes: Buffer): ModelInferRequest | Refusal => {
    try {
      refuseCrowded(bytes);
      return requestDeserialize(bytes);
    } catch (thrown) {
      if (thrown instanceof Refusal) return thrown;
      return new Refusal('malformed-inference', ['the message is not a ModelInferRequest']);
    }
  };

type Identify = (caller: Caller, path: string) => Promise<Client>;

/** Nothing is read before it is known who asks; then the message has the time of one answer to come in whole. */
const identified =
  (identify: Identify, clients: WeakMap<Metadata, Client>, deps: GrpcDeps): ServerInterceptor =>
  ({ path }, call) => {
    const end = (refusal: GrpcRefusal): void => call.sendStatus(statusOf(refusal));
    const late = (): void => end(refusalOf(new Fault('deadline-passed'), deps));
    let patience: NodeJS.Timeout | undefined;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) =>
            void identify(callerOf(metadata), path).then((client) => {
              clients.set(metadata, client);
              patience = setTimeout(late, deps.limits.deadlineMs).unref();
              pass(metadata);
            }, end),
          onReceiveHalfClose: (pass) => {
            clearTimeout(patience);
            pass();
          },
          onCancel: () => clearTimeout(patience),
        }),
    });
  };

/** Two `authorization` entries are shown both, joined, which is no token. Clients of this API have no certificates. */
const callerOf = (metadata: Metadata): Caller => ({
  authorization: metadata.get('authorization').join(', ') || undefined,
  certificate: undefined,
});

/**
 * What the library does itself: at the caller's deadline it answers DEADLINE_EXCEEDED, and cancels the call. A call that
 * is answered is `cancelled` too, when its stream closes.
 */
const unaryOf =
  (clients: WeakMap<Metadata, Client>) =>
  <Request, Response>(
    method: (request: Request, call: GrpcCall) => Promise<Response>,
  ): handleUnaryCall<Request, Response> =>
  (call, answer) => {
    const client = clients.get(call.metadata);
    if (client === undefined) return answer(statusOf(refusalOf(new Fault('unauthorized'), {})));
    const cancelling = new AbortController();
    const cancel = (): void => cancelling.abort(cancelled);
    call.once('cancelled', cancel);
    method(call.request, { client, signal: cancelling.signal })
      .finally(() => call.off('cancelled', cancel))
      .then(
        (response) => answer(null, response),
        (refusal: GrpcRefusal) => answer(statusOf(refusal)),
      );
  };

/** Made once: an abort without a reason makes an error with a stack each time. */
const cancelled = new DOMException('the caller waits no more', 'AbortError');

/** When to come back is said as gRPC says it (proposal A6, server pushback). */
function statusOf({ code, message, retryAfter }: GrpcRefusal) {
  const metadata = new Metadata();
  if (retryAfter !== undefined) metadata.set('grpc-retry-pushback-ms', String(retryAfter * 1000));
  return { code, details: message, metadata };
}

function listen(server: Server, host: string, { port, credentials }: GrpcOptions): Promise<number> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, serverCredentials(credentials), (thrown, bound) =>
      thrown === null ? resolve(bound) : reject(new Error(`gRPC: nothing can listen on ${address}`)),
    );
  });
}

/** Bytes that a caller may send ahead on one connection; nobody unknown can have more than these kept. */
export const windowBytes = 1024 * 1024;

/**
 * HTTP/2 begins with windows of 64 KiB, and the library has no option for a server's: the sender of a large tensor would
 * wait for us at each of them. Should a later version keep its servers elsewhere, they stay as small.
 */
function openWindows(server: Server): void {
  const { http2Servers } = server as unknown as { readonly http2Servers?: ReadonlyMap<Http2Server, unknown> };
  for (const each of http2Servers?.keys() ?? []) {
    each.updateSettings({ initialWindowSize: windowBytes });
    each.on('session', (session) => session.setLocalWindowSize(windowBytes));
  }
}

const serverCredentials = (pem: GrpcOptions['credentials']): ServerCredentials =>
  pem === undefined
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(null, [
        { cert_chain: Buffer.from(pem.cert), private_key: Buffer.from(pem.key) },
      ]);

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, graceMs);
    server.tryShutdown(() => {
      clearTimeout(impatience);
      resolve();
    });
  });
}
