"""LACE worked in plain Python, apart from the graph."""


def work(published: dict, patient: dict) -> dict[str, float]:
    days, charlson, visits = patient["length_of_stay_days"], patient["charlson_lace"], patient["ed_visits_6mo"]
    points = {
        "length_points": 7 if days >= 14 else 5 if days >= 7 else 4 if days >= 4 else days,
        "acute_points": 3 if patient["acute_admission"] else 0,
        "comorbidity_points": 5 if charlson >= 4 else charlson,
        "emergency_points": min(visits, 4),
    }
    total = sum(points.values())
    return {"lace": total, **points, "expected_30d": float(f"{published['expected_percent'][total]}e-2")}
