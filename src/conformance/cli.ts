/** The command line of the kit. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { JWK } from 'jose';
import { type OpenCanary, openCanary } from './canary.ts';
import type { Check } from './check.ts';
import { hostileChecks } from './hostile/index.ts';
import { isLoopback } from './loopback.ts';
import { type OpenTarget, openTarget, type TargetOptions } from './open-target.ts';
import { jsonReport, junitReport, summary, textReport } from './report.ts';
import { answerChecks, callChecks } from './rules/index.ts';
import { type Report, runChecks } from './run.ts';
import type { Body } from './target.ts';

/** Where the command writes. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export const usage = `cds-hooks-conformance <base-url> [options]     is this CDS Hooks service right?

  --hostile            also try what a hostile caller would try
  --request FILE       a real hook request as the sample of its hook (repeatable, one per hook)
  --patient ID         context.patientId of requests that the kit makes itself
  --fhir-server[=URL]  start the kit's FHIR server on loopback and name it as fhirServer; with URL: at that
                       address, for a service that only asks registered servers
  --key FILE           private JWK: sign every call with it
  --issuer ISS         iss of the tokens       --tenant NAME   their tenant       --jku URL   their jku
  --audience AUD       one fixed aud; default: the URL called
  --public-url URL     the base URL that the service believes to have, for aud (a proxy stands between)
  --only IDS           only these checks, separated by commas: Q2 names Q2-hook too, K every K
  --include MAY        checks of optional rules too
  --strict             a SHOULD that does not hold fails the run
  --format FORMAT      text (default), json or junit
  --output FILE        write the report there and only its last line here
  --list               list the checks as a Markdown table and end

Exit status: 0 nothing failed, 1 something failed, 2 the command is wrong.
`;

/** The command itself is wrong: nothing was asked of the service. */
class Misuse extends Error {}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const options = {
  ...{ hostile: flag, strict: flag, help: flag, list: flag },
  ...{ key: text, issuer: text, tenant: text, jku: text, audience: text, patient: text, only: text },
  ...{ include: text, format: text, output: text, 'fhir-server': text, 'public-url': text },
  request: { type: 'string', multiple: true },
} as const;

type Values = ReturnType<typeof parse>['values'];

/**
 * Runs the kit as a command.
 * @param args what stands after the command's name
 * @returns the exit status: 0 nothing failed (skipped checks are counted and shown), 1 something failed, 2 misuse
 */
export async function conformance(args: readonly string[], io: Io): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help) return told(io, usage);
    const checks = chosen(values);
    if (values.list) return told(io, listOfChecks(checks));
    const format = formatOf(values);
    const report = await examine(targetOptions(values, positionals), checks, values);
    deliver(report, format, values.output, io);
    return report.counts.failed === 0 ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof Misuse)) throw thrown;
    io.err(`cds-hooks-conformance: ${thrown.message}\n`);
    return 2;
  }
}

function told(io: Io, words: string): number {
  io.out(words);
  return 0;
}

/** `--fhir-server` may stand without a value, which parseArgs does not know. */
function parse(args: readonly string[]) {
  try {
    const given = args.map((arg) => (arg === '--fhir-server' ? '--fhir-server=' : arg));
    return parseArgs({ args: given, options, allowPositionals: true });
  } catch (thrown) {
    throw new Misuse(`${thrown instanceof Error ? thrown.message : thrown} (--help lists the options)`);
  }
}

/** A Markdown table. */
const listOfChecks = (checks: readonly Check[]): string =>
  [
    ['id', 'binds', 'rule', 'source'],
    ['---', '---', '---', '---'],
    ...checks.map(({ id, strength, rule, source }) => [id, strength, rule, source]),
  ]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('');

/** An id, the ids that begin with it and a dash, or all of one letter. */
const names = (id: string, check: Check): boolean =>
  check.id === id || check.id.startsWith(/^[A-Z]$/.test(id) ? id : `${id}-`);

/** Rules about answers come last: they are held against all that was said. */
function chosen({ hostile, only }: Values): readonly Check[] {
  const all = [...callChecks, ...hostileChecks, ...answerChecks];
  const offered = hostile ? all : all.filter((check) => !hostileChecks.includes(check));
  if (only === undefined) return offered;
  const ids = only.split(',').map((id) => id.trim());
  const unknown = ids.find((id) => !all.some((check) => names(id, check)));
  if (unknown !== undefined) throw new Misuse(`--only: there is no check ${unknown} (--list shows them)`);
  return all.filter((check) => ids.some((id) => names(id, check)));
}

const formats = { text: textReport, json: jsonReport, junit: junitReport };
type Format = (report: Report) => string;

function formatOf({ format = 'text', include }: Values): Format {
  if (include !== undefined && include !== 'MAY') throw new Misuse('--include: only MAY can be included');
  const known = Object.entries(formats).find(([name]) => name === format);
  if (known === undefined) throw new Misuse('--format: text, json or junit');
  return known[1];
}

function targetOptions(values: Values, [baseUrl, ...more]: readonly string[]): TargetOptions {
  if (baseUrl === undefined || more.length > 0) throw new Misuse('give one base URL (--help shows how)');
  const { key, issuer, tenant, jku, audience, patient: patientId } = values;
  const fhirServer = values['fhir-server'] === '' ? true : values['fhir-server'];
  return {
    baseUrl: httpUrl('the base URL', baseUrl),
    ...{ issuer, tenant, jku, audience, patientId },
    key: key === undefined ? undefined : (fileOf('--key', key) as JWK),
    publicUrl: values['public-url'] === undefined ? undefined : httpUrl('--public-url', values['public-url']),
    fhirServer: typeof fhirServer === 'string' ? httpUrl('--fhir-server', fhirServer) : fhirServer,
    requests: requestsOf(values.request ?? []),
  };
}

function httpUrl(name: string, given: string): string {
  if (/^https?:$/.test(URL.parse(given)?.protocol ?? '')) return given;
  throw new Misuse(`${name} is not an http(s) URL`);
}

function fileOf(option: string, file: string): Body {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null) return value as Body;
  } catch {
    // What could not be read may be a key: nothing of it is repeated.
  }
  throw new Misuse(`${option}: ${file} is not a file with a JSON object`);
}

function requestsOf(files: readonly string[]): readonly Body[] {
  const requests = files.map((file) => fileOf('--request', file));
  const hooks = requests.map(({ hook }) => hook);
  if (hooks.some((hook) => typeof hook !== 'string')) throw new Misuse('--request: a request names no hook');
  if (new Set(hooks).size < hooks.length) throw new Misuse('--request: two requests are of one hook');
  return requests;
}

async function examine(opening: TargetOptions, checks: readonly Check[], values: Values): Promise<Report> {
  // A service on another machine cannot reach our loopback: there a canary would prove nothing.
  const canary: OpenCanary | undefined = isLoopback(opening.baseUrl) ? await openCanary() : undefined;
  let target: OpenTarget | undefined;
  try {
    target = await opened({ ...opening, canary });
    return await runChecks(checks, target, {
      strict: values.strict ?? false,
      includeMay: values.include === 'MAY',
    });
  } finally {
    await Promise.all([target?.close(), canary?.close()]);
  }
}

async function opened(opening: TargetOptions): Promise<OpenTarget> {
  try {
    return await openTarget(opening);
  } catch (thrown) {
    throw new Misuse(thrown instanceof Error ? thrown.message : 'the target cannot be opened');
  }
}

function deliver(report: Report, format: Format, output: string | undefined, io: Io): void {
  if (output !== undefined) writeFileSync(output, format(report));
  io.out(output === undefined ? format(report) : `${summary(report)}\n`);
}
