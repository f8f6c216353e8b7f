/** Every method by its name in a manifest, with what it needs of a network. */
import { Fault } from '../errors.ts';
import type { Network } from '../inference/network.ts';
import type { ExplanationMethod } from '../inference/network-manifest.ts';
import type { Urgency } from '../inference/urgency.ts';
import { additive } from './additive.ts';
import { exactShapley } from './exact.ts';
import type { Attribution, Game } from './game.ts';
import { gradCam, type HeatMap } from './grad-cam.ts';
import { expectedGradients, type Gradient, type GradientOptions, integratedGradients } from './gradients.ts';
import { kernelShap, leastKernelRows } from './kernel.ts';
import { leaveOneOut } from './leave-one-out.ts';
import { lime } from './lime.ts';
import { occlusion } from './occlusion.ts';
import { readTrees } from './onnx-trees.ts';
import { leastPermutationRows, permutationShapley } from './permutation.ts';
import { patientScore } from './scores.ts';
import { maxGroups } from './shapley.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { treeShap } from './tree-shap.ts';

export interface MethodOptions {
  /** Of methods that sample; the same seed gives the same answer. Absent: 1. */
  readonly seed?: number;
  /** Most rows that the model computes. Absent: what the method needs, within reason. */
  readonly maxEvaluations?: number;
  /** Nodes of a gradient method to begin with, 1 to 256. */
  readonly steps?: number;
}

export interface MethodQuestion {
  readonly network: Network;
  readonly game: Game;
  readonly options: MethodOptions;
  readonly urgency: Urgency;
}

/** What a method made of a game; Grad-CAM has a map and no contributions. */
export type Made = Omit<Attribution, 'baseline' | 'phi'> &
  Partial<Pick<Attribution, 'baseline' | 'phi'>> & { readonly map?: HeatMap };

export const methods: Readonly<Record<ExplanationMethod, (question: MethodQuestion) => Promise<Made>>> = {
  'exact-shapley': exact,
  additive: ({ game, urgency }) => additive(game, { urgency }),
  'tree-shap': ({ network, game, urgency }) => treeShap(game, treesOf(network), { urgency }),
  'integrated-gradients': (question) =>
    integratedGradients(question.game, gradientOf(question), gradientOptions(question)),
  'expected-gradients': (question) =>
    expectedGradients(question.game, gradientOf(question), gradientOptions(question)),
  'permutation-shapley': ({ game, options, urgency }) =>
    permutationShapley(game, { ...sampling(options, leastPermutationRows(game)), urgency }),
  'kernel-shap': ({ game, options, urgency }) =>
    kernelShap(game, { ...sampling(options, leastKernelRows(game)), urgency }),
  lime: ({ game, options, urgency }) =>
    lime(game, { ...sampling(options, 2 * game.backgroundRows + 1), urgency }),
  occlusion: ({ game, urgency }) => occlusion(game, { urgency }),
  'leave-one-out': ({ game, urgency }) => leaveOneOut(game, { urgency }),
  'grad-cam': localise,
};

/** Above this, full enumeration has to be asked for. */
const readilyEnumerated = 2 ** 21;

async function exact({ game, options, urgency }: MethodQuestion): Promise<Made> {
  const players = game.players.length;
  if (players > maxGroups)
    throw refused(`method: exact-shapley takes ${maxGroups} players, and there are ${players}`);
  const rows = game.backgroundRows * 2 ** players;
  if (rows > (options.maxEvaluations ?? readilyEnumerated))
    throw refused(`max_evaluations: exact-shapley takes up to ${rows} here`);
  return exactShapley(game, { urgency });
}

const readilySampled = 8192;

/** @param least rows without which the method has nothing to say */
function sampling({ seed = 1, maxEvaluations }: MethodOptions, least: number) {
  if (maxEvaluations !== undefined && maxEvaluations < least)
    throw refused(`max_evaluations: the method takes ${least} or more here`);
  return { seed, maxEvaluations: maxEvaluations ?? Math.max(readilySampled, 4 * least) };
}

const refused = (rule: string): Fault => new Fault('malformed-inference', [rule]);

const ensembles = new WeakMap<Uint8Array, TreeEnsemble>();

/** Read once for each graph. @throws Fault model-unavailable where it holds no trees */
function treesOf({ graph, manifest }: Network): TreeEnsemble {
  const trees = ensembles.get(graph) ?? readTrees(graph, manifest.explain?.element);
  ensembles.set(graph, trees);
  return trees;
}

function gradientOf({ network: { gradient, manifest } }: MethodQuestion): Gradient {
  if (gradient === undefined) throw new Fault('model-unavailable', [`${manifest.id}: no gradient`]);
  return gradient;
}

const gradientOptions = ({
  options: { steps, maxEvaluations },
  urgency,
}: MethodQuestion): GradientOptions => ({
  ...(steps === undefined ? {} : { steps }),
  ...(maxEvaluations === undefined ? {} : { maxEvaluations }),
  urgency,
});

/** The map is as large as the image: the first input of three axes that players name. */
async function localise(question: MethodQuestion): Promise<Made> {
  const { game, network, urgency } = question;
  const played = new Set(game.players.flatMap(({ parts }) => parts.map(({ input }) => input)));
  const image = network.manifest.inputs.find(({ name, axes }) => axes.length === 3 && played.has(name));
  const [, height, width] = image?.axes ?? [];
  if (height === undefined || width === undefined)
    throw new Fault('model-unavailable', [`${network.manifest.id}: no image`]);
  const value = await patientScore(game, { urgency });
  const slopes = await gradientOf(question)(game.patient, 1, urgency);
  return { value, evaluations: 2, map: gradCam(slopes, [height.size, width.size]) };
}
