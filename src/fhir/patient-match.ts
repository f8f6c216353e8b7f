import { Fault } from '../errors.ts';
import { fhirBase } from './base.ts';
import type { PatientId } from './chart.ts';
import { compartmentRule } from './compartment.ts';

/** Who everything must be about. */
export interface Identity {
  readonly patientId: PatientId;
  /**
   * FHIR bases of the registered EHR: an absolute reference must start with one of them. Empty where none is
   * known: then the end of the reference decides.
   */
  readonly fhirServers: readonly string[];
}

/**
 * Refuses data of another patient, before anything reads it (reliability reference §3, Q9). Parts are named
 * payloads: `prefetch.conditions`, `context.draftOrders`, `fhirAuthorization.patient` (a bare id)...
 *
 * @throws Fault wrong-patient, naming the parts only
 */
export function refuseOtherPatients(parts: Iterable<readonly [string, unknown]>, identity: Identity): void {
  const foreign: string[] = [];
  const scope = scopeOf(identity);
  for (const [name, part] of parts) {
    const same = typeof part === 'string' ? isSameId(part, identity) : visit(part, scope, 0);
    if (!same) foreign.push(name);
  }
  if (foreign.length > 0) throw new Fault('wrong-patient', foreign);
}

/**
 * Is every resource in this tree the patient, about the patient, or of a kind that is about no patient?
 * Bundles, contained resources and Parameters are entered. A compartment resource that names nobody, or names
 * somebody by identifier only, is not about the patient as far as anyone can tell: false.
 */
export function isOnlyAbout(payload: unknown, identity: Identity): boolean {
  return visit(payload, scopeOf(identity), 0);
}

const scopeOf = (identity: Identity): Scope => ({
  identity,
  own: `Patient/${identity.patientId}`,
  bases: new Set(identity.fhirServers.map((base) => fhirBase(base))),
});

interface Scope {
  readonly identity: Identity;
  readonly bases: ReadonlySet<string | undefined>;
  /** Enclosing Bundle, for references to a fullUrl. */
  /** `Patient/<id>`: how nearly every record names the patient. */
  readonly own: string;
  readonly bundle?: FullUrls;
  /** Resource that contains the one at hand. */
  readonly container?: JsonObject;
}

type JsonObject = { readonly [name: string]: unknown };

const maxDepth = 64;

function visit(node: unknown, scope: Scope, depth: number): boolean {
  if (typeof node !== 'object' || node === null) return true;
  if (depth > maxDepth) return false;
  if (Array.isArray(node)) {
    for (const item of node) if (!visit(item, scope, depth + 1)) return false;
    return true;
  }
  const object = node as JsonObject;
  if (typeof object.resourceType === 'string' && !isAbout(object, object.resourceType, scope)) return false;
  const inner = object.resourceType === 'Bundle' ? { ...scope, bundle: new FullUrls(object) } : scope;
  // A parsed body inherits nothing that `for in` would find, and a list of its names costs more than the walk.
  for (const name in object) {
    const child = object[name];
    if (typeof child !== 'object' || child === null) continue;
    const at = name === 'contained' ? { ...inner, container: object } : inner;
    if (!visit(child, at, depth + 1)) return false;
  }
  return true;
}

function isAbout(resource: JsonObject, type: string, scope: Scope): boolean {
  if (type === 'Patient') return resource.id === scope.identity.patientId;
  const rule = compartmentRule(type);
  const named = new Set<Named>();
  for (const path of rule.elements) {
    for (const reference of valuesAt(resource, path)) named.add(whom(reference, scope));
  }
  // What a resource contains has no life of its own: without a subject it shares its container's.
  if (named.size === 0) return !rule.required || scope.container !== undefined;
  if (named.has('other')) return false;
  if (rule.mixed) return !rule.required || named.has('patient');
  return !named.has('thing');
}

/** Values at a dotted path, arrays flattened, absent ones left out. */
function valuesAt(node: unknown, path: string): readonly unknown[] {
  const dot = path.indexOf('.');
  if (dot === -1) return listOf(node, path);
  const [name, rest] = [path.slice(0, dot), path.slice(dot + 1)];
  return listOf(node, name).flatMap((item) => valuesAt(item, rest));
}

function listOf(node: unknown, name: string): readonly unknown[] {
  const value = typeof node === 'object' && node !== null ? (node as JsonObject)[name] : undefined;
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.filter((item) => item !== undefined && item !== null) : [value];
}

/** The patient, another (or somebody who cannot be told), or something that is no patient. */
type Named = 'patient' | 'other' | 'thing';

function whom(element: unknown, scope: Scope): Named {
  const reference =
    typeof element === 'object' && element !== null ? (element as JsonObject).reference : null;
  if (typeof reference !== 'string') return 'other';
  if (reference === scope.own) return 'patient';
  if (reference.startsWith('#')) return 'other';
  if (reference.startsWith('urn:')) return entryAt(reference, scope);
  const match =
    /^(?:(https?:\/\/.+)\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-._]+)(?:\/_history\/[A-Za-z0-9\-._]+)?$/.exec(
      reference,
    );
  if (match === null) return 'other';
  const [, base, type, id] = match;
  if (base !== undefined && scope.bases.size > 0 && !scope.bases.has(fhirBase(base))) return 'other';
  if (type !== 'Patient') return 'thing';
  return id === scope.identity.patientId ? 'patient' : 'other';
}

/** Resolves `urn:uuid:` within its own Bundle only; two entries of one name tell nothing. */
function entryAt(fullUrl: string, { bundle, identity }: Scope): Named {
  const target = bundle?.find(fullUrl);
  if (target === undefined) return 'other';
  if (target.resourceType !== 'Patient') return 'thing';
  return target.id === identity.patientId ? 'patient' : 'other';
}

/** The entries of one Bundle by fullUrl, listed when first asked. */
class FullUrls {
  readonly #bundle: JsonObject;
  #entries: Map<unknown, JsonObject | undefined> | undefined;

  constructor(bundle: JsonObject) {
    this.#bundle = bundle;
  }

  find(fullUrl: string): JsonObject | undefined {
    this.#entries ??= this.#list();
    return this.#entries.get(fullUrl);
  }

  #list(): Map<unknown, JsonObject | undefined> {
    const entries = new Map<unknown, JsonObject | undefined>();
    for (const entry of valuesAt(this.#bundle, 'entry')) {
      const { fullUrl, resource } = entry as JsonObject;
      const target = typeof resource === 'object' && resource !== null ? (resource as JsonObject) : undefined;
      entries.set(fullUrl, entries.has(fullUrl) ? undefined : target);
    }
    return entries;
  }
}

const isSameId = (text: string, { patientId }: Identity): boolean =>
  text === patientId || text === `Patient/${patientId}`;
