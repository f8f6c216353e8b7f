/** A real `auscult start` or `serve` as a child process, for tests that must see the whole thing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { flags } from './command.ts';

export interface Running {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start until /health/ready said 200. */
  readonly readyMs: number;
  /** Everything it wrote so far. */
  output(): string;
  stop(): Promise<void>;
}

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

/** Resolves when ready. @throws Error with its output when it ends or stays unready for 30 s. */
export async function startAuscult(
  env: Readonly<Record<string, string>> = {},
  mode: 'start' | 'serve' = 'start',
): Promise<Running> {
  const began = performance.now();
  const child = spawn(process.execPath, [...flags, cli, mode], {
    env: { ...process.env, PORT: '0', ...env },
  });
  const written: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => written.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => written.push(chunk.toString()));
  const output = () => written.join('');
  const url = await untilReady(child, output);
  return { url, pid: child.pid ?? 0, readyMs: performance.now() - began, output, stop: () => stop(child) };
}

async function untilReady(child: ChildProcess, output: () => string): Promise<string> {
  for (let waited = 0; waited < 30_000 && child.exitCode === null; waited += 25) {
    const port = /"port":(\d+)/.exec(output())?.[1];
    const url = `http://localhost:${port}`;
    if (port !== undefined && (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok) return url;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill('SIGKILL');
  throw new Error(`auscult did not become ready:\n${output()}`);
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
