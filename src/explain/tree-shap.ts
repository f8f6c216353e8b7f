/** Exact Shapley values of tree ensembles, read off the trees (interventional TreeSHAP: Lundberg et al. 2020, algorithm 3). */
import { scheduler } from 'node:timers/promises';
import { Fault } from '../errors.ts';
import { rowSize, type Tensors } from '../inference/tensor.ts';
import type { Urgency } from '../inference/urgency.ts';
import { boardOf } from './coalitions.ts';
import type { Attribution, Game, ScoreOptions } from './game.ts';
import { endsOf, nameOf, play } from './scores.ts';
import { isLeaf, marginOf, nextNode, type TreeEnsemble } from './tree-ensemble.ts';

export interface TreeOptions extends ScoreOptions {
  /**
   * How far the trees' sum may be from the score of the same row, relative to max(1, |score|). Absent: 1e-3, what log odds
   * of a float32 leave over.
   */
  readonly tolerance?: number;
}

/**
 * The same Shapley values as by full enumeration of the same game, for any number of players, on the scale of the trees'
 * sum (margin: before a sigmoid). Before each background row a tree is walked once: where the patient and the background go
 * different ways, both are followed, and a leaf reached by x players of the patient and b of the background counts
 * (x − 1)! b! / (x + b)! for the former and − x! (b − 1)! / (x + b)! for the latter. A player's features go together.
 *
 * The model computes the patient and the background only, to confirm that the trees are what it answers with. Longer work
 * gives way to others every few milliseconds.
 *
 * @throws Fault model-unavailable (also where the model answers otherwise than the trees), deadline-passed, overloaded
 */
export async function treeShap(
  game: Game,
  trees: TreeEnsemble,
  options: TreeOptions = {},
): Promise<Attribution> {
  const board = boardOf(game);
  const { segments, ends } = endsOf(board);
  const evaluations = await play(board, segments, options);
  const patient = featureRows(game, game.patient, trees, 1);
  const background = groundRows(game, trees, patient[0] ?? new Float64Array(0));
  const margins = [...patient, ...background].map((features) => marginOf(trees, features));
  assertReproduced(game, margins, [ends().value, ...ends().ground], options);
  const phi = new Float64Array(game.players.length);
  const walk = new TreeWalk(trees, ownersOf(game, trees), patient[0] ?? new Float64Array(0), phi);
  const pause = breather(nameOf(game), options.urgency);
  for (const row of background) {
    walk.before(row);
    await pause();
  }
  for (let player = 0; player < phi.length; player++) phi[player] = (phi[player] ?? 0) / background.length;
  const [value = Number.NaN, ...ground] = margins;
  const baseline = ground.reduce((sum, each) => sum + each, 0) / ground.length;
  return {
    value,
    baseline,
    phi,
    evaluations,
    gap: value - baseline - phi.reduce((sum, each) => sum + each, 0),
  };
}

function featureRows(game: Game, feeds: Tensors, trees: TreeEnsemble, rows: number): readonly Float64Array[] {
  const tensor = feeds[trees.input];
  if (tensor === undefined)
    throw new Fault('model-unavailable', [`${nameOf(game)}: no input ${trees.input}`]);
  const size = rowSize(tensor);
  return Array.from({ length: rows }, (_, row) =>
    Float64Array.from({ length: size }, (_, at) => {
      const feature = Number(tensor.data[row * size + at]);
      return trees.float32 ? Math.fround(feature) : feature;
    }),
  );
}

/** The background's features; those of no player are the patient's. */
function groundRows(game: Game, trees: TreeEnsemble, patient: Float64Array): readonly Float64Array[] {
  const owners = ownersOf(game, trees);
  const rows = featureRows(game, game.background, trees, game.backgroundRows);
  return rows.map((row) =>
    row.map((feature, at) => (owners[at] === nobody ? (patient[at] ?? Number.NaN) : feature)),
  );
}

