/** One HTTP exchange that the page made, kept for the developer drawer. Synthetic data only, so bodies are kept whole. */
export interface Exchange {
  readonly kind: 'discovery' | 'prefetch' | 'hook' | 'feedback' | 'order' | 'launch';
  readonly method: string;
  readonly url: string;
  readonly request: unknown;
  /** 0: no answer came. */
  readonly status: number;
  readonly response: unknown;
  readonly milliseconds: number;
}

const answerWithinMs = 10_000;

/** Makes requests and remembers them. */
export class ExchangeLog {
  private readonly listeners = new Set<() => void>();
  exchanges: readonly Exchange[] = [];

  /** Calls `listener` after every exchange; returns how to stop. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** One JSON exchange; failures to connect come back as status 0, never as an exception. */
  async send(kind: Exchange['kind'], method: string, url: string, request?: unknown): Promise<Exchange> {
    const started = performance.now();
    const body =
      request === undefined
        ? {}
        : { body: JSON.stringify(request), headers: { 'Content-Type': 'application/json' } };
    const signal = AbortSignal.timeout(answerWithinMs);
    const { status, response } = await fetch(url, { method, signal, ...body }).then(
      async (answer) => ({ status: answer.status, response: await readBody(answer) }),
      () => ({ status: 0, response: undefined }),
    );
    const exchange = {
      kind,
      method,
      url,
      request,
      status,
      response,
      milliseconds: performance.now() - started,
    };
    this.exchanges = [...this.exchanges, exchange];
    for (const listener of this.listeners) {
      listener();
    }
    return exchange;
  }
}

async function readBody(answer: Response): Promise<unknown> {
  const text = await answer.text();
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

export function succeeded({ status }: Exchange): boolean {
  return status >= 200 && status < 300;
}
