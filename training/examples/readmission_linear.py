"""readmission-linear: logistic regression."""

from pathlib import Path

import numpy as np
import onnx
import readmission
from measures import held_out
from network import NetworkGraph


def train(data: Path) -> tuple[dict[str, np.ndarray], dict]:
    from sklearn.linear_model import LogisticRegression

    x, event, test_x, test_event = readmission.split(data)
    weights = readmission.normaliser(x)
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit((x - weights["mean"]) / weights["scale"], event)
    weights |= {"weight": fitted.coef_.T, "bias": fitted.intercept_}
    risk = worked(weights, {"x": test_x.astype(np.float64)})["risk"]
    return weights, readmission.facts_of(x, held_out(test_event, risk))


def graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    g = NetworkGraph("readmission-linear")
    x = g.input("x", len(readmission.LABELS))
    centred = g.op("Sub", x, g.constant(weights["mean"]))
    z = g.op("Div", centred, g.constant(weights["scale"]))
    log_odds = g.squeeze(g.dense(z, weights["weight"], weights["bias"]), 1)
    g.output("risk", g.op("Sigmoid", log_odds))
    g.output("log_odds", log_odds)
    return g.model()


def gradient(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """The same for every patient: weight / scale."""
    g = NetworkGraph("readmission-linear-gradient")
    x = g.input("x", len(readmission.LABELS))
    slope = weights["weight"][:, 0] / weights["scale"]
    g.output("d_x", g.op("Add", g.op("Mul", x, g.constant(0.0)), g.constant(slope)), len(readmission.LABELS))
    return g.model()


def worked(weights: dict[str, np.ndarray], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    z = (given["x"] - weights["mean"]) / weights["scale"]
    log_odds = z @ weights["weight"][:, 0] + weights["bias"][0]
    return {"risk": 1 / (1 + np.exp(-log_odds)), "log_odds": log_odds}


patients = readmission.patients
background = readmission.background


def about(facts: dict) -> dict:
    return readmission.about(
        "readmission-linear",
        "logistic regression",
        facts,
        "A logistic regression on 12 columns, normalised inside the graph.",
        {"input": "x", "by": "position", "axis": "column"},
        ["additive", "exact-shapley", "permutation-shapley", "kernel-shap", "lime", "leave-one-out"],
    )
