import type { Tensors } from '../inference/tensor.ts';
import type { Urgency } from '../inference/urgency.ts';
import type { Game } from './game.ts';
import { type Removal, withoutEach } from './removal.ts';
import { meanRow } from './rows.ts';

export interface OcclusionOptions {
  /** One row that is put over a player's part; without it the mean of the background. */
  readonly fill?: Tensors;
  readonly urgency?: Urgency;
}

/**
 * Occlusion (Zeiler & Fergus 2014): how much the score falls where a player (a square of an image) is covered. Negative:
 * it rises. At most players + 1 rows.
 * @throws Fault model-unavailable, deadline-passed, overloaded
 */
export const occlusion = (game: Game, { fill, urgency }: OcclusionOptions = {}): Promise<Removal> =>
  withoutEach(game, fill ?? meanRow(game.background), urgency);
