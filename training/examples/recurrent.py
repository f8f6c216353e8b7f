"""The GRU and LSTM cells as ONNX defines them, in numpy or jax, and the training that the ICU examples share.

Weights have ONNX's layout: `input` [gates x hidden, channels], `recurrent` [gates x hidden, hidden], `bias`.
"""

from collections.abc import Callable

import icu
import numpy as np
from measures import auroc
from network import NetworkGraph

Weights = dict[str, np.ndarray]


def sigmoid(xp, value):
    return 1 / (1 + xp.exp(-value))


def gru(xp, weights: Weights, x):
    """Last hidden state. Gates z, r, h; linear_before_reset 0."""
    size = weights["recurrent"].shape[1]
    hidden = xp.zeros((x.shape[0], size))
    of_input, of_hidden = weights["input"].T, weights["recurrent"].T
    for hour in range(x.shape[1]):
        a = x[:, hour] @ of_input + weights["bias"]
        both = sigmoid(xp, a[:, : 2 * size] + hidden @ of_hidden[:, : 2 * size])
        update, reset = both[:, :size], both[:, size:]
        fresh = xp.tanh(a[:, 2 * size :] + (reset * hidden) @ of_hidden[:, 2 * size :])
        hidden = (1 - update) * fresh + update * hidden
    return hidden


def lstm(xp, weights: Weights, x):
    """Last hidden state. Gates i, o, f, c."""
    size = weights["recurrent"].shape[1]
    hidden = xp.zeros((x.shape[0], size))
    cell = xp.zeros((x.shape[0], size))
    for hour in range(x.shape[1]):
        a = x[:, hour] @ weights["input"].T + hidden @ weights["recurrent"].T + weights["bias"]
        gates = sigmoid(xp, a[:, : 3 * size])
        fresh = xp.tanh(a[:, 3 * size :])
        cell = gates[:, 2 * size :] * cell + gates[:, :size] * fresh
        hidden = gates[:, size : 2 * size] * xp.tanh(cell)
    return hidden


def last_state(g: NetworkGraph, kind: str, x: str, weights: Weights) -> str:
    """x [48, N, channels] -> [N, hidden]."""
    bias = np.concatenate([weights["bias"], np.zeros_like(weights["bias"])])
    given = [g.constant(value[np.newaxis]) for value in (weights["input"], weights["recurrent"], bias)]
    made = g.ops(kind, 2, x, *given, hidden_size=weights["recurrent"].shape[1])
    return g.squeeze(made[1], 0)


def start_weights(gates: int, seed: int) -> Weights:
    from descent import glorot

    draws = np.random.default_rng(seed)
    size = icu.HIDDEN
    return {
        "input": glorot(draws, gates * size, 2 * icu.COUNT),
        "recurrent": glorot(draws, gates * size, size),
        "bias": np.zeros(gates * size),
    }


def fit(log_odds: Callable, start: Weights, rows: dict[str, np.ndarray], seed: int = 0) -> Weights:
    """Trains on nine tenths of the stays; the other tenth says when to stop."""
    import jax
    from descent import binary_loss, descend

    count = len(rows["event"])
    order = np.random.default_rng(seed).permutation(count)
    watched = {name: values[order[: count // 10]] for name, values in rows.items()}
    trained = {name: values[order[count // 10 :]] for name, values in rows.items()}
    answer = jax.jit(log_odds)
    return descend(
        lambda w, part, key: binary_loss(log_odds(w, part), part["event"]),
        start,
        trained,
        epochs=25,
        batch=64,
        rate=3e-3,
        decay=0.01,
        seed=seed,
        keep_best=lambda w: auroc(watched["event"], np.asarray(answer(w, watched))),
    )
