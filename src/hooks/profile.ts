import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HookName } from 'cds-hooks-types';
import { z } from 'zod';
import { cardProfile } from '../card/profile.ts';
import { Fault } from '../errors.ts';
import { contexts } from './context.ts';

/**
 * What one kind of CDS client sends, accepts and cannot do, as data: `clients/<id>.json`. The code knows no client
 * by name; it reads these facts, and each file says where its facts are from.
 */
export type ClientProfile = z.infer<typeof profile>;

/** The profile of a registration that names none: the specification, strictly. */
export const defaultProfile = 'cds-hooks-2.0';

const text = z.string().trim().min(1);
const hookName = z.enum(Object.keys(contexts.reference) as [HookName, ...HookName[]]);

/**
 * Hooks the client has no name for: they arrive as another hook and are told apart by an extension of the request.
 * `values`: what the extension says → the hook that is meant, and the client's own name for the trigger.
 */
const trigger = z.strictObject({
  extension: text,
  hook: hookName,
  values: z.record(text, z.strictObject({ hook: hookName, name: text })),
});

const sends = z.strictObject({
  hooks: z.array(hookName).min(1),
  trigger: trigger.optional(),
  /** `typed`: services and prefetch are entered by hand, from the install sheet. */
  discovery: z.enum(['fetched', 'typed', 'unknown']),
  /** Prefetch tokens it fills; `context.*` is every field of the context. */
  tokens: z.array(text),
  /** `reference`: always there, as `Practitioner/1`; `optional`: it may be left out. */
  userId: z.enum(['reference', 'optional']),
  /** What `null` under a prefetch key means: nothing was found, or (against the specification) nothing was asked. */
  nullPrefetch: z.enum(['empty', 'not-asked']),
  /** Dialect of `fhirAuthorization.scope`; every one is taken. */
  scopes: z.enum(['smart-v1', 'smart-v2', 'vendor', 'none']),
  /** What else an integrator will see; all of it is read for every client. */
  quirks: z.array(text),
});

/** What an analyst types in, beside what follows from the services. Without `jwt`: mutual TLS. */
const sheet = z.strictObject({
  jwt: z
    .strictObject({
      alg: text,
      issuer: text,
      /** Where its public keys are. */
      keys: text,
      /** `called-url`: the address of each call; `configured`: a value typed in by hand. */
      audience: z.enum(['called-url', 'configured']),
      /** `exp` − `iat`, where it is longer than five minutes. */
      lifetimeSeconds: z.int().min(1).max(3600).optional(),
    })
    .optional(),
  steps: z.array(text).min(1),
  /** What the site must be told by the client's people. */
  needs: z.array(text),
  cannot: z.array(text),
});

const source = z.strictObject({
  fact: text,
  from: text,
  /** `observed`: seen in a request or a run; `unverified`: assumed. */
  status: z.enum(['documented', 'observed', 'unverified']),
});

const profile = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, 'must be lower case with hyphens and dots'),
    title: text,
    /** Version of CDS Hooks that is spoken with it. */
    spec: z.enum(['2.0', '3.0']),
    /** Does it send the JWT of CDS Hooks? Without one its certificates must be registered. */
    jwt: z.boolean(),
    feedback: z.enum(['standard', 'epic']),
    sends,
    card: cardProfile,
    sheet,
    sources: z.array(source).min(1),
  })
  .superRefine(({ jwt, spec, sends, card, sheet }, context) => {
    const problem = (path: readonly string[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    if (jwt !== (sheet.jwt !== undefined))
      problem(['sheet', 'jwt'], 'must be there exactly where jwt is true');
    if (sends.trigger !== undefined && !sends.hooks.includes(sends.trigger.hook))
      problem(['sends', 'trigger', 'hook'], 'must be among sends.hooks');
    if (spec !== '3.0' && card.suggestions.actionSelectionBehavior)
      problem(['card', 'suggestions', 'actionSelectionBehavior'], 'needs spec 3.0 (A10)');
  })
  .readonly();

/** A client profile breaks a rule: the start stops. One line per problem: file, field, rule. */
export class ProfileError extends Error {
  override name = 'ProfileError';
}

/**
 * Every profile of a folder, by id.
 * @param folder `clients/`
 * @throws ProfileError naming file, field and rule of everything that is wrong
 */
export function loadProfiles(folder: string): ReadonlyMap<string, ClientProfile> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const read = files.sort().map((file) => parseProfile(join(folder, file), file));
  const problems = read.flatMap((result) => ('problems' in result ? result.problems : []));
  const profiles = new Map(read.flatMap((result) => ('id' in result ? [[result.id, result] as const] : [])));
  if (problems.length === 0 && !profiles.has(defaultProfile))
    problems.push(`${folder}: (folder): must hold ${defaultProfile}.json`);
  if (problems.length > 0) throw new ProfileError(problems.join('\n'));
  return profiles;
}

type Read = ClientProfile | { readonly problems: readonly string[] };

/** @throws Fault internal for an id that no profile has: registrations are checked against them at the start */
export function profileOf(profiles: ReadonlyMap<string, ClientProfile>, id: string): ClientProfile {
  const found = profiles.get(id);
  if (found === undefined) throw new Fault('internal', [`no profile ${id}`]);
  return found;
}

function parseProfile(at: string, file: string): Read {
  const json = readJson(at);
  if (json === undefined) return { problems: [`${at}: (file): is not readable as JSON`] };
  const parsed = profile.safeParse(json);
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(
        ({ path, message }) => `${at}: ${path.join('.') || '(file)'}: ${message}`,
      ),
    };
  }
  const named = `${parsed.data.id}.json` === file;
  return named ? parsed.data : { problems: [`${at}: id: must be the name of the file`] };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
