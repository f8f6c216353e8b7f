"""CDC 2022 morphine milligram equivalents worked in plain Python with exact decimals, apart from the graph."""

from decimal import Decimal

FACTORS = {
    "codeine": "0.15",
    "hydrocodone": "1",
    "hydromorphone": "5",
    "methadone": "4.7",
    "morphine": "1",
    "oxycodone": "1.5",
    "oxymorphone": "3",
    "tapentadol": "0.4",
    "tramadol": "0.2",
    "fentanyl_transdermal": "2.4",
}


def work(_published: dict, patient: dict) -> dict[str, float]:
    doses = {name: Decimal(str(patient[name])) for name in FACTORS if patient.get(name) is not None}
    if not doses:
        return {}
    total = sum(dose * Decimal(FACTORS[name]) for name, dose in doses.items())
    return {
        "mme": float(total),
        "opioids": sum(dose > 0 for dose in doses.values()),
        "doses_missing": len(FACTORS) - len(doses),
    }
