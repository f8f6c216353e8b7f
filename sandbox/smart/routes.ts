/** SMART App Launch over HTTP: discovery, launch, authorize, token, keys. */
import express, { type ErrorRequestHandler, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { type AuthorizationServer, publicKeySet } from './authorization-server.ts';
import { authorize } from './authorize.ts';
import { OAuthError } from './oauth-error.ts';
import { exchangeCode } from './token.ts';

const chartLaunch = z.object({ patientId: z.string().min(1), appContext: z.string().optional() });

/**
 * Body that the public CDS Hooks Sandbox posts to get a launch id (retrieveLaunchContext of cds-hooks/sandbox). What
 * it says beside these (`launchUrl`, `smart_messaging_origin`) is not needed: only the registered app can launch.
 */
const foreignLaunch = z.object({
  parameters: z.object({ patient: z.string().min(1), appContext: z.string().optional() }),
});

/** Routes under `/sandbox`. `launchable` says whether a patient exists. */
export function smartRoutes(
  server: AuthorizationServer,
  launchable: (patientId: string) => Promise<boolean>,
): Router {
  const routes = Router();
  const json = express.json({ limit: '64kb' });
  const form = express.urlencoded({ extended: false, limit: '64kb' });
  const launch = async (patientId: string, appContext: string | undefined) => {
    if (!(await launchable(patientId))) {
      throw new OAuthError('invalid_request', 'There is no such patient.');
    }
    return server.launches.issue({ patientId, appContext });
  };

  routes.get('/fhir/.well-known/smart-configuration', (_request, response) => {
    response.json(smartConfiguration(server));
  });
  routes.get('/.well-known/openid-configuration', anyOrigin, (_request, response) => {
    response.json(openidConfiguration(server));
  });
  routes.get('/jwks', anyOrigin, async (_request, response) => {
    response.json(await publicKeySet(server.signingKey()));
  });
  routes.post('/launch', json, async (request, response) => {
    const { patientId, appContext } = read(chartLaunch, request.body);
    response.status(201).json({ launch: await launch(patientId, appContext), iss: server.fhirBase });
  });
  routes.post('/fhir/_services/smart/Launch', json, async (request, response) => {
    const { parameters } = read(foreignLaunch, request.body);
    response.json({ launch_id: await launch(parameters.patient, parameters.appContext) });
  });
  routes.get('/authorize', (request, response) => response.redirect(authorize(server, request.query)));
  routes.post('/authorize', form, (request, response) =>
    response.redirect(303, authorize(server, request.body)),
  );
  routes.post('/token', form, async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    response.json(await exchangeCode(server, request.body));
  });
  routes.use(asOAuthError);
  return routes;
}

function smartConfiguration(server: AuthorizationServer) {
  return {
    issuer: server.issuer,
    jwks_uri: `${server.issuer}/jwks`,
    authorization_endpoint: `${server.issuer}/authorize`,
    token_endpoint: server.tokenUrl,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    grant_types_supported: ['authorization_code'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['launch', 'openid', 'fhirUser', 'profile', 'patient/*.rs', 'user/*.rs'],
    capabilities: [
      'launch-ehr',
      'client-confidential-asymmetric',
      'sso-openid-connect',
      'authorize-post',
      'context-banner',
      'context-ehr-patient',
      'permission-patient',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
  };
}

function openidConfiguration(server: AuthorizationServer) {
  return {
    issuer: server.issuer,
    jwks_uri: `${server.issuer}/jwks`,
    authorization_endpoint: `${server.issuer}/authorize`,
    token_endpoint: server.tokenUrl,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    throw new OAuthError('invalid_request', 'The launch body is not what this address takes.');
  }
  return parsed.data;
}

const anyOrigin: RequestHandler = (_request, response, next) => {
  response.set('Access-Control-Allow-Origin', '*');
  next();
};

/** Answers OAuth refusals, also to a person: authorize shows them in the browser. Anything else goes on. */
const asOAuthError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof OAuthError)) {
    return next(error);
  }
  response.set('Cache-Control', 'no-store').status(error.status);
  return response.json({ error: error.code, error_description: error.message });
};
