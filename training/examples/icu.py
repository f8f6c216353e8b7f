"""The stays, channels and networks' common part of the ICU examples (physionet2012): death in hospital from 48 hours."""

import csv
import gzip
from pathlib import Path

import numpy as np
from measures import spoken
from network import NetworkGraph
from package import risk_outputs

HOURS = 48
HIDDEN = 16
# Channel: the data set's parameters (the first one measured in an hour counts), unit, plausible range.
CHANNELS = {
    "heart rate": (["HR"], "/min", 10, 300),
    "systolic blood pressure": (["SysABP", "NISysABP"], "mmHg", 20, 300),
    "temperature": (["Temp"], "Cel", 25, 45),
    "Glasgow coma score": (["GCS"], "points", 3, 15),
    "urine": (["Urine"], "mL", 0, 3000),
    "urea nitrogen": (["BUN"], "mg/dL", 1, 300),
    "bicarbonate": (["HCO3"], "mmol/L", 2, 60),
    "lactate": (["Lactate"], "mmol/L", 0.1, 40),
}
NAMES = list(CHANNELS)
COUNT = len(NAMES)
# Deviations beyond so many standard deviations are taken as so many.
FARTHEST = 4.0
UNITS = [unit for _, unit, _, _ in CHANNELS.values()]
STATIC = ["age", "female", "coronary unit", "cardiac surgery unit", "medical unit", "surgical unit"]
QUANTILES = np.linspace(0, 1, 21)


