/** A small EHR on loopback: SMART discovery, authorization, token and one Patient. It notes every request. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from 'jose';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: URLSearchParams;
}

/** How this EHR behaves; a test changes what it needs. */
export interface Behaviour {
  configuration: (base: string) => unknown;
  configurationStatus: number;
  code: string;
  token: Record<string, unknown>;
  tokenRedirect: string | undefined;
  patient: unknown;
  patientRedirect: string | undefined;
}

export interface Ehr {
  readonly fhir: string;
  readonly seen: Seen[];
  readonly behaviour: Behaviour;
  /** Follows the browser through the authorization endpoint: the callback URL it is sent to. */
  authorize(url: string): string;
  /** Checks the last token request as an EHR would; returns the assertion's claims. */
  verifyTokenRequest(keys: { keys: JWK[] }): Promise<JWTPayload>;
  close(): void;
}

const honest = (): Behaviour => ({
  configuration: (base) => ({
    issuer: base,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    capabilities: ['launch-ehr', 'permission-v2'],
    code_challenge_methods_supported: ['S256'],
  }),
  configurationStatus: 200,
  code: 'code-1',
  token: { access_token: 'TOKEN-CANARY', token_type: 'Bearer', scope: 'launch', expires_in: 300 },
  tokenRedirect: undefined,
  patient: undefined,
  patientRedirect: undefined,
});

export async function startEhr(): Promise<Ehr> {
  const seen: Seen[] = [];
  const behaviour = honest();
  const server = createServer(async (req, res) => {
    const body = new URLSearchParams(await read(req));
    const { method = '', url = '', headers } = req;
    seen.push({ method, url, authorization: headers.authorization, body });
    answer(url, res, behaviour, base);
  });
  const base = await listen(server);
  const challenges = new Map<string, string>();
  return {
    fhir: `${base}/fhir`,
    seen,
    behaviour,
    authorize(url) {
      const query = new URL(url).searchParams;
      challenges.set('last', query.get('code_challenge') ?? '');
      return callbackOf(url, behaviour.code);
    },
    async verifyTokenRequest(keys) {
      const last = seen.findLast(({ url }) => url === '/token');
      const verifier = last?.body.get('code_verifier') ?? '';
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      if (challenge !== challenges.get('last')) throw new Error('PKCE does not match');
      const assertion = last?.body.get('client_assertion') ?? '';
      const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys), { audience: `${base}/token` });
      return payload;
    },
    close: () => void server.close(),
  };
}

function answer(url: string, res: ServerResponse, behaviour: Behaviour, base: string): void {
  const { status, location, body, html } = answerOf(url, behaviour, base);
  const type = html === undefined ? 'application/json' : 'text/html';
  res.writeHead(status, location === undefined ? { 'content-type': type } : { location });
  res.end(html ?? JSON.stringify(body ?? {}));
}

interface Answer {
  readonly status: number;
  readonly location?: string;
  readonly body?: unknown;
  readonly html?: string;
}

/** Where the authorization server sends the browser back to. */
function callbackOf(url: string, code: string): string {
  const query = new URL(url).searchParams;
  const back = new URL(query.get('redirect_uri') ?? '');
  back.searchParams.set('code', code);
  back.searchParams.set('state', query.get('state') ?? '');
  return back.href;
}

/** A chart that shows each `app` of its query in a frame. */
const chartPage = ({ searchParams }: URL): string =>
  searchParams
    .getAll('app')
    .map((src) => `<iframe width="720" height="600" src="${src.replaceAll('&', '&amp;')}"></iframe>`)
    .join('');

function answerOf(url: string, behaviour: Behaviour, base: string): Answer {
  const { token, tokenRedirect, patient, patientRedirect } = behaviour;
  const or = (location: string | undefined, body: unknown): Answer => {
    if (location !== undefined) return { status: 307, location };
    return body === undefined ? { status: 404, body: {} } : { status: 200, body };
  };
  if (url.endsWith('/.well-known/smart-configuration')) {
    return { status: behaviour.configurationStatus, body: behaviour.configuration(base) };
  }
  if (url.startsWith('/authorize?'))
    return { status: 302, location: callbackOf(`${base}${url}`, behaviour.code) };
  if (url.startsWith('/chart?')) return { status: 200, html: chartPage(new URL(`${base}${url}`)) };
  if (url === '/token') return or(tokenRedirect, token);
  if (url.startsWith('/fhir/Patient/')) return or(patientRedirect, patient);
  return { status: 404, body: {} };
}

async function read(req: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
