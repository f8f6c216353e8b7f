import type { CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes';
import { resourceTypes, type ServedType } from './definitions.ts';
import { supportedParameters } from './query.ts';

const oauthUris = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';
const interactions = ['read', 'vread', 'search-type', 'create', 'update', 'patch', 'delete'] as const;

/** What `/metadata` says: exactly what is served, and where SMART apps authorize (SMART App Launch 2.2, conformance). */
export function capabilityStatement(base: string, startedAt: Date): CapabilityStatement {
  const sandbox = base.replace(/\/fhir$/, '');
  const uris = [
    { url: 'authorize', valueUri: `${sandbox}/authorize` },
    { url: 'token', valueUri: `${sandbox}/token` },
  ];
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: startedAt.toISOString(),
    kind: 'instance',
    software: { name: 'auscult sandbox EHR' },
    implementation: { description: 'Synthetic charts in memory', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: true,
          service: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                  code: 'SMART-on-FHIR',
                },
              ],
            },
          ],
          extension: [{ url: oauthUris, extension: uris }],
        },
        resource: resourceTypes.map(describe),
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
      },
    ],
  };
}

function describe(type: ServedType): CapabilityStatementRestResource {
  return {
    type,
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned',
    updateCreate: true,
    searchParam: [...supportedParameters(type)].map(([name, kind]) => ({
      name,
      type: kind as NonNullable<CapabilityStatementRestResource['searchParam']>[number]['type'],
    })),
  };
}
