/**
 * Triton on `models` and `fixtures/models` as they lie there: does it load each package, and does it answer the package's
 * vectors as our own runner does? Each model is started as a service with REMOTE_MODELS starts it, over REST and gRPC, and
 * asked in plain JSON too. Once with the graphs' own axes, once with Triton's default batches of four rows. Prints Markdown.
 *
 *   node bench/triton.ts [folder of a Python environment, kept]
 */
import { availableParallelism, cpus } from 'node:os';
import { basename } from 'node:path';
import { type StartRunner, startModel } from '../src/inference/model-start.ts';
import { readNetworkPackage } from '../src/inference/network-package.ts';
import { startNetwork } from '../src/inference/network-start.ts';
import { ModelPackageError, packageFolders, packageKind, readPackage } from '../src/inference/package.ts';
import { datatypeOf, dtypeOf, jsonOf, tensorOfJson } from '../src/inference/remote/datatype.ts';
import { parseRemoteModels } from '../src/inference/remote/remote-model.ts';
import { remoteRunner } from '../src/inference/remote/remote-runner.ts';
import { runnerWithRemotes } from '../src/inference/remote/router.ts';
import { NoAnswer } from '../src/inference/remote/transport.ts';
import type { Golden } from '../src/inference/runner/protocol.ts';
import { type Runner, startRunner } from '../src/inference/runner/runner.ts';
import type { Tensors } from '../src/inference/tensor.ts';
import { packaged } from '../src/packaged.ts';
import { versionsOf } from './python.ts';
import { installed, requirements, startTriton, type Triton } from './triton/server.ts';

const repositories = ['models', 'fixtures/models'].map(packaged);
const port = 18_200;
/** What Triton does where nobody tells it otherwise. */
const tritonsDefault = 4;

interface Package {
  readonly folder: string;
  readonly id: string;
  /** Its vectors, and what they are here. */
  readonly golden: Golden;
}

/** Until it has reproduced its vectors. @throws ModelPackageError */
const start = async (folder: string, runner: StartRunner): Promise<unknown> =>
  (await packageKind(folder)) === 'network'
    ? startNetwork(await readNetworkPackage(folder), runner)
    : startModel(await readPackage(folder), runner);

async function startHere(folder: string, local: Runner): Promise<Package> {
  const id = basename(folder);
  const goldens = new Map<string, Golden>();
  const prove = async (model: string, golden: Golden): Promise<void> => void goldens.set(model, golden);
  await start(folder, {
    load: (model, bytes) => local.load(model, bytes),
    run: (model, batch) => local.run(model, batch),
    prove,
  });
  const golden = goldens.get(id);
  if (golden === undefined) throw new Error(`${id} was not proven`);
  return { folder, id, golden };
}

/** What a question came to: the largest difference from the answer here, or why there is none. */
type Outcome = number | string;

const outcomeOf = (asked: Promise<number>): Promise<Outcome> => asked.catch(reasonOf);

/** What broke, and the deepest cause of it. */
function reasonOf(thrown: unknown): string {
  const broken = thrown instanceof ModelPackageError ? [`${thrown.field} ${thrown.rule}`.trim()] : [];
  let cause = thrown;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  const why = cause instanceof Error && !(cause instanceof ModelPackageError) ? [cause.message] : [];
  return [...broken, ...why].join(': ');
}

async function remotely(
  { folder, id, golden }: Package,
  protocol: 'rest' | 'grpc',
  triton: Triton,
  local: Runner,
): Promise<number> {
  const endpoints = [`http://127.0.0.1:${triton[protocol]}`];
  const [entry] = parseRemoteModels(JSON.stringify([{ model: id, protocol, endpoints, timeoutMs: 30_000 }]));
  if (entry === undefined) throw new Error('no entry');
  const remote = remoteRunner(entry, { protoFile: packaged('src/serving/open_inference_grpc.proto') });
  try {
    await start(folder, runnerWithRemotes(local, [remote]));
    await remote.prove(id, golden);
    return largestDifference(golden.outputs, await remote.run(id, golden.batch));
  } finally {
    await remote.close();
  }
}

interface Answer {
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data: readonly unknown[];
  }[];
}

