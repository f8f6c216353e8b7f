"""HAS-BLED (Pisters 2010) as an ONNX graph of points."""

import json
from pathlib import Path

import onnx
from columns import Columns

CONDITIONS = [
    "hypertension_sbp_gt_160",
    "abnormal_renal",
    "abnormal_liver",
    "stroke",
    "bleeding",
    "labile_inr",
    "drugs",
]


def build(coefficients: Path) -> onnx.ModelProto:
    points = json.loads(coefficients.read_text(encoding="utf-8"))["points"]
    g = Columns()
    given = [g.mul(g.input(name), float(points[name])) for name in CONDITIONS]
    elderly = g.number(g.less(65.0, g.input("age")))
    drinks = g.number(g.at_least(g.input("alcohol_drinks_per_week"), 8.0))
    given += [g.mul(elderly, float(points["age_gt_65"])), g.mul(drinks, float(points["alcohol_ge_8_drinks"]))]
    g.output("has_bled", g.sum(given))
    return g.model("has-bled")
