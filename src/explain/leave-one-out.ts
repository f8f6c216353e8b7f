import type { Urgency } from '../inference/urgency.ts';
import type { Game } from './game.ts';
import { type Removal, withoutEach } from './removal.ts';
import { meanRow } from './rows.ts';

/**
 * Leave one out: how much the score falls without one event of a sequence (Li, Monroe & Jurafsky 2016, erasure). A token
 * gives way to padding (0), the measurements of an hour to the mean of the background. Negative: the score rises. At
 * most players + 1 rows; padding itself is not asked about.
 * @throws Fault model-unavailable, deadline-passed, overloaded
 */
export const leaveOneOut = (game: Game, { urgency }: { readonly urgency?: Urgency } = {}): Promise<Removal> =>
  withoutEach(game, meanRow(game.background), urgency);
