/** One model that runs on other servers, as the service's own runner would run it. */
import { Fault } from '../../errors.ts';
import { plain } from '../runner/joined.ts';
import type { Batch, Golden, Signature } from '../runner/protocol.ts';
import type { Runner } from '../runner/runner.ts';
import { RunnerFailed } from '../runner/worker.ts';
import type { Tensors } from '../tensor.ts';
import type { Urgency } from '../urgency.ts';
import type { CircuitOptions } from './circuit.ts';
import { createEndpoint, type Endpoint, type EndpointStats, type Known } from './endpoint.ts';
import { grpcTransport } from './grpc.ts';
import { type Patience, patienceOf } from './patience.ts';
import type { RemoteModel } from './remote-model.ts';
import { type Renaming, renaming } from './renaming.ts';
import { createReplicas, type Replicas, type SecondAttempts } from './replicas.ts';
import { restTransport } from './rest.ts';
import { createTail } from './tail.ts';
import { NoAnswer, type Transport, type TransportOptions } from './transport.ts';

export interface RemoteOptions {
  /** open_inference_grpc.proto; needed where the protocol is gRPC. */
  readonly protoFile?: string;
  /** Where the token is looked up. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** PEM of authorities to trust instead of Node's own. */
  readonly ca?: string;
  /** Largest answer. Default 16 MiB. */
  readonly maxAnswerBytes?: number;
  readonly circuit?: CircuitOptions;
  /** Most second attempts at slow questions, as a share of all. Default 0.02; 0: none. */
  readonly hedgeShare?: number;
}

export interface RemoteStats extends SecondAttempts {
  readonly model: string;
  readonly runs: number;
  readonly answered: number;
  readonly endpoints: readonly EndpointStats[];
}

export interface RemoteRunner extends Pick<Runner, 'close'> {
  /** The only one it runs. */
  readonly model: string;
  /** Does the graph run here while the server gives no answer? */
  readonly hasFallback: boolean;
  /**
   * Asks every endpoint for its tensors; the bytes stay here. Endpoints that give no answer are probed later.
   * @throws Fault model-unavailable, where none answers or two disagree
   */
  load(model: string, bytes: Uint8Array): Promise<Signature>;
  /**
   * Every endpoint reproduces it, now and whenever it comes back, before it is asked anything else.
   * @throws Fault model-unavailable, where none answers or one answers otherwise; the cause says which, where, by how much
   */
  prove(model: string, golden: Golden): Promise<void>;
  /** @throws Fault model-unavailable (at once, where every endpoint is known to be down), deadline-passed */
  run(model: string, batch: Batch, urgency?: Urgency): Promise<Tensors>;
  /** Is an endpoint in order? Those that are not are asked for a proof as seldom as by a run, and nobody waits for it. */
  isUp(): boolean;
  stats(): RemoteStats;
}

/** Connects when it is first asked. @throws Error where gRPC lacks its .proto */
export const remoteRunner = (remote: RemoteModel, options: RemoteOptions = {}): RemoteRunner =>
  new Remote(remote, options);

const largestAnswer = 16 * 1024 * 1024;

class Remote implements RemoteRunner {
  readonly model: string;
  readonly hasFallback: boolean;
  readonly #timeoutMs: number;
  readonly #names: Renaming;
  readonly #known: Known = { signature: undefined, golden: undefined };
  readonly #endpoints: readonly Endpoint[];
  readonly #replicas: Replicas;
  readonly #waiting = new Set<Patience>();
  #closed = false;
  #runs = 0;
  #answered = 0;

