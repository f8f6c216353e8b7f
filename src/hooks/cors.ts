/**
 * K9: which web pages may call from a browser. They send a token in a header, never a cookie, so credentials are
 * never allowed.
 */
import type { Registration } from './registration.ts';

/** `*` in the sandbox, where no call needs a token. */
export type AllowedOrigins = '*' | ReadonlySet<string>;

/** Every origin that some registration lists. */
export const originsOf = (registrations: readonly Registration[]): AllowedOrigins =>
  new Set(registrations.flatMap(({ origins = [] }) => origins));

/** What CORS looks at. */
export interface CorsRequest {
  readonly method: string;
  /** The Origin header as it came. */
  readonly origin: string | undefined;
}

export interface CorsAnswer {
  readonly headers: Readonly<Record<string, string>>;
  /** An OPTIONS is answered at once: 204, no token asked for. */
  readonly preflight: boolean;
}

const forbidden: CorsAnswer = { headers: {}, preflight: false };

/**
 * Headers to add to the answer (Fetch Standard, "CORS protocol"). None where no page may call. A page that is not
 * allowed gets its answer without them, and its browser withholds it.
 */
export function corsAnswer(allowed: AllowedOrigins, request: CorsRequest): CorsAnswer {
  if (allowed !== '*' && allowed.size === 0) return forbidden;
  const vary: Record<string, string> = allowed === '*' ? {} : { vary: 'origin' };
  const preflight = request.method === 'OPTIONS';
  const origin = allowed === '*' ? '*' : request.origin;
  if (origin === undefined || (allowed !== '*' && !allowed.has(origin))) return { headers: vary, preflight };
  const may = { ...vary, 'access-control-allow-origin': origin };
  return { headers: preflight ? { ...may, ...preflightHeaders } : may, preflight };
}

/** `x-medplum`: Medplum's browser client puts it on every request; it is not read. */
const preflightHeaders = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, x-medplum',
  'access-control-max-age': '600',
};
