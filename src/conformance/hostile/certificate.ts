/** A self-signed certificate for the attacker's own RSA key (RFC 5280): as much of ASN.1 DER as that takes. */
import { ownKey, ownSignature } from './forge.ts';

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);
const raw = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const time = (text: string): Uint8Array => der(0x18, Buffer.from(text));

/** sha384WithRSAEncryption */
const algorithm = sequence(raw('06092a864886f70d01010c'), raw('0500'));
const name = sequence(
  der(0x31, sequence(raw('0603550403'), der(0x0c, Buffer.from('cds-hooks-conformance')))),
);

/** In the form of an `x5c` entry: base64, the standard alphabet. */
export function ownCertificate(): string {
  const validity = sequence(time('20200101000000Z'), time('20991231235959Z'));
  const key = ownKey('RS384').publicKey.export({ type: 'spki', format: 'der' });
  const version = der(0xa0, raw('020102'));
  const body = sequence(version, raw('020101'), algorithm, name, validity, name, key);
  const signature = ownSignature('RS384')(Buffer.from(body).toString('latin1'));
  return Buffer.from(sequence(body, algorithm, der(0x03, raw('00'), signature))).toString('base64');
}
