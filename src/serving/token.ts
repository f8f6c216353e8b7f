/**
 * The token endpoint for clients of the inference API, as SMART Backend Services has it (SMART App Launch 2.2,
 * "Client Authentication: Asymmetric"; RFC 6749 §4.4, RFC 7523): a signed assertion in, an access token out. SMART's own
 * scopes name FHIR resources; ours name models.
 */
import type { RequestHandler } from 'express';
import { decodeJwt } from 'jose';
import { asFault, Fault } from '../errors.ts';
import { type AccessOptions, type Client, signedBy } from './access.ts';
import { type AccessTokens, tokenSeconds } from './access-tokens.ts';
import type { InferenceClient, Scope } from './clients.ts';
import type { Pace } from './pace.ts';
import { bytesOfRequest } from './request-bytes.ts';

export const tokenPath = '/v2/auth/token';
export const grantType = 'client_credentials';
export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const mostBytes = 16 * 1024;

export const oauthCodes = [
  'invalid_request',
  'invalid_client',
  'invalid_scope',
  'unsupported_grant_type',
  'temporarily_unavailable',
] as const;
type OAuthCode = (typeof oauthCodes)[number];

/** An answer of RFC 6749 §5.2. */
class OAuthRefusal extends Error {
  readonly code: OAuthCode;

  constructor(code: OAuthCode) {
    super(code);
    this.code = code;
  }

  get status(): number {
    if (this.code === 'temporarily_unavailable') return 503;
    return this.code === 'invalid_client' ? 401 : 400;
  }
}

export interface TokenOptions extends AccessOptions {
  readonly tokens: AccessTokens;
  /** The client's pace at every other address. */
  readonly pace: Pace;
}

/** Answers `{access_token, token_type, expires_in, scope}`, or `{error}` as OAuth has it. */
export function tokenEndpoint(options: TokenOptions): RequestHandler {
  const { tokens, pace, onRefusal } = options;
  const authenticate = signedBy(options);
  return async (req, res) => {
    res.set({ 'cache-control': 'no-store', pragma: 'no-cache' });
    try {
      const form = formOf(await bytesOfRequest(req, mostBytes), req.headers['content-type']);
      const client = await clientOf(form, authenticate, options.baseUrl);
      pace(client);
      const scopes = scopesOf(client, form.get('scope'));
      const access_token = tokens.issue(client.id, scopes);
      res.json({ access_token, token_type: 'bearer', expires_in: tokenSeconds, scope: scopes.join(' ') });
    } catch (thrown) {
      const refused = refusedBy(thrown);
      onRefusal?.(refused.code);
      if (!req.complete) res.set('connection', 'close');
      res.status(refused.status).json({ error: refused.code });
    }
  };
}

/** Our own faults in OAuth's words; a client that is too fast is answered by the API's own refusal. */
function refusedBy(thrown: unknown): OAuthRefusal {
  if (thrown instanceof OAuthRefusal) return thrown;
  const fault = asFault(thrown);
  if (fault.status === 429 || fault.status === 500) throw fault;
  if (fault.status === 503) return new OAuthRefusal('temporarily_unavailable');
  return new OAuthRefusal(fault.code === 'unauthorized' ? 'invalid_client' : 'invalid_request');
}

export const formType = 'application/x-www-form-urlencoded';

/** @throws OAuthRefusal invalid_request for another content type, or a parameter given twice */
function formOf(bytes: Buffer, contentType = ''): URLSearchParams {
  const form = new URLSearchParams(bytes.toString('utf8'));
  const names = [...form.keys()];
  const plain = contentType.split(';', 1)[0]?.trim().toLowerCase() === formType;
  if (!plain || new Set(names).size !== names.length) throw new OAuthRefusal('invalid_request');
  return form;
}

/** @throws OAuthRefusal; Fault unauthorized, overloaded, ledger-unavailable */
async function clientOf(
  form: URLSearchParams,
  authenticate: ReturnType<typeof signedBy>,
  baseUrl: string,
): Promise<InferenceClient> {
  const grant = form.get('grant_type');
  const assertion = form.get('client_assertion');
  if (grant === null || assertion === null) throw new OAuthRefusal('invalid_request');
  if (grant !== grantType) throw new OAuthRefusal('unsupported_grant_type');
  if (form.get('client_assertion_type') !== assertionType) throw new OAuthRefusal('invalid_request');
  if (!speaksForItself(assertion)) throw new OAuthRefusal('invalid_client');
  const caller = { authorization: `Bearer ${assertion}`, certificate: undefined };
  const client = await authenticate(caller, `${baseUrl}${tokenPath}`);
  if (client === undefined) throw new Fault('unauthorized');
  return client;
}

/** `iss` and `sub` are both the client's id. */
function speaksForItself(assertion: string): boolean {
  try {
    const { iss, sub } = decodeJwt(assertion);
    return iss !== undefined && iss === sub;
  } catch {
    return false;
  }
}

/** The scopes asked for, each within the client's. @throws OAuthRefusal invalid_scope */
function scopesOf({ scopes }: Client, asked: string | null): readonly Scope[] {
  const names = new Set((asked ?? '').split(' ').filter((name) => name !== ''));
  const granted = [...names].filter((name): name is Scope => isWithin(name, scopes));
  if (names.size === 0 || granted.length !== names.size) throw new OAuthRefusal('invalid_scope');
  return granted;
}

const isWithin = (name: string, scopes: readonly Scope[]): boolean =>
  scopes.some((scope) => scope === name) ||
  (/^infer:[a-z][a-z0-9-]*$/.test(name) && scopes.includes('infer:*'));
