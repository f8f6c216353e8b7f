/** Puts the house together: every port gets its adapter here, and nowhere else. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../sandbox/child.ts';
import { createShell } from '../smart-app/shell.ts';
import { type AppDeps, createApp } from './app.ts';
import type { Call } from './call.ts';
import { offersOf } from './card/offer.ts';
import { loadServices, type Service } from './card/service.ts';
import { Fault } from './errors.ts';
import type { Vocabulary } from './features/vocabulary.ts';
import { httpReader } from './fhir/http-reader.ts';
import type { FhirReader } from './fhir/reader.ts';
import { originsOf } from './hooks/cors.ts';
import { type ClientProfile, defaultProfile, loadProfiles, profileOf } from './hooks/profile.ts';
import { checkServices, type Registration, sandboxRegistration } from './hooks/registration.ts';
import { type Authenticate, createAuthenticate, mayAskFhirServer } from './hooks/trust.ts';
import { type ModelRegistry, openRegistry } from './inference/registry.ts';
import type { Runner } from './inference/runner/runner.ts';
import { type InferenceApi, inferenceApi } from './inference-api.ts';
import type { Ledger } from './ledger/ledger.ts';
import { createKeyring, newLedgerKey } from './ledger/seal.ts';
import { openStorage, type Storage } from './ledger/storage.ts';
import { createGate } from './ops/gate.ts';
import type { Log } from './ops/log.ts';
import { createMetrics, type Metrics } from './ops/metrics.ts';
import { packaged } from './packaged.ts';
import { refuseUnknownRemotes, startRunners } from './runners.ts';
import { folderOf } from './setting-files.ts';
import { type Mode, SettingError, type Settings } from './settings.ts';
import { clientKeyOf, readRegistrations, remoteModels, signedOn, siteServices } from './site.ts';
import { openVocabulary, type SiteSettings } from './site-vocabulary.ts';
import { type SmartOptions, smartRoutes } from './smart/routes.ts';
import { warmUp } from './warm-up.ts';

/** Everything that decides, without anything that listens. */
export interface Packages {
  readonly vocabulary: Vocabulary;
  readonly models: ModelRegistry;
  /** By CDS service id. */
  readonly services: ReadonlyMap<string, Service>;
  /** By client profile id. */
  readonly profiles: ReadonlyMap<string, ClientProfile>;
}

/** Where packages are, and what runs the models; without a runner the CPU. */
export interface PackageSettings extends SiteSettings, Partial<Pick<Settings, 'CARDS'>> {
  /** Folders of model packages beside the shipped one. */
  readonly models?: readonly string[];
  readonly runner?: Runner;
}

/** Vocabulary, models, cards and client profiles, each checked whole. @throws with file, field and rule of the first that is broken */
export async function openPackages(site: PackageSettings = {}): Promise<Packages> {
  const vocabulary = await openVocabulary(packaged('vocabulary'), site);
  const profiles = openProfiles();
  const { runner, models: further = [] } = site;
  const models = await openRegistry([packaged('models'), ...further], runner === undefined ? {} : { runner });
  try {
    const manifests = new Map(models.ids().map((id) => [id, models.get(id).manifest]));
    const shipped = loadServices(packaged('cards'), vocabulary, manifests);
    const profile = profileOf(profiles, defaultProfile);
    const own = await siteServices(site, shipped, manifests, { vocabulary, models, profile });
    const services = new Map([...shipped, ...own].map((service) => [service.id, service]));
    return { vocabulary, models, services, profiles };
  } catch (thrown) {
    await models.close();
    throw thrown;
  }
}

