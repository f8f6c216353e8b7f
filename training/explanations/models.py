"""Small fixed models, as plain numbers that Python and TypeScript evaluate alike, and their patients."""

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor

FEATURES = 8
PATIENTS = 3
BACKGROUND = 6


def people(random, count):
    """Half of the features are counts, so that patient and background often agree in one."""
    rows = random.normal(size=(count, FEATURES))
    rows[:, FEATURES // 2 :] = random.integers(0, 3, size=(count, FEATURES - FEATURES // 2))
    return rows


def linear(random):
    return {"weights": random.normal(size=FEATURES).tolist(), "bias": 0.25}


def linear_score(model, rows):
    """Log odds."""
    return rows @ np.array(model["weights"]) + model["bias"]


def mlp(random, hidden=6):
    return {
        "first": random.normal(size=(FEATURES, hidden)).tolist(),
        "firstBias": random.normal(size=hidden).tolist(),
        "second": random.normal(size=hidden).tolist(),
        "secondBias": -0.5,
    }


def mlp_score(model, rows):
    """Log odds: two layers, tanh between them."""
    inner = np.tanh(rows @ np.array(model["first"]) + np.array(model["firstBias"]))
    return inner @ np.array(model["second"]) + model["secondBias"]


def trees(random, count=10):
    """A boosted ensemble fitted to a score with an interaction, rounded to what float32 holds: the same in any runtime."""
    rows = people(random, 400).astype(np.float32).astype(np.float64)
    target = rows[:, 0] * rows[:, 1] + np.sin(rows[:, 2]) + (rows[:, 4] > 1) * rows[:, 3] - 0.3 * rows[:, 6]
    ensemble = GradientBoostingRegressor(n_estimators=count, max_depth=4, learning_rate=SHARE, random_state=7)
    ensemble.fit(rows, target)
    ensemble.init_.constant_ = ensemble.init_.constant_.astype(np.float32).astype(np.float64)
    for tree in trees_of(ensemble):
        tree.value[:] = tree.value.astype(np.float32)
        tree.threshold[:] = below(tree.threshold)
    return ensemble


SHARE = 0.5


def trees_of(ensemble):
    return [stage[0].tree_ for stage in ensemble.estimators_]


def tree_arrays(ensemble):
    """The attributes of a TreeEnsembleRegressor."""
    arrays = {name: [] for name in NODE_NAMES + LEAF_NAMES}
    for number, tree in enumerate(trees_of(ensemble)):
        for node in range(tree.node_count):
            leaf = tree.children_left[node] == -1
            add(
                arrays,
                nodes_treeids=number,
                nodes_nodeids=node,
                nodes_modes="LEAF" if leaf else "BRANCH_LEQ",
                nodes_featureids=0 if leaf else int(tree.feature[node]),
                nodes_values=0.0 if leaf else float(tree.threshold[node]),
                nodes_truenodeids=0 if leaf else int(tree.children_left[node]),
                nodes_falsenodeids=0 if leaf else int(tree.children_right[node]),
            )
            if leaf:
                weight = SHARE * tree.value[node].item()
                add(arrays, target_treeids=number, target_nodeids=node, target_ids=0, target_weights=weight)
    return {**arrays, "base_values": ensemble.init_.constant_.ravel().tolist()}


NODE_NAMES = [
    "nodes_treeids",
    "nodes_nodeids",
    "nodes_modes",
    "nodes_featureids",
    "nodes_values",
    "nodes_truenodeids",
    "nodes_falsenodeids",
]
LEAF_NAMES = ["target_treeids", "target_nodeids", "target_ids", "target_weights"]


def add(arrays, **entries):
    for name, entry in entries.items():
        arrays[name].append(entry)


def below(thresholds):
    """The largest float32 that is at most each threshold: the same side for every float32 feature."""
    single = thresholds.astype(np.float32)
    return np.where(single <= thresholds, single, np.nextafter(single, np.float32(-np.inf)))
