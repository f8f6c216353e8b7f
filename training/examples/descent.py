"""Training by gradient: Adam on mini-batches (Kingma and Ba 2015), the same draws for the same seed."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

Weights = dict[str, np.ndarray]
Rows = dict[str, np.ndarray]


def binary_loss(log_odds: jax.Array, event: jax.Array) -> jax.Array:
    return jnp.mean(jnp.logaddexp(0.0, log_odds) - event * log_odds)


def descend(
    loss: Callable,
    weights: Weights,
    rows: Rows,
    *,
    epochs: int,
    batch: int = 128,
    rate: float = 1e-3,
    decay: float = 0.0,
    seed: int = 0,
    keep_best: Callable[[Weights], float] | None = None,
) -> Weights:
    """Minimises `loss(weights, rows of a batch, key)`.

    `decay` pulls matrices towards 0 (AdamW). `keep_best` scores the weights after each epoch, higher is better, on
    rows apart from those trained and tested on: the best are returned, else the last.
    """
    count = len(next(iter(rows.values())))
    draws = np.random.default_rng(seed)
    step = jax.jit(_step(loss, rate, decay))
    state = {name: jnp.asarray(value, jnp.float32) for name, value in weights.items()}
    first = {name: jnp.zeros_like(value) for name, value in state.items()}
    second = {name: jnp.zeros_like(value) for name, value in state.items()}
    best, best_score, taken = state, -np.inf, 0
    for _ in range(epochs):
        order = draws.permutation(count)
        for start in range(0, count - batch + 1, batch):
            chosen = order[start : start + batch]
            taken += 1
            key = jax.random.fold_in(jax.random.PRNGKey(seed), taken)
            part = {name: values[chosen] for name, values in rows.items()}
            state, first, second = step(state, first, second, part, key, float(taken))
        if keep_best is None:
            best = state
        elif (score := keep_best({name: np.asarray(value) for name, value in state.items()})) > best_score:
            best, best_score = state, score
    return {name: np.asarray(value, np.float32) for name, value in best.items()}


def _step(loss: Callable, rate: float, decay: float) -> Callable:
    def step(state, first, second, rows, key, taken):
        slope = jax.grad(loss)(state, rows, key)
        first = {name: 0.9 * first[name] + 0.1 * slope[name] for name in state}
        second = {name: 0.999 * second[name] + 0.001 * slope[name] ** 2 for name in state}
        moved = {}
        for name, value in state.items():
            size = jnp.sqrt(second[name] / (1 - 0.999**taken)) + 1e-8
            pull = decay * value if value.ndim > 1 else 0.0
            moved[name] = value - rate * (first[name] / (1 - 0.9**taken) / size + pull)
        return moved, first, second

    return step


def glorot(draws: np.random.Generator, *shape: int) -> np.ndarray:
    """Uniform start values, scaled by the number of inputs and outputs (Glorot and Bengio 2010)."""
    limit = np.sqrt(6 / (shape[-2] + shape[-1]))
    return draws.uniform(-limit, limit, shape).astype(np.float32)
