/** A listener that nobody may ever reach: whoever does was led there by a hostile request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Canary } from './target.ts';

export interface OpenCanary extends Canary {
  /** Where it is: IPv4 loopback first, then IPv6 loopback and a second IPv4 one where this machine has them. */
  readonly origins: readonly string[];
  close(): Promise<void>;
}

interface Counts {
  connections: number;
  tokens: number;
}

/** More loopback addresses, each where this machine has it: only the first is everywhere. */
const others = ['::1', '127.8.8.8'] as const;

/**
 * Listens on one free port of the loopback addresses. Every connection counts, whatever it carries; every request
 * with a bearer token counts as a token as well. It answers like a server that has nothing, and keeps no connection.
 * @throws Error where loopback cannot be listened on
 */
export async function openCanary(): Promise<OpenCanary> {
  const counts: Counts = { connections: 0, tokens: 0 };
  const first = await listen(counts, '127.0.0.1', 0);
  const { port } = first.address() as AddressInfo;
  const more = await Promise.all(others.map((host) => listen(counts, host, port).catch(() => undefined)));
  const servers = [first, ...more.filter((server) => server !== undefined)];
  return {
    origin: `http://127.0.0.1:${port}`,
    origins: servers.map(originOf),
    port,
    get connections() {
      return counts.connections;
    },
    get tokens() {
      return counts.tokens;
    },
    close: async () => void (await Promise.all(servers.map(closed))),
  };
}

function originOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** As a FHIR server and as a key server it is empty: a service that came this far shall come no further. */
const nothing = JSON.stringify({ resourceType: 'Bundle', type: 'searchset', total: 0, keys: [] });

async function listen(counts: Counts, host: string, port: number): Promise<Server> {
  const server = createServer((req: IncomingMessage, res: ServerResponse) => {
    if (/^Bearer /i.test(req.headers.authorization ?? '')) counts.tokens++;
    res.writeHead(200, { 'content-type': 'application/fhir+json', connection: 'close' }).end(nothing);
  });
  server.on('connection', () => {
    counts.connections++;
  });
  server.on('clientError', (_, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

function closed(server: Server): Promise<void> {
  const end = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return end;
}
