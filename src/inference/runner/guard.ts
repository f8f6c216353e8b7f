/**
 * Beside the thread of the runner's process that a run blocks: ends the process when the service is gone, and lets a
 * machine that is out of memory end it before the service.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** A look costs half a millisecond of CPU. */
const everyMs = 1000;
/** The kernel takes it for a process that holds so many thousandths of the memory more (proc(5), oom_score_adj). */
const oomScore = { more: 500, most: 1000, file: '/proc/self/oom_score_adj' };

/** Read before anyone can have asked for a run. */
const service = process.ppid;
let isOn = false;

/** Once, before the first run: a start has no time for it, and what never ran a graph was never blocked by one. */
export function startGuard(): void {
  if (isOn) return;
  isOn = true;
  goFirst();
  watchService();
}

/** Where it may not, and where there is no Linux, size alone decides. */
function goFirst(): void {
  const { more, most, file } = oomScore;
  try {
    writeFileSync(file, String(Math.min(most, Number(readFileSync(file, 'utf8')) + more)));
  } catch {}
}

/**
 * The thread holds nobody up and ends with the process. It is given its work as text: to read a .ts file it would load
 * the stripper of types once more (10 MiB, 40 ms).
 */
function watchService(): void {
  const thread = new Worker(`(${watch})(${service}, ${everyMs})`, {
    eval: true,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  thread.on('error', () => {});
  thread.unref();
}

/** Runs in the thread, where nothing of this file is known. */
function watch(parent: number, ms: number): void {
  /** After its parent a process has another on POSIX; on Windows the number stays, and means nobody. */
  const isGone = (): boolean => {
    if (process.ppid !== parent) return true;
    try {
      process.kill(parent, 0);
      return false;
    } catch (thrown) {
      return (thrown as NodeJS.ErrnoException).code === 'ESRCH';
    }
  };
  setInterval(() => isGone() && process.kill(process.pid, 'SIGKILL'), ms);
}
