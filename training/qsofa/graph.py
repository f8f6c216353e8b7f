"""qSOFA (Seymour 2016, Sepsis-3) as one ONNX graph: three criteria and their number.

`age` restricts who is scored (the manifest's range); no point depends on it.
"""

import json
from pathlib import Path

import onnx
from columns import Columns


def build(coefficients: Path) -> onnx.ModelProto:
    limits = json.loads(coefficients.read_text(encoding="utf-8"))["criteria"]
    g = Columns()
    points = {
        "respiratory_rate": g.at_least(g.input("respiratory_rate"), limits["respiratory_rate_at_least"]),
        "systolic_bp": g.at_most(g.input("systolic_bp"), limits["systolic_bp_at_most"]),
        "mentation": g.less(g.input("gcs"), limits["gcs_below"]),
    }
    g.input("age")
    g.input("age_missing")
    columns = {name: g.number(truth) for name, truth in points.items()}
    total = g.sum(list(columns.values()))
    g.output("qsofa", total)
    for name, column in columns.items():
        g.output(f"{name}_points", column)
    g.output("band", g.where(g.at_least(total, 2.0), 1.0, 0.0))
    return g.model("qsofa")
