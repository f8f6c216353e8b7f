/** The inference API as one server offers it: who may call, how much at once, and where it stands. */
import { readFileSync } from 'node:fs';
import type { Packages } from './assemble.ts';
import type { Fault } from './errors.ts';
import { createGate, type Gate } from './ops/gate.ts';
import type { Metrics } from './ops/metrics.ts';
import { packaged } from './packaged.ts';
import { clientAccess, openAccess } from './serving/access.ts';
import { createAccessTokens } from './serving/access-tokens.ts';
import { createDataPlane } from './serving/data-plane.ts';
import type { GrpcOptions, GrpcServer } from './serving/grpc.ts';
import { createPace, type Pace } from './serving/pace.ts';
import { type ServingDeps, servingRoutes } from './serving/rest.ts';
import { createShares } from './serving/share.ts';
import { tokenEndpoint } from './serving/token.ts';
import type { Mode, Settings } from './settings.ts';
import { inferenceClients } from './site.ts';

/** Few at once, and of one client fewer still: whose run is next the scheduler says. */
const places = { all: 8, ofOneClient: 4 };
const limits = { bodyBytes: 8 * 1024 * 1024, jsonBytes: 2 * 1024 * 1024, deadlineMs: 10_000 };
const { version } = JSON.parse(readFileSync(packaged('package.json'), 'utf8')) as {
  readonly version: string;
};

export interface InferenceApi {
  readonly routes: ReturnType<typeof servingRoutes>;
  readonly gate: Gate;
  /** The same models, clients and pace over gRPC. @throws Error where nothing can listen there */
  listenGrpc(at: GrpcAddress): Promise<GrpcServer>;
}

/** Without a host loopback only; without a certificate plain text. */
export type GrpcAddress = Pick<GrpcOptions, 'port' | 'host' | 'credentials'>;

interface Surroundings {
  readonly packages: Packages;
  readonly baseUrl: string;
  readonly metrics: Metrics;
  readonly usedTokens: Parameters<typeof clientAccess>[0]['replays'];
}

/** In the sandbox everybody may infer; elsewhere the clients of INFERENCE_CLIENTS. @throws SettingError */
export function inferenceApi(mode: Mode, settings: Settings, around: Surroundings): InferenceApi {
  const { packages, baseUrl, metrics } = around;
  const { models, vocabulary } = packages;
  const clock = () => settings.CLOCK ?? new Date();
  const pace = createPace();
  const gate = createGate(places.all);
  const enter = createShares(gate.enter, mode === 'start' ? places.all : places.ofOneClient);
  const dataPlane = createDataPlane({ models, version, ready: () => !gate.draining });
  const served = {
    ...{ dataPlane, enter, limits, pace },
    ...(mode === 'start' ? { access: openAccess } : registeredAccess(settings, around, pace)),
    onFault: (thrown: Fault) => metrics.failed(thrown.code),
  };
  const routes = servingRoutes({ ...served, models, vocabulary, clock, baseUrl });
  const listenGrpc = async (at: GrpcAddress) => {
    const { startGrpc } = await import('./serving/grpc.ts');
    return startGrpc({ ...served, ...at });
  };
  return { routes, gate, listenGrpc };
}

/** Registered clients, by key, signature, or a token of the token endpoint. */
function registeredAccess(
  settings: Settings,
  { packages, baseUrl, metrics, usedTokens }: Surroundings,
  pace: Pace,
): Pick<ServingDeps, 'access' | 'token'> {
  const { models } = packages;
  const clock = () => new Date();
  const options = {
    clients: inferenceClients(settings, [...models.ids(), ...models.networkIds()]),
    tokens: createAccessTokens(clock),
    baseUrl,
    clock,
    replays: usedTokens,
    onRefusal: metrics.refused,
    onStale: metrics.staleKeys,
  };
  return { access: clientAccess(options), token: tokenEndpoint({ ...options, pace }) };
}
