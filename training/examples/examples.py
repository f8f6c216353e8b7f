"""The examples by id. A module of the same name (with `_` for `-`) holds each.

| function | what |
|---|---|
| `train(data)` | weights and facts from the data set; needs requirements-examples.txt |
| `graph(weights)` | the ONNX graph |
| `gradient(weights)` | optional: the graph of the gradient of what is explained |
| `worked(weights, given)` | the outputs a second time, in numpy and float64, apart from the graph |
| `patients(facts)` | synthetic rows and edges for parity.jsonl |
| `background(facts)` | optional: synthetic rows for background.json |
| `about(facts)` | what manifest, model card and source attributes say |
"""

from pathlib import Path

import numpy as np

EXAMPLES = [
    "dialogue-transformer",
    "icu-fusion",
    "medication-factors",
    "mortality-gru",
    "mortality-lstm",
    "pneumonia-cnn",
    "readmission-linear",
    "readmission-mlp",
    "readmission-trees",
]


def module_of(identifier: str) -> str:
    return identifier.replace("-", "_")


def weights_of(identifier: str) -> Path:
    return Path(__file__).resolve().parent / "weights" / f"{identifier}.npz"


def read_weights(identifier: str) -> dict[str, np.ndarray]:
    with np.load(weights_of(identifier)) as kept:
        return {name: kept[name] for name in kept.files}
