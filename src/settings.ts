/**
 * Every setting there is: one table, read once at the start. `docs/settings.md` is this table, a test keeps
 * them equal. A setting that cannot be read stops the start with a line that names it.
 */
import { z } from 'zod';

/** `start`: the all-in-one sandbox on loopback. `serve`: production. */
export type Mode = 'start' | 'serve';

interface SettingRow {
  readonly default: string | undefined;
  /** UCUM, or what kind of value it is. */
  readonly unit: string;
  readonly help: string;
  readonly parse: z.ZodType<unknown, string>;
}

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `is below ${min}`).max(max, `is above ${max}`));

const instant = z.iso
  .datetime({ offset: true, error: 'is no date and time with an offset' })
  .transform((text) => new Date(text));

const key = z
  .string()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length === 32, 'has another length');

const formerKeys = z.string().transform((text, context) =>
  text.split(',').map((item) => {
    const read = key.safeParse(item.trim());
    if (!read.success) context.addIssue({ code: 'custom', message: 'holds one of another length' });
    return read.data ?? Buffer.alloc(0);
  }),
);

const providers = z
  .string()
  .transform((text) => text.split(',').map((word) => word.trim()))
  .pipe(z.array(z.enum(['tensorrt', 'cuda', 'webgpu', 'cpu'], { error: 'names something else' })));

const databaseUrl = z.url({
  protocol: /^postgres(?:ql)?$/,
  error: 'is not a URL that begins with postgres://',
});
const url = z.url({ error: 'is not a URL' }).transform((text) => text.replace(/\/+$/, ''));
const path = z.string().min(1);

export const settingsTable = {
  PORT: {
    default: '3000',
    unit: 'TCP port',
    help: 'Where the server listens; 0 takes any free port.',
    parse: wholeNumber(0, 65535),
  },
  GRPC_PORT: {
    default: undefined,
    unit: 'TCP port',
    help: 'Where the inference API also listens for gRPC; without it there is none.',
    parse: wholeNumber(0, 65535),
  },
  HOST: {
    default: '0.0.0.0',
    unit: 'address',
    help: 'Address that `serve` listens on; `start` always listens on loopback only.',
    parse: z.string().min(1),
  },
  BASE_URL: {
    default: undefined,
    unit: 'https URL',
    help: 'Public address of this server: JWT audience, SMART redirect, links in cards. `serve` needs it.',
    parse: url,
  },
  REGISTRATIONS: {
    default: undefined,
    unit: 'file',
    help: 'The EHRs that may call: issuer, keys, FHIR servers, app client. Without it `serve` is the inference API alone, and needs INFERENCE_CLIENTS.',
    parse: path,
  },
  INFERENCE_CLIENTS: {
    default: undefined,
    unit: 'file',
    help: 'Who may use the inference API under `serve`: key hashes or public keys, scopes, pace. Without it nobody may.',
    parse: path,
  },
  MODELS: {
    default: undefined,
    unit: 'folder',
    help: "The site's own model packages, beside those that are shipped; `start` takes the example networks without it.",
    parse: path,
  },
  CARDS: {
    default: undefined,
    unit: 'folder',
    help: "The site's own card packages, beside those that are shipped; each start runs their cases.",
    parse: path,
  },
  WORKERS: {
    default: undefined,
    unit: 'processes',
    help: 'Processes that run models on the CPU. Without it one on two cores, else one less than there are cores, at most four.',
    parse: wholeNumber(1, 64),
  },
  PROVIDERS: {
    default: 'cpu',
    unit: 'tensorrt, cuda, webgpu, cpu, separated by commas',
    help: 'Execution providers for networks, in the order in which they are tried; the first that answers is used, with the CPU behind it.',
    parse: providers,
  },
  GPU_DEVICE: {
    default: '0',
    unit: 'number',
    help: 'Which GPU, as CUDA counts them.',
    parse: wholeNumber(0, 63),
  },
  REMOTE_MODELS: {
    default: undefined,
    unit: 'file',
    help: 'Models that run on another server of the Open Inference Protocol: endpoints, protocol, what to fall back on.',
    parse: path,
  },
  SIGN_ON: {
    default: undefined,
    unit: 'file',
    help: "The site's clinical sign-on per service: name and date, as below. Without it a service pending review stays silent under `serve`.",
    parse: path,
  },
  VOCABULARY: {
    default: undefined,
    unit: 'folder',
    help: "The site's own vocabulary over the shipped one: local codes, value sets, a full drug index.",
    parse: path,
  },
  TERMINOLOGY_SERVER: {
    default: undefined,
    unit: 'URL',
    help: 'FHIR terminology server whose codes replace shipped ones, as TERMINOLOGY_REFRESH lists.',
    parse: url,
  },
  TERMINOLOGY_REFRESH: {
    default: undefined,
    unit: 'file',
    help: 'Value sets to expand at the start: ours and the canonical URL on TERMINOLOGY_SERVER.',
    parse: path,
  },
  TERMINOLOGY_TOKEN: {
    default: undefined,
    unit: 'bearer token',
    help: 'What TERMINOLOGY_SERVER wants to be shown, if anything.',
    parse: path,
  },
  TERMINOLOGY_CACHE: {
    default: undefined,
    unit: 'folder',
    help: 'Where expansions are kept between starts, for a week, and longer while the server is down.',
    parse: path,
  },
  LEDGER_FILE: {
    default: 'auscult.sqlite',
    unit: 'file',
    help: 'Where `serve` keeps decisions and feedback; their data keys lie beside it in `<file>.keys`. A restore needs both.',
    parse: path,
  },
  LEDGER_KEY: {
    default: undefined,
    unit: '32 bytes, base64',
    help: 'Key that encrypts decisions at rest. `serve` needs it where EHRs are registered.',
    parse: key,
  },
  LEDGER_FORMER_KEYS: {
    default: undefined,
    unit: '32 bytes each, base64, separated by commas',
    help: 'Former values of LEDGER_KEY that may still open what they sealed, until `auscult ledger rotate` has run.',
    parse: formerKeys,
  },
  DATABASE_URL: {
    default: undefined,
    unit: 'postgres URL',
    help: 'PostgreSQL that keeps decisions, feedback and used tokens instead of LEDGER_FILE; several servers may share it.',
    parse: databaseUrl,
  },
  TLS_CERT: {
    default: undefined,
    unit: 'file, PEM',
    help: 'Certificate chain with which `serve` speaks TLS itself; a client that sends no JWT must then show its certificate.',
    parse: path,
  },
  TLS_KEY: {
    default: undefined,
    unit: 'file, PEM',
    help: 'Private key of TLS_CERT.',
    parse: path,
  },
  SMART_KEY: {
    default: undefined,
    unit: 'file, private JWK',
    help: 'Private ES384 key with which the app authenticates to the EHR; without it a new one is made at every start.',
    parse: path,
  },
  RETENTION_DAYS: {
    default: '30',
    unit: 'd',
    help: 'How long decisions and their inputs are kept.',
    parse: wholeNumber(1, 3650),
  },
  DEADLINE_MS: {
    default: '500',
    unit: 'ms',
    help: 'Time for one whole CDS Hooks answer; later than that it is discarded (CDS Hooks: "on the order of 500 ms").',
    parse: wholeNumber(10, 60_000),
  },
  FHIR_DEADLINE_MS: {
    default: '250',
    unit: 'ms',
    help: 'Part of the deadline that reading from the FHIR server may take.',
    parse: wholeNumber(10, 60_000),
  },
  MAX_BODY_BYTES: {
    default: '2097152',
    unit: 'By',
    help: 'Largest request body, counted after decompression.',
    parse: wholeNumber(1024, 104_857_600),
  },
  MAX_IN_FLIGHT: {
    default: '64',
    unit: 'requests',
    help: 'Hook calls worked on at once; one more is answered 503 at once.',
    parse: wholeNumber(1, 10_000),
  },
  CLOCK: {
    default: undefined,
    unit: 'instant, ISO 8601',
    help: 'Fixes "now" for demonstrations and tests; `serve` refuses it.',
    parse: instant,
  },
  LOG_LEVEL: {
    default: 'info',
    unit: 'debug, info, warn, error, silent',
    help: 'How much is logged. No level logs patient data.',
    parse: z.enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'is none of these' }),
  },
} as const satisfies Record<string, SettingRow>;

