/** One life of the runner's process, the graphs it was given, and the memory that they explain. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { type ChildOptions, RunnerChild } from './child.ts';
import type { Ask, Batch, Golden, Signature } from './protocol.ts';
import { type Ran, RunnerFailed } from './worker.ts';

/** A graph as a worker keeps it over restarts; replaced, never changed. */
export interface Graph {
  readonly model: string;
  readonly bytes: Uint8Array;
  /** Of the bytes at their first load. */
  readonly sha256: string;
  readonly golden?: Golden;
  /** Why nothing of it is answered. */
  readonly refusal?: string;
}

export interface Limits {
  /** Milliseconds after which a run hangs. */
  readonly runHangMs: number;
  /** The same for a start and for loading a graph. */
  readonly startHangMs: number;
  /** Resident memory above which the process is killed at once. Absent: see `killBytes`. */
  readonly killBytes?: number | undefined;
}

const gib = 2 ** 30;
/**
 * A graph's weights as they came, unpacked, and once more in the order in which they are multiplied: measured, 2.9 of its
 * bytes.
 */
const bytesPerByte = 3;
/** Of the machine's memory, that one process may take. */
const mostShare = 0.75;
/** A greedy graph takes some gigabytes a second. */
const lookEveryMs = 100;

export class LoadedChild {
  readonly #child: RunnerChild;
  readonly #limits: Limits;
  readonly #answered: () => void;
  readonly #given = new Map<string, { readonly graph: Graph; readonly done: Promise<unknown> }>();
  readonly #tried = new Set<Graph>();
  readonly #baseBytes: number;
  #looking: NodeJS.Timeout | undefined;
  #retired = false;

  /** @param answered after every answer */
  constructor(options: ChildOptions & Limits, answered: () => void) {
    this.#child = new RunnerChild(options);
    this.#limits = options;
    this.#answered = answered;
    this.#baseBytes = (options.provider ?? 'cpu') === 'cpu' ? gib : 4 * gib;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get ready(): Promise<void> {
    return this.#child.ready;
  }

  get gone(): Promise<void> {
    return this.#child.gone;
  }

  get ended(): boolean {
    return this.#child.ended;
  }

  get idle(): boolean {
    return this.#child.idle;
  }

  get resident(): number {
    return this.#child.resident;
  }

  get livedMs(): number {
    return this.#child.livedMs;
  }

  /** Resident memory in bytes that its graphs explain, amply: 1 GiB, on a GPU 4 GiB, and three times their bytes. */
  get ampleBytes(): number {
    const graphs = [...this.#given.values()].reduce((sum, { graph }) => sum + graph.bytes.length, 0);
    return this.#baseBytes + bytesPerByte * graphs;
  }

  /**
   * Resident memory in bytes above which it is killed: twice what is ample, so that one that only grows is replaced in
   * peace before; never more than three quarters of the machine's memory, or the container's.
   */
  get killBytes(): number {
    return this.#limits.killBytes ?? Math.min(2 * this.ampleBytes, mostShare * machineBytes());
  }

  /** Whether the graph was ever given to this process, with success or without. */
  tried(graph: Graph): boolean {
    return this.#tried.has(graph);
  }

  /** @throws RunnerGone, RunnerFailed, GraphRefused */
  async load(graph: Graph): Promise<Signature> {
    const { model, bytes, sha256, golden } = graph;
    const answer = await this.#give(graph, { kind: 'load', model, bytes, sha256, golden });
    if (answer.kind !== 'loaded') throw new RunnerFailed(`${answer.kind} is no answer to load`);
    return answer.signature;
  }

  /** Loads the graph and proves it, as far as that is not done. @throws RunnerGone, RunnerFailed, GraphRefused */
  async bring(graph: Graph): Promise<void> {
    const there = this.#given.get(graph.model);
    const { model, golden } = graph;
    if (there?.graph === graph) await there.done;
    else if (there?.graph.sha256 === graph.sha256 && golden !== undefined)
      await this.#give(graph, { kind: 'prove', model, golden });
    else await this.load(graph);
  }

  /**
   * Of a graph that was brought: the pipe keeps the order.
   * @param hangMs where a run hangs sooner than others do
   * @throws RunnerGone, RunnerFailed
   */
  async run(model: string, batch: Batch, hangMs = Number.POSITIVE_INFINITY): Promise<Ran> {
    const { runHangMs } = this.#limits;
    const answer = await this.#ask({ kind: 'run', model, ...batch }, Math.min(hangMs, runHangMs));
    if (answer.kind !== 'ran') throw new RunnerFailed(`${answer.kind} is no answer to run`);
    return { outputs: answer.outputs, ms: answer.ms };
  }

  /** Ends when all that was asked is answered. */
  retire(): void {
    this.#retired = true;
    if (this.idle) void this.end();
  }

  /** What waits is answered with RunnerGone. */
  end(): Promise<void> {
    return this.#child.end();
  }

  #give(graph: Graph, question: Ask): ReturnType<RunnerChild['ask']> {
    const done = this.#ask(question, this.#limits.startHangMs);
    const given = { graph, done };
    this.#given.set(graph.model, given);
    this.#tried.add(graph);
    done.catch(() => {
      if (this.#given.get(graph.model) === given) this.#given.delete(graph.model);
    });
    return done;
  }

  #ask(question: Ask, hangMs: number): ReturnType<RunnerChild['ask']> {
    const asked = this.#child.ask(question, hangMs);
    const settled = (): void => {
      if (this.#retired && this.idle) void this.end();
      this.#answered();
    };
    asked.then(settled, settled);
    this.#looking ??= setInterval(() => this.#look(), lookEveryMs).unref();
    return asked;
  }

  /** While something is asked: the process itself says how large it is only when it answers. */
  #look(): void {
    if (this.idle || this.ended) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    } else if (residentBytes(this.pid) > this.killBytes) this.#child.kill();
  }
}

/** Memory of another process; 0 where there is no Linux. */
function residentBytes(pid: number | undefined): number {
  try {
    return Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** What the machine has, or the container may take. */
function machineBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
