/** A run as the scheduler holds it: rows still to be asked, parts answered, and everybody who waits for it. */
import type { Fault } from '../../errors.ts';
import type { Tensors } from '../tensor.ts';
import { type Lane, lanes } from '../urgency.ts';
import { concatenate, haveRows, layoutOf } from './joined.ts';
import type { Batch } from './protocol.ts';
import type { Queued } from './queue.ts';
import type { Ticket } from './ticket.ts';

/** Consecutive rows of a run. */
export interface Slice {
  readonly from: number;
  readonly to: number;
  /** How many processes died with it. */
  readonly deaths: number;
  /** Workers that are not asked again for it, with what they said; nothing when they died. */
  readonly not: ReadonlyMap<string, string | undefined>;
}

export class Job implements Queued {
  readonly model: string;
  readonly batch: Batch;
  readonly order: number;
  readonly arrivedAt: number;
  /** Do its feeds have the rows it says? Else it is asked as it is: what is wrong with it is its own. */
  readonly isRegular: boolean;
  /** Asked with nothing else in the process, so that it takes nobody along. */
  alone = false;
  readonly #tickets = new Set<Ticket>();
  readonly #parts = new Map<number, Tensors>();
  #todo: Slice[];
  #missing: number;
  #layout: string | undefined;
  #lane: Lane = 'bulk';
  #endsAt = Number.POSITIVE_INFINITY;

  constructor(model: string, batch: Batch, order: number, arrivedAt: number) {
    this.model = model;
    this.batch = batch;
    this.order = order;
    this.arrivedAt = arrivedAt;
    this.isRegular = haveRows(batch.feeds, batch.rows);
    this.#todo = [{ from: 0, to: batch.rows, deaths: 0, not: new Map() }];
    this.#missing = batch.rows;
  }

  /** The most urgent of those who wait. */
  get lane(): Lane {
    return this.#lane;
  }

  /** The earliest deadline of those who wait. */
  get endsAt(): number {
    return this.#endsAt;
  }

  get layout(): string {
    this.#layout ??= layoutOf(this.batch);
    return this.#layout;
  }

  /** Does anybody wait? */
  get wanted(): boolean {
    return this.#tickets.size > 0;
  }

  /** Rows not asked yet. */
  get rowsLeft(): number {
    return this.#todo.reduce((rows, { from, to }) => rows + to - from, 0);
  }

  /** What is asked next; none while everything is asked or answered. */
  get next(): Slice | undefined {
    return this.#todo[0];
  }

  /** Rows of what is asked next. */
  get nextRows(): number {
    return this.next === undefined ? 0 : this.next.to - this.next.from;
  }

  admit(ticket: Ticket): void {
    this.#tickets.add(ticket);
    this.#rank();
  }

  leave(ticket: Ticket): void {
    this.#tickets.delete(ticket);
    this.#rank();
  }

  /** Those whose deadline has passed wait no more. */
  dropLate(now: number): void {
    if (this.#endsAt > now) return;
    for (const ticket of [...this.#tickets]) if (ticket.endsAt <= now) ticket.late();
  }

  /** At most so many rows of what is next. */
  take(rows: number): Slice | undefined {
    const next = this.#todo.shift();
    if (next === undefined || next.to - next.from <= rows) return next;
    const cut = next.from + rows;
    this.#todo.unshift({ ...next, from: cut });
    return { ...next, to: cut };
  }

  giveBack(slice: Slice): void {
    this.#todo.unshift(slice);
  }

  /** @returns whether that was the last part: everybody is answered */
  answered({ from, to }: Slice, outputs: Tensors): boolean {
    this.#parts.set(from, outputs);
    this.#missing -= to - from;
    if (this.#missing > 0) return false;
    const inOrder = [...this.#parts].sort(([one], [other]) => one - other);
    const whole = concatenate(inOrder.map(([, part]) => part));
    for (const ticket of this.#tickets) ticket.resolve(whole);
    this.#tickets.clear();
    return true;
  }

  /** Nothing more of it is asked, and everybody is told. */
  refuse(fault: Fault): void {
    this.#todo = [];
    for (const ticket of this.#tickets) ticket.refuse(fault);
    this.#tickets.clear();
  }

  #rank(): void {
    const waiting = [...this.#tickets];
    this.#lane = lanes.find((lane) => waiting.some((ticket) => ticket.lane === lane)) ?? 'bulk';
    this.#endsAt = Math.min(...waiting.map((ticket) => ticket.endsAt));
  }
}
