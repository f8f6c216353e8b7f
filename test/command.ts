/** `bin/auscult.js` as a person or a service manager runs it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../package.json' with { type: 'json' };

export const bin = fileURLToPath(new URL('../bin/auscult.js', import.meta.url));

/** What `npm run serve` gives Node before it. */
export const flags = /^node (.*)bin\/auscult\.js/.exec(manifest.scripts.serve)?.[1]?.trim().split(' ') ?? [];

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Everything it wrote so far, on either stream. */
  output(): string;
  /** Resolves when it has written this. @throws when it ends or 30 s pass before */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface CommandOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The Node that reads bin/auscult.js; ours by default. */
  readonly node?: string;
}

const living = new Set<ChildProcess>();

/** Ends what a test that failed left running. */
export function endAll(): void {
  for (const child of living) child.kill('SIGKILL');
}

export function command(args: readonly string[], options: CommandOptions = {}): Command {
  const { stdin = '', env = {}, node = process.execPath } = options;
  const child = spawn(node, [...flags, bin, ...args], { env: { ...process.env, ...env } });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    written.stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    written.stderr += chunk;
  });
  living.add(child);
  child.once('exit', () => living.delete(child));
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const output = () => written.stdout + written.stderr;
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...written }));
  });
  return { child, ended, output, until: (pattern) => until(pattern, child, output) };
}

/** Runs it to its end. */
export const run = (args: readonly string[], options?: CommandOptions): Promise<Ended> =>
  command(args, options).ended;

async function until(pattern: RegExp, child: ChildProcess, output: () => string): Promise<RegExpExecArray> {
  for (let waited = 0; waited < 30_000; waited += 20) {
    const found = pattern.exec(output());
    if (found !== null) return found;
    if (child.exitCode !== null || child.signalCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${pattern} was never written:\n${output()}`);
}

/** A Node on this machine that is too old for us, if there is one. */
export function oldNode(): string | undefined {
  const folders = ['/usr/local/bin', '/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  return folders
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((file) => existsSync(file) && majorOf(file) < 24);
}

function majorOf(node: string): number {
  const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return status === 0 ? Number(/^v(\d+)/.exec(stdout)?.[1]) : Number.NaN;
}
