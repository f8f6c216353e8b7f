// A closed loop: so many questions under way at once, each answered before the next is asked. The same for both servers.
import { connect, type Socket } from 'node:net';
import { Client, credentials, status } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { packaged } from '../../src/packaged.ts';
import { cpuMsOf, sumOf } from '../processes.ts';

export interface Measured {
  /** Questions answered. */
  readonly perSecond: number;
  /** Questions that the server said it has no time for. */
  readonly refused: number;
  /** Milliseconds, sorted. */
  readonly times: readonly number[];
  /** CPU milliseconds of the server and its children for one answer. */
  readonly cpuMs: number;
}

/** Asks the at-th question; resolves when its answer is there, false where that is a refusal. @throws for any other */
export type Ask = (at: number) => Promise<boolean>;

export interface Loader {
  /** One for each question that is under way at once. */
  readonly lanes: readonly Ask[];
  close(): void;
}

export async function drive({ lanes }: Loader, pid: number, seconds: number): Promise<Measured> {
  const times: number[] = [];
  const cpuBefore = sumOf(cpuMsOf(pid).values());
  const since = performance.now();
  const end = since + seconds * 1000;
  let [at, refused] = [0, 0];
  await Promise.all(
    lanes.map(async (ask) => {
      while (performance.now() < end) {
        const begun = performance.now();
        if (await ask(at++)) times.push(performance.now() - begun);
        else refused++;
      }
    }),
  );
  const took = (performance.now() - since) / 1000;
  const cpuMs = (sumOf(cpuMsOf(pid).values()) - cpuBefore) / times.length;
  return {
    perSecond: times.length / took,
    refused,
    times: times.toSorted((one, other) => one - other),
    cpuMs,
  };
}

/** Plain sockets and requests made beforehand: the generator must not be what is measured. */
export function restLoader(port: number, requests: readonly Buffer[], lanes: number): Loader {
  const open = (): Socket => connect(port, '127.0.0.1').setNoDelay(true);
  const sockets = Array.from({ length: lanes }, open);
  const ask = (lane: number): Ask => {
    return (at) =>
      new Promise((resolve, reject) => {
        const socket = living(sockets[lane]) ?? open();
        sockets[lane] = socket;
        const read = reader((status) => {
          socket.off('data', read).off('error', reject).off('close', lost);
          if (status === 200 || status === 503) resolve(status === 200);
          else reject(new Error(`answered ${status}`));
        });
        const lost = (): void => reject(new Error('the server closed the connection'));
        socket.on('data', read).once('error', reject).once('close', lost);
        socket.write(requests[at % requests.length] ?? '');
      });
  };
  return {
    lanes: sockets.map((_, lane) => ask(lane)),
    close: () => void sockets.map((socket) => socket.destroy()),
  };
}

/** A server closes what was idle for some seconds. */
const living = (socket: Socket | undefined): Socket | undefined =>
  socket === undefined || socket.destroyed || !socket.writable ? undefined : socket;

/** Reads one answer with a content-length, and tells its status. */
function reader(done: (status: number) => void): (chunk: Buffer) => void {
  let head = '';
  let left = -1;
  return (chunk) => {
    let body = chunk.length;
    if (left < 0) {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      left = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
      body = head.length - end - 4;
    }
    left -= body;
    if (left === 0) done(Number(head.slice(9, 12)));
  };
}

export function httpRequest(path: string, body: Buffer, headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries({ host: 'localhost', ...headers, 'content-length': String(body.length) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
}

/** Messages made beforehand go as bytes; answers are read. */
export function grpcLoader(port: number, messages: readonly object[], lanes: number): Loader {
  const file = packaged('src/serving/open_inference_grpc.proto');
  const loaded = loadSync(file, { keepCase: true, longs: Number, defaults: true });
  const { ModelInfer } = loaded['inference.GRPCInferenceService'] as ServiceDefinition;
  if (ModelInfer === undefined) throw new Error(`${file}: there is no ModelInfer`);
  const { path, requestSerialize, responseDeserialize } = ModelInfer;
  const written = messages.map((message) => requestSerialize(message));
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  const ask: Ask = (at) =>
    new Promise((resolve, reject) => {
      const bytes = written[at % written.length] ?? Buffer.alloc(0);
      client.makeUnaryRequest(
        path,
        () => bytes,
        responseDeserialize,
        {},
        (thrown) => {
          if (thrown === null || thrown.code === status.UNAVAILABLE) resolve(thrown === null);
          else reject(thrown);
        },
      );
    });
  return { lanes: Array.from({ length: lanes }, () => ask), close: () => client.close() };
}
