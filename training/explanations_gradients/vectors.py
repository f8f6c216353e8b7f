"""Reference vectors for integrated and expected gradients, by nothing but the definition.

A network of three inputs, four tanh units and one logit, its weights written out below. The path integral of each
element (Sundararajan et al. 2017, equation 1) is computed by Simpson's rule with so many steps that more change no
digit, and expected gradients (Erion et al. 2021, equation 3) as the mean over every background row. Standard library
only:

    python vectors.py > ../../test/explain/gradients.vectors.json
"""

import json
import math

W1 = [[0.9, -0.4, 0.3], [-1.1, 0.8, 0.5], [0.2, 1.3, -0.7], [0.6, 0.1, 1.4]]
B1 = [0.1, -0.2, 0.3, 0.0]
W2 = [1.2, -0.9, 0.7, 0.8]
B2 = -0.5
BACKGROUND = [[0.0, 0.0, 0.0], [0.5, -0.3, 0.1], [-0.8, 0.4, 0.9], [1.1, 0.2, -0.6]]
PATIENTS = [[1.5, -0.7, 0.4], [-2.0, 1.0, 1.0], [0.3, 0.3, 0.3], [0.5, -0.3, 0.1]]
STEPS = 4096


def hidden(x):
    return [math.tanh(b + sum(w * v for w, v in zip(row, x))) for row, b in zip(W1, B1)]


def score(x):
    return B2 + sum(w * h for w, h in zip(W2, hidden(x)))


def gradient(x):
    slopes = [w * (1 - h * h) for w, h in zip(W2, hidden(x))]
    return [sum(s * row[i] for s, row in zip(slopes, W1)) for i in range(3)]


def integrated(x, start):
    parts = [0.0, 0.0, 0.0]
    for step in range(STEPS + 1):
        weight = (1 if step in (0, STEPS) else 4 if step % 2 else 2) / (3 * STEPS)
        share = step / STEPS
        slope = gradient([b + share * (v - b) for v, b in zip(x, start)])
        parts = [p + weight * s * (v - b) for p, s, v, b in zip(parts, slope, x, start)]
    return parts


def mean(rows):
    return [sum(column) / len(rows) for column in zip(*rows)]


def vector(x):
    start = mean(BACKGROUND)
    return {
        "patient": x,
        "value": score(x),
        "integrated": {"baseline": score(start), "phi": integrated(x, start)},
        "expected": {
            "baseline": sum(score(b) for b in BACKGROUND) / len(BACKGROUND),
            "phi": mean([integrated(x, b) for b in BACKGROUND]),
        },
    }


if __name__ == "__main__":
    network = {"w1": W1, "b1": B1, "w2": W2, "b2": B2}
    vectors = [vector(x) for x in PATIENTS]
    print(json.dumps({"network": network, "background": BACKGROUND, "vectors": vectors}, indent=2))
