"""CKD-EPI 2021 worked out in plain Python, apart from the graph."""


def work(published: dict, patient: dict) -> dict[str, float]:
    cr, both = published["coefficients"]["cr"], published["coefficients"]["cr_cys"]
    sex = "male" if patient["male"] else "female"
    answer = {"egfr_cr_2021": creatinine_part(cr, patient, sex)}
    if patient.get("cystatin_mg_l") is not None:
        ratio = patient["cystatin_mg_l"] / both["cystatin"]["knot"]
        slope = both["cystatin"]["below" if ratio < 1 else "above"]
        answer["egfr_cr_cys_2021"] = creatinine_part(both, patient, sex) * ratio**slope
    return answer


def creatinine_part(equation: dict, patient: dict, sex: str) -> float:
    ratio = patient["creatinine_mg_dl"] / equation["k"][sex]
    slope = equation["a"][sex] if ratio < 1 else equation["above"]
    female = equation["female"] if sex == "female" else 1
    return equation["factor"] * ratio**slope * equation["per_year"] ** patient["age"] * female
