/** `auscult serve` as production runs it, for one EHR whose key and FHIR server are the kit's. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { patientView, templatesOf } from '../../../fixtures/requests.ts';
import { type OpenCanary, openCanary } from '../../../src/conformance/canary.ts';
import { type OpenTarget, openTarget } from '../../../src/conformance/open-target.ts';
import type { Body } from '../../../src/conformance/target.ts';
import { publicUrl, registeredEhr } from '../../registered-ehr.ts';
import { type Running, startAuscult } from '../../running.ts';
import { issuer, kitKey } from '../bench.ts';

export interface OwnService {
  readonly target: OpenTarget;
  readonly server: Running;
  readonly canary: OpenCanary;
  close(): Promise<void>;
}

/** Persona for whom the service has a card. */
const persona = 'high-risk-untreated';
const tenant = 'north';

export async function openOwnService(): Promise<OwnService> {
  const fhirServer = await freeAddress();
  const { privateKey: key, jwks } = await kitKey();
  const ehr = await registeredEhr();
  const registration = {
    id: 'kit',
    issuer,
    tenant,
    name: 'Kit',
    fhirServers: [fhirServer],
    jwks,
    allowPrivateNetwork: true,
  };
  const file = join(ehr.folder, 'kit.json');
  writeFileSync(file, JSON.stringify([registration]));
  const server = await startAuscult({ ...ehr.signedOn(), REGISTRATIONS: file }, 'serve');
  const canary = await openCanary();
  const options = { baseUrl: server.url, publicUrl, key, issuer, tenant, fhirServer, canary };
  const discovered = await openTarget(options);
  await discovered.close();
  const prefetch = Object.assign({}, ...discovered.services.map((service) => service.prefetch ?? {}));
  const sample = patientView(persona, new Date(), templatesOf(prefetch)) as unknown as Body;
  const target = await openTarget({ ...options, requests: [sample] });
  return {
    ...{ target, server, canary },
    close: async () => {
      await Promise.all([target.close(), canary.close(), server.stop()]);
      ehr.remove();
    },
  };
}

/** An address on loopback that nobody listens on: the service must know it before the kit does. */
async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/fhir`;
}