export interface House extends Pick<InferenceApi, 'listenGrpc'> {
  readonly app: RequestListener;
  /** Unready from now on; resolves when what is in flight has left. */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** What only the start knows. */
export interface Start {
  /** Listened on already: the sandbox's addresses carry it. */
  readonly port: number;
  /** The EHRs that `serve` is registered with; without one it is the inference API alone. */
  readonly registrations: readonly Registration[];
  readonly log: Log;
}

export async function assemble(mode: Mode, settings: Settings, start: Start): Promise<House> {
  const { port, log } = start;
  const baseUrl = settings.BASE_URL ?? `http://localhost:${port}`;
  const registrations = mode === 'start' ? [sandboxRegistration(port)] : start.registrations;
  const metrics = createMetrics();
  const [packages, storage, smart, sandbox] = await Promise.all([
    openHouse(mode, settings, log, metrics),
    mode === 'serve' ? openStorageOf(settings) : openSandboxStorage(),
    registrations.length === 0 ? undefined : openSmart(settings),
    mode === 'start' ? startSandbox({ origin: baseUrl, clock: settings.CLOCK }) : undefined,
  ]);
  warmUp(packages);
  const { ledger } = storage;
  const gate = createGate(settings.MAX_IN_FLIGHT);
  const around = { packages, baseUrl, metrics, ...storage };
  const inference = inferenceApi(mode, settings, around);
  const app = createApp({
    ...{ ...packages, ledger, settings, gate, log, metrics },
    readerFor: readerFor(metrics),
    clock: () => settings.CLOCK ?? new Date(),
    mayShow: mayShow(mode),
    appUrl: `${baseUrl}/app/launch`,
    ready: () => !gate.draining,
    hosts: mode === 'start' ? ['localhost', '127.0.0.1', '[::1]'] : undefined,
    ...(smart === undefined ? noEhr : answersToEhrs(mode, settings, { ...around, registrations, smart })),
    serving: inference.routes,
    ...(sandbox === undefined ? {} : { sandbox: sandbox.pass }),
  });
  const purging = smart === undefined ? undefined : purgeHourly(settings, ledger, log);
  const close = async () => {
    clearInterval(purging);
    sandbox?.close();
    await Promise.all([packages.models.close(), storage.close()]);
  };
  const drain = async (graceMs: number) => {
    await Promise.all([gate, inference.gate].map((each) => each.drain(graceMs)));
  };
  return { app, listenGrpc: inference.listenGrpc, drain, close };
}

/** Services, who may call them, and the app. */
type ForEhrs = Pick<AppDeps, 'offers' | 'authenticate' | 'origins' | 'smart'>;

/** Where no EHR is registered there is nothing at their addresses. */
const noEhr: ForEhrs = {
  offers: new Map(),
  authenticate: async () => {
    throw new Fault('unknown-path');
  },
  origins: new Set(),
  smart: (_req, _res, next) => next(),
};

/** What the app is made of before it has registrations. @throws SettingError */
async function openSmart(settings: Settings): Promise<Pick<SmartOptions, 'shell' | 'clientKey'>> {
  const [shell, clientKey] = await Promise.all([createShell(), clientKeyOf(settings)]);
  return { shell, clientKey };
}

interface EhrSide extends Storage {
  readonly packages: Packages;
  readonly baseUrl: string;
  readonly metrics: Metrics;
  readonly registrations: readonly Registration[];
  readonly smart: Pick<SmartOptions, 'shell' | 'clientKey'>;
}

/** @throws Error, SettingError where SIGN_ON or a registration names a service that there is not */
function answersToEhrs(mode: Mode, settings: Settings, side: EhrSide): ForEhrs {
  const { packages, registrations, ledger, baseUrl, metrics, smart } = side;
  const offers = offersOf(signedOn(packages.services, settings).values());
  checkServices(registrations, offers.keys());
  const onFault = (fault: Fault) => metrics.failed(fault.code);
  return {
    offers,
    authenticate: authenticator(mode, side),
    origins: mode === 'start' ? '*' : originsOf(registrations),
    smart: smartRoutes({ ...smart, registrations, ledger, baseUrl, onFault }),
  };
}

const openProfiles = (): ReadonlyMap<string, ClientProfile> => loadProfiles(packaged('clients'));

/** The EHRs of the REGISTRATIONS file. @throws Error with one line per problem */
export const registeredEhrs = ({ REGISTRATIONS }: Settings): readonly Registration[] =>
  REGISTRATIONS === undefined ? [] : readRegistrations(REGISTRATIONS, openProfiles());

/** Content that no clinician has reviewed is shown in the sandbox, which says so, and nowhere else. */
const mayShow = (mode: Mode) => (service: Service) =>
  mode === 'start' || service.clinicalReview.status === 'signed';

/** The site's own model packages, or the example networks. */
export const modelFolders = (models: string | undefined): readonly string[] => [
  models ? folderOf('MODELS', models) : packaged('fixtures/models'),
];

/** The shipped packages and the site's; the sandbox shows the example networks where a site brings none. */
async function openHouse(mode: Mode, settings: Settings, log: Log, metrics: Metrics): Promise<Packages> {
  const remotes = remoteModels(settings);
  const runner = await startRunners(settings, remotes, log);
  metrics.watch(runner);
  const packages = await openPackages({
    ...settings,
    models: mode === 'start' || settings.MODELS !== undefined ? modelFolders(settings.MODELS) : [],
    runner,
    onKept: () => log({ event: 'value-set-kept' }),
  });
  refuseUnknownRemotes(remotes, [...packages.models.ids(), ...packages.models.networkIds()]);
  return packages;
}

/** In the sandbox everybody is the embedded EHR; elsewhere token or certificate say who calls. */
function authenticator(mode: Mode, { registrations, baseUrl, metrics, usedTokens }: EhrSide): Authenticate {
  const [sandbox] = registrations;
  if (mode === 'start' && sandbox !== undefined) return async () => sandbox;
  const authenticate = createAuthenticate({
    registrations,
    clock: () => new Date(),
    replays: usedTokens,
    onRefusal: metrics.refused,
    onStale: metrics.staleKeys,
  });
  return (caller, path) => authenticate(caller, `${baseUrl}${path}`);
}

/** The caller's FHIR server, with the token the call brought. @throws Fault fhir-server-not-allowed */
export const readerFor =
  (metrics: Metrics) =>
  ({ request, registration }: Call): FhirReader | undefined => {
    if (request.fhirServer === undefined) return undefined;
    return httpReader({
      base: mayAskFhirServer(registration, request.fhirServer),
      registeredBases: registration.fhirServers,
      onRead: metrics.read,
      ...(request.fhirAuthorization ? { accessToken: request.fhirAuthorization.access_token } : {}),
      ...(registration.allowPrivateNetwork ? { allowPrivateNetwork: true } : {}),
    });
  };

/** Decisions, feedback and used tokens of `serve`. @throws SettingError */
export async function openStorageOf(settings: Settings): Promise<Storage> {
  const { LEDGER_FILE: path, LEDGER_KEY, LEDGER_FORMER_KEYS, DATABASE_URL } = settings;
  const keys = createKeyring(LEDGER_KEY ?? newLedgerKey(), LEDGER_FORMER_KEYS);
  try {
    return await openStorage({
      path,
      keys,
      ...(DATABASE_URL === undefined ? {} : { databaseUrl: DATABASE_URL }),
    });
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const where = DATABASE_URL === undefined ? 'LEDGER_FILE' : 'DATABASE_URL';
    throw new SettingError(`the ledger does not open: ${thrown.details.join(', ') || where}`);
  }
}

/** The sandbox's storage is as real, and gone with its process: file and key are made for one run. */
async function openSandboxStorage(): Promise<Storage> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-'));
  const keys = createKeyring(newLedgerKey());
  const storage = await openStorage({ path: join(folder, 'ledger.sqlite'), keys });
  const close = async () => {
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...storage, close };
}

const hourMs = 3_600_000;

function purgeHourly(settings: Settings, ledger: Ledger, log: Log): NodeJS.Timeout {
  const purge = async () => {
    const count = await ledger.purge(new Date(Date.now() - settings.RETENTION_DAYS * 24 * hourMs));
    if (count > 0) log({ event: 'decisions-purged', count });
  };
  const purgeOrSay = () =>
    void purge().catch(() => log({ event: 'request-failed', code: 'ledger-unavailable' }));
  purgeOrSay();
  return setInterval(purgeOrSay, hourMs).unref();
}
