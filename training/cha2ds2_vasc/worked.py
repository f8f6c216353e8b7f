"""CHA2DS2-VASc and CHA2DS2-VA counted in plain Python, apart from the graph."""


def work(published: dict, patient: dict) -> dict[str, float]:
    va = patient["chf"] + patient["hypertension"] + patient["vascular_disease"] + patient["diabetes"]
    va += 2 * patient["stroke_tia_te"]
    va += 2 if patient["age"] >= 75 else 1 if patient["age"] >= 65 else 0
    return {"cha2ds2_vasc": va + (1 if patient["sex"] == "female" else 0), "cha2ds2_va": va}