/** By hand: nothing but what the Open Inference Protocol says. */
async function plainly({ id, golden: { batch, outputs } }: Package, triton: Triton): Promise<number> {
  const inputs = Object.entries(batch.feeds).map(([name, tensor]) => ({
    name,
    shape: tensor.shape,
    datatype: datatypeOf(tensor),
    data: jsonOf(tensor, name),
  }));
  const response = await fetch(`http://127.0.0.1:${triton.rest}/v2/models/${id}/infer`, {
    method: 'POST',
    body: JSON.stringify({ inputs, outputs: batch.fetches.map((name) => ({ name })) }),
  });
  if (!response.ok)
    throw new NoAnswer('refused', `status ${response.status}, ${said(await response.json())}`);
  const answer = (await response.json()) as Answer;
  const tensors = answer.outputs.map(
    ({ name, datatype, shape, data }) =>
      [name, tensorOfJson(dtypeOf(datatype, name), shape, data, name)] as const,
  );
  return largestDifference(outputs, Object.fromEntries(tensors));
}

/** Triton's words, without the request and the model that they name. */
const said = (refusal: unknown): string =>
  String((refusal as { readonly error?: unknown }).error).replace(/^\[.*?\] | for '[^']*'$/g, '');

/** Of any element, as it is; 0: the same numbers, and none where there is none. @throws NoAnswer for other shapes */
function largestDifference(here: Tensors, there: Tensors): number {
  const differences = Object.entries(here).map(([name, { shape, data }]) => {
    const found = there[name];
    if (found?.shape.join() !== shape.join())
      throw new NoAnswer('wrong', `${name} is [${found?.shape}], not [${shape}]`);
    return Array.from<number | bigint, number>(data, (element, at) => between(element, found.data[at]));
  });
  return differences.flat().reduce((worst, difference) => Math.max(worst, difference), 0);
}

function between(one: number | bigint, other: number | bigint | undefined): number {
  if (Object.is(one, other) || one === other) return 0;
  const difference = Math.abs(Number(one) - Number(other));
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}

interface Line {
  readonly id: string;
  readonly rows: number;
  readonly outcomes: readonly Outcome[];
}

const ways = ['REST, bytes', 'gRPC', 'REST, JSON'] as const;

async function asked(packages: readonly Package[], triton: Triton, local: Runner): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const each of packages) {
    const outcomes = [
      await outcomeOf(remotely(each, 'rest', triton, local)),
      await outcomeOf(remotely(each, 'grpc', triton, local)),
      await outcomeOf(plainly(each, triton)),
    ];
    lines.push({ id: each.id, rows: each.golden.batch.rows, outcomes });
  }
  return lines;
}

const cells = (...all: readonly (string | number)[]): string => `| ${all.join(' | ')} |`;
const shown = (outcome: Outcome): string =>
  typeof outcome === 'string' ? outcome : outcome === 0 ? '0' : outcome.toExponential(1);

function table(lines: readonly Line[], { loaded }: Triton): string {
  const stateOf = (id: string): string => {
    const { state = 'not listed', reason = '' } = loaded.find(({ name }) => name === id) ?? {};
    return `${state} ${reason}`.trim();
  };
  const head = ['model', 'Triton says', 'vectors', ...ways];
  const body = lines.map(({ id, rows, outcomes }) => cells(id, stateOf(id), rows, ...outcomes.map(shown)));
  return [cells(...head), cells(...head.map(() => '---')), ...body].join('\n');
}

const ready = ({ loaded }: Triton): string =>
  `${loaded.filter(({ state }) => state === 'READY').length} of ${loaded.length} packages loaded.`;

async function bench(): Promise<void> {
  const from = installed(process.argv[2]);
  const local = startRunner();
  const folders = (await Promise.all(repositories.map(packageFolders))).flat();
  const packages: Package[] = [];
  for (const folder of folders) packages.push(await startHere(folder, local));
  console.log(`# Triton on ${folders.length} packages\n`);
  let version = '';
  for (const maxBatchSize of [0, tritonsDefault]) {
    const triton = await startTriton({ from, repositories, maxBatchSize, port });
    version = triton.version;
    const title = maxBatchSize === tritonsDefault ? ', its default' : ': the axes are those of the graph';
    console.log(`## default-max-batch-size=${maxBatchSize}${title}\n\n${ready(triton)}\n`);
    console.log(`${table(await asked(packages, triton, local), triton)}\n`);
    await triton.close();
  }
  await local.close();
  console.log(
    `Triton ${version}; ${versionsOf(requirements, from.bin)}. Node ${process.version}, onnxruntime-node 1.30.0.`,
    `${availableParallelism()} cores, ${cpus()[0]?.model}.`,
  );
}

await bench();
