"""How well probabilities tell events from non-events, on patients the model never saw."""

import numpy as np


def auroc(event: np.ndarray, risk: np.ndarray) -> float:
    """Area under the ROC curve; equal risks count half (Mann-Whitney)."""
    values, place, count = np.unique(risk, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    positive = event.astype(bool)
    n1 = int(positive.sum())
    n0 = len(event) - n1
    return float((rank[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def average_precision(event: np.ndarray, risk: np.ndarray) -> float:
    """Area under the precision-recall curve as a step function."""
    order = np.argsort(-risk, kind="stable")
    hits = np.cumsum(event[order])
    precision = hits / np.arange(1, len(event) + 1)
    return float((precision * event[order]).sum() / event.sum())


def held_out(event: np.ndarray, risk: np.ndarray) -> dict:
    """The figures that a model card prints, rounded."""
    risk = risk.astype(np.float64)
    return {
        "n": len(event),
        "events": int(event.sum()),
        "auroc": round(auroc(event, risk), 3),
        "auprc": round(average_precision(event, risk), 3),
        "brier": round(float(np.mean((risk - event) ** 2)), 4),
        "meanRisk": round(float(risk.mean()), 4),
    }


def spoken(measured: dict) -> str:
    """`n = 4,000, 568 events (14.2 %): AUROC 0.812, ...`"""
    share = 100 * measured["events"] / measured["n"]
    return (
        f"n = {measured['n']:,}, {measured['events']:,} events ({share:.1f} %): "
        f"AUROC {measured['auroc']:.3f}, average precision {measured['auprc']:.3f}, "
        f"Brier score {measured['brier']:.4f}, mean predicted risk {100 * measured['meanRisk']:.1f} %"
    )