const nobody = -1;

/** Whose each feature is. */
function ownersOf({ patient, players }: Game, { input }: TreeEnsemble): Int32Array {
  const tensor = patient[input];
  const owners = new Int32Array(tensor === undefined ? 0 : rowSize(tensor)).fill(nobody);
  for (const [player, { parts }] of players.entries())
    for (const part of parts)
      if (part.input === input) for (const element of part.elements) owners[element] = player;
  return owners;
}

function assertReproduced(
  game: Game,
  margins: readonly number[],
  scores: readonly number[],
  { tolerance = 1e-3 }: TreeOptions,
): void {
  const same = scores.every(
    (score, at) => Math.abs(score - (margins[at] ?? 0)) <= tolerance * Math.max(1, Math.abs(score)),
  );
  if (!same) throw new Fault('model-unavailable', [`${nameOf(game)} answers otherwise than its trees`]);
}

/** One patient's walk through all trees, before one background row after another. */
class TreeWalk {
  readonly #trees: TreeEnsemble;
  readonly #owners: Int32Array;
  readonly #patient: Float64Array;
  readonly #phi: Float64Array;
  /** Whom each player follows on the path so far: 1 the patient, −1 the background, 0 open. */
  readonly #side: Int8Array;
  #ground: Float64Array = new Float64Array(0);
  /** Of the leaves below the node walked last: what they give a player of the patient's on the path, and take from another. */
  #given = 0;
  #taken = 0;

  constructor(trees: TreeEnsemble, owners: Int32Array, patient: Float64Array, phi: Float64Array) {
    this.#trees = trees;
    this.#owners = owners;
    this.#patient = patient;
    this.#phi = phi;
    this.#side = new Int8Array(phi.length);
  }

  /** Adds to phi what each player brings before this background row. */
  before(ground: Float64Array): void {
    this.#ground = ground;
    for (const root of this.#trees.roots) this.#walk(root, 0, 0);
  }

  #walk(node: number, ours: number, theirs: number): void {
    const trees = this.#trees;
    if (isLeaf(trees, node)) this.#leaf(trees.weight[node] ?? 0, ours, theirs);
    else {
      const own = nextNode(trees, node, this.#patient);
      const other = nextNode(trees, node, this.#ground);
      const player = this.#owners[trees.feature[node] ?? nobody] ?? nobody;
      const side = own === other ? 1 : this.#side[player];
      if (side === 0) this.#part(player, own, other, ours, theirs);
      else this.#walk(side === 1 ? own : other, ours, theirs);
    }
  }

  /** A player for whom the ways part here: both are walked. */
  #part(player: number, own: number, other: number, ours: number, theirs: number): void {
    this.#side[player] = 1;
    this.#walk(own, ours + 1, theirs);
    const given = this.#given;
    const taken = this.#taken;
    this.#side[player] = -1;
    this.#walk(other, ours, theirs + 1);
    this.#side[player] = 0;
    this.#phi[player] = (this.#phi[player] ?? 0) + given - this.#taken;
    this.#given += given;
    this.#taken += taken;
  }

  #leaf(weight: number, ours: number, theirs: number): void {
    this.#given = ours === 0 ? 0 : weight * share(ours, theirs);
    this.#taken = theirs === 0 ? 0 : weight * share(theirs, ours);
  }
}

/** (some − 1)! others! / (some + others)!. */
function share(some: number, others: number): number {
  let part = 1 / (some + others);
  for (let at = 1; at < some; at++) part *= at / (others + at);
  return part;
}

const turnMs = 5;

/** Gives way to others when a turn is over, and stops when nobody waits any more. @throws Fault deadline-passed */
function breather(model: string, urgency: Urgency | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (urgency?.signal?.aborted === true) throw new Fault('deadline-passed', [model]);
    if (performance.now() - since < turnMs) return;
    await scheduler.yield();
    since = performance.now();
  };
}
