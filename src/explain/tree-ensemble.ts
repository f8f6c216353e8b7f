/** An ensemble of decision trees that are added up, as flat arrays over all nodes. */

/** How a node's rule compares a feature with its threshold (ONNX `nodes_modes`). */
export const treeRules = [
  'BRANCH_LEQ',
  'BRANCH_LT',
  'BRANCH_GTE',
  'BRANCH_GT',
  'BRANCH_EQ',
  'BRANCH_NEQ',
  'LEAF',
] as const;

export const leafRule = treeRules.indexOf('LEAF');

export interface TreeEnsemble {
  /** The graph's input that holds the features, flat within one patient. */
  readonly input: string;
  /** Features are rounded to float32 before they are compared. */
  readonly float32: boolean;
  /** The node at which each tree starts. */
  readonly roots: Int32Array;
  /** Position in {@link treeRules}. */
  readonly rule: Uint8Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  /** The nodes that follow when the rule holds, and when not. A missing feature (NaN) breaks a rule… */
  readonly yes: Int32Array;
  readonly no: Int32Array;
  /** …but for the nodes with 1 here, where it keeps it. */
  readonly missingIsYes: Uint8Array;
  /** What a leaf adds to the sum; an average is divided already. */
  readonly weight: Float64Array;
  /** What the sum starts with. */
  readonly base: number;
}

export const isLeaf = ({ rule }: TreeEnsemble, node: number): boolean => rule[node] === leafRule;

/** The node after one that is no leaf. */
export function nextNode(trees: TreeEnsemble, node: number, features: ArrayLike<number>): number {
  const feature = features[trees.feature[node] ?? -1] ?? Number.NaN;
  const holds = Number.isNaN(feature)
    ? trees.missingIsYes[node] === 1
    : compares(trees.rule[node], feature, trees.threshold[node] ?? Number.NaN);
  return (holds ? trees.yes[node] : trees.no[node]) ?? 0;
}

function compares(rule: number | undefined, feature: number, threshold: number): boolean {
  switch (rule) {
    case 0:
      return feature <= threshold;
    case 1:
      return feature < threshold;
    case 2:
      return feature >= threshold;
    case 3:
      return feature > threshold;
    case 4:
      return feature === threshold;
    default:
      return feature !== threshold;
  }
}

/** The sum of the leaves in float64: before any link, so log odds where a sigmoid follows. */
export function marginOf(trees: TreeEnsemble, features: ArrayLike<number>): number {
  let margin = trees.base;
  for (const root of trees.roots) {
    let node = root;
    while (!isLeaf(trees, node)) node = nextNode(trees, node, features);
    margin += trees.weight[node] ?? 0;
  }
  return margin;
}
