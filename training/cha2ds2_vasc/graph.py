"""CHA2DS2-VASc (Lip 2010) and CHA2DS2-VA (the same without sex) as one ONNX graph of points."""

import json
from pathlib import Path

import onnx
from columns import Columns

CONDITIONS = ["chf", "hypertension", "stroke_tia_te", "vascular_disease", "diabetes"]


def build(coefficients: Path) -> onnx.ModelProto:
    points = json.loads(coefficients.read_text(encoding="utf-8"))["points"]
    g = Columns()
    age, sex = g.input("age"), g.input("sex")
    given = [g.mul(g.input(name), float(points[name])) for name in CONDITIONS]
    by_age = g.where(
        g.at_least(age, 75.0),
        float(points["age_ge_75"]),
        g.where(g.at_least(age, 65.0), float(points["age_65_74"]), 0.0),
    )
    va = g.add(g.sum(given), by_age)
    g.output("cha2ds2_vasc", g.add(va, g.mul(g.sub(1.0, sex), float(points["female"]))))
    g.output("cha2ds2_va", va)
    return g.model("cha2ds2-vasc")
