"""The Kidney Failure Risk Equations worked out in plain Python, apart from the graph."""

from math import exp, log


def work(published: dict, patient: dict) -> dict[str, float]:
    term = {
        "age": patient["age"] / 10,
        "male": patient["male"],
        "egfr": patient["egfr"] / 5,
        "lnacr": log(patient["uacr_mg_g"]),
        "alb": patient.get("albumin_g_dl"),
        "phos": patient.get("phosphate_mg_dl"),
        "hco3": patient.get("bicarbonate_mmol_l"),
        "ca": patient.get("calcium_mg_dl"),
    }
    answer = {}
    for variant, equation in published["coefficients"].items():
        names = [name for name in equation if name != "S0"]
        if any(term[name] is None for name in names):
            continue
        score = sum(equation[name] * (term[name] - published["means"][name]) for name in names)
        for when, survival in equation["S0"].items():
            answer[f"kfre{variant[0]}_{when}"] = 1 - survival ** exp(score)
    return answer
