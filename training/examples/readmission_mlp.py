"""readmission-mlp: two hidden layers of 32 and 16 tanh units."""

from pathlib import Path

import numpy as np
import onnx
import readmission
from measures import held_out
from network import NetworkGraph

WIDTHS = [len(readmission.LABELS), 32, 16, 1]


def train(data: Path) -> tuple[dict[str, np.ndarray], dict]:
    import jax.numpy as jnp
    from descent import binary_loss, descend, glorot

    x, event, test_x, test_event = readmission.split(data)
    normal = readmission.normaliser(x)
    z = ((x - normal["mean"]) / normal["scale"]).astype(np.float32)
    draws = np.random.default_rng(0)
    start = {}
    for at in range(3):
        start |= {f"weight{at}": glorot(draws, *WIDTHS[at : at + 2]), f"bias{at}": np.zeros(WIDTHS[at + 1])}

    def log_odds(w, rows):
        hidden = jnp.tanh(jnp.tanh(rows @ w["weight0"] + w["bias0"]) @ w["weight1"] + w["bias1"])
        return (hidden @ w["weight2"] + w["bias2"])[:, 0]

    found = descend(
        lambda w, rows, key: binary_loss(log_odds(w, rows["z"]), rows["event"]),
        start,
        {"z": z, "event": event},
        epochs=8,
        batch=256,
        decay=0.01,
    )
    weights = normal | found
    risk = worked(weights, {"x": test_x.astype(np.float64)})["risk"]
    return weights, readmission.facts_of(x, held_out(test_event, risk))


def graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    g = NetworkGraph("readmission-mlp")
    _, second = _hidden(g, weights)
    log_odds = g.squeeze(g.dense(second, weights["weight2"], weights["bias2"]), 1)
    g.output("risk", g.op("Sigmoid", log_odds))
    g.output("log_odds", log_odds)
    return g.model()


def gradient(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """The chain rule backwards; the last layer's slope is its weights, the sigmoid and the logit cancel."""
    g = NetworkGraph("readmission-mlp-gradient")
    first, second = _hidden(g, weights)
    slope = g.op("Mul", g.derivative_of_tanh(second), g.constant(weights["weight2"].T))
    slope = g.op("MatMul", slope, g.constant(weights["weight1"].T))
    slope = g.op("Mul", slope, g.derivative_of_tanh(first))
    slope = g.op("MatMul", slope, g.constant(weights["weight0"].T))
    g.output("d_x", g.op("Div", slope, g.constant(weights["scale"])), WIDTHS[0])
    return g.model()


def _hidden(g: NetworkGraph, weights: dict[str, np.ndarray]) -> tuple[str, str]:
    centred = g.op("Sub", g.input("x", WIDTHS[0]), g.constant(weights["mean"]))
    z = g.op("Div", centred, g.constant(weights["scale"]))
    first = g.op("Tanh", g.dense(z, weights["weight0"], weights["bias0"]))
    return first, g.op("Tanh", g.dense(first, weights["weight1"], weights["bias1"]))


def worked(weights: dict[str, np.ndarray], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    layer = (given["x"] - weights["mean"]) / weights["scale"]
    for at in range(2):
        layer = np.tanh(np.einsum("ni,io->no", layer, weights[f"weight{at}"]) + weights[f"bias{at}"])
    log_odds = layer @ weights["weight2"][:, 0] + weights["bias2"][0]
    return {"risk": 1 / (1 + np.exp(-log_odds)), "log_odds": log_odds}


patients = readmission.patients
background = readmission.background


def about(facts: dict) -> dict:
    return readmission.about(
        "readmission-mlp",
        "multilayer perceptron",
        facts,
        "A multilayer perceptron with two hidden layers of 32 and 16 tanh units on 12 columns, normalised inside the graph.",
        {"input": "x", "by": "group", "axis": "column", "groups": readmission.GROUPS},
        [
            "exact-shapley",
            "integrated-gradients",
            "expected-gradients",
            "permutation-shapley",
            "kernel-shap",
            "lime",
            "leave-one-out",
        ],
    )
