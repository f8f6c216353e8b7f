/** Reads an ensemble of trees out of an ONNX graph: its one TreeEnsembleRegressor (ai.onnx.ml, operator versions 1 and 3). */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { z } from 'zod';
import { Fault } from '../errors.ts';
import { leafRule, type TreeEnsemble, treeRules } from './tree-ensemble.ts';

const bytes = z.instanceof(Uint8Array).default(() => new Uint8Array(0));
const numbers = z.array(z.number()).default([]);
const tensor = z.object({ dataType: z.number(), floatData: numbers, doubleData: numbers, rawData: bytes });
const attribute = z.object({
  name: z.string(),
  i: z.number().optional(),
  s: bytes,
  t: tensor.optional(),
  floats: numbers,
  ints: numbers,
  strings: z.array(z.instanceof(Uint8Array)).default([]),
});
const node = z.object({
  input: z.array(z.string()).default([]),
  output: z.array(z.string()).default([]),
  opType: z.string().default(''),
  attribute: z.array(attribute).default([]),
});
const model = z.object({
  graph: z.object({ node: z.array(node), input: z.array(z.object({ name: z.string() })) }),
});

type Graph = z.output<typeof model>['graph'];
type Node = z.output<typeof node>;

const grammar = protobuf.parse(readFileSync(new URL('./onnx.proto', import.meta.url), 'utf8')).root;
const modelProto = grammar.lookupType('onnx.ModelProto');

/**
 * Trees of one target. Between the graph's input and the trees there may be Cast and Identity only; what follows the trees
 * is not read: who explains compares the sum with what the model answers.
 *
 * @param target which of several outputs of the trees
 * @throws Fault model-unavailable, naming what the graph has that this does not read
 */
export function readTrees(onnx: Uint8Array, target = 0): TreeEnsemble {
  const graph = graphOf(onnx);
  const [found, ...more] = graph.node.filter(({ opType }) => opType === 'TreeEnsembleRegressor');
  if (found === undefined || more.length > 0) throw unreadable('the graph has not one TreeEnsembleRegressor');
  return { ...featuresOf(graph, found), ...ensembleOf(new Attributes(found), target) };
}

function graphOf(onnx: Uint8Array): Graph {
  try {
    const message = modelProto.decode(onnx);
    return model.parse(modelProto.toObject(message, { longs: Number })).graph;
  } catch (thrown) {
    throw unreadable('the graph is no ONNX file', thrown);
  }
}

const unreadable = (why: string, cause?: unknown): Fault =>
  new Fault('model-unavailable', [`tree explanation: ${why}`], cause);

/** Attributes of a node by name, those with a twin in tensor form (operator version 3) under one name. */
class Attributes {
  readonly #byName: ReadonlyMap<string, Node['attribute'][number]>;

  constructor({ attribute }: Node) {
    this.#byName = new Map(attribute.map((each) => [each.name, each]));
  }

  ints(name: string): readonly number[] {
    return this.#byName.get(name)?.ints ?? [];
  }

  int(name: string, without: number): number {
    return this.#byName.get(name)?.i ?? without;
  }

