/** The command line: one word says what to do. What each word does is in commands/. */
import { type Command, HelpWanted, Misuse, read } from './commands/command.ts';
import { conformanceCommand } from './commands/conformance.ts';
import { evaluate } from './commands/evaluate.ts';
import { explain } from './commands/explain.ts';
import { gpuCommand } from './commands/gpu.ts';
import { installSheetCommand } from './commands/install-sheet.ts';
import { ledgerCommand } from './commands/ledger.ts';
import { predict } from './commands/predict.ts';
import { terminologyCommand } from './commands/terminology.ts';
import { validate } from './commands/validate.ts';
import { Fault } from './errors.ts';
import { ModelPackageError } from './inference/package.ts';
import { run } from './main.ts';
import type { Mode } from './settings.ts';

const mode = (name: Mode, help: string): Command => ({
  usage: `${name.padEnd(24)}${help}`,
  async run(args) {
    if (read(args).words.length > 0) throw new Misuse();
    await run(name);
    return 0;
  },
});

const commands: Readonly<Record<string, Command>> = {
  start: mode('start', 'sandbox EHR, service and app on loopback'),
  serve: mode('serve', 'service and app for registered EHRs'),
  predict,
  evaluate,
  explain,
  validate,
  conformance: conformanceCommand,
  'install-sheet': installSheetCommand,
  ledger: ledgerCommand,
  terminology: terminologyCommand,
  gpu: gpuCommand,
};

const usage = `${Object.values(commands)
  .map((command) => command.usage.replaceAll(/^(?! )/gm, 'auscult '))
  .join('\n')}

Settings are environment variables: docs/settings.md`;

/** Whoever reads the output may stop reading: that ends the command, and is no failure. */
process.stdout.on('error', () => process.exit());

try {
  process.exitCode = await obey(process.argv.slice(2));
} catch (thrown) {
  const details =
    thrown instanceof Fault && thrown.details.length > 0 ? ` (${thrown.details.join(', ')})` : '';
  const line = `auscult: ${thrown instanceof Error ? thrown.message : thrown}${details}${becauseOf(thrown)}\n`;
  // A server that was to start may listen already, and its child processes run: nothing may keep this one alive.
  process.stderr.write(line, () => process.exit(1));
}

/** Why a package is not served, in the words of what runs it or of the server that was to. */
function becauseOf(thrown: unknown): string {
  if (!(thrown instanceof ModelPackageError)) return '';
  const causes: string[] = [];
  for (let cause = thrown.cause; cause instanceof Error; cause = cause.cause)
    if (!(cause instanceof Fault) && cause.message !== '') causes.push(cause.message);
  return causes.map((cause) => `: ${cause}`).join('');
}

/** @returns the exit status */
async function obey([word = '', ...args]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  try {
    if (word === '--help') throw new HelpWanted();
    if (command === undefined) throw new Misuse();
    return await command.run(args);
  } catch (thrown) {
    if (!(thrown instanceof Misuse || thrown instanceof HelpWanted)) throw thrown;
    const wanted = thrown instanceof HelpWanted;
    (wanted ? console.log : console.error)(usage);
    return wanted ? 0 : 2;
  }
}
