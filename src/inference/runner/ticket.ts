/** One caller's wait for a run: its own lane, deadline and signal, answered once. */
import { Fault } from '../../errors.ts';
import type { Tensors } from '../tensor.ts';
import type { Lane, Urgency } from '../urgency.ts';

export class Ticket {
  readonly lane: Lane;
  readonly endsAt: number;
  /** @throws Fault */
  readonly answer: Promise<Tensors>;
  readonly #model: string;
  readonly #signal: AbortSignal | undefined;
  readonly #late = (): void => this.late();
  #settle: ((how: Promise<Tensors>) => void) | undefined;
  #left: () => void = () => {};

  /** A signal that was aborted before is none of its business. */
  constructor(model: string, { lane = 'hook', endsAt = Number.POSITIVE_INFINITY, signal }: Urgency) {
    this.lane = lane;
    this.endsAt = endsAt;
    this.#model = model;
    this.#signal = signal;
    this.answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
    signal?.addEventListener('abort', this.#late, { once: true });
  }

  /** @param call when the caller waits no more before it was answered */
  whenLeft(call: () => void): void {
    this.#left = call;
  }

  resolve(outputs: Tensors): void {
    this.#end(Promise.resolve(outputs));
  }

  refuse(fault: Fault): void {
    this.#end(Promise.reject(fault));
  }

  /** Its time is over. */
  late(): void {
    if (this.#settle === undefined) return;
    this.refuse(new Fault('deadline-passed', [this.#model]));
    this.#left();
  }

  #end(how: Promise<Tensors>): void {
    this.#settle?.(how);
    this.#settle = undefined;
    this.#signal?.removeEventListener('abort', this.#late);
  }
}
