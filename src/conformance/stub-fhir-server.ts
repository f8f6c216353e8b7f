/** The kit's own FHIR server: holds what the sample requests hold, and remembers who asked for what. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from './loopback.ts';
import type { StubFhirServer, StubReply } from './target.ts';

export interface OwnFhirServer extends StubFhirServer {
  /** From now on this read or search (relative to the base) brings this resource; `null`: not found. */
  hold(query: string, resource: unknown): void;
  close(): Promise<void>;
}

/**
 * Starts it.
 * @param address where the service is to find it, e.g. `http://127.0.0.1:4010/fhir`, for a service that only
 *   asks registered servers; absent: a free port of loopback. It listens on that address's port, on loopback
 *   where the host is a loopback name and on every interface otherwise.
 * @throws where it cannot listen there
 */
export async function startStubFhirServer(address?: string): Promise<OwnFhirServer> {
  const given = address === undefined ? undefined : new URL(address);
  const seen: StubFhirServer['seen'][number][] = [];
  const held = new Map<string, unknown>();
  const replies: (readonly [RegExp, StubReply])[] = [];
  const path = given?.pathname.replace(/\/+$/, '') ?? '/fhir';
  const server = createServer(async (req, res) => {
    const { authorization } = req.headers;
    const url = await searchUrl(req);
    seen.push({ method: req.method ?? '', url, ...(authorization === undefined ? {} : { authorization }) });
    const reply =
      replies.find(([match]) => match.test(url))?.[1] ?? replyOf(req, url.slice(path.length), held);
    answer(res, reply);
  });
  await listen(server, given);
  const { port } = server.address() as AddressInfo;
  return {
    base: given === undefined ? `http://127.0.0.1:${port}${path}` : `${given.origin}${path}`,
    get seen() {
      return [...seen];
    },
    forget: () => {
      seen.length = 0;
      replies.length = 0;
    },
    answer: (match, reply) => void replies.unshift([match, reply]),
    hold: (query, resource) => void held.set(sameQuery(query), resource),
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

/** A query in one spelling: decoded, parameters in order of their names. */
export function sameQuery(query: string): string {
  const [path = '', search] = query.replace(/^\//, '').split('?');
  if (search === undefined) return decodeURIComponent(path);
  const parameters = [...new URLSearchParams(search)].map(([name, value]) => `${name}=${value}`);
  return `${decodeURIComponent(path)}?${parameters.toSorted().join('&')}`;
}

function listen(server: ReturnType<typeof createServer>, given: URL | undefined): Promise<void> {
  const isOurs = given === undefined || isLoopback(given.href);
  const host = given?.hostname === '[::1]' ? '::1' : isOurs ? '127.0.0.1' : undefined;
  const port = given === undefined ? 0 : Number(given.port || (given.protocol === 'https:' ? 443 : 80));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => resolve());
  });
}

/** A search by POST reads like the same search by GET. */
async function searchUrl(req: IncomingMessage): Promise<string> {
  const url = req.url ?? '';
  if (req.method !== 'POST' || !url.endsWith('/_search')) return url;
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return `${url.replace(/\/_search$/, '')}?${Buffer.concat(chunks).toString()}`;
}

function replyOf(req: IncomingMessage, query: string, held: ReadonlyMap<string, unknown>): StubReply {
  if (req.method !== 'GET' && !req.url?.endsWith('/_search'))
    return { status: 405, body: outcome('not-supported') };
  const resource = held.get(sameQuery(query));
  if (resource !== undefined && resource !== null) return { body: resource };
  if (query.includes('?')) return { body: { resourceType: 'Bundle', type: 'searchset', total: 0 } };
  return { status: 404, body: outcome('not-found') };
}

const outcome = (code: string): unknown => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code }],
});

function answer(res: ServerResponse, { status = 200, headers = {}, body, delayMs = 0 }: StubReply): void {
  if (delayMs === Number.POSITIVE_INFINITY) return;
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  setTimeout(() => {
    res.writeHead(status, { 'content-type': 'application/fhir+json', ...headers }).end(text);
  }, delayMs);
}
