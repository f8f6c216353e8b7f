"""SCORE2 (age 40-69) and SCORE2-OP (70-89) with the recalibration of the four European regions as one ONNX graph.

Uncalibrated risk 1 - S0^exp(sum [- mean]); then 1 - exp(-exp(scale1 + scale2 x ln(-ln(1 - risk)))).
`score2_percent` is in per cent, rounded half up to one decimal, as the published charts and calculators give it;
decide on `cvd_10yr`, the unrounded proportion. `equation` says which of the two answered: it is chosen by age.
"""

import json
from pathlib import Path

import onnx
from columns import Columns

INPUTS = ["region", "age", "sex", "smoker", "sbp", "total_c_mmol", "hdl_c_mmol"]
REGIONS = ["Low", "Moderate", "High", "Very high"]
SEXES = ["female", "male"]


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    given = {name: g.input(name) for name in INPUTS}
    sex = g.index(given["sex"])
    older = g.at_least(given["age"], float(published["first_age_of_op"]))
    hazard = g.where(
        older,
        cumulative_hazard(g, published["score2_op"], given, sex),
        cumulative_hazard(g, published["score2"], given, sex),
    )
    risk = recalibrated(g, published["recalibration"], hazard, older, given["region"], given["sex"])
    g.output("cvd_10yr", risk)
    g.output("score2_percent", g.div(g.floor(g.add(g.mul(risk, 1000.0), 0.5)), 10.0))
    g.output("equation", g.number(older))
    return g.model("score2")


def cumulative_hazard(g: Columns, equation: dict, given: dict[str, str], sex: str) -> str:
    """-ln(1 - uncalibrated risk)."""

    def by_sex(name: str) -> str:
        return g.row([equation["coefficients"][each][name] for each in SEXES], sex)

    centred = {
        name: g.div(g.sub(given[name], equation["centre"][name]), equation["scale"][name])
        for name in ["age", "sbp", "total_c_mmol", "hdl_c_mmol"]
    } | {"smoker": given["smoker"]}
    others = [name for name in centred if name != "age"]
    terms = [g.mul(by_sex(name), column) for name, column in centred.items()]
    terms += [g.mul(by_sex(f"age_{name}"), g.mul(centred["age"], centred[name])) for name in others]
    exponent = g.sub(g.sum(terms), by_sex("mean"))
    return g.mul(g.sub(0.0, g.log(by_sex("S0"))), g.exp(exponent))


def recalibrated(g: Columns, regions: dict, hazard: str, older: str, region: str, sex: str) -> str:
    """The table is by equation, region and sex."""
    at = g.index(g.add(g.add(g.mul(g.number(older), 8.0), g.mul(region, 2.0)), sex))
    rows = [regions[half][name][each] for half in ["lt70", "ge70"] for name in REGIONS for each in SEXES]
    scale1, scale2 = (g.row([row[part] for row in rows], at) for part in (0, 1))
    inner = g.exp(g.add(scale1, g.mul(scale2, g.log(hazard))))
    return g.sub(1.0, g.exp(g.sub(0.0, inner)))
