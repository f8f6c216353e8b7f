"""The Charlson comorbidity index as one ONNX graph: 17 conditions, two published sets of weights.

Where a milder and a graver form of a condition are both present, only the graver counts.
"""

import json
from pathlib import Path

import onnx
from columns import Columns

OUTPUTS = {"charlson_schneeweiss": "weights_schneeweiss_2003", "charlson_1987": "weights_charlson_1987"}


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    given = {name: g.input(name) for name in published["conditions"]}
    counted = dict(given)
    for milder, graver in published["graver_form"].items():
        counted[milder] = g.mul(given[milder], g.sub(1.0, given[graver]))
    for output, weights in OUTPUTS.items():
        parts = [g.mul(counted[name], float(points)) for name, points in published[weights].items()]
        g.output(output, g.sum(parts))
    g.output("conditions", g.sum(list(counted.values())))
    return g.model("charlson")
