/** One server that runs one model: what it must prove, what its answers must look like, and how it has been doing. */
import { difference } from '../runner/golden.ts';
import type { Batch, Golden, Signature } from '../runner/protocol.ts';
import type { Tensors } from '../tensor.ts';
import { checked, oddTensor } from './agreement.ts';
import { type Circuit, type CircuitOptions, type CircuitState, createCircuit } from './circuit.ts';
import type { Tail } from './tail.ts';
import { NoAnswer, type Reason, type Transport, type Until } from './transport.ts';

/** What is known of the model, whichever endpoint told it first. All endpoints must agree. */
export interface Known {
  signature: Signature | undefined;
  golden: Golden | undefined;
}

export interface EndpointStats {
  /** Its address: no path, no token. */
  readonly endpoint: string;
  readonly state: CircuitState;
  readonly inFlight: number;
  readonly answered: number;
  /** Attempts that speak against it. */
  readonly failed: number;
  readonly lastFailure?: Reason;
}

export interface Endpoint {
  readonly state: CircuitState;
  readonly inFlight: number;
  /** @throws NoAnswer */
  ask(batch: Batch, until: Until): Promise<Tensors>;
  /** Takes the probe where it is due: true once, and whoever took it lets the endpoint be verified. */
  mayProbe(): boolean;
  /** It says the known signature and reproduces the golden outputs; then it may be asked, else not. @throws NoAnswer */
  verify(until: Until): Promise<void>;
  stats(): EndpointStats;
  close(): Promise<void>;
}

export interface EndpointOptions {
  readonly host: string;
  readonly transport: Transport;
  readonly known: Known;
  readonly tail: Tail;
  readonly circuit: CircuitOptions;
}

export const createEndpoint = (options: EndpointOptions): Endpoint => new RemoteEndpoint(options);

class RemoteEndpoint implements Endpoint {
  readonly #host: string;
  readonly #transport: Transport;
  readonly #known: Known;
  readonly #tail: Tail;
  readonly #circuit: Circuit;
  #inFlight = 0;
  #answered = 0;
  #failed = 0;
  #lastFailure: Reason | undefined;

  constructor({ host, transport, known, tail, circuit }: EndpointOptions) {
    this.#host = host;
    this.#transport = transport;
    this.#known = known;
    this.#tail = tail;
    this.#circuit = createCircuit(circuit);
  }

  get state(): CircuitState {
    return this.#circuit.state;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  async ask(batch: Batch, until: Until): Promise<Tensors> {
    const begun = performance.now();
    this.#inFlight++;
    try {
      const outputs = checked(await this.#transport.infer(batch, until), batch, this.#known.signature);
      this.#tail.add(batch.rows, performance.now() - begun);
      this.#circuit.answered();
      this.#answered++;
      return outputs;
    } catch (thrown) {
      throw this.#judged(noAnswer(thrown), batch.rows, performance.now() - begun);
    } finally {
      this.#inFlight--;
    }
  }

  mayProbe(): boolean {
    return this.#circuit.mayProbe();
  }

  async verify(until: Until): Promise<void> {
    try {
      const given = await this.#transport.signature(until);
      const { signature = given } = this.#known;
      this.#known.signature = signature;
      const odd = oddTensor(signature, given);
      if (odd !== undefined) throw new NoAnswer('wrong', `${this.#host} serves another signature: ${odd}`);
      if (this.#known.golden !== undefined) await this.#reproduce(this.#known.golden, signature, until);
      this.#circuit.proven();
    } catch (thrown) {
      const reason = noAnswer(thrown);
      this.#circuit.unproven();
      this.#blame(reason);
      throw reason;
    }
  }

  stats(): EndpointStats {
    return {
      endpoint: this.#host,
      state: this.state,
      inFlight: this.#inFlight,
      answered: this.#answered,
      failed: this.#failed,
      ...(this.#lastFailure === undefined ? {} : { lastFailure: this.#lastFailure }),
    };
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #reproduce({ batch, outputs }: Golden, signature: Signature, until: Until): Promise<void> {
    const found = checked(await this.#transport.infer(batch, until), batch, signature);
    const how = difference(outputs, found);
    if (how !== undefined)
      throw new NoAnswer('wrong', `${this.#host} differs from the golden outputs ${how}`);
  }

  /** An end that came before an answer could be expected speaks against nobody. */
  #judged(thrown: NoAnswer, rows: number, ms: number): NoAnswer {
    const p95 = this.#tail.p95(rows);
    // Who loses to a second attempt took at least so long: without it the tail would look ever shorter.
    if (thrown.reason === 'abandoned' && p95 !== undefined && ms >= p95) this.#tail.add(rows, ms);
    if (thrown.blames && (thrown.reason !== 'late' || ms >= (p95 ?? 0))) {
      this.#circuit.failed();
      this.#blame(thrown);
    }
    return thrown;
  }

  #blame({ reason }: NoAnswer): void {
    this.#failed++;
    this.#lastFailure = reason;
  }
}

/** A transport throws nothing else; what it did not foresee is a failure of the endpoint. */
const noAnswer = (thrown: unknown): NoAnswer =>
  thrown instanceof NoAnswer ? thrown : new NoAnswer('failed');
