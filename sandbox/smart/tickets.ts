import { randomBytes } from 'node:crypto';

/** Milliseconds since the epoch; real time, never the clinical clock: OAuth lifetimes are the machine's. */
export type Time = () => number;

/** Opaque, unguessable (256 bits), short-lived handles for values: launch ids, authorization codes, access tokens. */
export class Tickets<T> {
  private readonly values = new Map<string, { readonly value: T; readonly until: number }>();
  private readonly lifetimeMs: number;
  private readonly time: Time;

  constructor(lifetimeMs: number, time: Time) {
    this.lifetimeMs = lifetimeMs;
    this.time = time;
  }

  issue(value: T): string {
    this.sweep();
    const ticket = randomBytes(32).toString('base64url');
    this.values.set(ticket, { value, until: this.time() + this.lifetimeMs });
    return ticket;
  }

  /** The value while it lives; undefined when unknown, expired or taken. */
  read(ticket: string): T | undefined {
    this.sweep();
    return this.values.get(ticket)?.value;
  }

  /** Reads and destroys: single use. */
  take(ticket: string): T | undefined {
    const value = this.read(ticket);
    this.values.delete(ticket);
    return value;
  }

  private sweep(): void {
    for (const [ticket, { until }] of this.values) {
      if (until <= this.time()) {
        this.values.delete(ticket);
      }
    }
  }
}
