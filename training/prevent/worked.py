"""The PREVENT equations worked out in plain Python, apart from the graph."""

from math import exp, log

OPTIONAL = {"uacr": "uacr", "hba1c": "hba1c", "sdi_decile": "sdi"}


def work(published: dict, patient: dict) -> dict[str, float]:
    coefficients = published["coefficients"]
    variant, sex = variant_of(patient), patient["sex"]
    term = terms_of(patient)
    answer = {}
    for horizon in published["horizons"]:
        if horizon == "30yr" and patient["age"] > 59:
            continue
        for outcome, equation in coefficients[horizon][variant][sex].items():
            score = sum(coefficient * term[name] for name, coefficient in equation.items())
            answer[f"{horizon}_{outcome}"] = 1 / (1 + exp(-score))
    return answer


def variant_of(patient: dict) -> str:
    """The variant asked for; else by what is known: nothing, one, more."""
    if patient.get("model") is not None:
        return patient["model"]
    known = [variant for name, variant in OPTIONAL.items() if patient.get(name) is not None]
    if len(known) == 1:
        return known[0]
    return "full" if known else "base"


def terms_of(patient: dict) -> dict[str, float]:
    age = (patient["age"] - 55) / 10
    non_hdl_c = (patient["total_c"] - patient["hdl_c"]) * 0.02586 - 3.5
    hdl_c = (patient["hdl_c"] * 0.02586 - 1.3) / 0.3
    sbp_gte_110 = (max(patient["sbp"], 110) - 130) / 20
    bmi_gte_30 = (max(patient["bmi"], 30) - 30) / 5
    egfr_lt_60 = (min(patient["egfr"], 60) - 60) / -15
    dm, smoking, bp_tx, statin = (float(patient[name]) for name in ["dm", "smoking", "bp_tx", "statin"])
    uacr, hba1c, decile = (patient.get(name) for name in OPTIONAL)
    return {
        "constant": 1.0,
        "age": age,
        "age_squared": age**2,
        "non_hdl_c": non_hdl_c,
        "hdl_c": hdl_c,
        "sbp_lt_110": (min(patient["sbp"], 110) - 110) / 20,
        "sbp_gte_110": sbp_gte_110,
        "dm": dm,
        "smoking": smoking,
        "bmi_lt_30": (min(patient["bmi"], 30) - 25) / 5,
        "bmi_gte_30": bmi_gte_30,
        "egfr_lt_60": egfr_lt_60,
        "egfr_gte_60": (max(patient["egfr"], 60) - 90) / -15,
        "bp_tx": bp_tx,
        "statin": statin,
        "bp_tx_sbp_gte_110": bp_tx * sbp_gte_110,
        "statin_non_hdl_c": statin * non_hdl_c,
        "age_non_hdl_c": age * non_hdl_c,
        "age_hdl_c": age * hdl_c,
        "age_sbp_gte_110": age * sbp_gte_110,
        "age_dm": age * dm,
        "age_smoking": age * smoking,
        "age_bmi_gte_30": age * bmi_gte_30,
        "age_egfr_lt_60": age * egfr_lt_60,
        "ln_uacr": 0.0 if uacr is None else log(uacr),
        "missing_uacr": float(uacr is None),
        "hba1c_dm": 0.0 if hba1c is None else (hba1c - 5.3) * dm,
        "hba1c_no_dm": 0.0 if hba1c is None else (hba1c - 5.3) * (1 - dm),
        "missing_hba1c": float(hba1c is None),
        "sdi_4_to_6": float(decile is not None and 4 <= decile < 7),
        "sdi_7_to_10": float(decile is not None and decile >= 7),
        "missing_sdi": float(decile is None),
    }
