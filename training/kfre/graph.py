"""The Kidney Failure Risk Equations (Tangri 2011; recalibrated 2016) with four and eight variables as one ONNX graph.

1 - S0^exp(sum of coefficient x (variable - mean)); S0 differs by region (North America or not) and horizon (2 or 5
years). `kfre8_applies` is true where all four blood values of the eight-variable equation are known; where one is
not, its column is ignored, whatever it holds, and only the four-variable risks exist.
"""

import json
from pathlib import Path

import onnx
from columns import Columns
from onnx import TensorProto

REQUIRED = ["age", "male", "egfr", "uacr_mg_g"]
OPTIONAL = {"alb": "albumin_g_dl", "phos": "phosphate_mg_dl", "hco3": "bicarbonate_mmol_l", "ca": "calcium_mg_dl"}


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    given = {name: g.input(name) for name in REQUIRED}
    known = []
    for name in OPTIONAL.values():
        given[name] = g.input(name)
        known.append(g.no(g.truth(g.input(f"{name}_missing"))))
    terms = {
        "age": g.div(given["age"], 10.0),
        "male": given["male"],
        "egfr": g.div(given["egfr"], 5.0),
        "lnacr": g.log(given["uacr_mg_g"]),
    }
    risks(g, published, "4var", terms)
    risks(g, published, "8var", terms | {term: given[name] for term, name in OPTIONAL.items()})
    applies = known[0]
    for column in known[1:]:
        applies = g.both(applies, column)
    g.output("kfre8_applies", applies, TensorProto.BOOL)
    return g.model("kfre")


def risks(g: Columns, published: dict, variant: str, terms: dict[str, str]) -> None:
    equation, mean = published["coefficients"][variant], published["means"]
    total = g.sum([g.mul(g.sub(column, mean[name]), equation[name]) for name, column in terms.items()])
    for name, survival in equation["S0"].items():
        g.output(f"kfre{variant[0]}_{name}", g.cox(survival, total))
