/** The network port over a runner: what goes in is checked before, what comes out after. */
import { Fault } from '../errors.ts';
import type { MixedRows } from './mixture.ts';
import type { Network } from './network.ts';
import type { NetworkManifest, NetworkOutput } from './network-manifest.ts';
import type { NetworkPackage } from './network-package.ts';
import { answerRule, feedProblems, formRule } from './network-tensors.ts';
import type { Batch } from './runner/protocol.ts';
import type { Runner } from './runner/runner.ts';
import type { Tensor, Tensors } from './tensor.ts';
import type { Urgency } from './urgency.ts';

/** What a network is made of, besides the process that runs it. */
export type NetworkParts = Pick<NetworkPackage, 'manifest' | 'digest' | 'model' | 'background' | 'gradient'>;

/** The name under which the runner knows a network's gradient. */
export const gradientName = (id: string): string => `${id}/gradient`;

/** @throws from `run` and `gradient`: what the port says; an output that the network does not have is malformed-inference */
export function onnxNetwork(
  { manifest, digest, model, background, gradient }: NetworkParts,
  runner: Pick<Runner, 'run'>,
): Network {
  const ask = async (
    asked: Omit<Batch, 'fetches'>,
    urgency: Urgency | undefined,
    only: readonly string[] | undefined,
  ): Promise<Tensors> => {
    const outputs = wanted(manifest, only);
    const fetches = outputs.map(({ name }) => name);
    const answer = await runner.run(manifest.id, { ...asked, fetches }, urgency);
    return checkedAnswer(manifest.id, outputs, answer, asked.rows);
  };
  const network: Network = {
    manifest,
    digest,
    graph: model,
    async run(feeds, rows, urgency, only) {
      checkFeeds(manifest, feeds, rows);
      return ask({ rows, feeds }, urgency, only);
    },
    async mix(rows, urgency, only) {
      checkEnds(manifest, rows);
      return ask(rows, urgency, only);
    },
    ...(background === undefined ? {} : { background }),
  };
  if (gradient === undefined) return network;
  const fetches = gradientOutputs(manifest);
  return {
    ...network,
    async gradient(feeds: Tensors, rows: number, urgency?: Urgency) {
      checkFeeds(manifest, feeds, rows);
      const answer = await runner.run(gradientName(manifest.id), { rows, feeds, fetches }, urgency);
      const broken = fetches.find((name) => !isSlope(manifest, name, answer[name], rows));
      if (broken !== undefined) throw new Fault('model-unavailable', [manifest.id, broken]);
      return answer;
    },
  };
}

/** @throws Fault malformed-inference, with every rule that is broken */
export function checkFeeds({ inputs }: NetworkManifest, feeds: Tensors, rows: number): void {
  const problems = feedProblems(inputs, feeds, rows);
  if (problems.length > 0) throw new Fault('malformed-inference', problems);
}

/** What is mixed is valid where both ends are. @throws Fault malformed-inference */
export function checkEnds(manifest: NetworkManifest, { mixture: { ends } }: MixedRows): void {
  const [first] = Object.values(ends);
  checkFeeds(manifest, ends, first?.shape[0] ?? 0);
}

/** The outputs of those names, in the manifest's order. @throws Fault malformed-inference for another name */
export function wanted(
  { outputs }: NetworkManifest,
  only: readonly string[] = outputs.map(({ name }) => name),
): readonly NetworkOutput[] {
  const unknown = only.some((asked) => !outputs.some(({ name }) => name === asked));
  if (unknown) throw new Fault('malformed-inference', ['outputs: there is one that the model does not have']);
  return outputs.filter(({ name }) => only.includes(name));
}

/** The answer, when it is whole. @throws Fault model-unavailable, naming the output that is not what the manifest says */
export function checkedAnswer(
  id: string,
  outputs: readonly NetworkOutput[],
  answer: Tensors,
  rows: number,
): Tensors {
  const broken = outputs.find((output) => answerRule(output, answer[output.name], rows) !== undefined);
  if (broken !== undefined) throw new Fault('model-unavailable', [id, broken.name]);
  return Object.fromEntries(
    outputs.flatMap(({ name }) => (answer[name] === undefined ? [] : [[name, answer[name]]])),
  );
}

/** What the gradient graph gives: `d_<input>` for each input of floating-point numbers, and the maps of Grad-CAM. */
export const gradientOutputs = ({ inputs, explain }: NetworkManifest): readonly string[] => [
  ...inputs.filter(({ dtype }) => dtype !== 'int64').map(({ name }) => `d_${name}`),
  ...(explain?.methods.includes('grad-cam') ? ['activations', 'd_activations'] : []),
];

/** Finite numbers; a slope has the form of its input. */
function isSlope(
  { inputs }: NetworkManifest,
  name: string,
  tensor: Tensor | undefined,
  rows: number,
): boolean {
  if (tensor?.dtype !== 'float32' && tensor?.dtype !== 'float64') return false;
  const input = inputs.find((each) => name === `d_${each.name}`);
  const formed = input === undefined ? tensor.shape[0] === rows : formRule(input, tensor, rows) === undefined;
  return formed && allFinite(tensor.data);
}

function allFinite(data: Float32Array | Float64Array): boolean {
  for (let at = 0; at < data.length; at++) if (!Number.isFinite(data[at])) return false;
  return true;
}