type Table = typeof settingsTable;
export type SettingName = keyof Table;

/** Settings as read. Those without a default may be absent. */
export type Settings = {
  readonly [Name in SettingName]: Table[Name]['default'] extends string
    ? z.output<Table[Name]['parse']>
    : z.output<Table[Name]['parse']> | undefined;
};

/** Names the setting and the rule; never the value, which may be a key. */
export class SettingError extends Error {
  override name = 'SettingError';
}

/** @throws SettingError when a setting cannot be read or the mode forbids or lacks one. */
export function readSettings(env: Readonly<Record<string, string | undefined>>, mode: Mode): Settings {
  const entries = Object.entries(settingsTable).map(([name, row]) => [name, readOne(name, row, env[name])]);
  const settings = Object.fromEntries(entries) as Settings;
  if (settings.FHIR_DEADLINE_MS > settings.DEADLINE_MS)
    throw new SettingError('FHIR_DEADLINE_MS: is above DEADLINE_MS, of which it is a part');
  if ((settings.TERMINOLOGY_SERVER === undefined) !== (settings.TERMINOLOGY_REFRESH === undefined))
    throw new SettingError('TERMINOLOGY_SERVER: goes with TERMINOLOGY_REFRESH');
  if (mode === 'serve') refuseUnsafe(settings);
  return settings;
}

function readOne(name: string, row: SettingRow, given: string | undefined): unknown {
  const text = given === undefined || given === '' ? row.default : given;
  if (text === undefined) return undefined;
  const read = row.parse.safeParse(text);
  if (read.success) return read.data;
  throw new SettingError(`${name}: ${read.error.issues[0]?.message ?? 'cannot be read'} (${row.unit})`);
}

/** What only a service for EHRs reads: where one of these is set, somebody forgot to register them. */
const forEhrs = ['LEDGER_KEY', 'LEDGER_FORMER_KEYS', 'SIGN_ON', 'SMART_KEY', 'CARDS'] as const;

function refuseUnsafe(settings: Settings): void {
  const alone = settings.REGISTRATIONS === undefined && settings.INFERENCE_CLIENTS !== undefined;
  const needed: readonly SettingName[] = alone ? ['BASE_URL'] : ['REGISTRATIONS', 'BASE_URL', 'LEDGER_KEY'];
  for (const name of needed)
    if (settings[name] === undefined)
      throw new SettingError(`${name}: is not set. ${settingsTable[name].help}`);
  const odd = forEhrs.find((name) => alone && settings[name] !== undefined);
  if (odd) throw new SettingError(`REGISTRATIONS: is not set, and ${odd} is, which is for EHRs only`);
  if (!settings.BASE_URL?.startsWith('https://'))
    throw new SettingError('BASE_URL: serve needs an https URL');
  if (settings.CLOCK !== undefined) throw new SettingError('CLOCK: serve runs on the real time only');
  if ((settings.TLS_CERT === undefined) !== (settings.TLS_KEY === undefined))
    throw new SettingError('TLS_CERT: goes with TLS_KEY');
}
