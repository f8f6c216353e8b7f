/** One life of the runner's process, seen from the service. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ask, FromRunner } from './protocol.ts';

/** The process ended, by itself or killed, before it answered. */
export class RunnerGone extends Error {
  override name = 'RunnerGone';
}

/** The process answered that it cannot; asking again would not help. */
export class RunnerFailed extends Error {
  override name = 'RunnerFailed';
}

type Answer = Exclude<FromRunner, { kind: 'ready' | 'failed' }>;

const runnerFile = fileURLToPath(new URL('./process.ts', import.meta.url));
const graceMs = 1000;

/** Only what the process needs to start: keys and addresses of the service are none of its business. */
const passedOn = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'];

function runnerEnv(): NodeJS.ProcessEnv {
  const given = passedOn.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(given), ORT_DISABLE_TELEMETRY: '1' };
}

export class RunnerChild {
  /** Resolves when the process takes questions. @throws RunnerGone */
  readonly ready: Promise<void>;
  /** Resolves when the process has ended. */
  readonly gone: Promise<void>;
  readonly #process: ChildProcess;
  #nextId = 0;
  #waiting: { id: number; settle: (message: FromRunner) => void; fail: (error: Error) => void } | undefined;
  #ended = false;

  constructor() {
    this.#process = fork(runnerFile, [], {
      serialization: 'advanced',
      execArgv: [],
      env: runnerEnv(),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.gone = new Promise((resolve) => this.#whenGone(resolve));
    this.ready = this.#firstWord();
    this.ready.catch(() => {});
    this.#process.on('message', (message) => this.#hear(message as FromRunner));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * One question at a time. A process that has not answered after `hangMs` is killed.
   * @throws RunnerGone, RunnerFailed
   */
  async ask(question: Ask, hangMs: number): Promise<Answer> {
    const id = ++this.#nextId;
    const watchdog = setTimeout(() => this.kill(), hangMs);
    try {
      const message = await new Promise<FromRunner>((settle, fail) => {
        this.#waiting = { id, settle, fail };
        if (this.#ended) return fail(new RunnerGone());
        this.#process.send({ ...question, id }, (error) => error && fail(new RunnerGone()));
      });
      if (message.kind === 'ready' || message.kind === 'failed') {
        throw new RunnerFailed(message.kind === 'failed' ? message.reason : 'unexpected answer');
      }
      return message;
    } finally {
      clearTimeout(watchdog);
      this.#waiting = undefined;
    }
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Lets the process end by itself; one that does not within a second is killed. */
  async end(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    const impatience = setTimeout(() => this.kill(), graceMs);
    await this.gone;
    clearTimeout(impatience);
  }

  #hear(message: FromRunner): void {
    if (message.kind !== 'ready' && message.id === this.#waiting?.id) this.#waiting.settle(message);
  }

  #whenGone(resolve: () => void): void {
    const over = (): void => {
      this.#ended = true;
      this.#waiting?.fail(new RunnerGone());
      resolve();
    };
    this.#process.on('exit', over);
    this.#process.on('error', () => {
      if (this.#process.pid === undefined) over();
    });
  }

  #firstWord(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#process.once('message', () => resolve());
      this.gone.then(() => reject(new RunnerGone()));
    });
  }
}
