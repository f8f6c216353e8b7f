import { z } from 'zod';
import { fhirBase } from '../fhir/base.ts';
import { fingerprint } from './certificate.ts';
import { defaultProfile } from './profile.ts';
import { publicKey } from './public-key.ts';

/** One EHR that may call: everything about it is agreed beforehand, nothing is taken from what it sends. */
export type Registration = z.infer<ReturnType<typeof registrationOf>>;

/** What a registration needs to know of the client profiles: does such a client send a JWT? */
export type Profiles = ReadonlyMap<string, { readonly jwt: boolean }>;

const base = z
  .string()
  .refine((text) => fhirBase(text) !== undefined, 'is not an http(s) URL without query')
  .transform((text) => fhirBase(text) ?? text);

const certificate = z.string().transform((text, context) => {
  const hex = fingerprint(text);
  if (hex !== undefined) return hex;
  context.addIssue({ code: 'custom', message: 'is not a SHA-256 fingerprint: 64 hex digits' });
  return z.NEVER;
});

const origin = z
  .string()
  .refine(
    (text) => /^https?:/.test(text) && URL.parse(text)?.origin === text,
    'is not an origin such as https://ehr.example',
  );

/** The SMART app, as registered with its authorization server. */
const app = z.strictObject({
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
});

/** Every field but `profile`, which needs to know the profiles. */
export const fields = {
  /** The tenant: its decisions, feedback and used tokens are kept apart from all others'. */
  id: z.string().min(1),
  name: z.string().min(1),
  /** `iss` of its JWTs. Default: `id`. */
  issuer: z.string().min(1).optional(),
  /** `tenant` claim that its JWTs must carry. Several registrations of one issuer each have their own. */
  tenant: z.string().min(1).optional(),
  /** Every FHIR base it may name in `fhirServer`, and every one its SMART launch may name in `iss`. */
  fhirServers: z.array(base).min(1),
  /** Ids of the services that it sees and may call. Default: all. */
  services: z.array(z.string().min(1)).min(1).optional(),
  /** JWK Set, agreed out of band. */
  jwks: z.object({ keys: z.array(publicKey).min(1).max(100) }).optional(),
  /** Where its JWK Set is. A token's `jku` must be exactly this; beside `jwks` it is never fetched. */
  jwksUrl: z.url({ protocol: /^https$/, error: 'is not an https URL' }).optional(),
  /** How long its last good keys serve while `jwksUrl` fails, in seconds. Default 3600; 0: not at all. */
  staleKeySeconds: z.number().int().min(0).max(3600).optional(),
  /** SHA-256 fingerprints of its TLS client certificates. Beside keys, a call needs both. */
  certificates: z.array(certificate).min(1).optional(),
  /** Its fixed `aud`, where it cannot send the URL it calls. */
  audience: z.string().min(1).optional(),
  /** Longest `exp` − `iat` in seconds. Default 300. */
  maxTokenSeconds: z.number().int().min(1).max(3600).optional(),
  /** Origins of its web pages that call from a browser (CORS). */
  origins: z.array(origin).min(1).optional(),
  app: app.optional(),
  /** An EHR on the site's own network; metadata and link-local addresses stay closed. */
  allowPrivateNetwork: z.boolean().optional(),
};

const registrationOf = (profiles: Profiles) =>
  z
    .strictObject({ ...fields, profile: profileOf(profiles) })
    .superRefine((item, context) => {
      const sendsJwt = profiles.get(item.profile)?.jwt ?? true;
      for (const [field, message] of conflictsOf(item, sendsJwt)) {
        context.addIssue({ code: 'custom', path: field === undefined ? [] : [field], message });
      }
    })
    .readonly();

/** Which dialect it speaks: a file of `clients/`. */
const profileOf = (profiles: Profiles) =>
  z
    .string()
    .default(defaultProfile)
    .refine((name) => profiles.has(name), {
      error: ({ input }) => `there is no profile ${JSON.stringify(input)}`,
    });

type Fields = z.infer<z.ZodObject<typeof fields>> & { readonly profile: string };
type Conflict = readonly [field: keyof Fields | undefined, rule: string];

/** What its fields, each sound, do not say together. */
function conflictsOf(item: Fields, sendsJwt: boolean): readonly Conflict[] {
  const conflicts: Conflict[] = [];
  const hasKeys = item.jwks !== undefined || item.jwksUrl !== undefined;
  if (sendsJwt && !hasKeys) conflicts.push([undefined, 'has neither jwks nor jwksUrl']);
  if (!sendsJwt && item.certificates === undefined) {
    conflicts.push(['certificates', `is missing: clients of profile ${item.profile} send no JWT`]);
  }
  if (!item.allowPrivateNetwork) {
    if (!item.fhirServers.every(isHttps)) conflicts.push(['fhirServers', 'is not https']);
    if (item.origins !== undefined && !item.origins.every(isHttps))
      conflicts.push(['origins', 'is not https']);
  }
  for (const [field, text] of Object.entries({ id: item.id, issuer: item.issuer, jwksUrl: item.jwksUrl })) {
    if (!isPublicSandbox(text)) continue;
    conflicts.push([field as keyof Fields, 'is the public CDS Hooks sandbox: its private key is published']);
  }
  const named = item.jwks?.keys.map(({ kid, alg }) => `${alg} key ${kid}`) ?? [];
  const key = repeated(named);
  if (key !== undefined) conflicts.push(['jwks', `names ${key} twice`]);
  return conflicts;
}

