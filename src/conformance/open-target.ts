/** Opens the service under test: discovery, samples, tokens, the kit's FHIR server. */
import type { CdsService } from 'cds-hooks-types';
import type { JWK } from 'jose';
import { queryOf, sampleRequest } from './sample.ts';
import { createSigner, type Signer } from './sign.ts';
import { type OwnFhirServer, startStubFhirServer } from './stub-fhir-server.ts';
import type { Answer, Body, Canary, Exchange, Sending, Target } from './target.ts';

export interface TargetOptions {
  /** Address below which `/cds-services` is. */
  readonly baseUrl: string;
  /** Private JWK to sign with; absent: no call carries a token. */
  readonly key?: JWK | undefined;
  /** `iss`. Default `https://cds-hooks-conformance.example`. */
  readonly issuer?: string | undefined;
  readonly tenant?: string | undefined;
  readonly jku?: string | undefined;
  /** Fixed `aud`; default: `publicUrl`, else `baseUrl`, with the path called. */
  readonly audience?: string | undefined;
  /** The base URL the service believes to have, where a proxy stands between. */
  readonly publicUrl?: string | undefined;
  /** Real hook requests as samples, at most one per hook. */
  readonly requests?: readonly Body[] | undefined;
  /** Patient of requests that the kit makes. Default `kit-patient`. */
  readonly patientId?: string | undefined;
  /** `true`: the kit's own FHIR server on a free port; a URL: the same server, at that address. */
  readonly fhirServer?: string | true | undefined;
  readonly canary?: Canary | undefined;
}

export interface OpenTarget extends Target {
  close(): Promise<void>;
}

const maxBytes = 4 * 1024 * 1024;
const timeoutMs = 10_000;

/**
 * A service that cannot be reached opens too, without services: the checks say what is wrong.
 * @throws Error where the key is no private JWK or the FHIR server cannot listen
 */
export async function openTarget(options: TargetOptions): Promise<OpenTarget> {
  const { patientId = 'kit-patient', requests = [] } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const signer = await signerOf(options, baseUrl);
  const fhir = await fhirServerOf(options.fhirServer);
  const said: Exchange[] = [];
  const send = sender(baseUrl, signer?.sign, said);
  const services = servicesIn((await send('/cds-services')).json);
  const request = (service: CdsService) => sampleRequest(service, { requests, patientId });
  if (fhir !== undefined) for (const service of services) stock(fhir, service, request(service));
  return {
    ...{ baseUrl, services, said, send, fhir, request },
    sign: signer?.sign,
    ...(signer === undefined ? {} : { publicKey: { ...signer.publicKey }, signText: signer.signText }),
    canary: options.canary,
    call: (service, body, sending = {}) =>
      send(
        `/cds-services/${encodeURIComponent(service.id)}`,
        { method: 'POST', ...sending },
        { service, body },
      ),
    close: async () => fhir?.close(),
  };
}

async function signerOf(options: TargetOptions, baseUrl: string): Promise<Signer | undefined> {
  const { key, issuer = 'https://cds-hooks-conformance.example', tenant, jku, audience } = options;
  if (key === undefined) return undefined;
  const base = options.publicUrl?.replace(/\/+$/, '') ?? baseUrl;
  return createSigner({ key, issuer, tenant, jku, audience: (path) => audience ?? `${base}${path}` });
}

async function fhirServerOf(wanted: string | true | undefined): Promise<OwnFhirServer | undefined> {
  return wanted === undefined ? undefined : startStubFhirServer(wanted === true ? undefined : wanted);
}

/** The FHIR server has what the sample has: a key that is left out can be read instead. */
function stock(fhir: OwnFhirServer, { prefetch = {} }: CdsService, sample: Body | undefined): void {
  if (sample === undefined) return;
  const supplied = sample.prefetch as Body;
  for (const [key, template] of Object.entries(prefetch)) {
    const query = queryOf(template, sample.context as Body);
    if (query !== undefined) fhir.hold(query, supplied[key]);
  }
}

/** Entries with an id and a hook; the rest is for D2 to complain of. */
function servicesIn(discovered: unknown): readonly CdsService[] {
  const { services } = (discovered ?? {}) as { services?: unknown };
  if (!Array.isArray(services)) return [];
  return services
    .filter((item) => typeof item?.id === 'string' && typeof item?.hook === 'string')
    .map((item) => ({ ...item, prefetch: templatesIn(item.prefetch) })) as readonly CdsService[];
}

const templatesIn = (prefetch: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(
      typeof prefetch === 'object' && prefetch !== null && !Array.isArray(prefetch) ? prefetch : {},
    ).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

type Call = { readonly service: CdsService; readonly body: unknown };

function sender(baseUrl: string, sign: Signer['sign'] | undefined, said: Exchange[]) {
  return async (path: string, sending: Sending = {}, call?: Call): Promise<Answer> => {
    const method = sending.method ?? (sending.body === undefined ? 'GET' : 'POST');
    const authorization =
      sending.authorization === undefined && sign !== undefined
        ? `Bearer ${await sign(path.replace(/[?#].*$/, ''))}`
        : sending.authorization;
    const body = sending.body ?? (call === undefined ? undefined : textOf(call.body));
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(authorization == null ? {} : { authorization }),
      ...sending.headers,
    };
    const answer = await exchange(`${baseUrl}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body as BodyInit }),
    });
    said.push({
      method,
      path,
      answer,
      ...(call === undefined ? {} : { service: call.service }),
      ...(isObject(call?.body) ? { sent: call.body } : {}),
    });
    return answer;
  };
}

const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

const textOf = (body: unknown): string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);

async function exchange(url: string, init: RequestInit): Promise<Answer> {
  const began = performance.now();
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await textWithin(response);
    const { status, headers } = response;
    return { status, headers, text, json: parsed(text), ms: performance.now() - began };
  } catch {
    return { status: 0, headers: new Headers(), text: '', json: undefined, ms: performance.now() - began };
  }
}

/** @throws where the answer is larger than the kit reads */
async function textWithin({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
