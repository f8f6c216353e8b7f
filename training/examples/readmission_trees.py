"""readmission-trees: gradient boosting, 30 trees of depth 3, as a TreeEnsembleRegressor and a Sigmoid."""

from pathlib import Path

import numpy as np
import onnx
import readmission
from measures import held_out
from network import NetworkGraph

TREES = 30
DEPTH = 3
RATE = 0.3


def train(data: Path) -> tuple[dict[str, np.ndarray], dict]:
    from sklearn.ensemble import GradientBoostingClassifier

    x, event, test_x, test_event = readmission.split(data)
    boosted = GradientBoostingClassifier(
        n_estimators=TREES, max_depth=DEPTH, learning_rate=RATE, min_samples_leaf=50, random_state=0
    ).fit(x, event)
    weights = _nodes([stage[0].tree_ for stage in boosted.estimators_])
    rate = event.mean(dtype=np.float64)
    weights["base"] = np.array([np.log(rate / (1 - rate))])
    risk = worked(weights, {"x": test_x.astype(np.float64)})["risk"]
    difference = np.abs(risk - boosted.predict_proba(test_x)[:, 1]).max()
    if difference > 1e-6:
        raise ValueError(f"the trees as written differ from those trained by {difference}")
    return weights, readmission.facts_of(x, held_out(test_event, risk))


def _nodes(trees: list) -> dict[str, np.ndarray]:
    """All nodes of all trees, one entry each. Left is taken where x[column] <= threshold; column -1 is a leaf."""
    names = ["tree", "node", "column", "threshold", "left", "right", "value"]
    entries: dict[str, list] = {name: [] for name in names}
    for at, tree in enumerate(trees):
        for node in range(tree.node_count):
            leaf = tree.children_left[node] < 0
            entry = [
                at,
                node,
                -1 if leaf else tree.feature[node],
                0.0 if leaf else tree.threshold[node],
                0 if leaf else tree.children_left[node],
                0 if leaf else tree.children_right[node],
                RATE * tree.value[node, 0, 0] if leaf else 0.0,
            ]
            for name, value in zip(names, entry, strict=True):
                entries[name].append(value)
    numbers = {"threshold", "value"}
    return {name: np.array(all_, np.float32 if name in numbers else np.int32) for name, all_ in entries.items()}


def graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    g = NetworkGraph("readmission-trees")
    leaf = weights["column"] < 0
    margin = g.ops(
        "TreeEnsembleRegressor",
        1,
        g.input("x", len(readmission.LABELS)),
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        post_transform="NONE",
        base_values=weights["base"].tolist(),
        nodes_treeids=weights["tree"].tolist(),
        nodes_nodeids=weights["node"].tolist(),
        nodes_featureids=np.where(leaf, 0, weights["column"]).tolist(),
        nodes_modes=["LEAF" if end else "BRANCH_LEQ" for end in leaf],
        nodes_values=weights["threshold"].tolist(),
        nodes_truenodeids=weights["left"].tolist(),
        nodes_falsenodeids=weights["right"].tolist(),
        target_treeids=weights["tree"][leaf].tolist(),
        target_nodeids=weights["node"][leaf].tolist(),
        target_ids=[0] * int(leaf.sum()),
        target_weights=weights["value"][leaf].tolist(),
    )[0]
    log_odds = g.squeeze(margin, 1)
    g.output("risk", g.op("Sigmoid", log_odds))
    g.output("log_odds", log_odds)
    return g.model()


def worked(weights: dict[str, np.ndarray], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """All patients walk each tree from its root, one step at a time."""
    x = given["x"]
    people = np.arange(len(x))
    log_odds = np.full(len(x), weights["base"][0], np.float64)
    for root in np.flatnonzero(weights["node"] == 0):
        at = np.full(len(x), root)
        for _ in range(DEPTH):
            column = weights["column"][at]
            goes_left = x[people, np.maximum(column, 0)] <= weights["threshold"][at]
            step = root + np.where(goes_left, weights["left"][at], weights["right"][at])
            at = np.where(column < 0, at, step).astype(int)
        log_odds += weights["value"][at]
    return {"risk": 1 / (1 + np.exp(-log_odds)), "log_odds": log_odds}


patients = readmission.patients
background = readmission.background


def about(facts: dict) -> dict:
    return readmission.about(
        "readmission-trees",
        "gradient-boosted trees",
        facts,
        f"Gradient boosting, {TREES} trees of depth {DEPTH}, on 12 columns.",
        {"input": "x", "by": "position", "axis": "column"},
        ["tree-shap", "exact-shapley", "permutation-shapley", "kernel-shap", "lime", "leave-one-out"],
    )
