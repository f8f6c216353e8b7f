"""Freezes what reference implementations say of small models: test/explain/vectors/*.json and trees.onnx.

python training/explanations/vectors.py [folder]
"""

import json
import pathlib
import sys

import lime.lime_base
import numpy as np
import onnx
import shap
from onnx import TensorProto, helper

import models

SEED = 20240229
ROOT = pathlib.Path(__file__).resolve().parents[2]


def main(folder):
    random = np.random.default_rng(SEED)
    background, patients = models.people(random, models.BACKGROUND), models.people(random, models.PATIENTS)
    game = {"background": background.tolist(), "patients": patients.tolist()}
    for name, build, score in [
        ("linear", models.linear, models.linear_score),
        ("mlp", models.mlp, models.mlp_score),
    ]:
        model = build(random)
        said = explained(lambda rows: score(model, rows), background, patients)
        write(folder, name, {"model": model, **game, **said})
    write(folder, "trees", of_trees(folder, random, background, patients))
    write(folder, "lime", of_lime(random))


def explained(score, background, patients):
    """Shapley values by full enumeration and by the regression over all coalitions."""
    masker = shap.maskers.Independent(background, max_samples=len(background))
    exact = shap.explainers.ExactExplainer(score, masker)(patients)
    kernel = shap.KernelExplainer(score, background)
    regression = kernel.shap_values(patients, nsamples=2**models.FEATURES, l1_reg=0, silent=True)
    assert np.abs(exact.values - regression).max() < 1e-9
    return {
        "value": score(patients).tolist(),
        "baseline": float(score(background).mean()),
        "exact": exact.values.tolist(),
        "kernel": regression.tolist(),
    }


def of_trees(folder, random, background, patients):
    ensemble = models.trees(random)
    arrays = models.tree_arrays(ensemble)
    single = [rows.astype(np.float32).astype(np.float64) for rows in (background, patients)]
    explainer = shap.TreeExplainer(ensemble, single[0], feature_perturbation="interventional")
    onnx.save(tree_graph(arrays), folder / "trees.onnx")
    return {
        "background": single[0].tolist(),
        "patients": single[1].tolist(),
        **explained(ensemble.predict, *single),
        "tree": explainer.shap_values(single[1]).tolist(),
    }


def tree_graph(arrays):
    """x [rows, features] → the trees' sum `margin` and its sigmoid `risk`, both [rows, 1]."""
    rows = ["rows", models.FEATURES]
    nodes = [
        helper.make_node(
            "TreeEnsembleRegressor", ["x"], ["margin"], domain="ai.onnx.ml", n_targets=1, **arrays
        ),
        helper.make_node("Sigmoid", ["margin"], ["risk"]),
    ]
    answers = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", 1]) for name in ("margin", "risk")]
    graph = helper.make_graph(
        nodes, "trees", [helper.make_tensor_value_info("x", TensorProto.FLOAT, rows)], answers
    )
    versions = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=versions, ir_version=8)


def of_lime(random, samples=40, players=5):
    """The weighted ridge regression alone: LIME's samples are its own."""
    coalitions = random.integers(0, 2, size=(samples, players))
    coalitions[0] = 1
    worth = coalitions @ random.normal(size=players) + 0.3 * coalitions[:, 0] * coalitions[:, 1]
    distances = 1 - coalitions.mean(axis=1)
    width = 0.5
    base = lime.lime_base.LimeBase(lambda distance: np.exp(-((distance / width) ** 2)), random_state=0)
    intercept, pairs, fit, _ = base.explain_instance_with_data(
        coalitions, worth[:, None], distances, 0, players, feature_selection="none"
    )
    coefficients = [weight for _, weight in sorted(pairs)]
    return {
        "coalitions": coalitions.tolist(),
        "worth": worth.tolist(),
        "kernelWidth": width,
        "ridge": 1,
        "intercept": float(intercept),
        "coefficients": coefficients,
        "fit": float(fit),
    }


def write(folder, name, content):
    versions = {package.__name__: package.__version__ for package in (np, shap, onnx)}
    source = {"source": "training/explanations/vectors.py", "versions": versions}
    (folder / f"{name}.json").write_text(json.dumps({**source, **content}, indent=2) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "test/explain/vectors")
