/** Certificates made for one test, as an EHR's interface engine or a site's administrator makes them. */
// @peculiar/x509 needs it, before it is imported itself.
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';

export interface Identity {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly sha256: string;
}

const day = 86_400_000;
/** An instant that many days from now. */
export const from = (days: number): Date => new Date(Date.now() + days * day);

/** A self-signed certificate and its key. `sha256` is its fingerprint as OpenSSL prints it. */
export async function identity(name: string, notBefore = from(-1), notAfter = from(1)): Promise<Identity> {
  const { PemConverter, X509CertificateGenerator } = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    keys,
  });
  const cert = certificate.toString('pem');
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert, key, sha256: new X509Certificate(cert).fingerprint256 };
}
