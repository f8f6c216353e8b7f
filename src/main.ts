/** Settings → adapters → listen. The only file with start-up effects. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { assemble, type House, registeredEhrs } from './assemble.ts';
import { createLog, type Log } from './ops/log.ts';
import type { GrpcServer } from './serving/grpc.ts';
import { type Mode, readSettings, type Settings } from './settings.ts';
import { tlsOf } from './site.ts';

/** How long a request in flight may take to finish once we are told to stop. */
const graceMs = 10_000;
/** How long what was answered may take to be sent. */
const answerMs = 2_000;
/** Bodies and headers that drip in are cut off: Node looks for them this often, not only every 30 s. */
const limits = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 500 };

/** Starts, and runs until SIGTERM or SIGINT. @throws what stops a start: its message names the file, field or setting */
export async function run(mode: Mode, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const settings = readSettings(env, mode);
  const log = createLog(settings.LOG_LEVEL);
  let answer: RequestListener = (_, res) => void res.writeHead(503, { 'retry-after': '1' }).end();
  const registrations = mode === 'serve' ? registeredEhrs(settings) : [];
  if (mode === 'serve' && registrations.length === 0)
    log({ event: 'no-ehr-registered', reason: 'the inference API is served alone, without hooks and app' });
  const tls = mode === 'serve' ? tlsOf(settings, registrations) : undefined;
  const newServer = serverFor(tls, (req, res) => answer(req, res));
  const servers = await listen(mode, settings, newServer);
  const { port } = servers[0].address() as AddressInfo;
  const house = await assemble(mode, settings, { port, registrations, log });
  answer = house.app;
  const grpc = await listenGrpc(mode, settings, house, tls);
  log({ event: 'listening', port });
  if (grpc !== undefined) log({ event: 'listening', port: grpc.port });
  if (mode === 'start') console.log(`\nauscult is ready: http://localhost:${port}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void leave(servers, house, grpc, log));
  }
}

/** The inference API over gRPC, on a port of its own, with the certificate that HTTP has. */
async function listenGrpc(
  mode: Mode,
  { GRPC_PORT: port, HOST: host }: Settings,
  house: House,
  tls: ReturnType<typeof tlsOf>,
): Promise<GrpcServer | undefined> {
  if (port === undefined) return undefined;
  return house.listenGrpc({
    port,
    ...(mode === 'serve' ? { host } : {}),
    ...(tls === undefined ? {} : { credentials: { cert: tls.cert, key: tls.key } }),
  });
}

/** The sandbox listens on loopback only, in both address families where the machine has both. */
async function listen(
  mode: Mode,
  settings: Settings,
  newServer: () => Server,
): Promise<readonly [Server, ...Server[]]> {
  if (mode === 'serve') return [await listenOn(settings.HOST, settings.PORT, newServer())];
  const first = await listenOn('127.0.0.1', settings.PORT, newServer());
  const { port } = first.address() as AddressInfo;
  const second = await listenOn('::1', port, newServer()).catch(() => undefined);
  return second === undefined ? [first] : [first, second];
}

/** TLS of our own where a certificate is set; else a proxy in front speaks it. */
const serverFor = (tls: ServerOptions | undefined, answer: RequestListener) => (): Server =>
  tls === undefined
    ? createServer(limits, answer)
    : createTlsServer({ ...limits, handshakeTimeout: 5_000, ...tls }, answer);

function listenOn(host: string, port: number, server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

/** Unready, let the running finish and their answers leave, then end. */
async function leave(
  servers: readonly Server[],
  house: House,
  grpc: GrpcServer | undefined,
  log: Log,
): Promise<void> {
  log({ event: 'draining' });
  await Promise.all([house.drain(graceMs), grpc?.close(graceMs)]);
  await Promise.all(servers.map(closeOnceIdle));
  await house.close();
  log({ event: 'stopped' });
  process.exit(0);
}

/** An answer that is being written is written; a connection that is only kept alive is not waited for. */
async function closeOnceIdle(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const impatience = setTimeout(() => server.closeAllConnections(), answerMs);
  await closed;
  clearInterval(idle);
  clearTimeout(impatience);
}
