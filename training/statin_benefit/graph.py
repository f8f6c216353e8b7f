"""PREVENT's 10-year risk of atherosclerotic disease under two intensities of statin, as one graph with a treatment axis.

The relative risk is the trials' (CTT, Lancet 2012), per mmol/L of LDL cholesterol lowered. PREVENT's own inputs stay
as they are: its coefficients of statins and cholesterol are associations, not effects of treatment.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from columns import Columns
from prevent.graph import equations
from treatment import column, outputs_under_treatment


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    prevent = json.loads((coefficients.parent.parent / "prevent" / "coefficients.json").read_text(encoding="utf-8"))
    g = Columns()
    risks = equations(g, prevent)
    ldl_c = g.op("Unsqueeze", g.input("ldl_c"), g.constant([1], np.int64))
    fractions = [[treatment["fraction"] for treatment in published["treatments"]]]
    lowered = g.mul(ldl_c, fractions)
    untreated = f"10yr_{published['outcome']}"
    risk = risks.column(g, untreated)
    g.output(untreated, risk)
    mmol = g.mul(lowered, published["mmol_per_mg_dl"])
    outputs_under_treatment(g, published, published["outcome"], risk, mmol)
    for at, treatment in enumerate(published["treatments"]):
        g.output(f"{treatment['name']}_ldl_reduction", column(g, lowered, at))
    g.output("variant", risks.variant)
    return g.model("statin-benefit")
