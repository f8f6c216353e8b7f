"""NEWS2 (Royal College of Physicians 2017) as one ONNX graph: points of seven parameters, their sum, the risk band.

Each value is read at the resolution of the published table, half up: whole numbers, temperature to 0.1 degree. So a
temperature converted from Fahrenheit falls into the band that the chart shows for it.

`spo2_scale` is 1 or 2; where it is missing, scale 1 applies, and `scale` says which was used. `age` restricts who is
scored (the manifest's range); no point depends on it.
"""

import json
from pathlib import Path

import onnx
from columns import Columns


def build(coefficients: Path) -> onnx.ModelProto:
    published = json.loads(coefficients.read_text(encoding="utf-8"))
    g = Columns()
    whole = {
        name: half_up(g, g.input(name), 1.0)
        for name in ["respiratory_rate", "spo2_percent", "systolic_bp", "heart_rate"]
    }
    temperature = half_up(g, g.input("temperature_c"), 10.0)
    scale, scale_missing = g.input("spo2_scale"), g.input("spo2_scale_missing")
    on_oxygen, acvpu = g.truth(g.input("supplemental_o2")), g.input("acvpu")
    g.input("age")
    g.input("age_missing")
    scale_2 = g.both(g.at_least(scale, 1.5), g.no(g.truth(scale_missing)))
    spo2, bands = whole["spo2_percent"], published["bands"]
    points = {
        "respiratory_rate": g.banded(whole["respiratory_rate"], bands["respiratory_rate"]),
        "spo2": g.where(
            scale_2,
            g.where(
                on_oxygen,
                g.banded(spo2, bands["spo2_scale_2_on_oxygen"]),
                g.banded(spo2, bands["spo2_scale_2_on_air"]),
            ),
            g.banded(spo2, bands["spo2_scale_1"]),
        ),
        "supplemental_o2": g.where(on_oxygen, published["supplemental_o2"], 0.0),
        "systolic_bp": g.banded(whole["systolic_bp"], bands["systolic_bp"]),
        "heart_rate": g.banded(whole["heart_rate"], bands["heart_rate"]),
        "acvpu": g.where(g.at_least(acvpu, 0.5), published["not_alert"], 0.0),
        "temperature": g.banded(temperature, bands["temperature_c"]),
    }
    total = g.sum(list(points.values()))
    g.output("news2", total)
    for name, column in points.items():
        g.output(f"{name}_points", column)
    g.output("risk", risk(g, total, list(points.values())))
    g.output("scale", g.where(scale_2, 2.0, 1.0))
    return g.model("news2")


def half_up(g: Columns, value: str, steps: float) -> str:
    """To the nearest 1/steps, halves upwards."""
    return g.div(g.floor(g.add(g.mul(value, steps), 0.5)), steps)


def risk(g: Columns, total: str, points: list[str]) -> str:
    """0 low, 1 low-medium (a total up to 4 with three points in one parameter), 2 medium, 3 high."""
    most = points[0]
    for column in points[1:]:
        most = g.max(most, column)
    low = g.where(g.at_least(most, 3.0), 1.0, 0.0)
    return g.where(g.at_least(total, 7.0), 3.0, g.where(g.at_least(total, 5.0), 2.0, low))
