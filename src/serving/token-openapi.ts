/** What /openapi.json says of the token endpoint. */
import { tokenSeconds } from './access-tokens.ts';
import type { Json } from './openapi-model.ts';
import { assertionType, formType, grantType, oauthCodes, tokenPath } from './token.ts';

const text = (description: string): Json => ({ type: 'string', description });

const form: Json = {
  type: 'object',
  required: ['grant_type', 'client_assertion_type', 'client_assertion', 'scope'],
  properties: {
    grant_type: { const: grantType },
    client_assertion_type: { const: assertionType },
    client_assertion: text(
      `JWT that the client signs (ES384 or RS384, typ JWT, kid): iss and sub its id, aud the address of ${tokenPath}, iat, exp at most five minutes later, jti; taken once`,
    ),
    scope: text('One or more of the client’s scopes, parted by spaces: infer:<model>, infer:*, admin'),
  },
};

const granted: Json = {
  type: 'object',
  required: ['access_token', 'token_type', 'expires_in', 'scope'],
  properties: {
    access_token: text('For Authorization: Bearer'),
    token_type: { const: 'bearer' },
    expires_in: { const: tokenSeconds, description: 'Seconds' },
    scope: text('What it is good for'),
  },
};

const refused: Json = {
  type: 'object',
  required: ['error'],
  properties: { error: { enum: oauthCodes } },
};

const json = (schema: Json): Json => ({ 'application/json': { schema } });

/** The one address that needs no token. */
export const tokenPaths: Json = {
  [tokenPath]: {
    post: {
      operationId: 'token',
      summary: 'An access token for a signed assertion (SMART Backend Services, RFC 7523)',
      security: [],
      requestBody: { required: true, content: { [formType]: { schema: form } } },
      responses: {
        '200': { description: 'An access token', content: json(granted) },
        '400': { description: 'Another form, grant or scope', content: json(refused) },
        '401': { description: 'invalid_client: no reason is given', content: json(refused) },
        '429': {
          description: 'Too many requests; Retry-After says when',
          content: json({ $ref: '#/components/schemas/Error' }),
        },
        '503': { description: 'temporarily_unavailable', content: json(refused) },
      },
    },
  },
};
