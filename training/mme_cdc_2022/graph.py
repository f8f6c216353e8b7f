"""Opioid dose in morphine milligram equivalents per day (CDC 2022) as one ONNX graph.

Each opioid is an optional dose; a missing one adds nothing and is counted as `doses_missing`, so that a card can say
"at least". Where every one is missing there is no total: nothing known is not zero. The sum is taken in hundredths and
divided once, so that whole milligrams give the exact total and 50 stays 50. `age` restricts who is scored (the
manifest's range); the total does not depend on it.
"""

import json
from pathlib import Path

import onnx
from columns import Columns
from onnx import TensorProto


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    factors = {
        **published["factors_per_mg"],
        "fentanyl_transdermal": published["factor_fentanyl_transdermal_per_mcg_per_h"],
    }
    g = Columns()
    parts, known, taken = [], [], []
    for opioid, factor in factors.items():
        dose = g.input(opioid)
        given = g.no(g.truth(g.input(f"{opioid}_missing")))
        dose = g.where(given, dose, 0.0)
        parts.append(g.mul(dose, float(round(factor * 100))))
        known.append(g.number(given))
        taken.append(g.number(g.less(0.0, dose)))
    g.input("age")
    g.input("age_missing")
    g.output("mme", g.div(g.sum(parts), 100.0))
    g.output("opioids", g.sum(taken))
    g.output("doses_missing", g.sub(float(len(factors)), g.sum(known)))
    g.output("applies", g.at_least(g.sum(known), 0.5), TensorProto.BOOL)
    return g.model("mme-cdc-2022")
