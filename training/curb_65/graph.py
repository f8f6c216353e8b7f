"""CURB-65 (Lim 2003) as one ONNX graph: five criteria, their number and the severity band. Urea is in mmol/L."""

import json
from pathlib import Path

import onnx
from columns import Columns


def build(coefficients: Path) -> onnx.ModelProto:
    limits = json.loads(coefficients.read_text(encoding="utf-8"))["criteria"]
    g = Columns()
    points = {
        "confusion": g.truth(g.input("confusion")),
        "urea": g.less(g.constant(limits["urea_mmol_l_above"]), g.input("urea_mmol_l")),
        "respiratory_rate": g.at_least(g.input("respiratory_rate"), limits["respiratory_rate_at_least"]),
        "blood_pressure": g.either(
            g.less(g.input("systolic_bp"), limits["systolic_bp_below"]),
            g.at_most(g.input("diastolic_bp"), limits["diastolic_bp_at_most"]),
        ),
        "age": g.at_least(g.input("age"), limits["age_at_least"]),
    }
    columns = {name: g.number(truth) for name, truth in points.items()}
    total = g.sum(list(columns.values()))
    g.output("curb_65", total)
    for name, column in columns.items():
        g.output(f"{name}_points", column)
    g.output("band", g.where(g.at_least(total, 3.0), 2.0, g.where(g.at_least(total, 2.0), 1.0, 0.0)))
    return g.model("curb-65")
