/** A service with faults and a target opened on it, for one test. */
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { openCanary } from '../../src/conformance/canary.ts';
import { type OpenTarget, openTarget, type TargetOptions } from '../../src/conformance/open-target.ts';
import { type FaultyOptions, startFaultyService } from './faulty-service.ts';

export interface Bench {
  readonly target: OpenTarget;
  close(): Promise<void>;
}

export const issuer = 'https://ehr.example/kit';

let made: Promise<{ readonly privateKey: JWK; readonly jwks: { keys: JWK[] } }> | undefined;

/** One key pair for all tests. */
export function kitKey(): NonNullable<typeof made> {
  made ??= generateKeyPair('ES384', { extractable: true }).then(async ({ privateKey, publicKey }) => ({
    privateKey: { ...(await exportJWK(privateKey)), kid: 'kit', alg: 'ES384' },
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'kit', alg: 'ES384', use: 'sig' }] },
  }));
  return made;
}

/**
 * @param faults what is wrong with the service
 * @param signed the service demands tokens, and the target signs them
 */
export async function openBench(
  faults: readonly string[] = [],
  signed = false,
  options: Partial<TargetOptions> = {},
): Promise<Bench> {
  const { privateKey, jwks } = await kitKey();
  // Read at each call: the kit's FHIR server starts after the service, and is then registered.
  const fhirServers: string[] = [];
  const trust: FaultyOptions = signed ? { trust: { jwks, issuer } } : {};
  const service = await startFaultyService(new Set(faults), { fhirServers, ...trust });
  const canary = await openCanary();
  const key = signed ? { key: privateKey, issuer } : {};
  const target = await openTarget({ baseUrl: service.url, fhirServer: true, canary, ...key, ...options });
  if (target.fhir !== undefined) fhirServers.push(target.fhir.base);
  return {
    target,
    close: async () => void (await Promise.all([target.close(), service.close(), canary.close()])),
  };
}