  constructor(remote: RemoteModel, options: RemoteOptions) {
    this.model = remote.model;
    this.hasFallback = remote.fallback === 'local';
    this.#timeoutMs = remote.timeoutMs;
    this.#names = renaming(remote.tensors);
    const { circuit = {}, hedgeShare = 0.02 } = options;
    const [known, tail] = [this.#known, createTail()];
    const endpoints = remote.endpoints.map((url) => {
      const transport = transportOf(url, remote, options);
      return createEndpoint({ host: url.host, transport, known, tail, circuit });
    });
    const verify = (endpoint: Endpoint) => this.#within({}, (patience) => endpoint.verify(patience));
    this.#endpoints = endpoints;
    this.#replicas = createReplicas({ endpoints, tail, hedgeShare, verify });
  }

  async load(model: string): Promise<Signature> {
    this.#known.signature = undefined;
    this.#known.golden = undefined;
    await this.#verifyAll(model);
    return this.#names.signatureHere(this.#known.signature ?? { inputs: [], outputs: [] });
  }

  async prove(model: string, { batch, outputs }: Golden): Promise<void> {
    this.#known.golden = {
      batch: this.#names.batchThere(batch),
      outputs: this.#names.tensorsThere(outputs),
    };
    await this.#verifyAll(model);
  }

  async run(model: string, batch: Batch, urgency: Urgency = {}): Promise<Tensors> {
    this.#runs++;
    return this.#within(urgency, async (patience) => {
      try {
        if (this.#closed || model !== this.model) throw new NoAnswer('abandoned');
        if (patience.signal.aborted || patience.endsAt <= performance.now()) throw new NoAnswer('late');
        const outputs = await this.#replicas.ask(this.#names.batchThere(plain(batch)), patience);
        this.#answered++;
        return this.#names.tensorsHere(outputs);
      } catch (thrown) {
        throw faultOf(thrown, model, urgency, patience);
      }
    });
  }

  isUp(): boolean {
    return !this.#closed && this.#replicas.isUp();
  }

  stats(): RemoteStats {
    return {
      model: this.model,
      runs: this.#runs,
      answered: this.#answered,
      ...this.#replicas.counts(),
      endpoints: this.#endpoints.map((endpoint) => endpoint.stats()),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const patience of this.#waiting) patience[Symbol.dispose]();
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.close()));
  }

  async #within<T>(urgency: Urgency, work: (patience: Patience) => Promise<T>): Promise<T> {
    using patience = patienceOf(urgency, this.#timeoutMs);
    this.#waiting.add(patience);
    try {
      return await work(patience);
    } finally {
      this.#waiting.delete(patience);
    }
  }

  /** One endpoint that answers otherwise is a mistake of the site's, and is said; one that is down may come back. */
  async #verifyAll(model: string): Promise<void> {
    const verified = await Promise.allSettled(
      this.#endpoints.map((endpoint) => this.#within({}, (patience) => endpoint.verify(patience))),
    );
    const thrown = verified.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    const wrong = thrown.find((each) => each instanceof NoAnswer && each.reason === 'wrong');
    if (wrong instanceof NoAnswer)
      throw new Fault('model-unavailable', [model], new RunnerFailed(wrong.message));
    if (thrown.length === verified.length) throw new Fault('model-unavailable', [model], thrown[0]);
  }
}

/** @throws Error where gRPC lacks its .proto */
function transportOf(endpoint: URL, remote: RemoteModel, options: RemoteOptions): Transport {
  const { protoFile, env = process.env, ca, maxAnswerBytes = largestAnswer } = options;
  const token = remote.token === undefined ? undefined : env[remote.token.env];
  const shared: TransportOptions = { remote, token, ca, maxAnswerBytes };
  if (remote.protocol === 'rest') return restTransport(endpoint, shared);
  if (protoFile === undefined) throw new Error(`${remote.model}: gRPC needs its .proto`);
  return grpcTransport(endpoint, protoFile, shared);
}

function faultOf(thrown: unknown, model: string, { signal }: Urgency, { isCallers }: Patience): Fault {
  const reason = thrown instanceof NoAnswer ? thrown.reason : undefined;
  if (signal?.aborted || (reason === 'late' && isCallers)) return new Fault('deadline-passed', [model]);
  const rule = thrown instanceof NoAnswer && reason === 'cannot-travel' ? [thrown.message] : [];
  return new Fault('model-unavailable', [model, ...rule], thrown);
}
