"""The PREVENT equations (Khan et al., Circulation 2024;149:430-449) as one ONNX graph.

Ten outcomes (five at 10 years, five at 30), five variants, two sexes: 100 logistic equations, one graph. The
coefficients of a row are gathered by its variant and sex, so a batch may mix them.

Why float64: a treatment threshold is decided on the unrounded number. float32 keeps about seven decimal digits,
so it can put a patient on the other side of a threshold than the published equation does, and it could not be
shown to agree with the reference implementation to 1e-9.

Inputs are one double column each. `<name>_missing` is 1 where an optional input is not known (its own column is
then ignored, whatever it holds). `model` is -1 for the published rule, or the code of a variant.

A variant that is asked for while its own optional input is missing answers with its published missing indicator,
as the reference implementation does; the published rule never chooses it.

Outputs: ten risks; `30yr_applies` (age up to 59); `variant`, the code of the variant that answered.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from columns import Columns
from onnx import TensorProto

CHOLESTEROL_MMOL_PER_MG_DL = 0.02586
LAST_AGE_OF_30_YEARS = 59
BASE, UACR, HBA1C, SDI, FULL = 0, 1, 2, 3, 4
REQUIRED = ["age", "sex", "total_c", "hdl_c", "sbp", "bp_tx", "statin", "dm", "smoking", "egfr", "bmi"]
OPTIONAL = ["uacr", "hba1c", "sdi_decile"]


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    risks = equations(g, published)
    columns = {name: risks.column(g, name) for name in risks.outputs}
    for name, risk in columns.items():
        g.output(name, risk)
    g.output("30yr_applies", g.at_most(risks.given["age"], LAST_AGE_OF_30_YEARS), TensorProto.BOOL)
    g.output("variant", risks.variant)
    return g.model("prevent")


@dataclass(frozen=True)
class Risks:
    """What the equations made of each row; other graphs build on it."""

    given: dict[str, str]
    variant: str
    outputs: list[str]
    table: str
    """[rows, outputs]"""

    def column(self, g: Columns, output: str) -> str:
        return g.op("Gather", self.table, g.constant(self.outputs.index(output), np.int64), axis=1)


def equations(g: Columns, published: dict) -> Risks:
    """Takes the inputs and computes every risk."""
    given = {name: g.input(name) for name in REQUIRED}
    missing = {}
    for name in OPTIONAL:
        given[name] = g.input(name)
        missing[name] = g.at_least(g.input(f"{name}_missing"), 0.5)
    variant = choose_variant(g, g.input("model"), missing)
    terms = {
        **base_terms(g, given),
        **optional_terms(g, given, missing, variant),
        "constant": g.add(g.mul(given["age"], 0.0), 1.0),
    }
    outputs = [f"{horizon}_{outcome}" for horizon in published["horizons"] for outcome in published["outcomes"]]
    table = risk_table(g, terms, equation_of(g, variant, given["sex"]), published, outputs)
    return Risks(given, variant, outputs, table)


def choose_variant(g: Columns, asked: str, missing: dict[str, str]) -> str:
    """No optional input: base; exactly one: the variant of that input; more: full."""
    known = {name: g.number(g.no(column)) for name, column in missing.items()}
    count = g.add(g.add(known["uacr"], known["hba1c"]), known["sdi_decile"])
    only_one = g.add(
        g.add(g.mul(known["uacr"], UACR), g.mul(known["hba1c"], HBA1C)), g.mul(known["sdi_decile"], SDI)
    )
    rule = g.where(g.at_least(count, 2.0), float(FULL), only_one)
    return g.where(g.less(asked, BASE - 0.5), rule, asked)


def equation_of(g: Columns, variant: str, sex: str) -> str:
    """Row of the coefficient table: two per variant, female first."""
    return g.op("Cast", g.add(g.mul(variant, 2.0), sex), to=TensorProto.INT64)


def base_terms(g: Columns, given: dict[str, str]) -> dict[str, str]:
    """Centred at age 55, non-HDL-C 3.5 and HDL-C 1.3 mmol/L, SBP 130, BMI 25, eGFR 90; splines as published."""
    mmol = CHOLESTEROL_MMOL_PER_MG_DL
    age = g.div(g.sub(given["age"], 55.0), 10.0)
    non_hdl_c = g.sub(g.mul(g.sub(given["total_c"], given["hdl_c"]), mmol), 3.5)
    hdl_c = g.div(g.sub(g.mul(given["hdl_c"], mmol), 1.3), 0.3)
    sbp_gte_110 = g.div(g.sub(g.max(given["sbp"], 110.0), 130.0), 20.0)
    bmi_gte_30 = g.div(g.sub(g.max(given["bmi"], 30.0), 30.0), 5.0)
    egfr_lt_60 = g.div(g.sub(g.min(given["egfr"], 60.0), 60.0), -15.0)
    return {
        "age": age,
        "age_squared": g.mul(age, age),
        "non_hdl_c": non_hdl_c,
        "hdl_c": hdl_c,
        "sbp_lt_110": g.div(g.sub(g.min(given["sbp"], 110.0), 110.0), 20.0),
        "sbp_gte_110": sbp_gte_110,
        "dm": given["dm"],
        "smoking": given["smoking"],
        "bmi_lt_30": g.div(g.sub(g.min(given["bmi"], 30.0), 25.0), 5.0),
        "bmi_gte_30": bmi_gte_30,
        "egfr_lt_60": egfr_lt_60,
        "egfr_gte_60": g.div(g.sub(g.max(given["egfr"], 60.0), 90.0), -15.0),
        "bp_tx": given["bp_tx"],
        "statin": given["statin"],
        "bp_tx_sbp_gte_110": g.mul(given["bp_tx"], sbp_gte_110),
        "statin_non_hdl_c": g.mul(given["statin"], non_hdl_c),
        "age_non_hdl_c": g.mul(age, non_hdl_c),
        "age_hdl_c": g.mul(age, hdl_c),
        "age_sbp_gte_110": g.mul(age, sbp_gte_110),
        "age_dm": g.mul(age, given["dm"]),
        "age_smoking": g.mul(age, given["smoking"]),
        "age_bmi_gte_30": g.mul(age, bmi_gte_30),
        "age_egfr_lt_60": g.mul(age, egfr_lt_60),
    }


def optional_terms(
    g: Columns, given: dict[str, str], missing: dict[str, str], variant: str
) -> dict[str, str]:
    """A missing optional input contributes its missing indicator and nothing else. ln of a UACR that is not
    positive is NaN, never an infinite logit; a variant that does not read UACR does not meet it."""
    reads_uacr = g.both(
        g.no(missing["uacr"]),
        g.either(g.equal(variant, float(UACR)), g.equal(variant, float(FULL))),
    )
    positive = g.where(g.less(0.0, given["uacr"]), given["uacr"], float("nan"))
    hba1c = g.where(missing["hba1c"], 0.0, g.sub(given["hba1c"], 5.3))
    decile = g.where(missing["sdi_decile"], 0.0, given["sdi_decile"])
    return {
        "ln_uacr": g.where(reads_uacr, g.op("Log", positive), 0.0),
        "missing_uacr": g.number(missing["uacr"]),
        "hba1c_dm": g.mul(hba1c, given["dm"]),
        "hba1c_no_dm": g.mul(hba1c, g.sub(1.0, given["dm"])),
        "missing_hba1c": g.number(missing["hba1c"]),
        "sdi_4_to_6": g.number(g.both(g.at_least(decile, 4.0), g.less(decile, 7.0))),
        "sdi_7_to_10": g.number(g.at_least(decile, 7.0)),
        "missing_sdi": g.number(missing["sdi_decile"]),
    }


def risk_table(
    g: Columns, terms: dict[str, str], equation: str, published: dict, outputs: list[str]
) -> str:
    """sigmoid(sum of coefficient x term), one multiplication per row: a row's answer does not depend on its batch."""
    table = g.constant(coefficient_table(published, list(terms), outputs))
    axis_1 = g.constant([1], np.int64)
    columns = [g.op("Unsqueeze", column, axis_1) for column in terms.values()]
    rows = g.op("Unsqueeze", g.op("Concat", *columns, axis=1), axis_1)
    logits = g.op("Squeeze", g.op("MatMul", rows, g.op("Gather", table, equation, axis=0)), axis_1)
    return g.op("Sigmoid", logits)


def coefficient_table(published: dict, terms: list[str], outputs: list[str]) -> np.ndarray:
    """[variant and sex, term, output]; a term that an equation does not have is 0. An unknown term stops the build."""
    tables = []
    for variant in published["variants"]:
        for sex in published["sexes"]:
            table = np.zeros((len(terms), len(outputs)))
            for at, output in enumerate(outputs):
                horizon, outcome = output.split("_", 1)
                for term, coefficient in published["coefficients"][horizon][variant][sex][outcome].items():
                    table[terms.index(term), at] = coefficient
            tables.append(table)
    return np.stack(tables)
