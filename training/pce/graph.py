"""The Pooled Cohort Equations as one ONNX graph: 2013 as published, 2013 with longer coefficients, 2018 revision.

2013 (Goff et al.): 1 - S0^exp(sum - mean), four groups by sex and race. 2018 (Yadlowsky et al.): logistic, two sexes
with race as a term. `race` 2 ("other") takes the equations for white people, as the 2013 guideline says.

Why float64: a threshold is decided on the unrounded number (see training/prevent/graph.py).
"""

import json
from pathlib import Path

import onnx
from columns import Columns

GROUPS = ["white_female", "black_female", "white_male", "black_male"]
INPUTS = ["age", "sex", "race", "total_c", "hdl_c", "sbp", "bp_tx", "smoking", "dm"]


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    given = {name: g.input(name) for name in INPUTS}
    black = g.number(g.equal(given["race"], 1.0))
    group = g.index(g.add(g.mul(given["sex"], 2.0), black))
    terms = terms_2013(g, given)
    for name, edition in [("published", "2013_published"), ("app_precision", "2013_app_precision")]:
        g.output(f"pce2013_{name}_coef", risk_2013(g, terms, group, published["coefficients"][edition]))
    g.output("pce2018_yadlowsky", risk_2018(g, given, black, published["coefficients"]["2018_yadlowsky"]))
    return g.model("pce")


def terms_2013(g: Columns, given: dict[str, str]) -> dict[str, str]:
    """Treated and untreated pressure are two terms; the one that is not the patient's is 0."""
    ln = {name: g.log(given[name]) for name in ["age", "total_c", "hdl_c", "sbp"]}
    treated = given["bp_tx"]
    ln_treated = g.mul(ln["sbp"], treated)
    ln_untreated = g.mul(ln["sbp"], g.sub(1.0, treated))
    return {
        "ln_age": ln["age"],
        "ln_age_sq": g.mul(ln["age"], ln["age"]),
        "ln_tc": ln["total_c"],
        "ln_age_ln_tc": g.mul(ln["age"], ln["total_c"]),
        "ln_hdl": ln["hdl_c"],
        "ln_age_ln_hdl": g.mul(ln["age"], ln["hdl_c"]),
        "ln_sbp_treated": ln_treated,
        "ln_age_ln_sbp_treated": g.mul(ln["age"], ln_treated),
        "ln_sbp_untreated": ln_untreated,
        "ln_age_ln_sbp_untreated": g.mul(ln["age"], ln_untreated),
        "smoker": given["smoking"],
        "ln_age_smoker": g.mul(ln["age"], given["smoking"]),
        "diabetes": given["dm"],
    }


def risk_2013(g: Columns, terms: dict[str, str], group: str, edition: dict) -> str:
    def of_group(name: str) -> str:
        return g.row([edition[each][name] for each in GROUPS], group)

    total = g.sum([g.mul(of_group(name), column) for name, column in terms.items()])
    return g.cox(of_group("S0"), g.sub(total, of_group("mean")))


def risk_2018(g: Columns, given: dict[str, str], black: str, edition: dict) -> str:
    age, sbp, treated = given["age"], given["sbp"], given["bp_tx"]
    ratio = g.div(given["total_c"], given["hdl_c"])
    treated_sbp = g.mul(sbp, treated)
    age_sbp = g.mul(age, sbp)
    columns = {
        "intercept": g.add(g.mul(age, 0.0), 1.0),
        "age": age,
        "black": black,
        "sbp_sq": g.mul(sbp, sbp),
        "sbp": sbp,
        "bp_tx": treated,
        "dm": given["dm"],
        "smoking": given["smoking"],
        "tc_hdl_ratio": ratio,
        "age_black": g.mul(age, black),
        "sbp_bp_tx": treated_sbp,
        "sbp_black": g.mul(sbp, black),
        "bp_tx_black": g.mul(treated, black),
        "age_sbp": age_sbp,
        "black_dm": g.mul(black, given["dm"]),
        "black_smoking": g.mul(black, given["smoking"]),
        "black_ratio": g.mul(black, ratio),
        "black_sbp_bp_tx": g.mul(black, treated_sbp),
        "black_sbp_age": g.mul(black, age_sbp),
    }
    sex = g.index(given["sex"])
    terms = edition["terms"]
    total = g.sum(
        [
            g.mul(g.row([edition["female"][at], edition["male"][at]], sex), columns[term])
            for at, term in enumerate(terms)
        ]
    )
    return g.op("Sigmoid", total)
