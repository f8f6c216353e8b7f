import { readFileSync } from 'node:fs';
import { openProfiles, openStorageOf, readRegistrations } from '../assemble.ts';
import type { Party } from '../ledger/audit-event.ts';
import { type ExportFormat, exportEntries } from '../ledger/export.ts';
import type { ChainReport, EntryRange, Ledger } from '../ledger/ledger.ts';
import type { Naming } from '../ledger/pseudonym.ts';
import { readSettings, type Settings } from '../settings.ts';
import { type Command, type Given, Misuse, onlyWord, read, textOf } from './command.ts';

const formats: readonly string[] = [
  'feedback-ndjson',
  'feedback-csv',
  'audit-event',
] satisfies ExportFormat[];

const text = { type: 'string' } as const;
const options = {
  ...{ head: text, format: text, from: text, until: text, issuer: text, patients: text },
  ...{ 'pseudonym-key': text, quarantined: { type: 'boolean' } as const },
};

/** The ledger of `serve`, beside a running server or without one. */
export const ledgerCommand: Command = {
  usage: `ledger verify            recompute every chain; status 1 where a link does not hold
  --head <issuer>=<hash>  a head that was kept elsewhere and must still be in the chain
ledger rotate            wrap the data keys with the present LEDGER_KEY
ledger export --format feedback-ndjson|feedback-csv|audit-event
  --from, --until INSTANT, --issuer ID, --quarantined
  --patients left-out|pseudonyms|identified   pseudonyms need --pseudonym-key FILE (32 bytes, base64)`,
  async run(args) {
    const { words, given } = read(args, options);
    const work = works[onlyWord(words)];
    if (work === undefined) throw new Misuse();
    const settings = readSettings(process.env, 'start');
    if (settings.LEDGER_KEY === undefined) throw new Error('LEDGER_KEY: the ledger does not open without it');
    const storage = await openStorageOf(settings);
    try {
      return await work(storage.ledger, given, settings);
    } finally {
      await storage.close();
    }
  },
};

type Work = (ledger: Ledger, given: Given, settings: Settings) => Promise<number>;

const works: Readonly<Record<string, Work | undefined>> = { verify, rotate, export: exportTo };

async function verify(ledger: Ledger, given: Given): Promise<number> {
  const reports = await ledger.verify();
  const kept = keptHead(textOf(given, 'head'));
  for (const report of reports) process.stdout.write(`${chainLine(report)}\n`);
  if (reports.some(({ broken }) => broken.length > 0)) return 1;
  if (kept === undefined) return 0;
  const found = reports.some(({ issuer, head }) => issuer === kept.issuer && head === kept.head);
  if (!found) process.stdout.write(`${kept.issuer}  the chain does not end with the head that was kept\n`);
  return found ? 0 : 1;
}

const chainLine = ({ issuer, length, head, broken }: ChainReport): string =>
  `${issuer}  ${length} entries  head ${head}  ${broken.length === 0 ? 'intact' : `broken at ${broken.join(', ')}`}`;

function keptHead(text: string | undefined): { readonly issuer: string; readonly head: string } | undefined {
  if (text === undefined) return undefined;
  const [, issuer, head] = /^(.+)=([0-9a-f]{64})$/.exec(text) ?? [];
  if (issuer === undefined || head === undefined) throw new Misuse();
  return { issuer, head };
}

async function rotate(ledger: Ledger): Promise<number> {
  process.stdout.write(`${await ledger.rotate()} data keys wrapped anew\n`);
  return 0;
}

async function exportTo(ledger: Ledger, given: Given, settings: Settings): Promise<number> {
  const format = textOf(given, 'format') ?? '';
  if (!formats.includes(format)) throw new Misuse();
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
function partiesOf({ REGISTRATIONS }: Settings): ReadonlyMap<string, Party> {
  if (REGISTRATIONS === undefined) return new Map();
  const registrations = readRegistrations(REGISTRATIONS, openProfiles());
  return new Map(
    registrations.map(({ id, name, fhirServers: [address] }) => [
      id,
      { name, ...(address === undefined ? {} : { address }) },
    ]),
  );
}

function rangeOf(given: Given): EntryRange {
  const [from, until] = ['from', 'until'].map((name) => instantOf(textOf(given, name)));
  const issuer = textOf(given, 'issuer');
  return {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

function instantOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) throw new Misuse();
  return instant;
}

function namingOf(given: Given): Naming {
  const how = textOf(given, 'patients') ?? 'left-out';
  const file = textOf(given, 'pseudonym-key');
  if (how === 'left-out' || how === 'identified') return how;
  if (how !== 'pseudonyms' || file === undefined) throw new Misuse();
  return { pseudonymKey: Buffer.from(readFileSync(file, 'utf8'), 'base64') };
}
