/** HTTP as bytes, for what a well-behaved client library refuses to send. */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Answer, Target } from '../target.ts';

export type Piece = string | Uint8Array;

export interface RawSending {
  /** The request in pieces; the next is taken when the last one left. */
  readonly pieces: Iterable<Piece> | AsyncIterable<Piece>;
  /** Ends our side of the connection after the last piece. */
  readonly hangUp?: boolean;
  /** Milliseconds. Default 10,000. */
  readonly withinMs?: number;
}

export interface RawAnswer extends Answer {
  /** How many HTTP answers came on this one connection. */
  readonly answers: number;
  /** The service closed the connection. */
  readonly closed: boolean;
}

/** How long to listen after a whole answer: a second one would be one too many. */
const secondAnswerMs = 60;

export interface RawRequest {
  readonly method?: string;
  /** Sent as it is, after the path of `baseUrl`. */
  readonly path: string;
  /** Header lines as they are, after `Host`. */
  readonly lines?: readonly string[];
}

/** Request line, `Host` and these lines, with the empty line that ends them. */
export function headOf(target: Target, { method = 'POST', path, lines = [] }: RawRequest): string {
  const { host, pathname } = new URL(target.baseUrl);
  const start = `${method} ${pathname.replace(/\/+$/, '')}${path} HTTP/1.1`;
  return [start, `Host: ${host}`, ...lines, '', ''].join('\r\n');
}

/**
 * One connection: sends, and resolves when the service closed it, when an answer is whole, or when the time is up
 * (`status: 0`, not closed). Never rejects.
 */
export async function sendRaw(target: Target, sending: RawSending): Promise<RawAnswer> {
  const began = performance.now();
  const socket = await connect(target.baseUrl);
  const received: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), sending.withinMs ?? 10_000);
  let second: NodeJS.Timeout | undefined;
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk);
    if (second === undefined && isWhole(received)) second = setTimeout(() => resolve(false), secondAnswerMs);
  });
  socket.on('error', () => resolve(true)).once('close', () => resolve(true));
  void write(socket, sending);
  const closed = await promise;
  const ms = performance.now() - began - (second === undefined || closed ? 0 : secondAnswerMs);
  clearTimeout(timer);
  clearTimeout(second);
  socket.destroy();
  return { ...read(Buffer.concat(received).toString('utf8')), closed, ms };
}

function connect(baseUrl: string): Promise<Socket> {
  const { protocol, hostname, port } = new URL(baseUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket =
    protocol === 'https:'
      ? connectTls({ host, port: Number(port || 443), servername: host })
      : connectPlain({ host, port: Number(port || 80) });
  return new Promise((resolve) => {
    const ready = () => resolve(socket);
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', ready).once('error', ready);
  });
}

async function write(socket: Socket, { pieces, hangUp = false }: RawSending): Promise<void> {
  for await (const piece of pieces) {
    if (socket.destroyed || socket.writableEnded) return;
    if (!socket.write(piece)) await drained(socket);
  }
  if (hangUp) socket.end();
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.once('drain', done).once('close', done);
  });

const statusLine = /^HTTP\/1\.[01] (\d{3})/;

function isWhole(received: readonly Buffer[]): boolean {
  const [, head = '', body] = /^(.*?)\r\n\r\n(.*)$/s.exec(Buffer.concat(received).toString('latin1')) ?? [];
  if (body === undefined) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length);
  return /\r\ntransfer-encoding: *chunked/i.test(head)
    ? body.endsWith('0\r\n\r\n')
    : /^HTTP\/1\.1 [23]04/.test(head);
}

type Said = Pick<RawAnswer, 'status' | 'headers' | 'text' | 'json' | 'answers'>;

function read(all: string): Said {
  const status = Number(statusLine.exec(all)?.[1] ?? 0);
  const [head = '', ...rest] = all.split('\r\n\r\n');
  const lines = head.split('\r\n').slice(1);
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = /^([\w-]+): *(.*?) *$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) headers.append(name, value);
  }
  const body = rest.join('\r\n\r\n');
  const answers = all.match(/HTTP\/1\.[01] \d{3} /g)?.length ?? 0;
  const text = headers.get('transfer-encoding') === 'chunked' ? unchunked(body) : body;
  return { status, headers, text, json: parsed(text), answers };
}

function unchunked(body: string): string {
  const chunks: string[] = [];
  for (let at = 0; at < body.length; ) {
    const [line, size = '0'] = /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(body.slice(at)) ?? ['', '0'];
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    chunks.push(body.slice(at + line.length, at + line.length + length));
    at += line.length + length + 2;
  }
  return chunks.join('');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
