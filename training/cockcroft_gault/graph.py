"""Creatinine clearance (Cockcroft & Gault 1976) as an ONNX graph: (140 - age) x weight / (72 x creatinine), x 0.85
in women. Actual body weight; mL/min, not indexed to body surface."""

import json
from pathlib import Path

import onnx
from columns import Columns


def build(coefficients: Path) -> onnx.ModelProto:
    b = json.loads(coefficients.read_text(encoding="utf-8"))["coefficients"]
    g = Columns()
    age, sex, weight, creatinine = (g.input(name) for name in ["age", "sex", "weight_kg", "creatinine_mg_dl"])
    clearance = g.div(g.mul(g.sub(b["age"], age), weight), g.mul(b["divisor"], creatinine))
    g.output("creatinine_clearance", g.mul(clearance, g.row([b["female"], 1.0], g.index(sex))))
    return g.model("cockcroft-gault")
