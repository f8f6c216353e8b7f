"""The six-variable Kidney Failure Risk Equation worked out in plain Python, apart from the graph."""

from math import exp, log


def work(published: dict, patient: dict) -> dict[str, float]:
    equation, mean = published["coefficients"]["6var"], published["means"]
    score = (
        equation["age"] * (patient["age"] / 10 - mean["age"])
        + equation["male"] * (patient["male"] - mean["male"])
        + equation["egfr"] * (patient["egfr"] / 5 - mean["egfr"])
        + equation["lnacr"] * (log(patient["uacr_mg_g"]) - mean["lnacr"])
        + equation["dm"] * (patient["dm"] - mean["dm"])
        + equation["htn"] * (patient["htn"] - mean["htn"])
    )
    return {f"kfre6_{when}": 1 - survival ** exp(score) for when, survival in equation["S0"].items()}
