/** What passes between the app and a browser beside its pages: the cookie and the security headers. */
import type { Request, Response } from 'express';

export const cookieName = '__Host-auscult';

/** The session id of the browser's cookie. Two cookies of that name count as none. */
export function sessionIdOf(req: Request): string | undefined {
  const found = (req.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([name]) => name === cookieName)
    .map(([, value]) => value ?? '');
  const [id] = found;
  return found.length === 1 && id !== undefined && /^[\w-]{43}$/.test(id) ? id : undefined;
}

/**
 * Partitioned, so that it also works in a cross-site iframe (CHIPS); bound to this host; invisible to scripts.
 * It has no lifetime of its own: the session on the server has (smart-app.md §0).
 */
export function giveCookie(res: Response, id: string): void {
  res.append('set-cookie', `${cookieName}=${id}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned`);
}

const contentSecurity = (frameAncestors: string): string =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; ` +
  `base-uri 'none'; form-action 'self'; frame-ancestors ${frameAncestors}`;

/** Headers of every answer under /app and /api (smart-app.md §5; reliability.md §5). */
export function protect(res: Response, frameAncestors = "'none'"): void {
  res.set({
    'content-security-policy': contentSecurity(frameAncestors),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  });
}

type Asked = Pick<Request, 'originalUrl'>;

/** The query of a request; none where its target is no URL (`GET http://a:99999/app/` is HTTP all the same). */
export const queryOf = ({ originalUrl }: Asked): URLSearchParams =>
  URL.parse(originalUrl, 'http://localhost')?.searchParams ?? new URLSearchParams();

/** The value of a query parameter that was given exactly once, not empty and not absurdly long. */
export function onlyOne(req: Asked, name: string): string | undefined {
  const values = queryOf(req).getAll(name);
  const [value] = values;
  return values.length === 1 && value !== undefined && value.length > 0 && value.length <= 4096
    ? value
    : undefined;
}
