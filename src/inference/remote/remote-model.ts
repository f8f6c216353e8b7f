/** The file that REMOTE_MODELS names: which models run on other servers. It holds no secret; a token is named there. */
import { z } from 'zod';

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const endpointRules: readonly (readonly [(url: URL) => boolean, string])[] = [
  [({ protocol }) => protocol === 'https:' || protocol === 'http:', 'is neither https nor http'],
  [({ username, password }) => username === '' && password === '', 'holds a user or a password'],
  [({ search, hash }) => search === '' && hash === '', 'has more than an address and a path'],
];

const endpoint = z.string().transform((text, context): URL => {
  const url = URL.parse(text);
  const rule = url === null ? 'is not a URL' : endpointRules.find(([keeps]) => !keeps(url))?.[1];
  if (rule !== undefined) context.addIssue({ code: 'custom', message: rule });
  return url ?? new URL('https://invalid');
});

const name = z.string().min(1, 'is empty').max(256, 'is longer than 256 characters');

const remoteSchema = z
  .strictObject({
    /** Id of the package here. */
    model: z.string().regex(/^[a-z][a-z0-9-]*$/, 'is not the id of a model'),
    /** What the server calls it; without it the same. */
    name: name.optional(),
    /** Without it the one that the server serves. */
    version: name.optional(),
    protocol: z.enum(['rest', 'grpc'], { error: 'is neither rest nor grpc' }),
    /** Replicas of one model. A request goes to one of them. */
    endpoints: z.array(endpoint).min(1, 'is empty').max(16, 'holds more than 16'),
    /** The bearer token: the environment variable that holds it. */
    token: z
      .strictObject({ env: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'is not the name of a variable') })
      .optional(),
    /** Longest wait for one answer, in milliseconds. */
    timeoutMs: z
      .int('is not a whole number')
      .min(10, 'is below 10')
      .max(60_000, 'is above 60000')
      .default(2000),
    /** The graph's tensor → what the server calls it; the same where it is not named. */
    tensors: z.record(name, name).default({}),
    /** http beyond loopback: patient data and the token travel readable. */
    allowPlainText: z.boolean().default(false),
    /** `local`: the graph runs here while the server gives no answer. */
    fallback: z.literal('local', { error: 'is not local' }).optional(),
  })
  .readonly();

export type RemoteModel = z.output<typeof remoteSchema>;

type Env = Readonly<Record<string, string | undefined>>;

const remotesSchema = (env: Env) =>
  z.array(remoteSchema).superRefine((all, context) => {
    for (const [at, remote] of all.entries())
      for (const [path, message] of rules.flatMap((rule) => rule(remote, all, env)))
        context.addIssue({ code: 'custom', path: [at, ...path], message });
  });

/**
 * @param text content of the file: a JSON list
 * @param env where tokens are looked up; each that is named must be there
 * @throws SyntaxError, which may quote the file; ZodError, whose issues say which entry, field and rule, never what it held
 */
export const parseRemoteModels = (text: string, env: Env = process.env): readonly RemoteModel[] =>
  remotesSchema(env).parse(JSON.parse(text));

/** Where an entry breaks it, and how. */
type Rule = (
  remote: RemoteModel,
  all: readonly RemoteModel[],
  env: Env,
) => readonly (readonly [path: readonly PropertyKey[], rule: string])[];

const rules: readonly Rule[] = [
  ({ model }, all) =>
    all.filter((other) => other.model === model).length > 1 ? [[['model'], 'is given twice']] : [],
  ({ endpoints, allowPlainText }) =>
    endpoints.flatMap(({ protocol, hostname }, at) =>
      protocol === 'https:' || allowPlainText || loopback.test(hostname)
        ? []
        : [[['endpoints', at], 'is not https, and allowPlainText is not set']],
    ),
  ({ endpoints, protocol }) =>
    endpoints.flatMap(({ pathname }, at) =>
      protocol === 'rest' || pathname === '/' ? [] : [[['endpoints', at], 'has a path, which gRPC has not']],
    ),
  ({ endpoints }) =>
    new Set(endpoints.map(({ href }) => href)).size < endpoints.length
      ? [[['endpoints'], 'holds an address twice']]
      : [],
  ({ tensors }) =>
    new Set(Object.values(tensors)).size < Object.keys(tensors).length
      ? [[['tensors'], 'gives two tensors one name']]
      : [],
  ({ token }, _, env) =>
    token !== undefined && !tokenGrammar.test(env[token.env] ?? '')
      ? [[['token', 'env'], 'names a variable that is not set, or holds no bearer token']]
      : [],
];

/** RFC 6750 §2.1 */
const tokenGrammar = /^[\w.~+/-]+=*$/;
