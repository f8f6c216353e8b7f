/** One life of the runner's process and the graphs it was given. */
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

export interface Patience {
  /** Milliseconds after which a run hangs. */
  readonly runHangMs: number;
  /** The same for a start and for loading a graph. */
  readonly startHangMs: number;
}

export class LoadedChild {
  readonly #child: RunnerChild;
  readonly #patience: Patience;
  readonly #answered: () => void;
  readonly #given = new Map<string, { readonly graph: Graph; readonly done: Promise<unknown> }>();
  readonly #tried = new Set<Graph>();
  #retired = false;

  /** @param answered after every answer */
  constructor(options: ChildOptions & Patience, answered: () => void) {
    this.#child = new RunnerChild(options);
    this.#patience = options;
    this.#answered = answered;
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

  /** Of a graph that was brought: the pipe keeps the order. @throws RunnerGone, RunnerFailed */
  async run(model: string, batch: Batch): Promise<Ran> {
    const answer = await this.#ask({ kind: 'run', model, ...batch }, this.#patience.runHangMs);
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
    const done = this.#ask(question, this.#patience.startHangMs);
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
    return asked;
  }
}