const isHttps = (url: string): boolean => url.startsWith('https:');

/** https://github.com/cds-hooks/sandbox signs with a key that everybody has. */
function isPublicSandbox(text = ''): boolean {
  const host = URL.parse(text)?.hostname || text;
  return /(^|\.|\/\/)sandbox\.cds-hooks\.org\.?$/i.test(host);
}

const repeated = (values: readonly string[]): string | undefined =>
  values.find((value, at) => values.indexOf(value) !== at);

const registrationsOf = (profiles: Profiles) =>
  z
    .array(registrationOf(profiles))
    .min(1, 'is empty')
    .superRefine((items, context) => {
      for (const { path = [], message } of collisions(items)) {
        context.addIssue({ code: 'custom', path: [...path], message });
      }
    });

interface Collision {
  readonly path?: readonly (string | number)[];
  readonly message: string;
}

/** Where two registrations could be taken for each other. */
function collisions(items: readonly Registration[]): readonly Collision[] {
  const id = repeated(items.map((item) => item.id));
  const server = repeated(items.flatMap((item) => [...new Set(item.fhirServers)]));
  return [
    ...(id === undefined ? [] : [{ message: `registers ${id} twice` }]),
    ...(server === undefined ? [] : [{ message: `gives ${server} to two EHRs` }]),
    ...items.flatMap((item, at) => sharedIdentity(item, at, items)),
  ];
}

function sharedIdentity(
  item: Registration,
  at: number,
  items: readonly Registration[],
): readonly Collision[] {
  const others = items.filter((other) => other !== item);
  const namesakes = others.filter((other) => hasKeys(other) && issuerOf(other) === issuerOf(item));
  const found: Collision[] = [];
  if (hasKeys(item) && namesakes.some(({ tenant }) => item.tenant === undefined || tenant === item.tenant)) {
    found.push({
      path: [at, 'tenant'],
      message: `does not tell it from another EHR of issuer ${issuerOf(item)}`,
    });
  }
  const theirs = new Set(others.flatMap(({ certificates = [] }) => certificates));
  if (!hasKeys(item) && item.certificates?.some((each) => theirs.has(each))) {
    found.push({ path: [at, 'certificates'], message: 'lists a certificate of another EHR' });
  }
  return found;
}

/** `iss` of its tokens. */
export const issuerOf = ({ id, issuer = id }: Registration): string => issuer;

/** Does every call of this EHR need a JWT? */
export const hasKeys = ({ jwks, jwksUrl }: Registration): boolean =>
  jwks !== undefined || jwksUrl !== undefined;

/** May this EHR see and call the service? */
export const mayCall = ({ services }: Registration, id: string): boolean => services?.includes(id) ?? true;

/**
 * The REGISTRATIONS file of `serve`.
 * @param text its content
 * @throws Error with one line per problem: which EHR, which field, which rule
 */
export function parseRegistrations(text: string, profiles: Profiles): readonly Registration[] {
  const parsed = registrationsOf(profiles).safeParse(json(text));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => {
    const [at, ...field] = path;
    return line(at === undefined ? undefined : Number(at), field.join('.'), message);
  });
  throw new Error([...new Set(lines)].join('\n'));
}

/** @throws Error with one line for each service that a registration lists and that there is none of */
export function checkServices(registrations: readonly Registration[], ids: Iterable<string>): void {
  const known = new Set(ids);
  const lines = registrations.flatMap(({ services = [] }, at) =>
    services.flatMap((id, index) =>
      known.has(id) ? [] : [line(at, `services.${index}`, `there is no service ${JSON.stringify(id)}`)],
    ),
  );
  if (lines.length > 0) throw new Error(lines.join('\n'));
}

const line = (at: number | undefined, field: string, rule: string): string =>
  `REGISTRATIONS: ${at === undefined ? 'the list' : `EHR ${at + 1}, ${field || 'entry'}`}: ${rule}`;

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
    profile: 'cds-hooks-sandbox',
    fhirServers: ['localhost', '127.0.0.1', '[::1]'].map((host) => `http://${host}:${port}/sandbox/fhir`),
    app: { clientId: 'auscult', origin: "'self'" },
    allowPrivateNetwork: true,
  };
}
