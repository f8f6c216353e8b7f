import type { Strength } from '../check.ts';
import type { Forge, Need } from './forge.ts';

/** One way to call without being entitled to. */
export interface TokenAttack {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  /** Default `practice`. */
  readonly strength?: Strength;
  readonly needs?: readonly Need[];
  /** Statuses as good as 401 here: HTTP itself may refuse such a header before anybody looks for a token in it. */
  readonly orElse?: readonly number[];
  readonly make: (forge: Forge) => Carried | Promise<Carried>;
}

/** A token and how it travels; a string is the value of `Authorization`. */
export type Carried = string | Carriage;

export interface Carriage {
  /** Value of `Authorization`; `null`: there is none. */
  readonly authorization: string | null;
  /** The value is written to the connection as it is. */
  readonly raw?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Appended to the URL. */
  readonly query?: string;
  /** Members laid over the request. */
  readonly body?: Readonly<Record<string, unknown>>;
}

export const bearer = (token: string): string => `Bearer ${token}`;

export const trusting = 'CDS Hooks 2.0, Trusting CDS Clients';
export const rfc8725 = (section: string): string => `RFC 8725 (JWT best current practices) §${section}`;
