/** What tests of real processes look at. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where there is none, Linux alone can tell. */
export const hasProc = existsSync('/proc/self/environ');

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function until(what: () => boolean, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!what()) {
    assert.ok(performance.now() < end, 'waited too long');
    await sleep(5);
  }
}

export const threadsOf = (pid: number | undefined): number => readdirSync(`/proc/${pid}/task`).length;

/** serving.md §0 row 1: neither telemetry nor a key of the service, `LEDGER_KEY`, is in the process. */
export function assertQuiet(pid: number | undefined): void {
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  assert.ok(environment.includes('ORT_DISABLE_TELEMETRY=1'));
  assert.ok(!environment.some((entry) => entry.startsWith('LEDGER_KEY')));
  const telemetry = filesOf(pid).filter((path) => /DeveloperTools|mat-debug|\.onnxruntime/.test(path));
  assert.deepEqual(telemetry, []);
}

const filesOf = (pid: number | undefined): readonly string[] =>
  readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });

/**
 * Starts another service, kills it when it has said which process its runner is, and waits for that one to end.
 * @param script a module that prints the process's id, and lives on
 */
export async function endsWithService(script: string): Promise<void> {
  const service = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [output] = await once(service.stdout, 'data');
  const orphan = Number(String(output));
  assert.ok(alive(orphan));
  service.kill('SIGKILL');
  try {
    await until(() => !alive(orphan), 5000);
  } finally {
    if (alive(orphan)) process.kill(orphan, 'SIGKILL');
  }
}
