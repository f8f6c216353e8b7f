"""HOSPITAL worked in plain Python, apart from the graph."""


def work(_published: dict, patient: dict) -> dict[str, float]:
    points = {
        "hemoglobin_points": 1 if patient["hemoglobin_lt_12"] else 0,
        "oncology_points": 2 if patient["oncology_discharge"] else 0,
        "sodium_points": 1 if patient["sodium_lt_135"] else 0,
        "procedure_points": 1 if patient["procedure"] else 0,
        "urgent_points": 1 if patient["urgent_admission"] else 0,
        "length_points": 2 if patient["los_ge_5_days"] else 0,
        "prior_admissions_points": {"0_to_1": 0, "2_to_5": 2, "over_5": 5}[patient["prior_admissions_12mo"]],
    }
    total = sum(points.values())
    risk = 0.058 if total <= 4 else 0.12 if total <= 6 else 0.228
    return {"hospital": total, **points, "expected_30d": risk}
