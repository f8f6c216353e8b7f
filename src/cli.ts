/** auscult serve | start | predict | evaluate */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { openPackages } from './assemble.ts';
import type { Deps } from './call.ts';
import { Fault } from './errors.ts';
import { evaluateLine } from './evaluate.ts';
import { predictLines } from './inference/predict-lines.ts';
import { createMemoryLedger } from './ledger/memory.ts';
import { run } from './main.ts';
import { readSettings } from './settings.ts';

const usage = `auscult start                  sandbox EHR, service and app on loopback
auscult serve                  service and app for registered EHRs
auscult predict <model-id>     JSON lines of inputs on stdin, JSON lines of outputs on stdout
                               --allow-out-of-range computes outside the valid range
auscult evaluate <service-id>  hook requests as JSON lines on stdin, one outcome a line

Settings are environment variables: docs/settings.md`;

/** Whoever reads the output may stop reading: that ends the command, and is no failure. */
process.stdout.on('error', () => process.exit());

try {
  await obey(...commandLine());
} catch (thrown) {
  const details =
    thrown instanceof Fault && thrown.details.length > 0 ? ` (${thrown.details.join(', ')})` : '';
  const line = `auscult: ${thrown instanceof Error ? thrown.message : thrown}${details}\n`;
  // A server that was to start may listen already, and its child processes run: nothing may keep this one alive.
  process.stderr.write(line, () => process.exit(1));
}

type Options = { readonly 'allow-out-of-range'?: boolean; readonly help?: boolean };

/** @throws on an option that there is not */
function commandLine(): readonly [Options, ...string[]] {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'allow-out-of-range': { type: 'boolean' }, help: { type: 'boolean' } },
  });
  return [values, ...positionals];
}

async function obey(options: Options, command?: string, name?: string): Promise<void> {
  if (options.help) return console.log(usage);
  switch (command) {
    case 'start':
    case 'serve':
      return run(command);
    case 'predict':
      return name === undefined ? misuse() : predict(name, options);
    case 'evaluate':
      return name === undefined ? misuse() : evaluate(name);
    default:
      return misuse();
  }
}

function misuse(): void {
  console.error(usage);
  process.exitCode = 2;
}

async function predict(id: string, options: Options): Promise<void> {
  const { models } = await openPackages();
  try {
    const allowOutOfRange = options['allow-out-of-range'] ?? false;
    for await (const answer of predictLines(models.get(id), lines(), { allowOutOfRange })) print(answer);
  } finally {
    await models.close();
  }
}

async function evaluate(id: string): Promise<void> {
  const { services, ...packages } = await openPackages();
  try {
    const service = services.get(id);
    if (service === undefined) throw new Fault('unknown-service', [id]);
    const settings = readSettings(process.env, 'start');
    const deps: Deps = {
      ...packages,
      settings,
      clock: () => settings.CLOCK ?? new Date(),
      ledger: createMemoryLedger(),
      readerFor: () => undefined,
      mayShow: () => true,
      appUrl: `${settings.BASE_URL ?? 'http://localhost:3000'}/app/launch`,
    };
    for await (const line of lines()) print(await evaluateLine(line, service, deps));
  } finally {
    await packages.models.close();
  }
}

async function* lines(): AsyncGenerator<string> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') yield line;
  }
}

function print(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
