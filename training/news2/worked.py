"""NEWS2 worked in plain Python, apart from the graph: bands written out as the report prints them."""

from decimal import ROUND_HALF_UP, Decimal


def read(value: float, step: str) -> float:
    return float(Decimal(str(value)).quantize(Decimal(step), ROUND_HALF_UP))


def work(_published: dict, patient: dict) -> dict[str, float]:
    on_oxygen = patient["supplemental_o2"] in (1, True)
    points = {
        "respiratory_rate_points": breathing(read(patient["respiratory_rate"], "1")),
        "spo2_points": saturation(read(patient["spo2_percent"], "1"), patient.get("spo2_scale") == 2, on_oxygen),
        "supplemental_o2_points": 2 if on_oxygen else 0,
        "systolic_bp_points": pressure(read(patient["systolic_bp"], "1")),
        "heart_rate_points": pulse(read(patient["heart_rate"], "1")),
        "acvpu_points": 0 if patient["acvpu"] == "A" else 3,
        "temperature_points": temperature(read(patient["temperature_c"], "0.1")),
    }
    return {"news2": sum(points.values()), **points}


def breathing(rate: float) -> int:
    if 12 <= rate <= 20:
        return 0
    if 9 <= rate <= 11:
        return 1
    return 2 if 21 <= rate <= 24 else 3


def saturation(percent: float, scale_2: bool, on_oxygen: bool) -> int:
    if not scale_2:
        return 0 if percent >= 96 else 1 if percent >= 94 else 2 if percent >= 92 else 3
    if percent <= 92:
        return 0 if percent >= 88 else 1 if percent >= 86 else 2 if percent >= 84 else 3
    if not on_oxygen:
        return 0
    return 3 if percent >= 97 else 2 if percent >= 95 else 1


def pressure(systolic: float) -> int:
    if systolic >= 220 or systolic <= 90:
        return 3
    return 2 if systolic <= 100 else 1 if systolic <= 110 else 0


def pulse(rate: float) -> int:
    if rate <= 40 or rate >= 131:
        return 3
    if rate >= 111:
        return 2
    return 0 if 51 <= rate <= 90 else 1


def temperature(celsius: float) -> int:
    if celsius <= 35.0:
        return 3
    if celsius >= 39.1:
        return 2
    return 0 if 36.1 <= celsius <= 38.0 else 1
