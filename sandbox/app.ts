/** The embedded EHR: FHIR server, SMART launch and chart page as one Express app. Synthetic data, in memory. */
import { getStatus, normalizeOperationOutcome, notFound } from '@medplum/core';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { loadDefinitions } from './fhir/definitions.ts';
import { ChartRepository } from './fhir/repository.ts';
import { allowAnyOrigin, fhirRoutes } from './fhir/routes.ts';
import { pageRoutes } from './page/routes.ts';
import { authorizationServer, type ClientRegistration } from './smart/authorization-server.ts';
import { smartRoutes } from './smart/routes.ts';
import type { Time } from './smart/tickets.ts';

export interface SandboxOptions {
  /** Public address that browsers and the service use, e.g. http://localhost:3000. */
  readonly origin: string;
  /** The instant that the charts are dated relative to. */
  readonly now: Date;
  /** The registered SMART app. */
  readonly client: ClientRegistration;
  /** For the lifetimes of launches, codes and tokens; default: real time. */
  readonly time?: Time;
}

/** Loads the definitions and the personas, then serves `/` and `/sandbox`. */
export async function createSandbox({
  origin,
  now,
  client,
  time = Date.now,
}: SandboxOptions): Promise<Express> {
  loadDefinitions();
  const repository = new ChartRepository();
  const personas = await repository.seed(now);
  const server = authorizationServer(origin, client, time);
  const exists = (patientId: string) =>
    repository.readResource('Patient', patientId).then(
      () => true,
      () => false,
    );
  const isLive = (accessToken: string) => server.accessTokens.read(accessToken) !== undefined;

  const app = express();
  app.disable('x-powered-by');
  app.use(pageRoutes({ repository, origin, now, personas }));
  app.use('/sandbox/fhir', allowAnyOrigin);
  app.use('/sandbox', smartRoutes(server, exists));
  app.use('/sandbox/fhir', fhirRoutes({ base: server.fhirBase, repository, isLive, startedAt: now }));
  app.use((_request, response) => void response.status(404).json(notFound));
  app.use(asOutcome);
  return app;
}

const asOutcome: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const given = typeof error === 'object' && error !== null ? Reflect.get(error, 'status') : undefined;
  const outcome = normalizeOperationOutcome(error);
  response.status(typeof given === 'number' ? given : getStatus(outcome)).json(outcome);
};
