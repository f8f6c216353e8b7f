"""The benefit of a lower blood pressure worked out in plain Python, apart from the graph: one patient, one treatment."""

import json
from pathlib import Path

from prevent.worked import work as prevent_risks

PREVENT = json.loads((Path(__file__).parent.parent / "prevent" / "coefficients.json").read_text(encoding="utf-8"))


def work(published: dict, patient: dict) -> dict[str, float]:
    risk = prevent_risks(PREVENT, patient)["10yr_total_cvd"]
    trials = published["relative_risk"]
    answer = {"10yr_total_cvd": risk}
    if patient["sbp"] < published["lowest_sbp"]:
        return answer
    for treatment in published["treatments"]:
        name = treatment["name"]
        fives = treatment["amount"] / 5
        arr = risk * (1 - trials["value"] ** fives)
        arr_low = risk * (1 - trials["high"] ** fives)
        arr_high = risk * (1 - trials["low"] ** fives)
        answer[f"{name}_10yr_total_cvd"] = risk - arr
        answer[f"{name}_arr"], answer[f"{name}_arr_low"], answer[f"{name}_arr_high"] = arr, arr_low, arr_high
        if arr_low >= 1 / 10_000:
            answer[f"{name}_nnt"] = 1 / arr
            answer[f"{name}_nnt_low"], answer[f"{name}_nnt_high"] = 1 / arr_high, 1 / arr_low
    return answer
