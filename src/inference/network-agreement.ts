/** What must agree inside a network's manifest: names, labels, bounds, and methods with what they need. */
import { type Disagreement, repeats, unknown } from './disagreement.ts';
import type {
  ExplanationMethod,
  NetworkExplain,
  NetworkInput,
  NetworkManifest,
  NetworkOutput,
} from './network-manifest.ts';
import { elementsOf } from './network-tensors.ts';

type Path = readonly (string | number)[];
type Player = NetworkExplain['players'][number];

export function networkDisagreements(manifest: NetworkManifest): readonly Disagreement[] {
  const { inputs, outputs, explain } = manifest;
  const names = [...inputs, ...outputs].map(({ name }) => name);
  return [
    ...repeats(names, ['outputs'], 'tensor'),
    ...inputs.flatMap((input, at) => inputRules(input, ['inputs', at])),
    ...outputs.flatMap((output, at) => outputRules(output, ['outputs', at])),
    ...(explain === undefined ? unexplained(manifest) : explainRules(manifest, explain)),
  ];
}

const inputRules = (input: NetworkInput, path: Path): readonly Disagreement[] => [
  ...axisRules(input, path),
  ...boundRules(input.dtype, input.valid, [...path, 'valid']),
  ...rule(input.missing !== undefined && input.dtype === 'int64', [...path, 'missing'], 'int64 has no NaN'),
];

function outputRules(output: NetworkOutput, path: Path): readonly Disagreement[] {
  const { kind, dtype, range } = output;
  const beyond = kind === 'probability' && (range.min < 0 || range.max > 1);
  return [
    ...axisRules(output, path),
    ...boundRules(dtype, range, [...path, 'range']),
    ...rule(beyond, [...path, 'range'], 'a probability is within 0 to 1'),
    ...rule(kind === 'probability' && dtype === 'int64', [...path, 'dtype'], 'a probability is no int64'),
  ];
}

const axisRules = ({ axes }: Pick<NetworkInput, 'axes'>, path: Path): readonly Disagreement[] => [
  ...repeats(
    axes.map(({ name }) => name),
    [...path, 'axes'],
    'axis',
  ),
  ...axes.flatMap(({ size, labels }, at) => {
    const where = [...path, 'axes', at, 'labels'];
    if (labels === undefined) return [];
    return [
      ...rule(labels.length !== size, where, `are ${labels.length} words for ${size} positions`),
      ...repeats(labels, where, 'label'),
    ];
  }),
];

/** Bounds that the tensor's own type can hold. */
function boundRules(
  dtype: NetworkInput['dtype'],
  { min, max }: NetworkInput['valid'],
  path: Path,
): readonly Disagreement[] {
  const whole = Number.isSafeInteger(min) && Number.isSafeInteger(max);
  const held = Number.isFinite(Math.fround(min)) && Number.isFinite(Math.fround(max));
  return [
    ...rule(min > max, path, 'min is above max'),
    ...rule(dtype === 'int64' && !whole, path, 'bounds of int64 are whole numbers within 2^53'),
    ...rule(dtype === 'float32' && !held, path, 'float32 does not reach so far'),
  ];
}

const unexplained = ({ background, gradient }: NetworkManifest): readonly Disagreement[] => [
  ...rule(background !== undefined, ['background'], 'there is no explanation that needs it'),
  ...rule(gradient !== undefined, ['gradient'], 'there is no explanation that needs it'),
];

function explainRules(manifest: NetworkManifest, explain: NetworkExplain): readonly Disagreement[] {
  const { inputs, outputs } = manifest;
  const output = outputs.find(({ name }) => name === explain.output);
  const outputNames = outputs.map(({ name }) => name);
  const element = explain.element ?? 0;
  const beyond = output !== undefined && element >= elementsOf(output);
  const logit = explain.scale === 'logit' && output?.kind === 'number';
  return [
    ...unknown([explain.output], outputNames, ['explain', 'output'], 'output'),
    ...rule(
      output !== undefined && explain.element === undefined && output.axes.length > 0,
      ['explain', 'element'],
      `says which of the ${output === undefined ? 0 : elementsOf(output)} elements of ${explain.output}`,
    ),
    ...rule(beyond, ['explain', 'element'], `${explain.output} has no element ${element}`),
    ...rule(logit, ['explain', 'scale'], 'only a probability has a logit'),
    ...repeats(
      explain.players.map(({ input }) => input),
      ['explain', 'players'],
      'input',
    ),
    ...explain.players.flatMap((player, at) => playerRules(player, inputs, ['explain', 'players', at])),
    ...repeats(explain.methods, ['explain', 'methods'], 'method'),
    ...explain.methods.flatMap((method, at) =>
      methodNeeds(method, manifest, explain).map((needed) => ({
        path: ['explain', 'methods', at],
        rule: `${method} needs ${needed}`,
      })),
    ),
  ];
}

function playerRules(player: Player, inputs: readonly NetworkInput[], path: Path): readonly Disagreement[] {
  const names = inputs.map(({ name }) => name);
  const input = inputs.find(({ name }) => name === player.input);
  if (input === undefined) return unknown([player.input], names, [...path, 'input'], 'input');
  switch (player.by) {
    case 'whole':
      return [];
    case 'patch':
      return rule(input.axes.length < 2, path, `${input.name} is no image`);
    case 'position':
    case 'group':
      return alongAxis(player, input, path);
  }
}

function alongAxis(
  player: Extract<Player, { axis: string }>,
  { axes }: NetworkInput,
  path: Path,
): readonly Disagreement[] {
  const axis = axes.find(({ name }) => name === player.axis);
  const names = axes.map(({ name }) => name);
  if (axis === undefined) return unknown([player.axis], names, [...path, 'axis'], 'axis');
  if (player.by === 'position') return [];
  const labels = axis.labels ?? Array.from({ length: axis.size }, (_, at) => `${axis.name} ${at}`);
  const members = Object.values(player.groups).flat();
  return [
    ...unknown(members, labels, [...path, 'groups'], `label of ${axis.name}`),
    ...repeats(members, [...path, 'groups'], 'label'),
  ];
}

const perturbing: readonly ExplanationMethod[] = ['occlusion', 'leave-one-out', 'grad-cam'];
const differentiating: readonly ExplanationMethod[] = [
  'integrated-gradients',
  'expected-gradients',
  'grad-cam',
];
const ofNumbers: readonly ExplanationMethod[] = [...differentiating, 'additive', 'tree-shap'];

/** What a method cannot do without and this network does not have. */
function methodNeeds(
  method: ExplanationMethod,
  { inputs, background, gradient }: NetworkManifest,
  { players }: NetworkExplain,
): readonly string[] {
  const explained = inputs.filter(({ name }) => players.some(({ input }) => input === name));
  const image = explained.some(({ axes, dtype }) => axes.length === 3 && dtype !== 'int64');
  const tokens = explained.some(({ dtype }) => dtype === 'int64');
  return [
    ...(!perturbing.includes(method) && background === undefined ? ['a background'] : []),
    ...(differentiating.includes(method) && gradient === undefined ? ['a gradient'] : []),
    ...(ofNumbers.includes(method) && tokens ? ['players of floating-point inputs'] : []),
    ...(method === 'grad-cam' && !image ? ['an image: channels, rows, columns'] : []),
  ];
}

const rule = (broken: boolean, path: Path, words: string): readonly Disagreement[] =>
  broken ? [{ path, rule: words }] : [];
