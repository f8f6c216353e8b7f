/** The players of a network's explanations, as its manifest names them. */
import type { NetworkExplain, NetworkInput, NetworkManifest } from '../inference/network-manifest.ts';
import type { GamePlayer } from './game.ts';

type PlayerRule = NetworkExplain['players'][number];
type Axis = NetworkInput['axes'][number];

/** Where an element stands along each axis, outermost first; from 0. */
type Place = readonly number[];

/**
 * In the manifest's order: each position of an axis, groups of positions, squares of an image, or the input as a whole.
 * Positions without a word of their own are counted from 0, as the tensor counts them. A position that no group names is
 * a player of its own, so that nothing of the axis is left out.
 */
export const playersOfNetwork = ({ inputs, explain }: NetworkManifest): readonly GamePlayer[] =>
  (explain?.players ?? []).flatMap((rule) => {
    const input = inputs.find(({ name }) => name === rule.input);
    return input === undefined ? [] : playersOfInput(input, naming(input, rule));
  });

/** Elements of one label are one player; players stand in the order of their first elements. */
function playersOfInput(
  { name, axes }: NetworkInput,
  labelOf: (place: Place) => string,
): readonly GamePlayer[] {
  const size = axes.reduce((product, axis) => product * axis.size, 1);
  const members = Map.groupBy(Array(size).keys(), (flat) => labelOf(placeOf(flat, axes)));
  return [...members].map(([label, elements]) => ({
    label,
    parts: [{ input: name, elements: Int32Array.from(elements) }],
  }));
}

/** Where a row-major element stands. */
function placeOf(flat: number, axes: readonly Axis[]): Place {
  const place = new Array<number>(axes.length).fill(0);
  let rest = flat;
  for (let along = axes.length - 1; along >= 0; along--) {
    const size = axes[along]?.size ?? 1;
    place[along] = rest % size;
    rest = Math.floor(rest / size);
  }
  return place;
}

/** What the player is called that has the element. */
function naming(input: NetworkInput, rule: PlayerRule): (place: Place) => string {
  switch (rule.by) {
    case 'position':
      return alongAxis(input, rule.axis, {});
    case 'group':
      return alongAxis(input, rule.axis, rule.groups);
    case 'patch':
      return inSquares(input, rule.size);
    case 'whole':
      return () => input.label;
  }
}

function alongAxis(
  { axes, label }: NetworkInput,
  name: string,
  groups: Readonly<Record<string, readonly string[]>>,
): (place: Place) => string {
  const along = axes.findIndex((axis) => axis.name === name);
  const axis = axes[along];
  if (axis === undefined) return () => label;
  const labels = Array.from({ length: axis.size }, (_, position) => {
    const word = wordOf(axis, position);
    return Object.keys(groups).find((group) => groups[group]?.includes(word)) ?? word;
  });
  return (place) => labels[place[along] ?? 0] ?? name;
}

/** `creatinine` where the axis has words, else `hour 3`. */
export const wordOf = ({ name, labels }: Axis, position: number): string =>
  labels?.[position] ?? `${name} ${position}`;

/** The last square of a row or column is smaller where the size does not divide the image. */
function inSquares({ axes }: NetworkInput, size: number): (place: Place) => string {
  const [height = 1, width = 1] = axes.slice(-2).map((axis) => axis.size);
  return (place) => {
    const [row = 0, column = 0] = place.slice(-2);
    return `${spanOf('row', row, size, height)}, ${spanOf('column', column, size, width)}`;
  };
}

function spanOf(word: string, position: number, size: number, length: number): string {
  const from = position - (position % size);
  const to = Math.min(from + size, length) - 1;
  return from === to ? `${word} ${from}` : `${word}s ${from}–${to}`;
}
