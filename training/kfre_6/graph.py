"""The Kidney Failure Risk Equation with six variables: the four of `kfre`, diabetes and hypertension.

1 - S0^exp(sum of coefficient x (variable - mean)), as in `kfre/graph.py`; all six are needed.
"""

import json
from pathlib import Path

import onnx
from columns import Columns
from kfre.graph import risks


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    given = {name: g.input(name) for name in ["age", "male", "egfr", "uacr_mg_g", "dm", "htn"]}
    terms = {
        "age": g.div(given["age"], 10.0),
        "male": given["male"],
        "egfr": g.div(given["egfr"], 5.0),
        "lnacr": g.log(given["uacr_mg_g"]),
        "dm": given["dm"],
        "htn": given["htn"],
    }
    risks(g, published, "6var", terms)
    return g.model("kfre-6")