  words(name: string): readonly string[] {
    return (this.#byName.get(name)?.strings ?? []).map(ascii);
  }

  word(name: string, without: string): string {
    return ascii(this.#byName.get(name)?.s ?? new Uint8Array(0)) || without;
  }

  reals(name: string): readonly number[] {
    const twin = this.#byName.get(`${name}_as_tensor`)?.t;
    return twin === undefined ? (this.#byName.get(name)?.floats ?? []) : realsOf(twin);
  }
}

const ascii = (text: Uint8Array): string => Buffer.from(text).toString('latin1');

/** TensorProto.DataType. */
const float = 1;
const double = 11;

function realsOf({ dataType, floatData, doubleData, rawData }: z.output<typeof tensor>): readonly number[] {
  if (dataType !== float && dataType !== double) throw unreadable('a tensor is neither float nor double');
  if (rawData.length === 0) return dataType === float ? floatData : doubleData;
  const raw = Buffer.from(rawData);
  const width = dataType === float ? 4 : 8;
  return Array.from({ length: raw.length / width }, (_, at) =>
    dataType === float ? raw.readFloatLE(at * width) : raw.readDoubleLE(at * width),
  );
}

/** The graph's input behind the trees, and whether it is cast to float32 on the way. */
function featuresOf({ node: nodes, input }: Graph, trees: Node): Pick<TreeEnsemble, 'input' | 'float32'> {
  let name = trees.input[0] ?? '';
  let float32 = false;
  while (!input.some((each) => each.name === name)) {
    const before = nodes.find(({ output }) => output.includes(name));
    if (before?.opType !== 'Cast' && before?.opType !== 'Identity')
      throw unreadable('the trees do not take an input of the graph as it is');
    float32 ||= before.opType === 'Cast' && new Attributes(before).int('to', double) === float;
    name = before.input[0] ?? '';
  }
  return { input: name, float32 };
}

function ensembleOf(from: Attributes, target: number): Omit<TreeEnsemble, 'input' | 'float32'> {
  const aggregate = from.word('aggregate_function', 'SUM');
  const link = from.word('post_transform', 'NONE');
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE')
    throw unreadable(`the trees are put together by ${aggregate}`);
  if (link !== 'NONE' && link !== 'LOGISTIC') throw unreadable(`the trees are followed by ${link}`);
  if (!(target >= 0 && target < from.int('n_targets', 1))) throw unreadable('the trees have fewer targets');
  const trees = from.ints('nodes_treeids');
  const places = placesOf(trees, from.ints('nodes_nodeids'));
  const shape = shapeOf(from, trees, places);
  assertTrees(shape);
  const count = trees.length;
  const missing = from.ints('nodes_missing_value_tracks_true');
  return {
    ...shape,
    feature: Int32Array.from(sized(from.ints('nodes_featureids'), count)),
    threshold: Float64Array.from(sized(from.reals('nodes_values'), count)),
    missingIsYes: Uint8Array.from(trees, (_, at) => Number(missing[at] === 1)),
    weight: weightsOf(from, target, places, aggregate === 'AVERAGE' ? shape.roots.length : 1, count),
    base: from.reals('base_values')[target] ?? 0,
  };
}

function shapeOf(
  from: Attributes,
  trees: readonly number[],
  places: Places,
): Pick<TreeEnsemble, 'roots' | 'rule' | 'yes' | 'no'> {
  const rule = Uint8Array.from(sized(from.words('nodes_modes').map(ruleOf), trees.length));
  return {
    roots: rootsOf(trees),
    rule,
    yes: followers(from.ints('nodes_truenodeids'), trees, rule, places),
    no: followers(from.ints('nodes_falsenodeids'), trees, rule, places),
  };
}

type Places = (tree: number, node: number) => number;

/** Where a node of a tree stands in the arrays. */
function placesOf(trees: readonly number[], nodes: readonly number[]): Places {
  const places = new Map(sized(nodes, trees.length).map((id, at) => [`${trees[at]} ${id}`, at]));
  return (tree, id) => {
    const place = places.get(`${tree} ${id}`);
    if (place === undefined) throw unreadable('a tree names a node that it does not have');
    return place;
  };
}

/** A tree starts at the first of its nodes, as onnxruntime reads them. */
function rootsOf(trees: readonly number[]): Int32Array {
  const seen = new Set<number>();
  return Int32Array.from([...trees.keys()].filter((at) => seen.size < seen.add(trees[at] ?? -1).size));
}

function ruleOf(mode: string): number {
  const rule = treeRules.indexOf(mode as (typeof treeRules)[number]);
  if (rule < 0) throw unreadable(`a node branches by ${mode}`);
  return rule;
}

function sized(values: readonly number[], count: number): readonly number[] {
  if (values.length !== count) throw unreadable('an attribute of the trees is not one value for each node');
  return values;
}

/** Where the branches of each node lead; a leaf stays where it is. */
function followers(
  ids: readonly number[],
  trees: readonly number[],
  rule: Uint8Array,
  places: Places,
): Int32Array {
  return Int32Array.from(sized(ids, rule.length), (id, at) =>
    rule[at] === leafRule ? at : places(trees[at] ?? -1, id),
  );
}

/** Every node is reached by one way at most and a root by none, so that a walk always ends. */
function assertTrees({ roots, rule, yes, no }: Pick<TreeEnsemble, 'roots' | 'rule' | 'yes' | 'no'>): void {
  const reached = new Set(roots);
  for (const [at, each] of rule.entries()) {
    if (each === leafRule) continue;
    for (const next of [yes[at] ?? -1, no[at] ?? -1]) {
      if (reached.has(next)) throw unreadable('a node is reached by two ways');
      reached.add(next);
    }
  }
}

function weightsOf(
  from: Attributes,
  target: number,
  places: Places,
  share: number,
  count: number,
): Float64Array {
  const weights = new Float64Array(count);
  const ids = from.ints('target_ids');
  const trees = sized(from.ints('target_treeids'), ids.length);
  const nodes = sized(from.ints('target_nodeids'), ids.length);
  for (const [at, value] of sized(from.reals('target_weights'), ids.length).entries()) {
    const place = places(trees[at] ?? -1, nodes[at] ?? -1);
    if (ids[at] === target) weights[place] = (weights[place] ?? 0) + value / share;
  }
  return weights;
}
