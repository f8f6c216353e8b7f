"""FINDRISC (Lindstrom and Tuomilehto 2003; the form of the Finnish Diabetes Association) as one ONNX graph.

The form adds relatives with diabetes and an age band over 64 to the score of the paper; the 10-year bands belong to
the form. `score_2003` is the paper's score (without relatives) and applies at the paper's ages, 35 to 64.
"""

import json
from pathlib import Path

import onnx
from columns import Columns
from onnx import TensorProto


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    age, male = g.input("age"), g.truth(g.input("sex"))
    waist, low = g.input("waist_cm"), published["waist_cm"]
    answers = published["answers"]
    points = {
        "age": g.reached(age, published["age_from"]),
        "bmi": three_bands(g, g.input("bmi"), published["bmi"]),
        "waist": g.where(male, three_bands(g, waist, low["male"]), three_bands(g, waist, low["female"])),
        "activity": g.mul(g.sub(1.0, g.input("physical_activity")), float(answers["not_active"])),
        "vegetables": g.mul(g.sub(1.0, g.input("daily_vegetables")), float(answers["not_daily_vegetables"])),
        "bp_medication": g.mul(g.input("bp_medication"), float(answers["bp_medication"])),
        "high_glucose": g.mul(g.input("high_glucose"), float(answers["high_glucose"])),
        "family": g.row([float(given) for given in published["family"].values()], g.index(g.input("family_diabetes"))),
    }
    total = g.sum(list(points.values()))
    g.output("findrisc", total)
    for name, column in points.items():
        g.output(f"{name}_points", column)
    band = g.reached(total, [[first, at] for at, first in enumerate(published["band_from"]) if at > 0])
    g.output("band", band)
    g.output("risk_10yr", g.row([1 / people for people in published["one_in"]], g.index(band)))
    g.output("score_2003", g.sub(total, points["family"]))
    g.output("score_2003_applies", g.both(g.at_least(age, 35.0), g.less(age, 65.0)), TensorProto.BOOL)
    return g.model("findrisc")


def three_bands(g: Columns, value: str, limits: dict) -> str:
    """Three bands: below `from`, up to `to` (both bounds included), above."""
    within = g.where(g.at_least(value, limits["from"]), limits["within"], 0.0)
    return g.where(g.at_most(value, limits["to"]), within, limits["above"])
