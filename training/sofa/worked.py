"""SOFA worked in plain Python, apart from the graph."""

VASOPRESSOR = {
    "none": 0,
    "dobutamine_or_dopamine_to_5": 2,
    "dopamine_over_5_or_epinephrine_or_norepinephrine_to_0_1": 3,
    "dopamine_over_15_or_epinephrine_or_norepinephrine_over_0_1": 4,
}


def work(_published: dict, patient: dict) -> dict[str, float]:
    points = {
        "respiration_points": respiration(patient["pao2_fio2"], patient["respiratory_support"] in (1, True)),
        "coagulation_points": sum(patient["platelets"] < limit for limit in (150, 100, 50, 20)),
        "liver_points": sum(patient["bilirubin_mg_dl"] >= limit for limit in (1.2, 2.0, 6.0, 12.0)),
        "cardiovascular_points": max(VASOPRESSOR[patient["vasopressor"]], 1 if patient["map"] < 70 else 0),
        "nervous_points": nervous(patient["gcs"]),
        "kidney_points": kidney(patient["creatinine_mg_dl"], patient.get("urine_output_ml_day")),
    }
    return {"sofa": sum(points.values()), **points}


def respiration(ratio: float, supported: bool) -> int:
    if supported and ratio < 200:
        return 4 if ratio < 100 else 3
    return 2 if ratio < 300 else 1 if ratio < 400 else 0


def nervous(gcs: float) -> int:
    return 0 if gcs == 15 else 1 if gcs >= 13 else 2 if gcs >= 10 else 3 if gcs >= 6 else 4


def kidney(creatinine: float, urine: float | None) -> int:
    by_creatinine = sum(creatinine >= limit for limit in (1.2, 2.0, 3.5, 5.0))
    by_urine = 0 if urine is None or urine >= 500 else 3 if urine >= 200 else 4
    return max(by_creatinine, by_urine)
