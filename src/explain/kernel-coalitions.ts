/** Which coalitions KernelSHAP asks, and how much each counts. */
import type { Random } from './random.ts';

/** One byte for each player: 1 takes part. */
export type Members = Uint8Array;

export interface KernelPlan {
  /** Every coalition of some sizes, each with its Shapley kernel weight. */
  readonly enumerated: readonly { readonly members: Members; readonly weight: number }[];
  /** Coalitions of the other sizes, drawn by the kernel with replacement; each goes with its complement. */
  readonly drawn: readonly (readonly [Members, Members])[];
  /** Of one coalition drawn: both of a pair count it. */
  readonly drawnWeight: number;
}

/** So many coalitions keep the regression regular and its error known: below, sampling would be a guess. */
export const fewestCoalitions = (players: number): number => Math.min(everyCoalition(players), 6 * players);

/** All but nobody and everybody, whose worth is a condition of the regression and no observation. */
const everyCoalition = (players: number): number => 2 ** players - 2;

/**
 * Sizes from the outside in (1 and g − 1, 2 and g − 2, …), as long as all coalitions of a size fit and enough remain for the
 * sizes that do not; these are drawn in complementary pairs, a size as often as the Shapley kernel counts it.
 * @param players at least 2
 * @param coalitions at least {@link fewestCoalitions}
 */
export function kernelPlan(players: number, coalitions: number, random: Random): KernelPlan {
  const sizes = Array.from({ length: Math.floor(players / 2) }, (_, at) => at + 1);
  let left = coalitions;
  let whole = 0;
  for (const size of sizes) {
    const after = left - coalitionsOf(players, size);
    if (after < 0 || (size < sizes.length && whole > 0 && after < 4 * players)) break;
    left = after;
    whole = size;
  }
  const rest = sizes.slice(whole);
  const mass = rest.map((size) => massOf(players, size));
  const pairs = rest.length === 0 ? 0 : Math.floor(left / 2);
  return {
    enumerated: sizes.slice(0, whole).flatMap((size) => enumeratedOf(players, size)),
    drawn: Array.from({ length: pairs }, () => drawnPair(players, rest, mass, random)),
    drawnWeight: sum(mass) / (2 * pairs),
  };
}

/** Coalitions of a size and of its complement. */
const coalitionsOf = (players: number, size: number): number =>
  choose(players, size) * (2 * size === players ? 1 : 2);

/** Kernel weight of all of them together (Lundberg & Lee 2017, theorem 2). */
const massOf = (players: number, size: number): number =>
  ((players - 1) / (size * (players - size))) * (2 * size === players ? 1 : 2);

function choose(players: number, size: number): number {
  let ways = 1;
  for (let at = 1; at <= size; at++) ways = (ways * (players - size + at)) / at;
  return Math.round(ways);
}

function enumeratedOf(players: number, size: number): KernelPlan['enumerated'] {
  const weight = massOf(players, size) / coalitionsOf(players, size);
  return [...subsets(players, size)].flatMap((members) => {
    const both = 2 * size === players ? [members] : [members, complement(members)];
    return both.map((each) => ({ members: each, weight }));
  });
}

function* subsets(players: number, size: number): Generator<Members> {
  const chosen = Array.from({ length: size }, (_, at) => at);
  for (let moved = 0; moved >= 0; ) {
    yield membersOf(players, chosen);
    moved = chosen.findLastIndex((player, at) => player < players - size + at);
    const start = chosen[moved] ?? 0;
    for (let at = Math.max(0, moved); at < size; at++) chosen[at] = start + 1 + at - moved;
  }
}

function membersOf(players: number, chosen: Iterable<number>): Members {
  const members = new Uint8Array(players);
  for (const player of chosen) members[player] = 1;
  return members;
}

export const complement = (members: Members): Members => members.map((member) => 1 - member);

function drawnPair(
  players: number,
  sizes: readonly number[],
  mass: readonly number[],
  random: Random,
): readonly [Members, Members] {
  let left = random.unit() * sum(mass);
  const at = mass.findIndex((each) => {
    left -= each;
    return left < 0;
  });
  const size = sizes.at(at) ?? 1;
  const order = random.shuffled(Int32Array.from({ length: players }, (_, player) => player));
  const members = membersOf(players, order.subarray(0, size));
  return [members, complement(members)];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
