/** What /openapi.json says of explanations. */
import { explainRequestSchema, explainResponseSchema } from './explain-schema.ts';
import type { Json } from './openapi-model.ts';

/** To stand among the document's schemas. */
export const explainSchemas = {
  ExplainRequest: explainRequestSchema,
  ExplainResponse: explainResponseSchema,
} as const;

const json = (name: string): Json => ({
  'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
});
const refusal = (description: string): Json => ({ description, content: json('Error') });

/** The operation at `{model}/explain`, with the version in the address or without. */
export const explainOperation = (operationId: string): Json => ({
  post: {
    operationId,
    summary: 'Why the model answers this row as it does, and what would change the answer',
    requestBody: { required: true, content: json('ExplainRequest') },
    responses: {
      '200': {
        description: 'The explanation, the counterfactual, or both',
        content: json('ExplainResponse'),
      },
      '400': refusal('Malformed, or the model abstains: reasons'),
      '401': refusal('Not authorized'),
      '403': refusal('The client may not ask this model'),
      '404': refusal('There is no such model or version'),
      '413': refusal('Too large'),
      '415': refusal('Another content type or encoding'),
      '429': refusal('Too many requests; Retry-After says when'),
      '503': refusal('Busy, late or unloaded; Retry-After says when'),
    },
  },
});
