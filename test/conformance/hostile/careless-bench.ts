/** The careless service with faults, and the kit's target opened on it. */
import { type OpenCanary, openCanary } from '../../../src/conformance/canary.ts';
import { type OpenTarget, openTarget } from '../../../src/conformance/open-target.ts';
import { issuer, kitKey } from '../bench.ts';
import { startCareless } from './careless/service.ts';

export interface CarelessBench {
  readonly target: OpenTarget;
  readonly canary: OpenCanary;
  close(): Promise<void>;
}

const tenant = 'north';

export async function openCareless(faults: readonly string[] = []): Promise<CarelessBench> {
  const { privateKey: key, jwks } = await kitKey();
  const jwk = { ...jwks.keys[0] };
  // Read at each call: the kit's FHIR server starts after the service, and is then registered.
  const fhirServers: string[] = [];
  const service = await startCareless(faults, { jwk, issuer, tenant, fhirServers });
  const canary = await openCanary();
  const target = await openTarget({ baseUrl: service.url, key, issuer, tenant, fhirServer: true, canary });
  if (target.fhir !== undefined) fhirServers.push(target.fhir.base);
  return {
    ...{ target, canary },
    close: async () => void (await Promise.all([target.close(), service.close(), canary.close()])),
  };
}
