"""The Charlson index worked in plain Python, apart from the graph."""

PAIRS = [
    ("mild_liver_disease", "severe_liver_disease"),
    ("diabetes", "diabetes_complicated"),
    ("malignancy", "metastatic_tumor"),
]
POINTS_1987 = {"hemiplegia": 2, "renal_disease": 2, "diabetes_complicated": 2, "malignancy": 2}
GRAVE_1987 = {"severe_liver_disease": 3, "metastatic_tumor": 6, "hiv_aids": 6}
NONE_2003 = {"rheumatic_disease": 0, "peptic_ulcer_disease": 0}
TWO_2003 = ["heart_failure", "chronic_pulmonary_disease", "mild_liver_disease", "diabetes_complicated", "malignancy"]
MORE_2003 = {"dementia": 3, "renal_disease": 3, "severe_liver_disease": 4, "hiv_aids": 4, "metastatic_tumor": 6}


def work(_published: dict, patient: dict) -> dict[str, float]:
    present = {name for name, value in patient.items() if value in (1, True)}
    for milder, graver in PAIRS:
        if graver in present:
            present.discard(milder)
    of_2003 = {**NONE_2003, **dict.fromkeys(TWO_2003, 2), **MORE_2003}
    of_1987 = {**POINTS_1987, **GRAVE_1987}
    return {
        "charlson_schneeweiss": sum(of_2003.get(name, 1) for name in present),
        "charlson_1987": sum(of_1987.get(name, 1) for name in present),
        "conditions": len(present),
    }
