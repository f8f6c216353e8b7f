"""PREVENT's 10-year risk of cardiovascular disease with a lower systolic pressure, as one graph with a treatment axis.

The relative risk is the trials' (BPLTTC, Lancet 2021), per 5 mmHg lowered. PREVENT's own inputs stay as they are: its
coefficients of blood pressure and its medicines are associations, not effects of treatment. Treatments apply from
the lowest systolic pressure in coefficients.json on.
"""

import json
from pathlib import Path

import onnx
from columns import Columns
from onnx import TensorProto
from prevent.graph import equations
from treatment import outputs_under_treatment


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    prevent = json.loads((coefficients.parent.parent / "prevent" / "coefficients.json").read_text(encoding="utf-8"))
    g = Columns()
    risks = equations(g, prevent)
    per = published["relative_risk"]["per"]["value"]
    units = g.constant([[treatment["amount"] / per for treatment in published["treatments"]]])
    untreated = f"10yr_{published['outcome']}"
    risk = risks.column(g, untreated)
    g.output(untreated, risk)
    applies = g.at_least(risks.given["sbp"], float(published["lowest_sbp"]))
    outputs_under_treatment(g, published, published["outcome"], risk, units, applies)
    g.output("treatment_applies", applies, TensorProto.BOOL)
    g.output("variant", risks.variant)
    return g.model("bp-benefit")
