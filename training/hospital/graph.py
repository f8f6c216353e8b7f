"""The HOSPITAL score (Donze 2013, validated 2016) as one ONNX graph: seven components, their sum, band and risk.

`age` restricts who is scored (the manifest's range); no point depends on it.
"""

import json
from pathlib import Path

import onnx
from columns import Columns

YES_OR_NO = {
    "hemoglobin_lt_12": "hemoglobin",
    "oncology_discharge": "oncology",
    "sodium_lt_135": "sodium",
    "procedure": "procedure",
    "urgent_admission": "urgent",
    "los_ge_5_days": "length",
}


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    points = {
        name: g.mul(g.input(tensor), float(published["points"][tensor])) for tensor, name in YES_OR_NO.items()
    }
    admissions = [float(given) for given in published["points"]["prior_admissions_12mo"].values()]
    points["prior_admissions"] = g.row(admissions, g.index(g.input("prior_admissions_12mo")))
    g.input("age")
    g.input("age_missing")
    total = g.sum(list(points.values()))
    g.output("hospital", total)
    for name, column in points.items():
        g.output(f"{name}_points", column)
    band = g.where(g.at_least(total, 7.0), 2.0, g.where(g.at_least(total, 5.0), 1.0, 0.0))
    g.output("band", band)
    # In thousandths, so that 22.8 % is the double 0.228.
    risks = [round(percent * 10) / 1000 for percent in published["risk_percent"].values()]
    g.output("expected_30d", g.row(risks, g.index(band)))
    return g.model("hospital")
