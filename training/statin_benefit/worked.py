"""The statin benefit worked out in plain Python, apart from the graph: one patient and one treatment at a time."""

import json
from pathlib import Path

from prevent.worked import work as prevent_risks

PREVENT = json.loads((Path(__file__).parent.parent / "prevent" / "coefficients.json").read_text(encoding="utf-8"))


def work(published: dict, patient: dict) -> dict[str, float]:
    risk = prevent_risks(PREVENT, patient)["10yr_ascvd"]
    trials = published["relative_risk"]
    answer = {"10yr_ascvd": risk}
    for treatment in published["treatments"]:
        name = treatment["name"]
        lowered = patient["ldl_c"] * treatment["fraction"]
        mmol = lowered * 0.02586
        arr = risk * (1 - trials["value"] ** mmol)
        arr_low = risk * (1 - trials["high"] ** mmol)
        arr_high = risk * (1 - trials["low"] ** mmol)
        answer[f"{name}_ldl_reduction"] = lowered
        answer[f"{name}_10yr_ascvd"] = risk - arr
        answer[f"{name}_arr"], answer[f"{name}_arr_low"], answer[f"{name}_arr_high"] = arr, arr_low, arr_high
        if arr_low >= 1 / 10_000:
            answer[f"{name}_nnt"] = 1 / arr
            answer[f"{name}_nnt_low"], answer[f"{name}_nnt_high"] = 1 / arr_high, 1 / arr_low
    return answer
