/** Servers on loopback for the tests of this folder, and what they saw. */
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';

export interface Listening {
  readonly origin: string;
  readonly port: number;
  /** Connections that were ever made. */
  connections(): number;
  /** Connections that are open now. */
  open(): number;
  /** What arrived, as text. */
  received(): string;
}

const servers = new Set<{ readonly server: Server; readonly sockets: ReadonlySet<Socket> }>();

/** A server that answers HTTP. */
export const listen = (handler: RequestListener): Promise<Listening> => listening(createServer(handler));

/** A server that answers whatever it likes. */
export const listenRaw = (handler: (socket: Socket) => void): Promise<Listening> =>
  listening(createSocketServer(handler));

async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let received = '';
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  servers.add({ server, sockets });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    open: () => sockets.size,
    received: () => received,
  };
}

/** Ends every server of this file; for `afterEach`. */
export function closeAll(): void {
  for (const { server, sockets } of servers) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
  servers.clear();
}

/** Until the condition holds, for at most a second. */
export async function soon(condition: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < 1_000 && !condition(); waited += 5) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return condition();
}
