"""medication-factors: which glucose-lowering drug goes with those taken; a drug-by-drug matrix of rank 6."""

from pathlib import Path

import numpy as np
import onnx
import readmission
from network import NetworkGraph

DRUGS = [
    "metformin", "repaglinide", "nateglinide", "chlorpropamide", "glimepiride", "acetohexamide", "glipizide",
    "glyburide", "tolbutamide", "pioglitazone", "rosiglitazone", "acarbose", "miglitol", "troglitazone", "tolazamide",
    "examide", "citoglipton", "insulin", "glyburide-metformin", "glipizide-metformin", "glimepiride-pioglitazone",
    "metformin-rosiglitazone", "metformin-pioglitazone",
]  # fmt: skip
LATENT = 6


def train(data: Path) -> tuple[dict[str, np.ndarray], dict]:
    """Learns to name all drugs of an encounter from those left after one was hidden at random."""
    import jax
    import jax.numpy as jnp
    from descent import binary_loss, descend

    rows = readmission.encounters(data)
    taken = np.array([[row[drug] != "No" for drug in DRUGS] for row in rows], np.float32)
    tested = readmission.held_out_patients(rows)
    several = taken.sum(axis=1) >= 2
    trained = taken[~tested & several]
    draws = np.random.default_rng(0)
    start = {
        "into": draws.normal(0, 0.3, (len(DRUGS), LATENT)),
        "out": draws.normal(0, 0.3, (LATENT, len(DRUGS))),
        "bias": np.zeros(len(DRUGS)),
    }

    def loss(w, part, key):
        place = jnp.where(part["taken"] > 0, jax.random.uniform(key, part["taken"].shape), -1.0)
        hidden = jax.nn.one_hot(jnp.argmax(place, axis=1), len(DRUGS))
        return binary_loss((part["taken"] - hidden) @ w["into"] @ w["out"] + w["bias"], part["taken"])

    weights = descend(loss, start, {"taken": trained}, epochs=20, batch=256, rate=1e-2)
    measured = _recall(weights, taken[tested & several], trained.mean(axis=0))
    shares = np.round(trained.mean(axis=0, dtype=np.float64), 4).tolist()
    return weights, {"trainedOn": len(trained), "measured": measured, "shares": shares}


def _recall(weights: dict[str, np.ndarray], taken: np.ndarray, popularity: np.ndarray) -> dict:
    """Each drug of each encounter hidden once: is it among the 1 or 3 highest of those not shown?"""
    people, hidden = np.nonzero(taken)
    shown = taken[people].astype(np.float64)
    shown[np.arange(len(people)), hidden] = 0
    by_model = worked(weights, {"taken": shown})["score"]
    by_count = np.broadcast_to(popularity, shown.shape)
    measured = {"n": len(taken), "hidden": len(people)}
    for name, score in (("", by_model), ("Popularity", by_count)):
        order = np.argsort(-np.where(shown > 0, -1, score), axis=1, kind="stable")
        for k in (1, 3):
            found = (order[:, :k] == hidden[:, np.newaxis]).any(axis=1)
            measured[f"recall{k}{name}"] = round(float(found.mean()), 3)
    return measured


def graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    g = NetworkGraph("medication-factors")
    factors = g.op("MatMul", g.input("taken", len(DRUGS)), g.constant(weights["into"]))
    g.output("score", g.op("Sigmoid", g.dense(factors, weights["out"], weights["bias"])), len(DRUGS))
    return g.model()


def worked(weights: dict[str, np.ndarray], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    together = weights["into"].astype(np.float64) @ weights["out"].astype(np.float64)
    return {"score": 1 / (1 + np.exp(-(given["taken"] @ together + weights["bias"])))}


def patients(facts: dict) -> dict[str, np.ndarray]:
    """Nothing taken, everything; then sets drawn drug by drug."""
    drawn = np.random.default_rng(1).random((22, len(DRUGS))) < np.array(facts["shares"])
    return {"taken": np.concatenate([np.zeros((1, len(DRUGS))), np.ones((1, len(DRUGS))), drawn])}


def background(facts: dict) -> dict[str, np.ndarray]:
    return {"taken": np.zeros((1, len(DRUGS)))}


def about(facts: dict) -> dict:
    m = facts["measured"]
    axis = {"name": "drug", "size": len(DRUGS), "labels": DRUGS}
    return {
        "id": "medication-factors",
        "title": "Drugs that go with those taken, matrix factorisation (example)",
        "summary": f"A drug-by-drug matrix of rank {LATENT}: two products and a sigmoid over {len(DRUGS)} glucose-lowering drugs. It is an example for trying the service and its explanations.",
        "intendedUse": "An example of a recommender for demonstrations and tests of the inference service. It says what was prescribed together, never what should be. Not for care.",
        "population": "Inpatient encounters with diabetes and at least two of the 23 drugs, 130 hospitals of the United States, 1999-2008",
        "tested": f"a fifth of the patients of the same data set, drawn once, with all their encounters of at least two drugs; n = {m['n']:,} encounters, {m['hidden']:,} drugs hidden one at a time: the hidden drug is the first of those not shown in {100 * m['recall1']:.1f} % (most frequent drug first: {100 * m['recall1Popularity']:.1f} %), among the first three in {100 * m['recall3']:.1f} % ({100 * m['recall3Popularity']:.1f} %)",
        "trained": f"{facts['trainedOn']:,} such encounters of the other four fifths of the patients",
        "cautions": [
            "It repeats habits of 1999-2008, among them drugs that have since been withdrawn.",
            "Some of the drugs were never or hardly ever taken in the data; their scores mean nothing.",
            "It knows no indication, contraindication, allergy or interaction.",
        ],
        "data": "diabetes130 (Diabetes 130-US hospitals, UCI Machine Learning Repository 296)",
        "dataLicense": "CC BY 4.0",
        "citation": "Strack B, DeShazo JP, Gennings C, et al. Impact of HbA1c measurement on hospital readmission rates: analysis of 70,000 clinical database patient records. BioMed Research International 2014;781670.",
        "demographics": "None is an input.",
        "criteria": "Encounters with at least two of the drugs; encounters that ended in death or hospice were dropped.",
        "outputKind": "Score between 0 and 1, for ranking.",
        "inputs": [
            {
                "name": "taken",
                "label": "1 for a drug that is taken, else 0",
                "dtype": "float32",
                "axes": [axis],
                "valid": {"min": 0, "max": 1},
            }
        ],
        "outputs": [
            {
                "name": "score",
                "label": "How well each drug goes with those taken, 0 to 1; a ranking, not a probability",
                "dtype": "float32",
                "axes": [axis],
                "kind": "number",
                "range": {"min": 0, "max": 1},
            }
        ],
        "explain": {
            "output": "score",
            "element": DRUGS.index("metformin"),
            "scale": "identity",
            "players": [{"input": "taken", "by": "position", "axis": "drug"}],
            "methods": ["permutation-shapley", "kernel-shap", "leave-one-out"],
            "background": {"label": "no drug taken", "source": "All zeros: a drug that is taken away is not taken."},
        },
        "synthetic": "each drug is taken or not by its share in the encounters trained on, with a seed",
    }
