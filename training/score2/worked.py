"""SCORE2 and SCORE2-OP worked out in plain Python, apart from the graph."""

from decimal import ROUND_HALF_UP, Decimal
from math import exp, log


def work(published: dict, patient: dict) -> dict[str, float]:
    op = patient["age"] >= 70
    b = published["score2_op" if op else "score2"]["coefficients"][patient["sex"]]
    age = patient["age"] - 73 if op else (patient["age"] - 60) / 5
    sbp = patient["sbp"] - 150 if op else (patient["sbp"] - 120) / 20
    tc = patient["total_c_mmol"] - 6
    hdl = patient["hdl_c_mmol"] - 1.4 if op else (patient["hdl_c_mmol"] - 1.3) / 0.5
    smoker = patient["smoker"]
    score = b["age"] * age + b["smoker"] * smoker + b["sbp"] * sbp
    score += b["total_c_mmol"] * tc + b["hdl_c_mmol"] * hdl
    score += age * (b["age_smoker"] * smoker + b["age_sbp"] * sbp)
    score += age * (b["age_total_c_mmol"] * tc + b["age_hdl_c_mmol"] * hdl)
    uncalibrated = 1 - b["S0"] ** exp(score - b["mean"])
    one, two = published["recalibration"]["ge70" if op else "lt70"][patient["region"]][patient["sex"]]
    risk = 1 - exp(-exp(one + two * log(-log(1 - uncalibrated))))
    percent = Decimal(risk * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return {"cvd_10yr": risk, "score2_percent": float(percent)}
