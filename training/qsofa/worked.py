"""qSOFA worked in plain Python, apart from the graph."""


def work(_published: dict, patient: dict) -> dict[str, float]:
    points = {
        "respiratory_rate_points": int(patient["respiratory_rate"] >= 22),
        "systolic_bp_points": int(patient["systolic_bp"] <= 100),
        "mentation_points": int(patient["gcs"] < 15),
    }
    return {"qsofa": sum(points.values()), **points}
