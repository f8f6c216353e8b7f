"""MELD 3.0 (Kim et al. 2021) as one ONNX graph: the one equation here whose published form limits its inputs.

Bilirubin, INR and creatinine below 1.0 count as 1.0; creatinine above 3.0, and dialysis twice within a week, as 3.0;
sodium is limited to 125-137, albumin to 1.5-3.5. The score as listed is rounded half up and limited to 6-40;
`meld3_unrounded_uncapped` is before that, and the survival is computed from it; `death_90d` is its
complement. Dialysis that is not known
(`dialysis_twice_in_week_missing` 1) counts as none.
"""

import json
from pathlib import Path

import onnx
from columns import Columns

INPUTS = ["female", "bilirubin_mg_dl", "creatinine_mg_dl", "inr", "sodium_mmol_l", "albumin_g_dl"]


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    b, limits = published["coefficients"], published["limits"]
    g = Columns()
    given = {name: g.input(name) for name in INPUTS}
    dialysis, unknown = g.input("dialysis_twice_in_week"), g.input("dialysis_twice_in_week_missing")
    on_dialysis = g.both(g.truth(dialysis), g.no(g.truth(unknown)))
    bilirubin = g.log(g.max(given["bilirubin_mg_dl"], limits["bilirubin"][0]))
    inr = g.log(g.max(given["inr"], limits["inr"][0]))
    low, high = limits["creatinine"]
    creatinine = g.log(g.where(on_dialysis, high, g.clamp(given["creatinine_mg_dl"], low, high)))
    sodium = g.sub(limits["sodium"][1], g.clamp(given["sodium_mmol_l"], *limits["sodium"]))
    albumin = g.sub(limits["albumin"][1], g.clamp(given["albumin_g_dl"], *limits["albumin"]))
    terms = {
        "female": given["female"],
        "ln_bilirubin": bilirubin,
        "sodium": sodium,
        "sodium_ln_bilirubin": g.mul(sodium, bilirubin),
        "ln_inr": inr,
        "ln_creatinine": creatinine,
        "albumin": albumin,
        "albumin_ln_creatinine": g.mul(albumin, creatinine),
    }
    score = g.add(g.sum([g.mul(b[name], column) for name, column in terms.items()]), b["constant"])
    g.output("meld3_unrounded_uncapped", score)
    g.output("meld3", g.clamp(g.floor(g.add(score, 0.5)), *limits["score"]))
    s = published["survival_90_days"]
    exponent = g.exp(g.sub(g.mul(s["slope"], score), s["offset"]))
    survival = g.power(s["S0"], exponent)
    g.output("survival_90d_pmeld3", survival)
    g.output("death_90d", g.sub(1.0, survival))
    return g.model("meld-3-0")
