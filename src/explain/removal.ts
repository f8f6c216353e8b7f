/** What the score loses when one player's part is taken away. The parts do not add up, and do not claim to. */
import type { Tensors } from '../inference/tensor.ts';
import type { Urgency } from '../inference/urgency.ts';
import { boardOf } from './coalitions.ts';
import type { Attribution, Game } from './game.ts';
import { filled } from './rows.ts';
import { patientSegment, play, type Segment } from './scores.ts';

/** Without `baseline` and `gap`: there is nobody the patient is compared with as a whole. */
export type Removal = Omit<Attribution, 'baseline' | 'gap' | 'standardError'>;

/**
 * For each player the score of the patient minus the score without it. A player whose part is the fill already is not
 * computed: it is 0.
 * @param fill one row: what stands where a player is taken away
 * @throws Fault model-unavailable, deadline-passed, overloaded
 */
export async function withoutEach(game: Game, fill: Tensors, urgency?: Urgency): Promise<Removal> {
  const bare = filled(game.patient, fill, game.players);
  const board = boardOf({ ...game, background: bare, backgroundRows: 1 });
  let value = Number.NaN;
  const patient = patientSegment(board, (score) => {
    value = score;
  });
  const phi = new Float64Array(game.players.length);
  const [present = new Int32Array()] = board.differing;
  const without = Array.from(
    present,
    (left): Segment => ({
      rows: 1,
      write: (rows, at) => {
        rows.start(at, 0);
        for (const player of present) if (player !== left) rows.join(at, 1, player);
      },
      read: ([score = Number.NaN]) => {
        phi[left] = value - score;
      },
    }),
  );
  const evaluations = await play(board, [patient, ...without], { urgency });
  return { value, phi, evaluations };
}
