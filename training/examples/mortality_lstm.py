"""mortality-lstm: one LSTM layer over the first 48 hours."""

from pathlib import Path

import mortality
import numpy as np
import onnx
from recurrent import lstm


def train(data: Path) -> tuple[dict[str, np.ndarray], dict]:
    return mortality.train(data, lstm, gates=4)


def graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    return mortality.graph("mortality-lstm", "LSTM", weights)


def worked(weights: dict[str, np.ndarray], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return mortality.worked(weights, given, lstm)


patients = mortality.patients
background = mortality.background


def about(facts: dict) -> dict:
    return mortality.about("mortality-lstm", "LSTM", facts)
