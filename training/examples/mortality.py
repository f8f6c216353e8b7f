"""What mortality-gru and mortality-lstm share: one recurrent layer over 48 hours, values and mask sent by the client."""

from collections.abc import Callable
from pathlib import Path

import icu
import numpy as np
import onnx
import recurrent
from measures import held_out
from network import NetworkGraph

LABELS = [*icu.NAMES, *(f"{name} measured" for name in icu.NAMES)]


def train(data: Path, cell: Callable, gates: int) -> tuple[dict[str, np.ndarray], dict]:
    import jax.numpy as jnp
    from descent import glorot

    series, static, event = icu.read_set(data, "a")
    normal = icu.normaliser(series)
    start = recurrent.start_weights(gates, seed=0)
    start |= {"weight": glorot(np.random.default_rng(1), icu.HIDDEN, 1), "bias_out": np.zeros(1)}
    sent = icu.with_mask(series)
    x = icu.worked_input(np, normal, sent[..., : icu.COUNT], sent[..., icu.COUNT :]).astype(np.float32)

    def log_odds(w, rows):
        return (cell(jnp, w, rows["x"]) @ w["weight"] + w["bias_out"])[:, 0]

    weights = normal | recurrent.fit(log_odds, start, {"x": x, "event": event})
    test_series, _, test_event = icu.read_set(data, "b")
    risk = worked(weights, {"series": icu.with_mask(test_series).astype(np.float64)}, cell)["risk"]
    return weights, icu.facts_of(series, static, held_out(test_event, risk))


def graph(identifier: str, kind: str, weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    g = NetworkGraph(identifier)
    series = g.input("series", icu.HOURS, 2 * icu.COUNT)
    values, mask = g.ops("Split", 2, series, g.shape(icu.COUNT, icu.COUNT), axis=2)
    state = recurrent.last_state(g, kind, icu.normalised(g, values, mask, weights), weights)
    log_odds = g.squeeze(g.dense(state, weights["weight"], weights["bias_out"]), 1)
    g.output("risk", g.op("Sigmoid", log_odds))
    g.output("log_odds", log_odds)
    return g.model()


def worked(weights: dict[str, np.ndarray], given: dict[str, np.ndarray], cell: Callable) -> dict[str, np.ndarray]:
    series = given["series"]
    x = icu.worked_input(np, weights, series[..., : icu.COUNT], series[..., icu.COUNT :])
    log_odds = cell(np, weights, x) @ weights["weight"][:, 0] + weights["bias_out"][0]
    return {"risk": recurrent.sigmoid(np, log_odds), "log_odds": log_odds}


def patients(facts: dict) -> dict[str, np.ndarray]:
    marginals = facts["marginals"]
    return {"series": icu.with_mask(np.concatenate([icu.edge_series(marginals), icu.draw_series(marginals, 20, seed=1)]))}


def background(facts: dict) -> dict[str, np.ndarray]:
    return {"series": np.zeros((1, icu.HOURS, 2 * icu.COUNT))}


def about(identifier: str, family: str, facts: dict) -> dict:
    units = ", ".join(f"{name} ({unit})" for name, unit in zip(icu.NAMES, icu.UNITS, strict=True))
    return icu.ABOUT | {
        "id": identifier,
        "title": f"Death in hospital from the first 48 ICU hours, {family} (example)",
        "summary": f"One {family} layer of {icu.HIDDEN} units over 48 hours of {icu.COUNT} channels. It is an example for trying the service and its explanations.",
        "intendedUse": "An example of a recurrent network for demonstrations and tests of the inference service. Not for care.",
        "tested": icu.tested(facts),
        "trained": f"the {facts['trainedOn']:,} stays of set a, a tenth of them only to choose when to stop",
        "cautions": icu.cautions(facts),
        "demographics": "None is an input.",
        "inputs": [
            {
                "name": "series",
                "label": "Hours since ICU admission; the hour's value of each channel, 0 where not measured, then for each channel 1 where measured, else 0",
                "dtype": "float32",
                "axes": [
                    {"name": "hour", "size": icu.HOURS},
                    {"name": "channel", "size": len(LABELS), "labels": LABELS},
                ],
                "valid": {"min": 0, "max": 5000},
            }
        ],
        "outputs": icu.OUTPUTS,
        "explain": {
            "output": "log_odds",
            "scale": "identity",
            "players": [{"input": "series", "by": "position", "axis": "hour"}],
            "methods": ["leave-one-out", "permutation-shapley"],
            "background": {
                "label": "hours in which nothing was measured",
                "source": "All values and all marks of measurement 0: an hour that is taken away becomes an hour without measurements.",
            },
        },
        "notes": f"Channels: {units}. A value is the mean of its hour, urine the sum. The graph normalises with the mean and standard deviation of the stays trained on and bounds deviations at {icu.FARTHEST:.0f} standard deviations; a value whose mark is 0 has no effect.",
        "synthetic": icu.SYNTHETIC,
    }
