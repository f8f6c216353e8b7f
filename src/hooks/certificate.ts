import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Registration } from './registration.ts';

/**
 * SHA-256 fingerprint of a certificate in its one spelling: 64 lower-case hex digits. Colons and case do not
 * matter. Undefined for anything else.
 */
export function fingerprint(text: string): string | undefined {
  const hex = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(hex) ? hex : undefined;
}

/** Is this fingerprint one of the list? Every one is compared, in constant time. */
export function isListed(list: readonly string[], certificate: string | undefined): boolean {
  const shown = Buffer.from(fingerprint(certificate ?? '') ?? '', 'hex');
  if (shown.length === 0) return false;
  return list.reduce((found, item) => timingSafeEqual(Buffer.from(item, 'hex'), shown) || found, false);
}

/**
 * Fingerprint of the certificate with which the other side of this connection proved itself. The handshake proves
 * that it holds the private key (RFC 8446 §4.4.3), whoever issued the certificate. Undefined over plain HTTP,
 * without a certificate, and for one that has expired or is not valid yet.
 */
export function certificateOf(socket: Socket, now = new Date()): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const { validFromDate, validToDate, fingerprint256 } = certificate;
  return validFromDate <= now && now <= validToDate ? fingerprint(fingerprint256) : undefined;
}

/**
 * TLS options of an https server for these callers. Certificates are pinned, not chained to an authority, so the
 * handshake takes any and `certificateOf` says which. Nobody is asked for one where no registration lists one: a
 * browser that opens the app would ask its user.
 */
export function mutualTls(registrations: readonly Registration[]) {
  const requestCert = registrations.some(({ certificates }) => certificates !== undefined);
  return { requestCert, rejectUnauthorized: false, minVersion: 'TLSv1.2' } as const;
}
