import { existsSync, readFileSync } from 'node:fs';
import type { ParseArgsOptionsConfig } from 'node:util';
import { z } from 'zod';
import { openStorageOf, registeredEhrs } from '../assemble.ts';
import type { Party } from '../ledger/audit-event.ts';
import { type ExportFormat, exportEntries } from '../ledger/export.ts';
import type { ChainReport, EntryRange, Ledger } from '../ledger/ledger.ts';
import type { Naming } from '../ledger/pseudonym.ts';
import type { Storage } from '../ledger/storage.ts';
import { readSettings, type Settings } from '../settings.ts';
import { type Command, type Given, Misuse, read, textOf, textsOf } from './command.ts';

const formats: readonly string[] = [
  'feedback-ndjson',
  'feedback-csv',
  'audit-event',
] satisfies ExportFormat[];

const text = { type: 'string' } as const;

/** The ledger of `serve`, beside a running server or without one. */
export const ledgerCommand: Command = {
  usage: `ledger verify            recompute every chain; status 1 where a link does not hold
  --head <issuer>=<hash>  a head that was kept elsewhere and must still be in the chain; may be repeated
ledger rotate            wrap the data keys with the present LEDGER_KEY
ledger export --format feedback-ndjson|feedback-csv|audit-event
  --from, --until INSTANT when it was recorded: from then on, before then
  --issuer ID             one EHR, by the id of its registration
  --quarantined           the feedback that could not be joined, in place of the rest
  --patients left-out|pseudonyms|identified   pseudonyms need --pseudonym-key FILE (32 bytes, base64)`,
  async run([word = '', ...args]) {
    // `auscult ledger --help` has no word before the option.
    const { options, work } = works[word] ?? { options: {}, work: undefined };
    const { words, given } = read(work === undefined ? [word, ...args] : args, options);
    if (work === undefined || words.length > 0) throw new Misuse();
    const settings = readSettings(process.env, 'start');
    const storage = await open(settings);
    try {
      return await work(storage.ledger, given, settings);
    } finally {
      await storage.close();
    }
  },
};

type Work = (ledger: Ledger, given: Given, settings: Settings) => Promise<number>;

interface Word {
  readonly options: ParseArgsOptionsConfig;
  readonly work: Work;
}

const works: Readonly<Record<string, Word | undefined>> = {
  verify: { options: { head: { ...text, multiple: true } }, work: verify },
  rotate: { options: {}, work: rotate },
  export: {
    options: {
      ...{ format: text, from: text, until: text, issuer: text, patients: text },
      ...{ 'pseudonym-key': text, quarantined: { type: 'boolean' } },
    },
    work: exportTo,
  },
};

/** A ledger that is there: a name that was mistyped must not make an empty one. */
async function open(settings: Settings): Promise<Storage> {
  const { LEDGER_KEY, LEDGER_FILE, DATABASE_URL } = settings;
  if (LEDGER_KEY === undefined) throw new Error('LEDGER_KEY: the ledger does not open without it');
  if (DATABASE_URL === undefined && !existsSync(LEDGER_FILE))
    throw new Error(`LEDGER_FILE: there is no ledger at ${LEDGER_FILE}`);
  return openStorageOf(settings);
}

async function verify(ledger: Ledger, given: Given): Promise<number> {
  const kept = textsOf(given, 'head').map(keptHead);
  const reports = await ledger.verify(new Set(kept.map(({ head }) => head)));
  const lost = kept.filter(
    ({ issuer, head }) => !reports.some((report) => report.issuer === issuer && report.passed.includes(head)),
  );
  if (reports.length === 0) process.stdout.write('the ledger has no entries\n');
  for (const report of reports) process.stdout.write(`${chainLine(report)}\n`);
  for (const { issuer, head } of lost) process.stdout.write(`${issuer}  without the head ${head}\n`);
  return lost.length > 0 || reports.some(({ broken }) => broken.length > 0) ? 1 : 0;
}

const chainLine = ({ issuer, length, head, broken }: ChainReport): string =>
  `${issuer}  ${length} entries  head ${head}  ${broken.length === 0 ? 'intact' : `broken at ${broken.join(', ')}`}`;

interface KeptHead {
  readonly issuer: string;
  readonly head: string;
}

function keptHead(text: string): KeptHead {
  const [, issuer, head] = /^(.+)=([0-9a-f]{64})$/.exec(text) ?? [];
  if (issuer === undefined || head === undefined)
    throw new Error('--head: is not <issuer>=<hash>, with a hash of 64 hex digits as verify prints it');
  return { issuer, head };
}

async function rotate(ledger: Ledger): Promise<number> {
  process.stdout.write(`data keys wrapped anew: ${await ledger.rotate()}\n`);
  return 0;
}

async function exportTo(ledger: Ledger, given: Given, settings: Settings): Promise<number> {
  const format = textOf(given, 'format');
  if (format === undefined || !formats.includes(format))
    throw new Error(`--format: is none of ${formats.join(', ')}`);
  const parties = partiesOf(settings);
  const entries = exportEntries(ledger, {
    format: format as ExportFormat,
    range: rangeOf(given),
    quarantined: given.quarantined === true,
    naming: namingOf(given),
    server: { name: 'auscult', ...(settings.BASE_URL === undefined ? {} : { address: settings.BASE_URL }) },
    site: (issuer) => parties.get(issuer),
  });
  for await (const line of entries) {
    if (!process.stdout.write(line)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  return 0;
}

/** The registered EHRs by id, where REGISTRATIONS is set. */
function partiesOf(settings: Settings): ReadonlyMap<string, Party> {
  return new Map(
    registeredEhrs(settings).map(({ id, name, fhirServers: [address] }) => [
      id,
      { name, ...(address === undefined ? {} : { address }) },
    ]),
  );
}

function rangeOf(given: Given): EntryRange {
  const [from, until] = ['from', 'until'].map((name) => instantOf(name, textOf(given, name)));
  const issuer = textOf(given, 'issuer');
  return {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

const instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** A date begins at midnight, UTC. */
function instantOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  if (instant.safeParse(text).success) return new Date(text);
  throw new Error(`--${name}: is not an instant such as 2026-05-01 or 2026-05-01T08:00:00Z`);
}

function namingOf(given: Given): Naming {
  const how = textOf(given, 'patients') ?? 'left-out';
  const file = textOf(given, 'pseudonym-key');
  if (how === 'left-out' || how === 'identified') return how;
  if (how !== 'pseudonyms') throw new Error('--patients: is none of left-out, pseudonyms, identified');
  if (file === undefined) throw new Error('--pseudonym-key: is missing, and --patients pseudonyms needs it');
  return { pseudonymKey: keyIn(file) };
}

function keyIn(file: string): Buffer {
  try {
    return Buffer.from(readFileSync(file, 'utf8'), 'base64');
  } catch (cause) {
    throw new Error(`--pseudonym-key: ${file} cannot be read`, { cause });
  }
}
