"""The LACE index (van Walraven 2010) as one ONNX graph: four components, their sum, the paper's expected probability.

`age` restricts who is scored (the manifest's range); no point depends on it.
"""

import json
from pathlib import Path

import onnx
from columns import Columns


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    bands = published["bands"]
    points = {
        "length": g.banded(g.input("length_of_stay_days"), bands["length_of_stay_days"]),
        "acute": g.mul(g.input("acute_admission"), float(published["acute_admission"])),
        "comorbidity": g.banded(g.input("charlson_lace"), bands["charlson_lace"]),
        "emergency": g.banded(g.input("ed_visits_6mo"), bands["ed_visits_6mo"]),
    }
    g.input("age")
    g.input("age_missing")
    total = g.sum(list(points.values()))
    g.output("lace", total)
    for name, column in points.items():
        g.output(f"{name}_points", column)
    # In thousandths, so that 43.7 % is the double 0.437 and not 43.7 / 100.
    expected = [round(percent * 10) / 1000 for percent in published["expected_percent"]]
    g.output("expected_30d", g.row(expected, g.index(total)))
    return g.model("lace")
