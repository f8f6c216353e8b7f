"""icu-fusion: a GRU over 48 hours beside a dense layer over what is known at admission, joined."""

from pathlib import Path

import icu
import numpy as np
import onnx
import recurrent
from measures import held_out
from network import NetworkGraph

DENSE = 8


def train(data: Path) -> tuple[dict[str, np.ndarray], dict]:
    import jax.numpy as jnp
    from descent import glorot

    series, static, event = icu.read_set(data, "a")
    normal = icu.normaliser(series)
    normal |= {"static_mean": static.mean(axis=0, dtype=np.float64), "static_scale": static.std(axis=0, dtype=np.float64)}
    draws = np.random.default_rng(1)
    start = recurrent.start_weights(3, seed=0) | {
        "weight_static": glorot(draws, len(icu.STATIC), DENSE),
        "bias_static": np.zeros(DENSE),
        "weight": glorot(draws, icu.HIDDEN + DENSE, 1),
        "bias_out": np.zeros(1),
    }
    rows = {
        "x": _series(normal, series).astype(np.float32),
        "z": ((static - normal["static_mean"]) / normal["static_scale"]).astype(np.float32),
        "event": event,
    }
    weights = normal | recurrent.fit(lambda w, part: _log_odds(jnp, w, part["x"], part["z"]), start, rows)
    test_series, test_static, test_event = icu.read_set(data, "b")
    risk = worked(weights, {"series": test_series.astype(np.float64), "static": test_static.astype(np.float64)})["risk"]
    return weights, icu.facts_of(series, static, held_out(test_event, risk))


def _series(weights: dict[str, np.ndarray], series: np.ndarray) -> np.ndarray:
    sent = icu.with_mask(series)
    return icu.worked_input(np, weights, sent[..., : icu.COUNT], sent[..., icu.COUNT :])


def _log_odds(xp, weights: dict[str, np.ndarray], x, z):
    dense = xp.tanh(z @ weights["weight_static"] + weights["bias_static"])
    both = xp.concatenate([recurrent.gru(xp, weights, x), dense], axis=1)
    return (both @ weights["weight"] + weights["bias_out"])[:, 0]


def graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    g = NetworkGraph("icu-fusion")
    static = g.input("static", len(icu.STATIC))
    series = g.input("series", icu.HOURS, icu.COUNT)
    unknown = g.op("IsNaN", series)
    mask = g.op("Cast", g.op("Not", unknown), to=onnx.TensorProto.FLOAT)
    values = g.op("Where", unknown, g.constant(0.0), series)
    state = recurrent.last_state(g, "GRU", icu.normalised(g, values, mask, weights), weights)
    centred = g.op("Sub", static, g.constant(weights["static_mean"]))
    z = g.op("Div", centred, g.constant(weights["static_scale"]))
    dense = g.op("Tanh", g.dense(z, weights["weight_static"], weights["bias_static"]))
    both = g.op("Concat", state, dense, axis=1)
    log_odds = g.squeeze(g.dense(both, weights["weight"], weights["bias_out"]), 1)
    g.output("risk", g.op("Sigmoid", log_odds))
    g.output("log_odds", log_odds)
    return g.model()


def worked(weights: dict[str, np.ndarray], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    z = (given["static"] - weights["static_mean"]) / weights["static_scale"]
    log_odds = _log_odds(np, weights, _series(weights, given["series"]), z)
    return {"risk": recurrent.sigmoid(np, log_odds), "log_odds": log_odds}


def patients(facts: dict) -> dict[str, np.ndarray]:
    marginals = facts["marginals"]
    edges = np.zeros((3, len(icu.STATIC)))
    edges[1] = [120, 1, 1, 1, 1, 1]
    return {
        "static": np.concatenate([edges, icu.draw_static(marginals, 20, seed=3)]),
        "series": np.concatenate([icu.edge_series(marginals), icu.draw_series(marginals, 20, seed=1)]),
    }


def background(facts: dict) -> dict[str, np.ndarray]:
    return {
        "static": icu.draw_static(facts["marginals"], 10, seed=4),
        "series": icu.draw_series(facts["marginals"], 10, seed=2),
    }


def about(facts: dict) -> dict:
    units = ", ".join(f"{name} ({unit})" for name, unit in zip(icu.NAMES, icu.UNITS, strict=True))
    return icu.ABOUT | {
        "id": "icu-fusion",
        "title": "Death in hospital from admission data and the first 48 ICU hours (example)",
        "summary": f"Two kinds of input in one network: a GRU of {icu.HIDDEN} units over 48 hours of {icu.COUNT} channels beside a dense layer of {DENSE} units over {len(icu.STATIC)} facts of the admission, joined. It is an example for trying the service and its explanations.",
        "intendedUse": "An example of a multimodal network for demonstrations and tests of the inference service. Not for care.",
        "tested": icu.tested(facts),
        "trained": f"the {facts['trainedOn']:,} stays of set a, a tenth of them only to choose when to stop",
        "cautions": icu.cautions(facts),
        "demographics": "Age and sex are inputs.",
        "inputs": [
            {
                "name": "static",
                "label": "Known at admission; age in years, then 0 or 1; one of the four units is 1",
                "dtype": "float32",
                "axes": [{"name": "fact", "size": len(icu.STATIC), "labels": icu.STATIC}],
                "valid": {"min": 0, "max": 120},
            },
            {
                "name": "series",
                "label": "Hours since ICU admission; the hour's value of each channel, NaN where not measured",
                "dtype": "float32",
                "axes": [
                    {"name": "hour", "size": icu.HOURS},
                    {"name": "channel", "size": icu.COUNT, "labels": icu.NAMES},
                ],
                "valid": {"min": 0, "max": 5000},
                "missing": "nan",
            },
        ],
        "outputs": icu.OUTPUTS,
        "explain": {
            "output": "log_odds",
            "scale": "identity",
            "players": [{"input": "static", "by": "position", "axis": "fact"}, {"input": "series", "by": "whole"}],
            "methods": ["exact-shapley", "permutation-shapley", "leave-one-out"],
            "background": {
                "label": "10 synthetic stays",
                "source": "Drawn with a seed from the distribution of each fact, hour and channel alone in the stays trained on; none taken from the data.",
            },
        },
        "notes": f"Channels: {units}. A value is the mean of its hour, urine the sum. The graph makes the mask from the NaN, normalises with the mean and standard deviation of the stays trained on and bounds deviations at {icu.FARTHEST:.0f} standard deviations.",
        "synthetic": icu.SYNTHETIC,
    }
