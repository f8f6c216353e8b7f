"""The Pooled Cohort Equations worked out in plain Python, apart from the graph."""

from math import exp, log


def work(published: dict, patient: dict) -> dict[str, float]:
    race = "black" if patient["race"] == "black" else "white"
    editions = published["coefficients"]
    group = f"{race}_{patient['sex']}"
    return {
        "pce2013_published_coef": cox(editions["2013_published"][group], patient),
        "pce2013_app_precision_coef": cox(editions["2013_app_precision"][group], patient),
        "pce2018_yadlowsky": logistic(editions["2018_yadlowsky"], race == "black", patient),
    }


def cox(b: dict, p: dict) -> float:
    age, tc, hdl, sbp = log(p["age"]), log(p["total_c"]), log(p["hdl_c"]), log(p["sbp"])
    arm = "treated" if p["bp_tx"] else "untreated"
    total = b["ln_age"] * age + b["ln_age_sq"] * age**2
    total += (b["ln_tc"] + b["ln_age_ln_tc"] * age) * tc
    total += (b["ln_hdl"] + b["ln_age_ln_hdl"] * age) * hdl
    total += (b[f"ln_sbp_{arm}"] + b[f"ln_age_ln_sbp_{arm}"] * age) * sbp
    total += (b["smoker"] + b["ln_age_smoker"] * age) * p["smoking"] + b["diabetes"] * p["dm"]
    return 1 - b["S0"] ** exp(total - b["mean"])


def logistic(edition: dict, black: bool, p: dict) -> float:
    b = dict(zip(edition["terms"], edition[p["sex"]], strict=True))
    age, sbp, ratio, rx = p["age"], p["sbp"], p["total_c"] / p["hdl_c"], p["bp_tx"]
    total = b["intercept"] + b["age"] * age + b["sbp_sq"] * sbp**2 + b["sbp"] * sbp + b["bp_tx"] * rx
    total += b["dm"] * p["dm"] + b["smoking"] * p["smoking"] + b["tc_hdl_ratio"] * ratio
    total += b["sbp_bp_tx"] * sbp * rx + b["age_sbp"] * age * sbp
    if black:
        total += b["black"] + b["age_black"] * age + b["sbp_black"] * sbp + b["bp_tx_black"] * rx
        total += b["black_dm"] * p["dm"] + b["black_smoking"] * p["smoking"] + b["black_ratio"] * ratio
        total += b["black_sbp_bp_tx"] * sbp * rx + b["black_sbp_age"] * sbp * age
    return 1 / (1 + exp(-total))
