/** The JSON of explanations, as it is read and as /openapi.json describes it. */
import { z } from 'zod';
import { maxModifiable } from '../explain/dials.ts';
import { maxNodes } from '../explain/gauss-legendre.ts';
import { explanationMethods } from '../inference/network-manifest.ts';
import { inferRequestSchema } from './schema.ts';

const count = (max: number) => z.int().min(1).max(max).optional();
const notTaken = z.never({ error: 'is not taken' }).optional();
const threshold = z.number().optional();

export const counterfactualSchema = z
  .object({
    modifiable: z
      .array(z.string().min(1).max(256))
      .min(1)
      .max(maxModifiable)
      .describe('Names of inputs, of a network labels of its columns'),
    below: threshold.describe('The output is to be less than this, on its own scale'),
    above: threshold.describe('The output is to be more than this; give one of the two'),
    max_changes: count(maxModifiable).describe('Most inputs that change at once; 2 if absent'),
  })
  .catchall(notTaken)
  .refine(({ below, above }) => (below === undefined) !== (above === undefined), {
    error: 'needs either below or above',
  });

export const explainRequestSchema = inferRequestSchema.extend({
  parameters: z
    .object({
      method: z
        .string()
        .max(64)
        .optional()
        .describe(`One that the model names, of ${explanationMethods.join(', ')}; its first if absent`),
      seed: z.int().min(0).max(0xffff_ffff).optional().describe('Of methods that sample; 1 if absent'),
      max_evaluations: count(1_000_000).describe('Most rows that the model computes'),
      steps: count(maxNodes).describe('Nodes of a gradient method to begin with'),
      counterfactual: counterfactualSchema.optional(),
      timeout: z.int().min(0).optional().describe('Microseconds within which an answer is of use'),
    })
    .catchall(notTaken)
    .optional(),
});

const contributed = z.object({
  label: z.string(),
  input: z.string(),
  phi: z.number(),
  standard_error: z.number().optional(),
});
const setting = z.union([z.number(), z.string(), z.boolean()]);

export const explainResponseSchema = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  parameters: z.object({ digest: z.string() }),
  explanation: z
    .object({
      output: z.string(),
      element: z.int(),
      scale: z.enum(['logit', 'identity']).describe('Of value, baseline, phi and gap'),
      method: z.enum(explanationMethods),
      predicted: z.number().describe('The output on its own scale'),
      value: z.number(),
      saturated: z.literal(true).optional().describe('So near to 1 that contributions are coarse'),
      baseline: z.number().optional(),
      background: z.object({ label: z.string(), source: z.string(), rows: z.int().optional() }),
      players: z.array(contributed),
      gap: z.number().optional().describe('value − baseline − Σ phi'),
      fit: z.number().optional().describe('R² of the local model of lime'),
      evaluations: z.int(),
      map: z
        .object({ shape: z.array(z.int()), numbers: z.array(z.number()) })
        .optional()
        .describe('Of grad-cam: row-major, 0 to 1'),
    })
    .optional(),
  counterfactual: z
    .object({
      status: z.enum(['found', 'none', 'already']),
      output: z.string(),
      value: z.number(),
      target: z.union([z.object({ below: z.number() }), z.object({ above: z.number() })]),
      found: z.array(
        z.object({
          changes: z.array(
            z.object({
              input: z.string(),
              label: z.string(),
              unit: z.string().optional(),
              from: setting,
              to: setting,
            }),
          ),
          distance: z.number(),
          value: z.number(),
        }),
      ),
      proven: z.boolean().describe('No smaller change on the grid crosses'),
      evaluations: z.int(),
    })
    .optional(),
});
