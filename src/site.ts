/** What a site keeps in files of its own and names by a setting. Every complaint begins with that setting. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import type { JWK } from 'jose';
import type { Service } from './card/service.ts';
import { parseSignOn } from './card/sign-on.ts';
import { Fault } from './errors.ts';
import { mutualTls } from './hooks/certificate.ts';
import type { ClientProfile } from './hooks/profile.ts';
import { parseRegistrations, type Registration } from './hooks/registration.ts';
import { parseRemoteModels, type RemoteModel } from './inference/remote/remote-model.ts';
import { type InferenceClient, parseClients } from './serving/clients.ts';
import { SettingError, type SettingName, type Settings } from './settings.ts';
import { type ClientKey, generateClientKey, readClientKey } from './smart/client-key.ts';

/** @throws SettingError: the setting and the system's own code, never what is in the file */
function fileOf(name: SettingName, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new SettingError(`${name}: the file cannot be read (${code})`);
  }
}

/** REGISTRATIONS. @throws Error with one line per problem */
export const readRegistrations = (
  path: string,
  profiles: ReadonlyMap<string, ClientProfile>,
): readonly Registration[] => parseRegistrations(fileOf('REGISTRATIONS', path), profiles);

/** INFERENCE_CLIENTS; none without it. @throws SettingError with one line per problem */
export function inferenceClients(
  { INFERENCE_CLIENTS }: Settings,
  models: readonly string[],
): readonly InferenceClient[] {
  if (INFERENCE_CLIENTS === undefined) return [];
  try {
    return parseClients(fileOf('INFERENCE_CLIENTS', INFERENCE_CLIENTS), models);
  } catch (thrown) {
    if (thrown instanceof SettingError || !(thrown instanceof Error)) throw thrown;
    throw new SettingError(`INFERENCE_CLIENTS: ${thrown.message}`);
  }
}

/** REMOTE_MODELS; none without it. @throws SettingError with one line per problem */
export function remoteModels({ REMOTE_MODELS }: Pick<Settings, 'REMOTE_MODELS'>): readonly RemoteModel[] {
  if (REMOTE_MODELS === undefined) return [];
  try {
    return parseRemoteModels(fileOf('REMOTE_MODELS', REMOTE_MODELS));
  } catch (thrown) {
    if (thrown instanceof SettingError || !(thrown instanceof Error)) throw thrown;
    throw new SettingError(thrown.message);
  }
}

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
