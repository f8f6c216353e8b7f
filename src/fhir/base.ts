/**
 * A FHIR base URL in its one spelling: parsed by the WHATWG rules (which fold `127.1`, `EHR.example`, `:443`
 * and `/a/../b`), without trailing slash. Undefined for anything else: another scheme, credentials, a query,
 * a fragment or an encoded slash.
 */
export function fhirBase(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.search !== '' || url.hash !== '' || text.includes('?') || text.includes('#')) {
    return undefined;
  }
  if (!isPlain(url)) return undefined;
  return `${url.origin}${withoutSlashes(url.pathname)}`;
}

/** Without the slashes at its end; in linear time, which `/\/+$/` is not: the text may be a caller's. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}

/** Does this address lie at or below the base: same origin, and the path starts with the base's segments? */
export function isWithin(url: URL, base: string): boolean {
  if (!isPlain(url)) return false;
  const address = `${url.origin}${url.pathname}`;
  return address === base || address.startsWith(`${base}/`);
}

/** A FHIR id, more leniently than R4 (real servers exceed 64 characters), but never a path segment of dots. */
export function isFhirId(text: string): boolean {
  return /^[A-Za-z0-9\-._]{1,256}$/.test(text) && !/^\.+$/.test(text);
}

const isPlain = (url: URL): boolean =>
  (url.protocol === 'https:' || url.protocol === 'http:') &&
  url.username === '' &&
  url.password === '' &&
  !/%(2f|5c)/i.test(url.pathname);
