/** A TCP proxy that spoils what passes, after toxiproxy's toxics; in this process, on a free port of loopback. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What becomes of one chunk: `client` is who asked, `server` who answers. */
export interface Toxic {
  /** Of a chunk that the client sent. Default: it is passed on. */
  readonly request?: (chunk: Buffer, client: Socket, server: Socket) => void;
  /** Of a chunk that the server sent. Default: it is passed on. */
  readonly answer?: (chunk: Buffer, client: Socket) => void | Promise<void>;
}

export interface FaultProxy {
  readonly origin: string;
  /** From now on, for connections that are open too. */
  use(toxic: Toxic): void;
  /** Requests that arrived since the last toxic. */
  requests(): number;
  /** Connections that are open. */
  open(): number;
  /** Refuses connections until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

/** @param target port on loopback of the server behind; asked for each connection */
export async function faultProxy(target: () => number): Promise<FaultProxy> {
  let toxic: Toxic = {};
  let requests = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(target(), '127.0.0.1');
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    let answered = Promise.resolve();
    client.on('data', (chunk) => {
      requests++;
      if (toxic.request === undefined) upstream.write(chunk);
      else toxic.request(chunk, client, upstream);
    });
    upstream.on('data', (chunk) => {
      const { answer } = toxic;
      answered = answered.then(async () => {
        if (answer === undefined) write(client, chunk);
        else await answer(chunk, client);
      });
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => void answered.then(() => other.destroy()));
    }
  });
  const listen = async (port = 0): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const down = async (): Promise<void> => {
    drop();
    server.close();
    if (server.listening) await once(server, 'close');
  };
  await listen();
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    use: (next) => {
      toxic = next;
      requests = 0;
    },
    requests: () => requests,
    open: () => sockets.size,
    down,
    up: () => listen(port),
    close: down,
  };
}

const write = (socket: Socket, chunk: Buffer | string): void => {
  if (!socket.destroyed) socket.write(chunk);
};

/** Toxiproxy's eight, and answers in place of the server's. Times in milliseconds. */
export const toxics = {
  none: (): Toxic => ({}),
  latency: (milliseconds: number): Toxic => ({
    answer: async (chunk, client) => {
      await wait(milliseconds);
      write(client, chunk);
    },
  }),
  /** Takes what is sent and never answers. */
  timeout: (): Toxic => ({ request: () => undefined }),
  resetPeer: (): Toxic => ({ request: (_, client) => void client.resetAndDestroy() }),
  /** Ends the connection this long after the answer, however it was to be kept. */
  slowClose: (milliseconds: number): Toxic => ({
    answer: (chunk, client) => {
      write(client, chunk);
      setTimeout(() => client.destroy(), milliseconds);
    },
  }),
  /** Ends the connection after so many bytes of the answer. */
  limitData: (bytes: number): Toxic => ({
    answer: (chunk, client) => void client.end(chunk.subarray(0, bytes)),
  }),
  /** Cuts the answer into slices of so many bytes with a pause between: a slicer, or a narrow band. */
  slicer: (bytes: number, pause: number): Toxic => ({
    answer: async (chunk, client) => {
      for (let at = 0; at < chunk.length && !client.destroyed; at += bytes) {
        write(client, chunk.subarray(at, at + bytes));
        await wait(pause);
      }
    },
  }),
  /** These very bytes in place of the server's answer. */
  says: (bytes: string): Toxic => ({ request: (_, client) => write(client, bytes) }),
  /** One HTTP answer in place of the server's. */
  answers: (
    status: number,
    body: string,
    headers: readonly string[] = ['content-type: application/fhir+json'],
  ): Toxic =>
    toxics.says(
      [`HTTP/1.1 ${status} Told`, `content-length: ${Buffer.byteLength(body)}`, ...headers, '', body].join(
        '\r\n',
      ),
    ),
  /** The first so many requests get this, the later ones the server's answer. */
  first: (count: number, spoiled: Toxic): Toxic => {
    let left = count;
    return {
      request: (chunk, client, server) => {
        if (left-- > 0 && spoiled.request !== undefined) spoiled.request(chunk, client, server);
        else server.write(chunk);
      },
    };
  },
} as const;