def read_set(data: Path, letter: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of set a or b: series [stays, 48, channels] with NaN where not measured, static [stays, 6], event.

    A channel's value is the mean of its hour, for urine the sum.
    """
    folder = data / "physionet2012"
    event = _outcomes(folder / f"Outcomes-{letter}.txt")
    place = {record: at for at, record in enumerate(event)}
    parameters = {name: (at, rank) for at, (all_, *_) in enumerate(CHANNELS.values()) for rank, name in enumerate(all_)}
    total = np.zeros((2, len(place), HOURS, COUNT))
    count = np.zeros((2, len(place), HOURS, COUNT))
    static = np.zeros((len(place), len(STATIC)), np.float32)
    limits = [(low, high) for _, _, low, high in CHANNELS.values()]
    with gzip.open(folder / f"set-{letter}.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        for record, time, parameter, value in csv.reader(lines):
            if parameter in parameters and record in place:
                channel, rank = parameters[parameter]
                number = float(value)
                if limits[channel][0] <= number <= limits[channel][1]:
                    hour = min(int(time[:2]), HOURS - 1)
                    total[rank, place[record], hour, channel] += number
                    count[rank, place[record], hour, channel] += 1
            elif record in place:
                _describe(static[place[record]], parameter, value)
    count[:, :, :, NAMES.index("urine")] = np.minimum(count[:, :, :, NAMES.index("urine")], 1)
    with np.errstate(invalid="ignore"):
        first, second = total / count
    series = np.where(count[0] > 0, first, np.where(count[1] > 0, second, np.nan))
    return series.astype(np.float32), static, np.array(list(event.values()), np.float32)


def _outcomes(path: Path) -> dict[str, int]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["RecordID"]: int(row["In-hospital_death"]) for row in csv.DictReader(lines)}


def _describe(static: np.ndarray, parameter: str, value: str) -> None:
    if parameter == "Age":
        static[0] = float(value)
    if parameter == "Gender":
        static[1] = value == "0"
    if parameter == "ICUType":
        static[1 + int(value)] = 1


def normaliser(series: np.ndarray) -> dict[str, np.ndarray]:
    flat = series.reshape(-1, COUNT).astype(np.float64)
    return {"mean": np.nanmean(flat, axis=0), "scale": np.nanstd(flat, axis=0)}


def with_mask(series: np.ndarray) -> np.ndarray:
    """[.., 2 x channels]: values with 0 where not measured, then 1 where measured, else 0."""
    known = ~np.isnan(series)
    return np.concatenate([np.where(known, series, 0), known.astype(series.dtype)], axis=-1)


def facts_of(series: np.ndarray, static: np.ndarray, measured: dict) -> dict:
    """Marginals: per channel the share of hours with a value and 21 quantiles; the unit and sex as shares."""
    flat = series.reshape(-1, COUNT)
    return {
        "trainedOn": len(series),
        "measured": measured,
        "marginals": {
            "measuredShare": np.round(np.mean(~np.isnan(flat), axis=0), 4).tolist(),
            "quantiles": np.round(np.nanquantile(flat, QUANTILES, axis=0).T.astype(float), 2).tolist(),
            "age": np.quantile(static[:, 0], QUANTILES).astype(float).tolist(),
            "shares": np.round(static[:, 1:].mean(axis=0).astype(float), 4).tolist(),
        },
    }


def draw_series(marginals: dict, count: int, seed: int) -> np.ndarray:
    """Synthetic stays with NaN: every hour and channel drawn alone, around a level of the stay."""
    draws = np.random.default_rng(seed)
    level = draws.random((count, 1, COUNT))
    u = np.clip(level + 0.15 * draws.standard_normal((count, HOURS, COUNT)), 0.01, 0.99)
    values = np.stack(
        [np.interp(u[..., at], QUANTILES, quantiles) for at, quantiles in enumerate(marginals["quantiles"])], axis=-1
    )
    measured = draws.random((count, HOURS, COUNT)) < np.array(marginals["measuredShare"])
    return np.where(measured, np.round(values, 1), np.nan)


def edge_series(marginals: dict) -> np.ndarray:
    """Nothing measured; the highest value everywhere; one value in the last hour."""
    highest = np.array([quantiles[-1] for quantiles in marginals["quantiles"]])
    none = np.full((HOURS, COUNT), np.nan)
    last = none.copy()
    last[-1, 0] = 80
    return np.stack([none, np.broadcast_to(highest, (HOURS, COUNT)), last])


def draw_static(marginals: dict, count: int, seed: int) -> np.ndarray:
    draws = np.random.default_rng(seed)
    age = np.round(np.interp(draws.random(count), QUANTILES, marginals["age"]))
    female = draws.random(count) < marginals["shares"][0]
    unit = draws.choice(4, count, p=np.array(marginals["shares"][1:]) / np.sum(marginals["shares"][1:]))
    return np.column_stack([age, female, np.eye(4)[unit]])


def normalised(g: NetworkGraph, values: str, mask: str, weights: dict[str, np.ndarray]) -> str:
    """[N, 48, channels] in units -> time first [48, N, 2 x channels]: deviations, 0 where not measured, and the mask."""
    centred = g.op("Div", g.op("Sub", values, g.constant(weights["mean"])), g.constant(weights["scale"]))
    bounded = g.op("Clip", centred, g.constant(-FARTHEST), g.constant(FARTHEST))
    both = g.op("Concat", g.op("Mul", bounded, mask), mask, axis=2)
    return g.op("Transpose", both, perm=[1, 0, 2])


def worked_input(xp, weights: dict[str, np.ndarray], values, mask):
    """The same in numpy or jax, patients first."""
    deviation = xp.clip((values - weights["mean"]) / weights["scale"], -FARTHEST, FARTHEST) * mask
    return xp.concatenate([deviation, mask], axis=2)


ABOUT = {
    "population": "Adult ICU stays of at least 48 hours in one hospital of the United States",
    "data": "PhysioNet/Computing in Cardiology Challenge 2012, sets a and b",
    "dataLicense": "Open Data Commons Attribution License 1.0 (ODC-BY)",
    "citation": "Silva I, Moody G, Scott DJ, Celi LA, Mark RG. Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in Cardiology Challenge 2012. Computing in Cardiology 2012;39:245-248. Goldberger AL, et al. Circulation 2000;101:e215-e220.",
    "criteria": "Set a of the challenge for training, set b for the held-out figures; the outcomes of set c were not used. Values outside a plausible range were dropped.",
}
OUTPUTS = risk_outputs("death in hospital", farthest=100)
SYNTHETIC = "every hour and channel is drawn, with a seed, from that channel's distribution and share of measured hours in the stays trained on, around a level drawn for each stay and channel"


def cautions(facts: dict) -> list[str]:
    return [
        "One hospital, years ago: not known to hold anywhere else.",
        f"Few channels and a small network: AUROC {facts['measured']['auroc']:.3f} on set b. Gradient boosting on summaries of all variables is known to do better on this data set.",
    ]


def tested(facts: dict) -> str:
    return f"set b of the same challenge, none of its stays trained on; {spoken(facts['measured'])}"
