"""CKD-EPI 2021 (Inker et al.): eGFR from creatinine, and from creatinine and cystatin C, as one ONNX graph.

`cr_cys_applies` is true where cystatin C is known; elsewhere its column is ignored and only the creatinine equation
answers.
"""

import json
from pathlib import Path

import onnx
from columns import Columns
from onnx import TensorProto


def build(coefficients: Path) -> onnx.ModelProto:
    equations = json.loads(coefficients.read_text(encoding="utf-8"))["coefficients"]
    g = Columns()
    age, male, creatinine, cystatin, missing = (
        g.input(name) for name in ["age", "male", "creatinine_mg_dl", "cystatin_mg_l", "cystatin_mg_l_missing"]
    )
    sex = g.index(male)
    cr, cys = equations["cr"], equations["cr_cys"]
    egfr_cr = times(g, [creatinine_factor(g, cr, creatinine, sex), *others(g, cr, age, sex)])
    low, high = cys["cystatin"]["below"], cys["cystatin"]["above"]
    cystatin_factor = knee(g, g.div(cystatin, cys["cystatin"]["knot"]), low, high)
    egfr_both = times(
        g, [creatinine_factor(g, cys, creatinine, sex), cystatin_factor, *others(g, cys, age, sex)]
    )
    g.output("egfr_cr_2021", egfr_cr)
    g.output("egfr_cr_cys_2021", egfr_both)
    g.output("cr_cys_applies", g.no(g.truth(missing)), TensorProto.BOOL)
    return g.model("ckd-epi-2021")


def times(g: Columns, factors: list[str]) -> str:
    product, *rest = factors
    for factor in rest:
        product = g.mul(product, factor)
    return product


def knee(g: Columns, ratio: str, below: object, above: object) -> str:
    """min(ratio, 1)^below x max(ratio, 1)^above."""
    return g.mul(g.power(g.min(ratio, 1.0), below), g.power(g.max(ratio, 1.0), above))


def creatinine_factor(g: Columns, equation: dict, creatinine: str, sex: str) -> str:
    by_sex = {name: g.row([equation[name]["female"], equation[name]["male"]], sex) for name in ["k", "a"]}
    return knee(g, g.div(creatinine, by_sex["k"]), by_sex["a"], equation["above"])


def others(g: Columns, equation: dict, age: str, sex: str) -> list[str]:
    return [
        g.row([equation["factor"] * equation["female"], equation["factor"]], sex),
        g.power(equation["per_year"], age),
    ]
