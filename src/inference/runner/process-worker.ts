/**
 * A worker that is one child process, replaced when it dies, hangs or has grown too large. Graphs are kept here: a new
 * process loads the one that is asked for, and the others one by one while nobody asks.
 */
import { createHash } from 'node:crypto';
import { type ChildOptions, GraphRefused } from './child.ts';
import { type Graph, type Limits, LoadedChild } from './loaded-child.ts';
import type { Batch, Golden, Signature } from './protocol.ts';
import type { Provider } from './providers.ts';
import { type Ran, RunnerFailed, RunnerGone, type Worker } from './worker.ts';

export interface WorkerOptions extends Omit<ChildOptions, 'startHangMs'> {
  /** A run that takes longer hangs, whatever is known of it: the process is killed. Absent: 5 s. */
  readonly runHangMs?: number | undefined;
  /** The same for starting the process and for loading a graph. Absent: 30 s. */
  readonly startHangMs?: number | undefined;
  /**
   * Resident memory above which the process is replaced by a new one, which costs no answer. Absent: three times the
   * bytes of its graphs and 1 GiB, on a GPU 4 GiB.
   */
  readonly maxBytes?: number | undefined;
  /**
   * Resident memory above which the process is killed, on Linux, with what it was asked. Absent: twice what `maxBytes` is
   * where that is absent, at most three quarters of the machine's memory.
   */
  readonly killBytes?: number | undefined;
}

/** A process that lived shorter is not replaced before it is needed. */
const replaceAfterMs = 1_000;
/** Between two replacements for their size: a limit below what the graphs need must not cost a start each time. */
const renewAfterMs = 60_000;

/** The process starts with the first question. */
export function startWorker(options: WorkerOptions = {}): Worker {
  return new ProcessWorker(options);
}

class ProcessWorker implements Worker {
  readonly provider: Provider;
  readonly #options: ChildOptions & Limits;
  readonly #maxBytes: number | undefined;
  readonly #graphs = new Map<string, Graph>();
  /** SHA-256 of graphs at whose loading a process died: loaded when asked for, not before. */
  readonly #suspects = new Set<string>();
  readonly #lives = new Set<LoadedChild>();
  #current: LoadedChild | undefined;
  /** Loads its graphs, to take the place of `current`. */
  #next: LoadedChild | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor({ runHangMs = 5_000, startHangMs = 30_000, maxBytes, ...options }: WorkerOptions) {
    this.provider = options.provider ?? 'cpu';
    this.#options = { ...options, runHangMs, startHangMs };
    this.#maxBytes = maxBytes;
  }

  get pid(): number | undefined {
    return this.#current?.ended === false ? this.#current.pid : undefined;
  }

  async load(model: string, bytes: Uint8Array): Promise<Signature> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const known = this.#graphs.get(model);
    const graph = known?.sha256 === sha256 ? answerable(known) : { model, bytes, sha256 };
    const signature = await this.#noting(graph, this.#living().load(graph));
    if (this.#graphs.get(model)?.sha256 !== sha256) this.#graphs.set(model, graph);
    return signature;
  }

  async prove(model: string, golden: Golden): Promise<void> {
    const graph = { ...this.#answerable(model), golden };
    const child = this.#living();
    this.#graphs.set(model, graph);
    await this.#noting(graph, child.bring(graph));
  }

  async run(model: string, batch: Batch, hangMs?: number): Promise<Ran> {
    const graph = this.#answerable(model);
    const child = this.#living();
    this.#noting(graph, child.bring(graph)).catch(() => {});
    return child.run(model, batch, hangMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#lives].map((child) => child.end()));
  }

  /** @throws RunnerFailed */
  #answerable(model: string): Graph {
    const graph = this.#graphs.get(model);
    if (graph === undefined) throw new RunnerFailed('model is not loaded');
    return answerable(graph);
  }

  /** The process, a new one when the last is gone. @throws RunnerGone when closed */
  #living(): LoadedChild {
    if (this.#closed) throw new RunnerGone();
    if (this.#current?.ended !== false) {
      this.#current = this.#next?.ended === false ? this.#next : this.#start();
    }
    return this.#current;
  }

  #start(): LoadedChild {
    const child: LoadedChild = new LoadedChild(this.#options, () => this.#answered(child));
    this.#lives.add(child);
    child.ready.then(() => this.#loadWhileIdle(child)).catch(() => {});
    void child.gone.then(() => this.#bury(child));
    return child;
  }

  #bury(child: LoadedChild): void {
    this.#lives.delete(child);
    if (this.#closed || this.#current !== child) return;
    if (child.livedMs >= replaceAfterMs || this.#next !== undefined) this.#living();
  }

  #answered(child: LoadedChild): void {
    if (this.#closed || this.#current !== child || child.ended) return;
    const since = performance.now() - this.#renewedAt;
    const large = child.resident > (this.#maxBytes ?? child.ampleBytes);
    if (large && this.#next === undefined && since >= renewAfterMs) void this.#renew(child);
    this.#loadWhileIdle(child);
  }

  #loadWhileIdle(child: LoadedChild): void {
    if (this.#closed || this.#current !== child || !child.idle) return;
    for (const graph of this.#graphs.values()) {
      if (child.tried(graph) || !this.#unasked(graph)) continue;
      this.#noting(graph, child.bring(graph)).catch((thrown: unknown) => {
        if (thrown instanceof RunnerGone) this.#suspects.add(graph.sha256);
      });
      return;
    }
  }

  /** Whether it may be loaded before anyone asks for it. */
  #unasked = ({ sha256, refusal }: Graph): boolean => refusal === undefined && !this.#suspects.has(sha256);

  /** Starts a process beside the old one, which answers until the new one has its graphs, and then ends. */
  async #renew(old: LoadedChild): Promise<void> {
    this.#renewedAt = performance.now();
    const next = this.#start();
    this.#next = next;
    const whole = await this.#loadAll(next);
    this.#next = undefined;
    if (whole && !this.#closed) {
      this.#current = next;
      old.retire();
    } else if (this.#current !== next) await next.end();
  }

  /** False where it cannot take the place of a process that has its graphs. */
  async #loadAll(child: LoadedChild): Promise<boolean> {
    try {
      await child.ready;
      for (const { model } of this.#graphs.values()) {
        const graph = this.#graphs.get(model);
        if (graph !== undefined && this.#unasked(graph)) await this.#noting(graph, child.bring(graph));
      }
      return true;
    } catch (thrown) {
      return thrown instanceof GraphRefused && !child.ended && this.#loadAll(child);
    }
  }

  /** Remembers that a graph was refused. */
  async #noting<T>({ model, sha256 }: Graph, given: Promise<T>): Promise<T> {
    try {
      const answer = await given;
      this.#suspects.delete(sha256);
      return answer;
    } catch (thrown) {
      const graph = this.#graphs.get(model);
      if (thrown instanceof GraphRefused && graph?.sha256 === sha256)
        this.#graphs.set(model, { ...graph, refusal: thrown.message });
      throw thrown;
    }
  }
}

/** @throws RunnerFailed */
function answerable(graph: Graph): Graph {
  if (graph.refusal !== undefined) throw new RunnerFailed(graph.refusal);
  return graph;
}
