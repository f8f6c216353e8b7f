/** The inference API as OpenAPI 3.1, made of the schemas that read it and of the manifests. */
import { z } from 'zod';
import type { Manifest } from '../inference/manifest.ts';
import type { NetworkManifest } from '../inference/network-manifest.ts';
import type { DataPlane, ServedModels } from './data-plane.ts';
import { explainOperation, explainOperationOf, explainSchemas } from './explain-openapi.ts';
import { explainableOf } from './explainable.ts';
import { type Json, modelRequest, networkRequest } from './openapi-model.ts';
import {
  errorSchema,
  indexRequestSchema,
  indexSchema,
  inferRequestSchema,
  inferResponseSchema,
  liveSchema,
  loadRequestSchema,
  modelMetadataSchema,
  modelReadySchema,
  serverMetadataSchema,
  serverReadySchema,
} from './schema.ts';
import { tokenPaths } from './token-openapi.ts';

const schemas = {
  ...explainSchemas,
  InferRequest: inferRequestSchema,
  InferResponse: inferResponseSchema,
  ServerMetadata: serverMetadataSchema,
  ModelMetadata: modelMetadataSchema,
  Live: liveSchema,
  ServerReady: serverReadySchema,
  ModelReady: modelReadySchema,
  IndexRequest: indexRequestSchema,
  Index: indexSchema,
  LoadRequest: loadRequestSchema,
  Error: errorSchema,
} as const;

type AnyManifest = Manifest | NetworkManifest;
type SchemaName = keyof typeof schemas;

export interface OpenApiOptions {
  readonly models: ServedModels;
  readonly dataPlane: Pick<DataPlane, 'serverMetadata'>;
  readonly baseUrl: string;
  /** Is there a token endpoint? */
  readonly hasTokens: boolean;
  /** Does the reader know the model of that id? One that it does not is not named. */
  readonly knows: (model: string) => boolean;
}

/** Every model has its own infer and explain addresses beside the general ones, with its own inputs and methods. */
export function openApi({ models, dataPlane, baseUrl, hasTokens, knows }: OpenApiOptions): Json {
  const manifests: readonly AnyManifest[] = [
    ...models
      .ids()
      .filter(knows)
      .map((id) => models.get(id).manifest),
    ...models
      .networkIds()
      .filter(knows)
      .map((id) => models.network(id).manifest),
  ];
  const { name, version } = dataPlane.serverMetadata();
  return {
    openapi: '3.1.0',
    info: {
      title: `${name} inference API`,
      version,
      description: 'Open Inference Protocol v2 over sealed clinical models.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: baseUrl }],
    security: [{ bearer: [] }],
    paths: {
      ...serverPaths(),
      ...modelPaths(manifests),
      ...Object.fromEntries(manifests.flatMap(pathsOf)),
      ...repositoryPaths(manifests),
      ...(hasTokens ? tokenPaths : {}),
    },
    components: {
      schemas: {
        ...described,
        Bundle: resource('Bundle'),
        ...answers,
      },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: `API key, or a signed JWT${hasTokens ? ', or an access token' : ''}`,
        },
      },
    },
  };
}

/** Made once: the document is written for each reader. */
const described: Json = Object.fromEntries(Object.entries(schemas).map(plain));

function plain([name, schema]: readonly [string, z.ZodType]): readonly [string, Json] {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return [name, rest];
}

const resource = (...types: readonly string[]): Json => ({
  type: 'object',
  required: ['resourceType'],
  properties: { resourceType: { enum: types } },
});

const answers = {
  RiskAssessment: resource('RiskAssessment'),
  OperationOutcome: resource('OperationOutcome'),
};

const ref = (name: SchemaName | keyof typeof answers | 'Bundle'): Json => ({
  $ref: `#/components/schemas/${name}`,
});

const jsonBody = (schema: Json): Json => ({ 'application/json': { schema } });
const answer = (description: string, schema?: Json): Json =>
  schema === undefined ? { description } : { description, content: jsonBody(schema) };
/** What any address may answer. */
const refusals: Json = {
  '401': answer('Not authorized', ref('Error')),
  '429': answer('Too many requests; Retry-After says when', ref('Error')),
};

const get = (operationId: string, summary: string, schema: SchemaName, more: Json = {}): Json => ({
  get: { operationId, summary, responses: { '200': answer(summary, ref(schema)), ...refusals, ...more } },
});

const serverPaths = (): Json => ({
  '/v2': get('serverMetadata', 'What this server is', 'ServerMetadata'),
  '/v2/health/live': get('serverLive', 'Does the server answer?', 'Live'),
  '/v2/health/ready': get('serverReady', 'Can the server infer?', 'ServerReady', {
    '503': answer('Not ready', ref('ServerReady')),
  }),
});

