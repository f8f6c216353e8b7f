"""MELD 3.0 worked out in plain Python, apart from the graph."""

from decimal import ROUND_HALF_UP, Decimal
from math import exp, log


def work(published: dict, patient: dict) -> dict[str, float]:
    b = published["coefficients"]
    bili = log(max(patient["bilirubin_mg_dl"], 1))
    inr = log(max(patient["inr"], 1))
    creatinine = 3.0 if patient.get("dialysis_twice_in_week") else min(max(patient["creatinine_mg_dl"], 1), 3)
    cr = log(creatinine)
    na = 137 - min(max(patient["sodium_mmol_l"], 125), 137)
    alb = 3.5 - min(max(patient["albumin_g_dl"], 1.5), 3.5)
    score = b["female"] * patient["female"] + b["constant"]
    score += b["ln_bilirubin"] * bili + b["sodium"] * na + b["sodium_ln_bilirubin"] * na * bili
    score += b["ln_inr"] * inr + b["ln_creatinine"] * cr
    score += b["albumin"] * alb + b["albumin_ln_creatinine"] * alb * cr
    s = published["survival_90_days"]
    survival = s["S0"] ** exp(s["slope"] * score - s["offset"])
    return {
        "meld3_unrounded_uncapped": score,
        "meld3": min(max(int(Decimal(score).quantize(Decimal(1), ROUND_HALF_UP)), 6), 40),
        "survival_90d_pmeld3": survival,
        "death_90d": 1 - survival,
    }
