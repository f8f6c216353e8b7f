"""CURB-65 worked in plain Python, apart from the graph."""


def work(_published: dict, patient: dict) -> dict[str, float]:
    points = {
        "confusion_points": 1 if patient["confusion"] else 0,
        "urea_points": 1 if patient["urea_mmol_l"] > 7 else 0,
        "respiratory_rate_points": 1 if patient["respiratory_rate"] >= 30 else 0,
        "blood_pressure_points": 1 if patient["systolic_bp"] < 90 or patient["diastolic_bp"] <= 60 else 0,
        "age_points": 1 if patient["age"] >= 65 else 0,
    }
    return {"curb_65": sum(points.values()), **points}
