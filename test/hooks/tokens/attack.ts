import type { Refusal } from '../../../src/hooks/trust.ts';
import type { World } from './world.ts';

type Header = string | string[];

/** One thing a hostile caller sends. Nothing in this folder may ever be taken. */
export interface Attack {
  /** `A01`…, stable. */
  readonly id: string;
  /** Why it is refused: told to the metrics, never to the caller. */
  readonly refusal: Refusal;
  /** What it tries, as a reader of the report understands it. */
  readonly what: string;
  /** The whole Authorization header, or several of them. */
  readonly forge: (world: World) => Header | Promise<Header>;
  /** The endpoint it is sent to. Default: the hook. */
  readonly path?: string;
}

/** An attack that sends one token. */
export const attack = (
  id: string,
  refusal: Refusal,
  what: string,
  forge: (world: World) => string | Promise<string>,
  path?: string,
): Attack => ({
  id,
  refusal,
  what,
  forge: async (world) => `Bearer ${await forge(world)}`,
  ...(path === undefined ? {} : { path }),
});
