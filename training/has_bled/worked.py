"""HAS-BLED counted in plain Python, apart from the graph."""


def work(published: dict, patient: dict) -> dict[str, float]:
    disease = patient["hypertension_sbp_gt_160"] + patient["abnormal_renal"] + patient["abnormal_liver"]
    points = disease + patient["stroke"] + patient["bleeding"] + patient["labile_inr"] + patient["drugs"]
    return {"has_bled": points + (patient["age"] > 65) + (patient["alcohol_drinks_per_week"] >= 8)}
