/** What /openapi.json says of explanations. */
import { explainRequestSchema, explainResponseSchema } from './explain-schema.ts';
import type { Explainable } from './explainable.ts';
import type { Json } from './openapi-model.ts';

/** To stand among the document's schemas. */
export const explainSchemas = {
  ExplainRequest: explainRequestSchema,
  ExplainResponse: explainResponseSchema,
} as const;

const general: Json = { $ref: '#/components/schemas/ExplainRequest' };
const json = (schema: Json): Json => ({ 'application/json': { schema } });
const refusal = (description: string): Json => ({
  description,
  content: json({ $ref: '#/components/schemas/Error' }),
});

/** The operation at `{model}/explain`, with the version in the address or without. */
export const explainOperation = (operationId: string): Json =>
  operationOf(
    { operationId, summary: 'Why the model answers this row as it does, and what would change the answer' },
    general,
  );

/** The operation at the address of one model: its methods and outputs, no others. */
export function explainOperationOf(
  { id, title }: { readonly id: string; readonly title: string },
  { methods, outputs, element, scale, background }: Explainable,
): Json {
  const own = {
    type: 'object',
    properties: {
      outputs: {
        type: 'array',
        maxItems: 1,
        items: { type: 'object', properties: { name: { enum: outputs } } },
      },
      parameters: { type: 'object', properties: { method: { enum: methods } } },
    },
  };
  const description = [
    'Inputs are those of an inference, of one row.',
    `Explained on the scale ${scale}, element ${element}, against: ${background}.`,
    `Without a method ${methods[0]}, without an output ${outputs[0]}.`,
  ].join(' ');
  return operationOf(
    { operationId: `explain_${id}`, summary: `Why: ${title}`, description },
    { allOf: [general, own] },
  );
}

const operationOf = (about: Json, request: Json): Json => ({
  post: {
    ...about,
    requestBody: { required: true, content: json(request) },
    responses: {
      '200': {
        description: 'The explanation, the counterfactual, or both',
        content: json({ $ref: '#/components/schemas/ExplainResponse' }),
      },
      '400': refusal('Malformed, not explained so, or the model abstains: reasons'),
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
