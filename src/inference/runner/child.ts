/** One life of the runner's process, seen from the service. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Environment, runnerEnvironment } from './environment.ts';
import { pack, packMixture, unpack } from './packed.ts';
import type { Answer, Ask, FromRunner, Question, Reply } from './protocol.ts';
import type { Provider } from './providers.ts';
import { RunnerFailed, RunnerGone } from './worker.ts';

/** The graph does not answer its golden outputs: asking any process would not help. */
export class GraphRefused extends RunnerFailed {}

export interface ChildOptions {
  /** Absent: cpu. */
  readonly provider?: Provider | undefined;
  /** Of a graph of 1 MiB or more; smaller ones have one. Absent: 1. */
  readonly threads?: number | undefined;
  /** Which GPU. Absent: 0. */
  readonly deviceId?: number | undefined;
  /** A process that does not take questions after this time is killed. Absent: 30 s. */
  readonly startHangMs?: number | undefined;
  /** Where names that may be passed on are looked up. Absent: the service's own. */
  readonly env?: Environment | undefined;
}

/** What is no failure. */
type Good = Exclude<Answer, { kind: 'failed' | 'refused' }>;

interface Waiting {
  readonly id: number;
  readonly hangMs: number;
  readonly settle: (answer: Good) => void;
  readonly fail: (error: Error) => void;
}

const runnerFile = fileURLToPath(new URL('./process.ts', import.meta.url));
const graceMs = 1000;
/** A timer that fires so late tells of a machine that was suspended, or of an event loop that was kept. */
const standstillMs = 200;

export class RunnerChild {
  /** Resolves when the process takes questions. @throws RunnerGone */
  readonly ready: Promise<void>;
  /** Resolves when the process has ended. */
  readonly gone: Promise<void>;
  readonly #process: ChildProcess;
  readonly #waiting: Waiting[] = [];
  /** Asked in this turn, or before the process was ready: goes as one message. */
  #unsent: Question[] = [];
  /** How long it may take now, and when it then counts as hanging; the watchdog may look earlier, never later. */
  #hangMs = Number.POSITIVE_INFINITY;
  #hangsAt = Number.POSITIVE_INFINITY;
  /** Was its time begun once more? A service that stands still again and again must not keep what hangs alive. */
  #spared = false;
  #looksAt = Number.POSITIVE_INFINITY;
  #watchdog: NodeJS.Timeout | undefined;
  #nextId = 0;
  #readyAt: number | undefined;
  #resident = 0;
  #ending = false;
  #ended = false;

  constructor({ provider = 'cpu', threads = 1, deviceId = 0, startHangMs = 30_000, env }: ChildOptions = {}) {
    this.#process = fork(runnerFile, [provider, String(threads), String(deviceId)], {
      serialization: 'advanced',
      execArgv: [],
      env: runnerEnvironment(provider, env ?? process.env),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.gone = new Promise((resolve) => this.#whenGone(resolve));
    this.ready = this.#firstWord();
    this.ready.catch(() => {});
    this.#watch(startHangMs);
    this.#process.on('message', (message) => this.#hear(message as FromRunner));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Nothing is asked that is not answered. */
  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Memory of the process in bytes, as of its last answer. */
  get resident(): number {
    return this.#resident;
  }

  /** For how long it has taken questions, in milliseconds. */
  get livedMs(): number {
    return this.#readyAt === undefined ? 0 : performance.now() - this.#readyAt;
  }

  /**
   * Questions wait in the pipe and are answered in their order. A process that does not answer the first of them within
   * its `hangMs` is killed.
   * @throws RunnerGone, RunnerFailed, GraphRefused
   */
  ask(question: Ask, hangMs: number): Promise<Good> {
    return new Promise((settle, fail) => {
      if (this.#ended || this.#ending) return fail(new RunnerGone());
      const id = ++this.#nextId;
      this.#waiting.push({ id, hangMs, settle, fail });
      if (this.#readyAt !== undefined && this.#waiting.length === 1) this.#watch(hangMs);
      this.#unsent.push(questionOf(question, id));
      if (this.#unsent.length === 1) this.ready.then(() => this.#send()).catch(() => this.kill());
    });
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Answers what waits with RunnerGone and lets the process end; one that does not within a second is killed. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#failAll();
    if (this.#process.connected) this.#process.disconnect();
    const impatience = setTimeout(() => this.kill(), graceMs);
    await this.gone;
    clearTimeout(impatience);
  }

  #send(): void {
    const questions = this.#unsent;
    this.#unsent = [];
    if (!this.#process.connected) return;
    this.#process.send(questions, (error) => error && this.kill());
  }

  #hear(message: FromRunner): void {
    if (message.kind === 'ready') return;
    this.#resident = message.resident;
    for (const reply of message.replies) if (!this.#ending) this.#take(reply);
  }

  #take(reply: Reply): void {
    const asked = this.#waiting.shift();
    this.#watch(this.#waiting[0]?.hangMs);
    if (asked?.id !== reply.id) this.kill();
    else if (reply.kind === 'refused') asked.fail(new GraphRefused(reply.reason));
    else if (reply.kind === 'failed') asked.fail(new RunnerFailed(reply.reason));
    else asked.settle(reply.kind === 'ran' ? { ...reply, outputs: unpack(reply.outputs) } : reply);
  }

  /** Kills after so many milliseconds, unless called again before. A timer that looks too early costs less than a new one. */
  #watch(hangMs = Number.POSITIVE_INFINITY): void {
    this.#hangMs = hangMs;
    this.#spared = false;
    this.#hangsAt = performance.now() + hangMs;
    if (this.#hangsAt < this.#looksAt) this.#lookAt(this.#hangsAt);
  }

  #lookAt(at: number): void {
    clearTimeout(this.#watchdog);
    this.#looksAt = at;
    this.#watchdog = setTimeout(() => this.#look(), Math.ceil(at - performance.now())).unref();
  }

  /** An answer that has come but is not read yet counts. Where the service itself stood still, the time begins once more. */
  #look(): void {
    const late = performance.now() - this.#looksAt;
    this.#looksAt = Number.POSITIVE_INFINITY;
    const hangsAt = this.#hangsAt;
    if (hangsAt === Number.POSITIVE_INFINITY) return;
    if (late > standstillMs && !this.#spared) {
      this.#watch(this.#hangMs);
      this.#spared = true;
    } else if (performance.now() < hangsAt) this.#lookAt(hangsAt);
    else setImmediate(() => this.#hangsAt === hangsAt && this.kill());
  }

  #failAll(): void {
    this.#watch();
    for (const { fail } of this.#waiting.splice(0)) fail(new RunnerGone());
  }

  #whenGone(resolve: () => void): void {
    const over = (): void => {
      this.#ended = true;
      this.#failAll();
      resolve();
    };
    this.#process.on('exit', over);
    this.#process.on('error', () => {
      if (this.#process.pid === undefined) over();
    });
  }

  #firstWord(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#process.once('message', () => {
        this.#readyAt = performance.now();
        this.#watch(this.#waiting[0]?.hangMs);
        resolve();
      });
      this.gone.then(() => reject(new RunnerGone()));
    });
  }
}

const questionOf = (ask: Ask, id: number): Question => {
  if (ask.kind !== 'run') return { ...ask, id };
  const mixture = ask.mixture && packMixture(ask.mixture);
  return { ...ask, feeds: pack(ask.feeds), mixture, id };
};
