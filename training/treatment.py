"""What a trial's relative risk makes of a risk: a graph whose tensors have a row per patient and a column per treatment.

absolute risk reduction = risk x (1 - RR ^ units), where RR is the trials' relative risk per unit of change and
`units` says how many of those units a treatment changes. RR's own confidence limits give the reduction's: the
lower RR its upper limit. Number needed to treat = 1 / absolute risk reduction; its limits change places once more.
Relative risk and treatments come from the builder's coefficients.json, never from the equation of the risk.
"""

import numpy as np
from columns import Columns
from onnx import TensorProto

SMALLEST_REDUCTION_TO_INVERT = 1e-4
"""Below it, at its lower limit, no number needed to treat is given: it would pass 10 000."""


def outputs_under_treatment(
    g: Columns, published: dict, outcome: str, risk: str, units: str, applies: str | None = None
) -> None:
    """Writes each treatment's outputs. `units` is [rows or 1, treatments]; `applies`, a truth per row, masks all."""
    axis_1 = g.constant([1], np.int64)
    rows = g.op("Unsqueeze", risk, axis_1)
    relative = published["relative_risk"]
    left = {limit: g.power(relative[limit], units) for limit in ["value", "low", "high"]}
    tables = {
        f"10yr_{outcome}": g.mul(rows, left["value"]),
        "arr": reduction(g, rows, left["value"]),
        "arr_low": reduction(g, rows, left["high"]),
        "arr_high": reduction(g, rows, left["low"]),
    }
    tables["nnt"] = g.div(1.0, tables["arr"])
    tables["nnt_low"] = g.div(1.0, tables["arr_high"])
    tables["nnt_high"] = g.div(1.0, tables["arr_low"])
    inverted = g.at_least(tables["arr_low"], SMALLEST_REDUCTION_TO_INVERT)
    if applies is not None:
        inverted = g.both(inverted, g.op("Unsqueeze", applies, axis_1))
    for at, treatment in enumerate(published["treatments"]):
        for name, table in tables.items():
            g.output(f"{treatment['name']}_{name}", column(g, table, at))
        g.output(f"{treatment['name']}_nnt_applies", column(g, inverted, at), TensorProto.BOOL)


def reduction(g: Columns, risk: str, left: str) -> str:
    return g.mul(risk, g.sub(1.0, left))


def column(g: Columns, table: str, treatment: int) -> str:
    return g.op("Gather", table, g.constant(treatment, np.int64), axis=1)
