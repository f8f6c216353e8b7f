/** The file of clients that may use the inference API under `serve`. It holds no secret: keys are there as hashes. */
import { z } from 'zod';
import { publicKey } from '../hooks/public-key.ts';

const keyHash = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'is not sha256: and 64 hex digits')
  .transform((text) => Buffer.from(text.slice('sha256:'.length), 'hex'));

/** `infer:<model>`, `infer:*`, or `admin`: load and unload. */
export type Scope = `infer:${string}` | 'admin';

const scope = z.custom<Scope>(
  (given) => typeof given === 'string' && /^(?:admin|infer:(?:\*|[a-z][a-z0-9-]*))$/.test(given),
  'is not infer:<model>, infer:* or admin',
);

const clientSchema = z
  .strictObject({
    /** Names the client in its tokens (`iss`) and to the rate limit. */
    id: z.string().regex(/^[\w.:/-]{1,256}$/, 'is not a plain name or address'),
    scopes: z.array(scope).min(1),
    /** Requests a minute. */
    perMinute: z.int().min(1).max(1_000_000).default(600),
    /** SHA-256 of each of its API keys. Two overlap while one replaces the other. */
    keys: z.array(keyHash).max(10).default([]),
    /** The public keys that sign its tokens, or the https address where they are. */
    jwks: z.object({ keys: z.array(publicKey).min(1).max(100) }).optional(),
    jwksUrl: z.url({ protocol: /^https$/, error: 'is not an https URL' }).optional(),
  })
  .refine(({ keys, jwks, jwksUrl }) => keys.length > 0 || jwks !== undefined || jwksUrl !== undefined, {
    error: 'has neither keys nor jwks nor jwksUrl',
  })
  .readonly();

export type InferenceClient = z.output<typeof clientSchema>;

const clientsSchema = z.array(clientSchema).min(1, 'is empty');

/**
 * @param text content of the file
 * @param models ids there are: a scope names one of them
 * @throws Error with one line per problem: which client, which field, which rule; never what it held
 */
export function parseClients(text: string, models: readonly string[]): readonly InferenceClient[] {
  const parsed = clientsSchema.safeParse(json(text));
  const lines = parsed.success
    ? disagreements(parsed.data, models)
    : parsed.error.issues.map(({ path: [at, ...field], message }) => line(at, field.join('.'), message));
  if (lines.length > 0 || !parsed.success) throw new Error([...new Set(lines)].join('\n'));
  return parsed.data;
}

function disagreements(clients: readonly InferenceClient[], models: readonly string[]): readonly string[] {
  const scopes = new Set(['admin', 'infer:*', ...models.map((id) => `infer:${id}`)]);
  const hashes = clients.flatMap(({ keys }) => keys.map((key) => key.toString('hex')));
  return clients.flatMap((client, at) => [
    ...(clients.findIndex(({ id }) => id === client.id) === at ? [] : [line(at, 'id', 'is given twice')]),
    ...(client.scopes.every((each) => scopes.has(each))
      ? []
      : [line(at, 'scopes', 'there is no such model')]),
    ...(client.keys.every(
      (key) => hashes.indexOf(key.toString('hex')) === hashes.lastIndexOf(key.toString('hex')),
    )
      ? []
      : [line(at, 'keys', 'lists a key twice, or that of another client')]),
  ]);
}

const line = (at: PropertyKey | undefined, field: string, rule: string): string =>
  `INFERENCE_CLIENTS: ${at === undefined ? 'the list' : `client ${Number(at) + 1}, ${field || 'entry'}`}: ${rule}`;

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('INFERENCE_CLIENTS: the file is not JSON');
  }
}
