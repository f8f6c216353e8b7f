/** What the score loses when one player's part is taken away. The parts do not add up, and do not claim to. */
import type { Tensors } from '../inference/tensor.ts';
import type { Urgency } from '../inference/urgency.ts';
import type { Attribution, Game, GamePlayer } from './game.ts';
import { filled, numbersOf, stacked } from './rows.ts';

/** Without `baseline` and `gap`: there is nobody the patient is compared with as a whole. */
export type Removal = Omit<Attribution, 'baseline' | 'gap' | 'standardError'>;

/**
 * For each player the score of the patient minus the score without it, in one call. A player whose part is the fill
 * already is not computed: it is 0.
 * @param fill one row: what stands where a player is taken away
 * @throws Fault model-unavailable, deadline-passed, overloaded
 */
export async function withoutEach(
  { score, patient, players }: Pick<Game, 'score' | 'patient' | 'players'>,
  fill: Tensors,
  urgency?: Urgency,
): Promise<Removal> {
  const present = players.filter((player) => differs(patient, fill, player));
  const rows = [patient, ...present.map((player) => filled(patient, fill, [player]))];
  const scores = await score(stacked(rows), rows.length, urgency);
  const [value = Number.NaN, ...without] = scores;
  const phi = Float64Array.from(players, (player) => {
    const at = present.indexOf(player);
    return at < 0 ? 0 : value - (without[at] ?? Number.NaN);
  });
  return { value, phi, evaluations: rows.length };
}

const differs = (patient: Tensors, fill: Tensors, { parts }: GamePlayer): boolean =>
  parts.some(({ input, elements }) => {
    const [own, other] = [patient[input], fill[input]];
    if (own === undefined || other === undefined) return false;
    const [numbers, fills] = [numbersOf(own), numbersOf(other)];
    return elements.some((element) => !Object.is(numbers[element], fills[element]));
  });
