"""Cockcroft-Gault worked out in decimal arithmetic, apart from the graph."""

from decimal import Decimal


def work(published: dict, patient: dict) -> dict[str, float]:
    age, weight, creatinine = (
        Decimal(str(patient[name])) for name in ["age", "weight_kg", "creatinine_mg_dl"]
    )
    man = (140 - age) * weight / (72 * creatinine)
    return {"creatinine_clearance": float(man * Decimal("0.85") if patient["sex"] == "female" else man)}
