"""SOFA (Vincent 1996) as one ONNX graph: six organ systems of 0 to 4 points and their sum.

The printed table has gaps between 1.9 and 2.0 and prints its last bands as "> 12.0" and "> 5.0". Each band is read
as beginning at its lowest printed number, the last at 12.0 and 5.0 mg/dL: the table's own micromolar columns
(> 204, > 440) hold both. Urine output is optional; without it the kidney is scored by creatinine alone. `age`
restricts who is scored (the manifest's range); no point depends on it.
"""

import json
from pathlib import Path

import onnx
from columns import Columns


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    falling, rising = published["below"], published["from"]
    ratio, supported = g.input("pao2_fio2"), g.truth(g.input("respiratory_support"))
    urine, urine_missing = g.input("urine_output_ml_day"), g.truth(g.input("urine_output_ml_day_missing"))
    respiration = below(g, ratio, falling["pao2_fio2"])
    by_pressure = below(g, g.input("map"), falling["map"])
    vasopressor = [float(given) for given in published["vasopressor"].values()]
    by_urine = g.where(urine_missing, 0.0, below(g, urine, falling["urine_output_ml_day"]))
    points = {
        "respiration": g.where(supported, respiration, g.min(respiration, published["without_respiratory_support"])),
        "coagulation": below(g, g.input("platelets"), falling["platelets"]),
        "liver": g.reached(g.input("bilirubin_mg_dl"), rising["bilirubin_mg_dl"]),
        "cardiovascular": g.max(by_pressure, g.row(vasopressor, g.index(g.input("vasopressor")))),
        "nervous": below(g, g.input("gcs"), falling["gcs"]),
        "kidney": g.max(g.reached(g.input("creatinine_mg_dl"), rising["creatinine_mg_dl"]), by_urine),
    }
    g.input("age")
    g.input("age_missing")
    g.output("sofa", g.sum(list(points.values())))
    for name, column in points.items():
        g.output(f"{name}_points", column)
    return g.model("sofa")


def below(g: Columns, value: str, limits: list) -> str:
    """Points of the lowest limit that the value is below; limits are [limit, points] with falling limits."""
    points = 0.0
    for limit, given in limits:
        points = g.where(g.less(value, limit), given, points)
    return points
