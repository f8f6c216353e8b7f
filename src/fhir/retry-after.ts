/**
 * How long a `Retry-After` asks to wait, in milliseconds: seconds or an HTTP date (RFC 9110 §10.2.3). Undefined
 * where there is none or it cannot be read. A date that has passed asks for no wait.
 * @param now milliseconds since 1970, of the real clock
 */
export function retryAfterMs(header: string | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const date = header.endsWith(' GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
