import type { FhirAuthorization, HookContexts, HookName } from 'cds-hooks-types';
import { z } from 'zod';
import { Fault } from '../errors.ts';
import { fhirBase, isFhirId } from '../fhir/base.ts';
import type { PatientId } from '../fhir/chart.ts';
import { contexts, isHookName } from './context.ts';
import type { ClientProfile } from './profile.ts';

export type HookInstance = string & { readonly __brand: 'HookInstance' };

/** A hook call whose structure is sound. Whose data it carries and who sent it are not judged yet. */
export type HookRequest<H extends HookName = HookName> = { [K in H]: HookRequestOf<K> }[H];

export interface HookRequestOf<H extends HookName> {
  readonly hook: H;
  readonly hookInstance: HookInstance;
  readonly context: HookContexts[H] & { readonly patientId: PatientId };
  readonly fhirServer?: string;
  readonly fhirAuthorization?: FhirAuthorization;
  /** Prefetch key → resource, or `null` where the client found nothing. Keys are the client's. */
  readonly prefetch: ReadonlyMap<string, PrefetchValue>;
}

export type PrefetchValue = { readonly resourceType: string; readonly [name: string]: unknown } | null;

const maxEntries = 5000;

const text = z.string().min(1);

const authorization = z.looseObject({
  // One header value, nothing that could end it.
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .transform(() => 'Bearer' as const),
  expires_in: z.number().int().positive(),
  scope: text,
  subject: text,
  patient: z
    .string()
    .refine((value) => isFhirId(value.replace(/^Patient\//, '')))
    .optional(),
});

const resource = z.looseObject({ resourceType: text });

const envelope = z.looseObject({
  hook: text,
  hookInstance: z.guid().transform((value) => value as HookInstance),
  context: z.looseObject({}),
  fhirServer: z
    .string()
    .refine((value) => fhirBase(value) !== undefined)
    .optional(),
  fhirAuthorization: authorization.optional(),
  prefetch: z.record(z.string(), resource.nullable()).optional(),
});

/** What a client's profile says of the way in; each is a way in which that client departs from the specification. */
export interface Sender {
  readonly sends: Pick<ClientProfile['sends'], 'trigger' | 'userId' | 'nullPrefetch'>;
}

const strict: Sender = { sends: { userId: 'reference', nullPrefetch: 'empty' } };

/**
 * Parses the body of a hook call (Q2, Q3). For every client: unknown members and extensions are tolerated (J4),
 * `token_type` in any case (RFC 6749 §5.1), any scope dialect, `fhirAuthorization.patient` as an id or as
 * `Patient/<id>` (what it names is matched later either way). Everything else is strict, except where the client's
 * profile says that this client departs.
 *
 * @param body any JSON value
 * @param hook the hook of the service that was called
 * @param profile of the client that calls; by default the specification
 * @throws Fault malformed-request (field paths only, never values), hook-mismatch, too-large (more than 5,000
 *   prefetch keys or Bundle entries)
 */
export function parseEnvelope(body: unknown, hook: string, profile: Sender = strict): HookRequest {
  refuseTooMany(body);
  const parsed = envelope.safeParse(body);
  if (!parsed.success) throw new Fault('malformed-request', pathsOf(parsed.error));
  const { data } = parsed;
  if (!isHookName(hook) || !isMeant(hook, data, profile)) throw new Fault('hook-mismatch');
  if (data.fhirAuthorization !== undefined && data.fhirServer === undefined) {
    throw new Fault('malformed-request', ['fhirServer']);
  }
  const context = contexts[profile.sends.userId][hook].safeParse(data.context);
  if (!context.success) throw new Fault('malformed-request', pathsOf(context.error, 'context'));
  return {
    hook,
    hookInstance: data.hookInstance,
    context: context.data,
    ...(data.fhirServer === undefined ? {} : { fhirServer: data.fhirServer }),
    ...(data.fhirAuthorization === undefined ? {} : { fhirAuthorization: data.fhirAuthorization }),
    prefetch: answered(data.prefetch ?? {}, profile),
  } as unknown as HookRequest;
}

/** Is this the service's hook, by its name or by the trigger that the client sends in place of one (Q2)? */
function isMeant(hook: string, request: { readonly hook: string; extension?: unknown }, { sends }: Sender) {
  if (request.hook === hook) return true;
  const { trigger } = sends;
  if (trigger === undefined || request.hook !== trigger.hook) return false;
  const value = String(memberOf(request.extension, trigger.extension));
  return trigger.values[value]?.hook === hook;
}

/** The keys that were asked for; with `null` for what was not found, unless it means that nothing was asked (Q4, Q5). */
function answered(
  prefetch: Readonly<Record<string, PrefetchValue>>,
  { sends }: Sender,
): ReadonlyMap<string, PrefetchValue> {
  const entries = Object.entries(prefetch);
  return new Map(sends.nullPrefetch === 'empty' ? entries : entries.filter(([, value]) => value !== null));
}

/** Before anything walks the body. */
function refuseTooMany(body: unknown): void {
  const prefetch = memberOf(body, 'prefetch');
  if (typeof prefetch !== 'object' || prefetch === null) return;
  const values = Object.values(prefetch);
  const entries = values
    .map((value) => memberOf(value, 'entry'))
    .map((entry) => (Array.isArray(entry) ? entry.length : 0));
  const total = entries.reduce((sum, count) => sum + count, values.length);
  if (total > maxEntries) throw new Fault('too-large', ['prefetch']);
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** Where a body breaks its schema: dotted paths, each once; a name that could be more than a name becomes `?`. */
export function pathsOf(error: z.ZodError, root?: string): readonly string[] {
  const paths = error.issues.map(({ path }) =>
    [...(root === undefined ? [] : [root]), ...path]
      .map((name) => (/^[\w\-.]{1,64}$/.test(String(name)) ? String(name) : '?'))
      .join('.'),
  );
  return [...new Set(paths.map((path) => path || 'body'))];
}
