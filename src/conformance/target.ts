/** The service under test as the checks see it. */
import type { CdsService } from 'cds-hooks-types';

/** One HTTP answer, read whole (at most 4 MiB). A broken connection or 10 s without an end is `status: 0`. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed body; undefined where it is not JSON. */
  readonly json: unknown;
  readonly ms: number;
}

export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string | Uint8Array;
  /** Value of `Authorization`; `undefined`: a fresh valid token (if the kit has a key); `null`: none at all. */
  readonly authorization?: string | null;
}

/** Claims and header of a token, each laid over what a correct one has; a member that is `undefined` is left out. */
export interface TokenChanges {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** A hook request, free to be bent. */
export type Body = Record<string, unknown>;

/** The kit's own FHIR server on loopback: serves what it was given and remembers who asked for what. */
export interface StubFhirServer {
  readonly base: string;
  /** Method, path with query, and Authorization of every request since the last `forget`. */
  readonly seen: readonly {
    readonly method: string;
    readonly url: string;
    readonly authorization?: string;
  }[];
  forget(): void;
  /** Answers of the next requests whose path and query match, until `forget`. */
  answer(match: RegExp, reply: StubReply): void;
}

export interface StubReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Milliseconds before it answers; `Infinity` never does. */
  readonly delayMs?: number;
}

/** A listener that nobody may ever reach. */
export interface Canary {
  /** Every address under which it would be reached: `http://127.0.0.1:49152`, `http://[::1]:…`. */
  readonly origin: string;
  readonly port: number;
  /** Connections and bearer tokens that arrived since the start. */
  readonly connections: number;
  readonly tokens: number;
}

/** One exchange with the service, as it happened. */
export interface Exchange {
  readonly method: string;
  /** Path below `baseUrl`, with its leading slash. */
  readonly path: string;
  /** The service, where a hook was called. */
  readonly service?: CdsService;
  /** The body as an object, where it was one. */
  readonly sent?: unknown;
  readonly answer: Answer;
}

export interface Target {
  readonly baseUrl: string;
  /** Everything the service was asked and said since the start: rules about answers are held against all of it. */
  readonly said: readonly Exchange[];
  /** Services that discovery named. */
  readonly services: readonly CdsService[];
  /** Sends to `baseUrl + path`. */
  send(path: string, sending?: Sending): Promise<Answer>;
  /** POSTs a hook request to a service. */
  call(service: CdsService, body: unknown, sending?: Sending): Promise<Answer>;
  /** A fresh, correct request that fills every prefetch key of the service; undefined where none can be made. */
  request(service: CdsService): Body | undefined;
  /**
   * Signs a token for the URL of `path`. Undefined where the kit was given no key: checks that need one are then
   * skipped.
   */
  sign: ((path: string, changes?: TokenChanges) => Promise<string>) | undefined;
  /**
   * For hostile/: whoever opens a target with `sign` gives these two as well (their checks are skipped without).
   * The public half of the key, as the service knows it.
   */
  readonly publicKey?: Readonly<Record<string, unknown>>;
  /** A compact JWS over exactly these texts of header and payload, signed by the key's own algorithm whatever they say. */
  readonly signText?: (header: string, payload: string) => Promise<string>;
  /** Where tests of FHIR reads are wanted and the service may ask this server. */
  readonly fhir: StubFhirServer | undefined;
  readonly canary: Canary | undefined;
}
