"""Exact Shapley values by Python's shap on the same graph and background: `shapley.py <graph.onnx> <numbers.json>`.

Reads {"patient": [...], "background": [[...]]}, answers {"phi": [...], "ms": [...], "versions": {...}} on stdout.
"""

import json
import sys
import time

import numpy as np
import onnxruntime
import shap

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
with open(sys.argv[2], encoding="utf-8") as file:
    numbers = json.load(file)
patient = np.array([numbers["patient"]], dtype=np.float64)
background = np.array(numbers["background"], dtype=np.float64)


def model(rows: np.ndarray) -> np.ndarray:
    return session.run(["y"], {"x": np.ascontiguousarray(rows, dtype=np.float64)})[0][:, 0]


masker = shap.maskers.Independent(background, max_samples=len(background))
times = []
for _ in range(numbers["rounds"]):
    begun = time.perf_counter()
    explained = shap.explainers.ExactExplainer(model, masker)(patient)
    times.append((time.perf_counter() - begun) * 1000)
versions = {"shap": shap.__version__, "onnxruntime": onnxruntime.__version__, "numpy": np.__version__}
print(json.dumps({"phi": explained.values[0].tolist(), "ms": times, "versions": versions}))
