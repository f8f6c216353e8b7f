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

const clientsSchema = (models: readonly string[]) => {
  const scopes = new Set(['admin', 'infer:*', ...models.map((id) => `infer:${id}`)]);
  return z
    .array(clientSchema)
    .min(1, 'is empty')
    .superRefine((clients, context) => {
      const hashes = clients.flatMap(({ keys }) => keys.map((key) => key.toString('hex')));
      for (const [at, client] of clients.entries()) {
        const own = client.keys.map((key) => key.toString('hex'));
        const broken: readonly (readonly [boolean, string, string])[] = [
          [clients.findIndex(({ id }) => id === client.id) !== at, 'id', 'is given twice'],
          [client.scopes.some((each) => !scopes.has(each)), 'scopes', 'there is no such model'],
          [own.some((key) => isTwice(hashes, key)), 'keys', 'lists a key twice, or that of another client'],
        ];
        for (const [breaks, field, message] of broken)
          if (breaks) context.addIssue({ code: 'custom', path: [at, field], message });
      }
    });
};

const isTwice = (all: readonly string[], one: string): boolean => all.indexOf(one) !== all.lastIndexOf(one);

/**
 * @param text content of the file: a JSON list
 * @param models ids there are: a scope names one of them
 * @throws SyntaxError, which may quote the file; ZodError, whose issues say which client, field and rule, never what it held
 */
export const parseClients = (text: string, models: readonly string[]): readonly InferenceClient[] =>
  clientsSchema(models).parse(JSON.parse(text));
