/** FHIR R4 over HTTP: Medplum's FhirRouter behind Express, with the search checks wrapped around it. */
import { badRequest, getStatus, normalizeOperationOutcome, notFound } from '@medplum/core';
import { type FhirRequest, type FhirRouteHandler, FhirRouter, type HttpMethod } from '@medplum/fhir-router';
import type { OperationOutcome, Resource } from '@medplum/fhirtypes';
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import { capabilityStatement } from './capability.ts';
import { isServed } from './definitions.ts';
import { checkQuery, completeSearchset, type Query, withPage } from './query.ts';
import type { ChartRepository } from './repository.ts';

export interface FhirRoutesOptions {
  /** Public address of this FHIR server, without a slash at the end. */
  readonly base: string;
  readonly repository: ChartRepository;
  /** Is this bearer token one of ours, still alive? */
  readonly isLive: (accessToken: string) => boolean;
  readonly startedAt: Date;
}

const interactions = ['batch', 'search-type', 'create', 'read', 'vread', 'update', 'delete', 'patch'];
const methods: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Reads need no token; a token that is sent must be valid. Every answer that is not 2xx is an OperationOutcome. */
export function fhirRoutes(options: FhirRoutesOptions): Router {
  const routes = Router();
  const fhir = guardedRouter(options.base);
  routes.use(checkToken(options.isLive));
  routes.use(
    express.json({
      type: ['application/fhir+json', 'application/json', 'application/json-patch+json'],
      limit: '4mb',
    }),
  );
  routes.use(express.urlencoded({ extended: false, limit: '256kb' }));
  routes.get('/metadata', (_request, response) => {
    sendFhir(response, 200, capabilityStatement(options.base, options.startedAt));
  });
  routes.use(async (request, response) => {
    const method = methods.find((known) => known === request.method);
    if (method === undefined) {
      return sendOutcome(response, badRequest('Unsupported method'));
    }
    const [outcome, resource] = await fhir.handleRequest(routerRequest(request, method), options.repository);
    setVersionHeaders(response, options.base, outcome, resource);
    sendFhir(response, getStatus(outcome), resource ?? outcome);
  });
  routes.use(asOutcome);
  return routes;
}

function routerRequest(request: Request, method: HttpMethod): FhirRequest {
  const { url, body, headers } = request;
  return { method, url, pathname: '', body, params: {}, query: {}, headers, config: { transactions: true } };
}

/** The router with only what we declare, searches checked, and no client-chosen id on create. */
function guardedRouter(base: string): FhirRouter {
  const fhir = new FhirRouter();
  const kept = fhir.router.routes.filter((route) => interactions.includes(route.data?.interaction ?? ''));
  const guarded = kept.map((route) => {
    switch (route.data?.interaction) {
      case 'search-type':
        return { ...route, handler: checkedSearch(route.handler, base) };
      case 'create':
        return { ...route, handler: withoutClientId(route.handler) };
      default:
        return route;
    }
  });
  fhir.router.routes.splice(0, fhir.router.routes.length, ...guarded);
  return fhir;
}

function checkedSearch(handler: FhirRouteHandler, base: string): FhirRouteHandler {
  return async (request, repository, router, options) => {
    const { resourceType = '' } = request.params;
    if (!isServed(resourceType)) {
      return [notFound];
    }
    const query: Query = request.method === 'POST' ? { ...request.query, ...request.body } : request.query;
    checkQuery(resourceType, query);
    const paged = { ...withPage(query) };
    const [outcome, bundle] = await handler(
      { ...request, query: paged, body: paged } as FhirRequest,
      repository,
      router,
      options,
    );
    return bundle?.resourceType === 'Bundle'
      ? [outcome, completeSearchset(bundle, base, resourceType, query)]
      : [outcome];
  };
}

/** FHIR R4 http.html#create: the server ignores an id that the client sent. */
function withoutClientId(handler: FhirRouteHandler): FhirRouteHandler {
  return (request, repository, router, options) => {
    if (options?.assignedId || typeof request.body !== 'object' || request.body === null) {
      return handler(request, repository, router, options);
    }
    const { id: _ignored, ...body } = request.body;
    return handler({ ...request, body }, repository, router, options);
  };
}

function setVersionHeaders(
  response: Response,
  base: string,
  outcome: OperationOutcome,
  resource: Resource | undefined,
): void {
  if (resource?.meta?.versionId === undefined) {
    return;
  }
  response.set('ETag', `W/"${resource.meta.versionId}"`);
  response.set('Last-Modified', new Date(resource.meta.lastUpdated ?? 0).toUTCString());
  if (getStatus(outcome) === 201) {
    response.set('Location', `${base}/${resource.resourceType}/${resource.id}`);
  }
}

function sendFhir(response: Response, status: number, body: unknown): void {
  response.status(status).type('application/fhir+json').send(JSON.stringify(body));
}

function sendOutcome(response: Response, outcome: OperationOutcome): void {
  sendFhir(response, getStatus(outcome), outcome);
}

/** Browser clients of any origin may read and write here, and find the way to launch: the data are synthetic. */
export const allowAnyOrigin: RequestHandler = (request, response, next) => {
  response.set({
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, Accept, If-Match, If-None-Exist, Prefer',
    'Access-Control-Expose-Headers': 'ETag, Last-Modified, Location',
  });
  return request.method === 'OPTIONS' ? response.status(204).end() : next();
};

function checkToken(isLive: (accessToken: string) => boolean): RequestHandler {
  return (request, response, next) => {
    const header = request.get('authorization');
    const token = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
    if (header === undefined || (token !== undefined && isLive(token))) {
      return next();
    }
    response
      .set('WWW-Authenticate', 'Bearer error="invalid_token"')
      .status(401)
      .type('application/fhir+json');
    response.send({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'login' }] });
  };
}

const asOutcome: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const status =
    typeof error === 'object' && error !== null ? Number(Reflect.get(error, 'status')) : Number.NaN;
  const outcome =
    status === 404
      ? notFound
      : status < 500
        ? badRequest('The body is not valid')
        : normalizeOperationOutcome(error);
  sendFhir(response, status >= 400 && status < 500 ? status : getStatus(outcome), outcome);
};
