/**
 * The JSON objects of the Open Inference Protocol (specification/protocol/inference_rest.md) and of Triton's extensions,
 * as they are read and as /openapi.json describes them.
 */
import { z } from 'zod';
import { Refusal } from './refusal.ts';
import { datatypeRule, datatypes, maxAxes } from './tensor.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const name = z.string().min(1).max(256);
const flag = z.boolean().optional();
const count = z.int().min(0).optional();

/** More tensors than any model has inputs or outputs. */
export const maxTensors = 256;
/** Characters of the longest id of a request. */
export const maxIdLength = 256;

const requestInput = z.object({
  name,
  shape: z
    .array(z.int().min(0))
    .min(1)
    .max(maxAxes)
    .describe('Rows first; of a clinical model [rows] or [rows, 1]'),
  datatype: z.enum(datatypes, { error: ({ input }) => datatypeRule(input) }),
  parameters: z
    .object({
      binary_data_size: z
        .int()
        .min(0)
        .optional()
        .describe('Bytes of this tensor behind the JSON, instead of data'),
    })
    .catchall(scalar)
    .optional(),
  /** Read by tensor-json.ts: element by element once, not twice. */
  data: z.unknown().optional().meta({
    type: 'array',
    description: 'The elements, row-major, flat or nested like the shape; null where the value is missing',
  }),
});

const requestOutput = z.object({
  name,
  parameters: z
    .object({ binary_data: flag.describe('Answer this output in bytes behind the JSON') })
    .catchall(scalar)
    .optional(),
});

export const inferRequestSchema = z.object({
  id: z.string().max(maxIdLength).optional().describe('Given back in the answer'),
  parameters: z
    .object({
      allow_abstention: flag.describe('Tell apart the rows for which the model abstains instead of failing'),
      allow_out_of_range: flag.describe('Compute outside the valid ranges. For research, never for care'),
      binary_data_output: flag.describe('Answer every output in bytes behind the JSON'),
      priority: count.describe(
        '1: somebody waits for the answer. Else the request takes its turn as bulk work',
      ),
      timeout: count.describe('Microseconds within which an answer is of use; 0: the server’s own limit'),
    })
    .catchall(scalar)
    .optional(),
  inputs: z.array(requestInput).min(1).max(maxTensors),
  outputs: z.array(requestOutput).max(maxTensors).optional().describe('Outputs wanted; all without it'),
});

export type InferRequestBody = z.output<typeof inferRequestSchema>;

const element = z.union([z.number(), z.boolean(), z.string(), z.null()]);

export const inferResponseSchema = z.object({
  model_name: name,
  model_version: z.string(),
  id: z.string().optional(),
  parameters: z.object({ digest: z.string() }),
  outputs: z.array(
    z.object({
      name,
      shape: z.array(z.int()).min(1),
      datatype: z.enum(datatypes),
      parameters: z.object({ binary_data_size: z.int() }).optional(),
      data: z
        .array(element)
        .optional()
        .describe('Row-major, flat; null where the output does not apply to the row'),
    }),
  ),
});

const tensorMetadata = z.object({
  name,
  datatype: z.enum(datatypes),
  shape: z.array(z.int().min(-1)).min(1).describe('Rows first, -1: any number of them'),
  parameters: z.record(z.string(), scalar),
});

export const serverMetadataSchema = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});
export const modelMetadataSchema = z.object({
  name,
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(tensorMetadata),
  outputs: z.array(tensorMetadata),
  parameters: z
    .object({
      explainable: z.boolean().describe('Does POST …/explain take a method of this model?'),
      explain_methods: z.string().optional().describe('Comma-separated; the first if none is asked for'),
      explain_outputs: z.string().optional().describe('Comma-separated; the first if none is asked for'),
      explain_element: z.int().optional().describe('Which element of the output, flat, within one patient'),
      explain_scale: z.enum(['logit', 'identity']).optional().describe('On which contributions add up'),
      explain_background: z.string().optional().describe('Whom patients are compared with'),
    })
    .catchall(scalar)
    .describe('What the manifest says of the model as a whole'),
});
export const liveSchema = z.object({ live: z.boolean() });
/** The specification documents the member of server ready as `live`; both are given. */
export const serverReadySchema = z.object({ live: z.boolean(), ready: z.boolean() });
export const modelReadySchema = z.object({ name, ready: z.boolean() });
export const indexRequestSchema = z.object({ ready: flag.describe('Only models that are served') });
export const indexSchema = z.array(
  z.object({
    name,
    version: z.string(),
    state: z.enum(['READY', 'UNAVAILABLE']),
    reason: z.string(),
  }),
);
/** Nothing may be loaded but what is sealed: no `config`, no files. */
export const loadRequestSchema = z.object({ parameters: z.strictObject({}).optional() });
export const errorSchema = z.object({ error: z.string() });

/** Names that a refusal may repeat; others are the caller's own. */
const ownNames = new Set([
  ...Object.keys(inferRequestSchema.shape),
  ...Object.keys(requestInput.shape),
  ...[
    'allow_abstention',
    'allow_out_of_range',
    'binary_data_output',
    'binary_data',
    'binary_data_size',
    'priority',
    'timeout',
    'ready',
    'method',
    'seed',
    'max_evaluations',
    'steps',
    'counterfactual',
    'modifiable',
    'below',
    'above',
    'max_changes',
  ],
]);

/** Names and values of a body besides its data; of the most tensors there may be about half are needed. */
export const maxMembers = 4096;

/** How many there are, as far as it matters. */
function membersIn(value: unknown, before = 0): number {
  if (typeof value !== 'object' || value === null) return before;
  if (Array.isArray(value) && value.length > maxMembers) return Number.POSITIVE_INFINITY;
  let members = before;
  for (const name in value) {
    members++;
    if (members > maxMembers) break;
    if (name !== 'data') members = membersIn(value[name as keyof typeof value], members);
  }
  return members;
}

/**
 * More members than a request needs are refused before each is judged, which costs a thousand times as much as to read it.
 * @throws Refusal malformed-inference: which members break which rule, without what they held
 */
export function readAs<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  if (membersIn(body) > maxMembers)
    throw new Refusal('malformed-inference', [`more than ${maxMembers} members besides its data`]);
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const details = read.error.issues.slice(0, 10).map(({ path, message }) => `${placeOf(path)}: ${message}`);
  throw new Refusal('malformed-inference', details);
}

const placeOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => (typeof part === 'number' || ownNames.has(String(part)) ? String(part) : '?')).join('.');
