"""The columns and patients that the three readmission examples share (diabetes130)."""

import csv
import gzip
from pathlib import Path

import numpy as np
from measures import spoken
from package import risk_outputs

# Column of x: how it is read from an encounter. All are numbers or 0/1; nothing is missing in the source.
COLUMNS = {
    "age": lambda row: int(row["age"][1 : row["age"].index("-")]) + 5,
    "female": lambda row: row["gender"] == "Female",
    "days in hospital": lambda row: row["time_in_hospital"],
    "emergency admission": lambda row: row["admission_type_id"] == "1",
    "discharged home": lambda row: row["discharge_disposition_id"] == "1",
    "laboratory procedures": lambda row: row["num_lab_procedures"],
    "medications": lambda row: row["num_medications"],
    "diagnoses": lambda row: row["number_diagnoses"],
    "insulin": lambda row: row["insulin"] != "No",
    "outpatient visits": lambda row: row["number_outpatient"],
    "emergency visits": lambda row: row["number_emergency"],
    "inpatient stays": lambda row: row["number_inpatient"],
}
LABELS = list(COLUMNS)
BINARY = {"female", "emergency admission", "discharged home", "insulin"}
GROUPS = {
    "person": ["age", "female"],
    "admission and discharge": ["emergency admission", "discharged home", "days in hospital"],
    "work-up": ["laboratory procedures", "diagnoses"],
    "treatment": ["medications", "insulin"],
    "visits in the year before": ["outpatient visits", "emergency visits", "inpatient stays"],
}
# Death or hospice: they cannot come back.
LEFT_FOR_GOOD = {"11", "13", "14", "19", "20", "21"}
QUANTILES = np.linspace(0, 1, 21)
BACKGROUND_ROWS = 50


def encounters(data: Path) -> list[dict[str, str]]:
    """The encounters that did not end in death or hospice."""
    path = data / "diabetes130" / "diabetic_data.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["discharge_disposition_id"] not in LEFT_FOR_GOOD]


def held_out_patients(rows: list[dict[str, str]], seed: int = 130) -> np.ndarray:
    """True for the encounters of the fifth of the patients that no model is trained on."""
    patient = np.array([int(row["patient_nbr"]) for row in rows])
    known = np.unique(patient)
    chosen = np.random.default_rng(seed).permutation(known)[: len(known) // 5]
    return np.isin(patient, chosen)


def split(data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x and event of the patients to train on, then of the held-out patients."""
    rows = encounters(data)
    x = np.array([[float(read(row)) for read in COLUMNS.values()] for row in rows], np.float32)
    event = np.array([row["readmitted"] == "<30" for row in rows], np.float32)
    tested = held_out_patients(rows)
    return x[~tested], event[~tested], x[tested], event[tested]


def marginals(x: np.ndarray) -> dict[str, list[float]]:
    """Each column on its own: the share of ones, or 21 quantiles."""
    return {
        label: [round(float(column.mean()), 4)] if label in BINARY else np.quantile(column, QUANTILES).tolist()
        for label, column in zip(LABELS, x.T, strict=True)
    }


def draw(marginal: dict[str, list[float]], count: int, seed: int) -> np.ndarray:
    """Synthetic patients: every column drawn alone, so no row is taken from the data."""
    draws = np.random.default_rng(seed)
    columns = []
    for label in LABELS:
        u = draws.random(count)
        known = marginal[label]
        value = u < known[0] if label in BINARY else np.floor(np.interp(u, QUANTILES, known) + 0.5)
        columns.append(value.astype(np.float64))
    return np.stack(columns, axis=1)


def patients(facts: dict) -> dict[str, np.ndarray]:
    """Rows for parity: three at the edges, the others synthetic."""
    maximum = [1.0 if label in BINARY else facts["marginals"][label][-1] for label in LABELS]
    edges = [np.zeros(len(LABELS)), np.array(maximum), np.ones(len(LABELS))]
    return {"x": np.concatenate([edges, draw(facts["marginals"], 25, seed=1)])}


def background(facts: dict) -> dict[str, np.ndarray]:
    return {"x": draw(facts["marginals"], BACKGROUND_ROWS, seed=2)}


def normaliser(x: np.ndarray) -> dict[str, np.ndarray]:
    return {"mean": x.mean(axis=0, dtype=np.float64), "scale": x.std(axis=0, dtype=np.float64)}


def facts_of(x: np.ndarray, measured: dict) -> dict:
    return {"trainedOn": len(x), "measured": measured, "marginals": marginals(x)}


def about(identifier: str, family: str, facts: dict, how: str, players: dict, methods: list[str]) -> dict:
    """What a readmission package says of itself; `how` says what the network is."""
    return {
        "id": identifier,
        "title": f"Readmission within 30 days, {family} (example)",
        "summary": f"{how} It is an example for trying the service and its explanations.",
        "intendedUse": "An example of a tabular model for demonstrations and tests of the inference service. Not for care.",
        "population": "Inpatient encounters with diabetes in 130 hospitals of the United States, 1999-2008, that did not end in death or hospice",
        "tested": f"a fifth of the patients of the same data set, drawn once, with all their encounters; {spoken(facts['measured'])}",
        "trained": f"{facts['trainedOn']:,} encounters of the other four fifths of the patients",
        "cautions": [
            "The data are from 1999-2008 and one vendor's hospitals; practice, coding and patients have changed.",
            f"An AUROC of {facts['measured']['auroc']:.2f}: it tells patients apart only weakly.",
            "Age is known in bands of ten years and is their middle.",
        ],
        "data": "diabetes130 (Diabetes 130-US hospitals, UCI Machine Learning Repository 296)",
        "dataLicense": "CC BY 4.0",
        "citation": "Strack B, DeShazo JP, Gennings C, et al. Impact of HbA1c measurement on hospital readmission rates: analysis of 70,000 clinical database patient records. BioMed Research International 2014;781670.",
        "demographics": "Age and sex are inputs. Race is in the data set and is not used.",
        "criteria": "Inpatient encounters of 1 to 14 days with a diagnosis of diabetes, laboratory tests and medications; encounters that ended in death or hospice were dropped. The event is a readmission within 30 days.",
        "inputs": [
            {
                "name": "x",
                "label": "What is known of the encounter at discharge; age in years, 0 or 1 for no or yes, counts, visits in the year before",
                "dtype": "float32",
                "axes": [{"name": "column", "size": len(LABELS), "labels": LABELS}],
                "valid": {"min": 0, "max": 200},
            }
        ],
        "outputs": risk_outputs("readmission within 30 days", farthest=100),
        "explain": {
            "output": "risk",
            "scale": "logit",
            "players": [players],
            "methods": methods,
            "background": {
                "label": f"{BACKGROUND_ROWS} synthetic encounters",
                "source": "Each column drawn alone from its distribution in the encounters trained on, with a seed; none taken from the data. Columns that go together in patients do not here.",
            },
        },
        "synthetic": "every column is drawn alone, with a seed, from its distribution in the encounters trained on",
    }
