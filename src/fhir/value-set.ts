import { z } from 'zod';
import { type Code, codeKey, codeOf } from './coding.ts';
import { type Route, routes } from './drug-index.ts';

/**
 * Code lists as FHIR R4 ValueSet: a frozen expansion, and a compose rule that also takes codes newer than it.
 * Of `compose` only two forms are read: listed concepts, and a `regex` filter on `code` of the fixed shape
 * `(A|B|C).*`, which is a list of prefixes (dots escaped; compared without dots for ICD).
 */

const concept = z.object({ code: z.string().min(1), display: z.string().optional() });
const filter = z.object({
  property: z.literal('code'),
  op: z.literal('regex'),
  value: z.string().regex(/^\((?:[A-Za-z0-9]|\\\.|\|)+\)\.\*$/, 'must have the shape (A|B|C).*'),
});
const include = z.object({
  system: z.string().min(1),
  concept: z.array(concept).optional(),
  filter: z.array(filter).length(1).optional(),
});

/** Which routes of a drug count as membership; extensions of other URLs are left alone. */
export const countedRoute = 'urn:auscult:StructureDefinition:counted-route';
const routeExtension = z.object({
  url: z.literal(countedRoute),
  valueCode: z.enum(routes, `must be one of ${routes.join(', ')}`),
});
const otherExtension = z.object({ url: z.string().refine((url) => url !== countedRoute) });

export const valueSetSchema = z.object({
  resourceType: z.literal('ValueSet'),
  extension: z.array(z.union([routeExtension, otherExtension])).optional(),
  url: z.string().startsWith('urn:'),
  version: z.string().min(1),
  title: z.string().min(1),
  status: z.enum(['draft', 'active', 'retired']),
  description: z.string().min(1),
  copyright: z.string().min(1),
  compose: z.object({ include: z.array(include).min(1), exclude: z.array(include).optional() }),
  expansion: z.object({
    timestamp: z.iso.datetime(),
    contains: z.array(concept.extend({ system: z.string().min(1) })).min(1),
  }),
});

type Include = z.infer<typeof include>;

/** A value set ready to ask. */
export interface ValueSet {
  readonly url: string;
  readonly version: string;
  readonly title: string;
  /** Display of our own expansion, or the set's title for a code that only the rule takes; undefined: no member. */
  display(code: Code): string | undefined;
  /** The listed codes of one system with their displays: ingredients of a drug set, for instance. */
  members(system: string): ReadonlyMap<string, string>;
  /** Of a drug set: does a product with these routes count? One counted route is enough. */
  counts(given: readonly Route[]): boolean;
}

/** Where a drug set names no routes: everything that reaches the circulation, or does not tell. */
const systemic: readonly Route[] = [
  'oral',
  'transdermal',
  'injected',
  'inhaled',
  'nasal',
  'rectal',
  'implant',
  'unknown',
];

/** Compiles a parsed ValueSet. Members are the expansion plus the compose rule, less `compose.exclude`. */
export function compileValueSet(parsed: z.infer<typeof valueSetSchema>): ValueSet {
  const listed = new Map<string, string>();
  const prefixes: Prefix[] = [];
  for (const part of parsed.compose.include) collect(part, parsed.title, listed, prefixes);
  for (const { system, code, display } of parsed.expansion.contains) {
    listed.set(codeKey(codeOf(system, code)), display ?? parsed.title);
  }
  const out = new Map<string, string>();
  const outPrefixes: Prefix[] = [];
  for (const part of parsed.compose.exclude ?? []) collect(part, '', out, outPrefixes);
  const excluded = (code: Code, key: string): boolean => out.has(key) || startsWithAny(code, outPrefixes);
  const { url, version, title } = parsed;
  const display = (code: Code): string | undefined => {
    const key = codeKey(code);
    if (excluded(code, key)) return undefined;
    return listed.get(key) ?? (startsWithAny(code, prefixes) ? title : undefined);
  };
  const counted = countedRoutes(parsed);
  const bySystem = new Map<string, ReadonlyMap<string, string>>();
  return {
    url,
    version,
    title,
    display,
    members: (system) => {
      const members = bySystem.get(system) ?? membersOf(listed, system, display);
      bySystem.set(system, members);
      return members;
    },
    counts: (given) => given.some((route) => counted.has(route)),
  };
}

function countedRoutes({ extension = [] }: z.infer<typeof valueSetSchema>): ReadonlySet<Route> {
  const named = extension.flatMap((each) => ('valueCode' in each ? [each.valueCode] : []));
  return new Set(named.length === 0 ? systemic : named);
}

interface Prefix {
  readonly system: string;
  readonly prefix: string;
}

function collect(part: Include, title: string, listed: Map<string, string>, prefixes: Prefix[]): void {
  for (const { code, display } of part.concept ?? []) {
    listed.set(codeKey(codeOf(part.system, code)), display ?? title);
  }
  for (const { value } of part.filter ?? []) {
    for (const each of value.slice(1, -3).replaceAll('\\', '').split('|')) {
      const { system, code } = codeOf(part.system, each);
      prefixes.push({ system, prefix: code });
    }
  }
}

const startsWithAny = ({ system, code }: Code, prefixes: readonly Prefix[]): boolean =>
  prefixes.some((each) => each.system === system && code.startsWith(each.prefix));

function membersOf(
  listed: ReadonlyMap<string, string>,
  system: string,
  display: (code: Code) => string | undefined,
): ReadonlyMap<string, string> {
  const start = `${system}|`;
  const members = new Map<string, string>();
  for (const key of listed.keys()) {
    const code = key.slice(start.length);
    const shown = key.startsWith(start) ? display({ system, code }) : undefined;
    if (shown !== undefined) members.set(code, shown);
  }
  return members;
}
