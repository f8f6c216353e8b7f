/**
 * What a site keeps in files of its own and names by a setting. Every complaint begins with that setting; those about a
 * package with the file.
 */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { ZodError } from 'zod';
import { loadServices, PackageError, type PackageProblem, type Service } from './card/service.ts';
import { parseSignOn } from './card/sign-on.ts';
import { readCases, replayCases } from './cases/package-cases.ts';
import type { CaseDeps } from './cases/run.ts';
import { Fault } from './errors.ts';
import { mutualTls } from './hooks/certificate.ts';
import type { ClientProfile } from './hooks/profile.ts';
import { parseRegistrations, type Registration } from './hooks/registration.ts';
import type { Manifest } from './inference/manifest.ts';
import { parseRemoteModels, type RemoteModel } from './inference/remote/remote-model.ts';
import { type InferenceClient, parseClients } from './serving/clients.ts';
import { fileOf, folderOf } from './setting-files.ts';
import { SettingError, type SettingName, type Settings } from './settings.ts';
import { type ClientKey, generateClientKey, readClientKey } from './smart/client-key.ts';

/** REGISTRATIONS. @throws Error with one line per problem */
export const readRegistrations = (
  path: string,
  profiles: ReadonlyMap<string, ClientProfile>,
): readonly Registration[] => parseRegistrations(fileOf('REGISTRATIONS', path), profiles);

/**
 * What the list that a setting names holds; nothing without it.
 * @throws SettingError with one line per problem: which entry, which field, which rule
 */
function listOf<T>(
  name: SettingName,
  path: string | undefined,
  parse: (text: string) => readonly T[],
): readonly T[] {
  if (path === undefined) return [];
  const text = fileOf(name, path);
  try {
    return parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw new SettingError(`${name}: the file is not JSON`);
    if (!(thrown instanceof ZodError)) throw thrown;
    const lines = thrown.issues.map((issue) => `${name}: ${placeOf(issue.path)}: ${issue.message}`);
    throw new SettingError([...new Set(lines)].join('\n'));
  }
}

/** Entries are counted from 1, as people do; what stands inside them is not. */
const placeOf = ([at, ...field]: readonly PropertyKey[]): string =>
  at === undefined ? 'the list' : [`entry ${Number(at) + 1}`, field.join('.')].filter(Boolean).join(', ');

/** INFERENCE_CLIENTS. @param models ids there are. @throws SettingError with one line per problem */
export const inferenceClients = (
  { INFERENCE_CLIENTS }: Pick<Settings, 'INFERENCE_CLIENTS'>,
  models: readonly string[],
): readonly InferenceClient[] =>
  listOf('INFERENCE_CLIENTS', INFERENCE_CLIENTS, (text) => parseClients(text, models));

/** REMOTE_MODELS. @throws SettingError with one line per problem */
export const remoteModels = ({ REMOTE_MODELS }: Pick<Settings, 'REMOTE_MODELS'>): readonly RemoteModel[] =>
  listOf('REMOTE_MODELS', REMOTE_MODELS, parseRemoteModels);

/**
 * What `serve` needs to speak TLS itself and to see client certificates; undefined where it does not.
 * @throws SettingError where the two files do not belong together, or where a registered client certificate could
 *   never be seen
 */
export function tlsOf(
  { TLS_CERT, TLS_KEY }: Settings,
  registrations: readonly Registration[],
): (ServerOptions & { readonly cert: string; readonly key: string }) | undefined {
  if (TLS_CERT === undefined || TLS_KEY === undefined) {
    const unseen = registrations.find(({ certificates }) => certificates !== undefined);
    if (unseen === undefined) return undefined;
    throw new SettingError(`TLS_CERT: ${unseen.id} shows a client certificate; only our own TLS can see it`);
  }
  const [cert, key] = [fileOf('TLS_CERT', TLS_CERT), fileOf('TLS_KEY', TLS_KEY)];
  if (!belongTogether(cert, key)) throw new SettingError('TLS_KEY: is not the private key of TLS_CERT');
  return { cert, key, ...mutualTls(registrations) };
}

function belongTogether(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/**
 * The services with the site's own sign-on (SIGN_ON) in place of a pending review.
 * @throws SettingError where it names a service that there is not
 */
export function signedOn(
  services: ReadonlyMap<string, Service>,
  { SIGN_ON }: Settings,
): ReadonlyMap<string, Service> {
  if (SIGN_ON === undefined) return services;
  const signOn = parseSignOn(fileOf('SIGN_ON', SIGN_ON));
  const packages = new Set([...services.values()].map((service) => service.package));
  const unknown = [...signOn.keys()].find((name) => !packages.has(name));
  if (unknown !== undefined)
    throw new SettingError(`SIGN_ON: there is no service ${JSON.stringify(unknown)}`);
  const signed = (service: Service): Service => {
    const by = signOn.get(service.package);
    if (by === undefined) return service;
    return { ...service, clinicalReview: { status: 'signed', by: by.name, date: by.date } };
  };
  return new Map([...services].map(([id, service]) => [id, signed(service)]));
}

/**
 * The services of the site's own card packages (CARDS), read as the shipped ones are. What proves those in the tests
 * proves these here: their cases.
 * @param shipped services of the packages that come with the product
 * @throws SettingError where the folder cannot be read; PackageError where a package breaks a rule, goes by the name of
 *   another, or departs from one of its cases
 */
export async function siteServices(
  { CARDS: folder }: Partial<Pick<Settings, 'CARDS'>>,
  shipped: readonly Service[],
  manifests: ReadonlyMap<string, Manifest>,
  deps: CaseDeps,
): Promise<readonly Service[]> {
  if (folder === undefined) return [];
  if (existsSync(join(folder, 'service.json')))
    throw new SettingError('CARDS: is one package; name the folder that holds it');
  const packages = Map.groupBy(
    loadServices(folderOf('CARDS', folder), deps.vocabulary, manifests),
    (each) => each.package,
  );
  const own = [...packages.values()].flat();
  const problems: PackageProblem[] = [];
  for (const [name, services] of packages) {
    const at = join(folder, name);
    const others = [...shipped, ...own.filter((each) => each.package !== name)];
    if (isNamesake(services, others))
      problems.push({ file: at, field: '(folder)', rule: 'is the name of another service' });
    const cases = readCases(at);
    problems.push(...cases.problems, ...(await replayCases(services, cases.read, deps)));
  }
  if (problems.length > 0) throw new PackageError(problems);
  return own;
}

/** What a service is called and signed on by. */
const namesOf = (service: Service): readonly string[] => [service.id, service.package];

/** `all-<hook>` stands for every service of a hook. */
function isNamesake(services: readonly Service[], others: readonly Service[]): boolean {
  const taken = new Set(others.flatMap(namesOf));
  return services.flatMap(namesOf).some((name) => taken.has(name) || name.startsWith('all-'));
}

/** The app's key: SMART_KEY, else a new one for this run. @throws SettingError, without a word of the key */
export async function clientKeyOf({ SMART_KEY }: Settings): Promise<ClientKey> {
  if (SMART_KEY === undefined) return generateClientKey();
  try {
    return await readClientKey(privateJwk(fileOf('SMART_KEY', SMART_KEY)));
  } catch (thrown) {
    throw thrown instanceof Fault ? new SettingError(thrown.details.join('; ')) : thrown;
  }
}

/** The parser's message would quote the key: it is dropped. */
function privateJwk(text: string): JWK {
  try {
    return JSON.parse(text);
  } catch {
    throw new SettingError('SMART_KEY: the file is not JSON');
  }
}