const pathParameter = (name: string, schema: Json): Json => ({ name, in: 'path', required: true, schema });

const modelParameter = (manifests: readonly AnyManifest[]): Json =>
  pathParameter('model', { enum: manifests.map(({ id }) => id) });

const noModel: Json = { '404': answer('There is no such model or version', ref('Error')) };

/** With the version in the address and without. */
function modelPaths(manifests: readonly AnyManifest[]): Json {
  const model = modelParameter(manifests);
  const addresses = [
    ['/v2/models/{model}', '', [model]],
    [
      '/v2/models/{model}/versions/{version}',
      'OfVersion',
      [model, pathParameter('version', { type: 'string' })],
    ],
  ] as const;
  const entries = addresses.flatMap(([path, suffix, parameters]) =>
    [
      [path, get(`modelMetadata${suffix}`, 'What the model takes and gives', 'ModelMetadata', noModel)],
      [
        `${path}/ready`,
        get(`modelReady${suffix}`, 'Is the model served?', 'ModelReady', {
          ...noModel,
          '503': answer('It is not', ref('ModelReady')),
        }),
      ],
      [
        `${path}/infer`,
        inferOperation(
          { operationId: `infer${suffix}`, summary: 'Infer; clinical models also take a Bundle' },
          ref('InferRequest'),
          true,
        ),
      ],
      [`${path}/explain`, explainOperation(`explain${suffix}`)],
    ].map(([at, item]) => [at, { parameters, ...(item as Json) }]),
  );
  return Object.fromEntries(entries);
}

/** The addresses of one model. */
function pathsOf(manifest: AnyManifest): readonly (readonly [string, Json])[] {
  const { id, title, intendedUse } = manifest;
  const isNetwork = 'kind' in manifest;
  const request = isNetwork ? networkRequest(manifest) : modelRequest(manifest);
  const about = { operationId: `infer_${id}`, summary: title, description: intendedUse };
  const explainable = explainableOf(manifest);
  const at = `/v2/models/${id}`;
  return [
    [`${at}/infer`, inferOperation(about, request, !isNetwork)],
    ...(explainable === undefined
      ? []
      : [[`${at}/explain`, explainOperationOf(manifest, explainable)] as const]),
  ];
}

/** @param takesBundle a FHIR Bundle too; networks take tensors only */
function inferOperation(about: Json, request: Json, takesBundle: boolean): Json {
  const octets = { 'application/octet-stream': {} };
  const fhir = (name: Parameters<typeof ref>[0]): Json =>
    takesBundle ? { 'application/fhir+json': { schema: ref(name) } } : {};
  return {
    post: {
      ...about,
      ...(takesBundle ? { parameters: [wholeRecord] } : {}),
      requestBody: { required: true, content: { ...jsonBody(request), ...octets, ...fhir('Bundle') } },
      responses: {
        '200': {
          description: takesBundle ? 'Tensors for tensors, a RiskAssessment for a Bundle' : 'Tensors',
          content: { ...jsonBody(ref('InferResponse')), ...octets, ...fhir('RiskAssessment') },
        },
        '400': answer('Malformed, or the model abstains: rows and reasons', ref('Error')),
        ...refusals,
        '403': answer('The client may not ask this model', ref('Error')),
        ...noModel,
        '413': answer('Too large', ref('Error')),
        '415': answer('Another content type or encoding', ref('Error')),
        ...(takesBundle ? { '422': unanswerable } : {}),
        '503': answer('Busy, late or unloaded; Retry-After says when', ref('Error')),
      },
    },
  };
}

const wholeRecord: Json = {
  name: 'record',
  in: 'query',
  description: 'With a Bundle: it is the whole record, so what it does not hold is not there',
  schema: { enum: ['whole'] },
};

const unanswerable: Json = {
  description: 'The Bundle does not answer what the model needs: reasons',
  content: { 'application/fhir+json': { schema: ref('OperationOutcome') } },
};

function repositoryPaths(manifests: readonly AnyManifest[]): Json {
  const control = (operationId: string, summary: string): Json => ({
    parameters: [modelParameter(manifests)],
    post: {
      operationId,
      summary,
      requestBody: { content: jsonBody(ref('LoadRequest')) },
      responses: {
        '200': answer('Done'),
        ...refusals,
        '403': answer('The client is no admin', ref('Error')),
        ...noModel,
      },
    },
  });
  return {
    '/v2/repository/index': {
      post: {
        operationId: 'repositoryIndex',
        summary: 'Models and their state',
        requestBody: { content: jsonBody(ref('IndexRequest')) },
        responses: { '200': answer('One entry for each model', ref('Index')), ...refusals },
      },
    },
    '/v2/repository/models/{model}/load': control('load', 'Serve the model again'),
    '/v2/repository/models/{model}/unload': control('unload', 'Serve the model no more, until it is loaded'),
  };
}
