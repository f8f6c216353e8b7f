import { z } from 'zod';
import { fhirBase } from '../fhir/base.ts';

/** One EHR that may call: everything about it is agreed beforehand, nothing is taken from what it sends. */
export type Registration = z.infer<typeof registration>;

const base = z
  .string()
  .refine((text) => fhirBase(text) !== undefined, 'is not an http(s) URL without query')
  .transform((text) => fhirBase(text) ?? text);

/** Public keys only; each names itself, so that a token's `kid` finds it. */
const publicKey = z
  .looseObject({ kty: z.enum(['EC', 'RSA'], 'is neither EC nor RSA'), kid: z.string().min(1) })
  .refine((key) => !('d' in key) && !('k' in key), 'is a private key; register its public part only');

const registration = z
  .strictObject({
    /** `iss` of its JWTs. */
    id: z.string().min(1),
    name: z.string().min(1),
    /** Every FHIR base it may name in `fhirServer`, and every one its SMART launch may name in `iss`. */
    fhirServers: z.array(base).min(1),
    /** JWK Set, agreed out of band. */
    jwks: z.object({ keys: z.array(publicKey).min(1) }).optional(),
    /** Where its JWK Set is; a token's `jku` must be exactly this. */
    jwksUrl: z.url({ protocol: /^https$/, error: 'is not an https URL' }).optional(),
    /** Its fixed `aud`, where it cannot send the URL it calls. */
    audience: z.string().min(1).optional(),
    /** Longest `exp` − `iat` in seconds. Default 300. */
    maxTokenSeconds: z.number().int().min(1).max(3600).optional(),
    /** The SMART app, as registered with its authorization server. */
    app: z
      .object({
        clientId: z.string().min(1),
        /** Origins that may frame the app (`frame-ancestors`), or `'self'`, separated by spaces. */
        origin: z
          .string()
          .regex(
            /^(?:'self'|https?:\/\/[a-z0-9.[\]:-]+)(?: (?:'self'|https?:\/\/[a-z0-9.[\]:-]+))*$/i,
            'is not an origin',
          ),
        /** Scopes to ask for, where the app's own do not fit. */
        scope: z.string().min(1).optional(),
      })
      .optional(),
    /** An EHR on the site's own network; metadata and link-local addresses stay closed. */
    allowPrivateNetwork: z.boolean().optional(),
  })
  .refine((item) => item.jwks !== undefined || item.jwksUrl !== undefined, 'has neither jwks nor jwksUrl')
  .refine(
    ({ fhirServers, allowPrivateNetwork }) =>
      allowPrivateNetwork || fhirServers.every((url) => url.startsWith('https:')),
    { path: ['fhirServers'], error: 'is not https' },
  )
  .readonly();

const registrations = z
  .array(registration)
  .min(1, 'is empty')
  .superRefine((items, context) => {
    const twice = (values: readonly string[]) => values.find((value, at) => values.indexOf(value) !== at);
    const id = twice(items.map((item) => item.id));
    if (id !== undefined) context.addIssue({ code: 'custom', message: `registers ${id} twice` });
    const server = twice(items.flatMap((item) => [...new Set(item.fhirServers)]));
    if (server !== undefined) context.addIssue({ code: 'custom', message: `gives ${server} to two EHRs` });
    for (const [at, item] of items.entries()) {
      if (!isPublicSandbox(item.id) && !isPublicSandbox(item.jwksUrl)) continue;
      context.addIssue({
        code: 'custom',
        path: [at, 'id'],
        message: 'is the public CDS Hooks sandbox: its private key is published',
      });
    }
  });

/** https://github.com/cds-hooks/sandbox signs with a key that everybody has. */
const isPublicSandbox = (text: string | undefined): boolean =>
  /(^|\.|\/\/)sandbox\.cds-hooks\.org$/i.test(URL.parse(text ?? '')?.host ?? text ?? '');

/**
 * The REGISTRATIONS file of `serve`.
 * @param text its content
 * @throws Error with one line per problem: which EHR, which field, which rule
 */
export function parseRegistrations(text: string): readonly Registration[] {
  const parsed = registrations.safeParse(json(text));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => {
    const [at, ...field] = path;
    const where = at === undefined ? 'the list' : `EHR ${Number(at) + 1}, ${field.join('.') || 'entry'}`;
    return `REGISTRATIONS: ${where}: ${message}`;
  });
  throw new Error([...new Set(lines)].join('\n'));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('REGISTRATIONS: the file is not JSON');
  }
}

/** The embedded EHR of `start`: the one allowed `fhirServer` is this server's own, by each of its loopback names. */
export function sandboxRegistration(port: number): Registration {
  return {
    id: 'sandbox',
    name: 'Sandbox EHR',
    fhirServers: ['localhost', '127.0.0.1', '[::1]'].map((host) => `http://${host}:${port}/sandbox/fhir`),
    app: { clientId: 'auscult', origin: "'self'" },
    allowPrivateNetwork: true,
  };
}
