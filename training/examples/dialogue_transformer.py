"""dialogue-transformer: which part of a note a dialogue belongs to; one layer of self-attention over hashed words."""

import csv
import gzip
import re
from pathlib import Path

import numpy as np
import onnx
from network import NetworkGraph
from onnx import TensorProto

LENGTH = 64
WORDS = 2048
WIDTH = 32
HEADS = 4
WIDE = 64
EPSILON = 1e-5
HIDDEN = -1e9
OTHER = "other"
# The most frequent headers of the training set, most frequent first, in words.
CLASSES = {
    "FAM/SOCHX": "family and social history",
    "GENHX": "history of present illness",
    "PASTMEDICALHX": "past medical history",
    "CC": "chief complaint",
    "PASTSURGICAL": "past surgical history",
    "ALLERGY": "allergies",
    "ROS": "review of systems",
    "MEDICATIONS": "medications",
    OTHER: "other",
}
LABELS = list(CLASSES.values())


def tokens(dialogue: str) -> list[int]:
    """64 tokens: FNV-1a (32 bits) of each word's ASCII bytes, modulo 2047, plus 1; 0 after the last word.

    A word: three or more of a to z, in lower case, in a row; the speakers' marks, as `Doctor:` and `Guest_family_1:`, are left out.
    Words after the 64th are not seen.
    """
    spoken = re.sub(r"\b(?:doctor|patient|guest)[a-z0-9_]*\s*:", " ", dialogue.lower())
    found = [_fnv1a(word) % (WORDS - 1) + 1 for word in re.findall(r"[a-z]{3,}", spoken)][:LENGTH]
    return found + [0] * (LENGTH - len(found))


def _fnv1a(word: str) -> int:
    code = 0x811C9DC5
    for byte in word.encode("ascii"):
        code = (code ^ byte) * 0x01000193 & 0xFFFFFFFF
    return code


def train(data: Path) -> tuple[dict[str, np.ndarray], dict]:
    import jax
    import jax.numpy as jnp
    from descent import descend, glorot

    draws = np.random.default_rng(0)
    start = {name: glorot(draws, WIDTH, WIDTH) for name in ("query", "key", "value", "join")}
    start |= {"widen": glorot(draws, WIDTH, WIDE), "narrow": glorot(draws, WIDE, WIDTH)}
    start |= {"classify": glorot(draws, WIDTH, len(LABELS)), "bias_classify": np.zeros(len(LABELS))}
    start |= {"bias_widen": np.zeros(WIDE), "bias_narrow": np.zeros(WIDTH)}
    start |= {"embedding": draws.normal(0, 0.3, (WORDS, WIDTH)), "position": draws.normal(0, 0.1, (LENGTH, WIDTH))}
    for at in range(2):
        start |= {f"gain{at}": np.ones(WIDTH), f"shift{at}": np.zeros(WIDTH)}

    def likelihood(w, rows):
        chosen = jax.nn.log_softmax(_scores(jnp, w, rows["tokens"]))
        return jnp.mean(jnp.take_along_axis(chosen, rows["label"][:, None], axis=1))

    def loss(w, rows, key):
        """With a third of the words left out at random."""
        kept = jax.random.bernoulli(key, 0.67, rows["tokens"].shape)
        return -likelihood(w, rows | {"tokens": jnp.where(kept, rows["tokens"], 0)})

    watched, answer = _read(data, "ValidationSet"), jax.jit(likelihood)
    rows = _read(data, "TrainingSet")
    weights = descend(
        loss, start, rows, epochs=80, batch=64, rate=2e-3, decay=0.05, keep_best=lambda w: float(answer(w, watched))
    )
    tests = [_read(data, name) for name in ("TestSet-1-MEDIQA-Chat-2023", "TestSet-2-MEDIQA-Sum-2023")]
    label = np.concatenate([part["label"] for part in tests])
    given = np.argmax(worked(weights, {"tokens": np.concatenate([part["tokens"] for part in tests])})["probability"], axis=1)
    majority = np.bincount(rows["label"]).argmax()
    return weights, {
        "trainedOn": len(rows["label"]),
        "measured": {
            "n": len(label),
            "accuracy": round(float(np.mean(given == label)), 3),
            "majority": round(float(np.mean(label == majority)), 3),
            "recall": [round(float(np.mean(given[label == at] == at)), 3) for at in range(len(LABELS))],
            "counts": np.bincount(label, minlength=len(LABELS)).tolist(),
        },
    }


def _read(data: Path, part: str) -> dict[str, np.ndarray]:
    headers = list(CLASSES)
    with gzip.open(data / "mts-dialog" / f"MTS-Dialog-{part}.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    label = [headers.index(row["section_header"] if row["section_header"] in CLASSES else OTHER) for row in rows]
    return {"tokens": np.array([tokens(row["dialogue"]) for row in rows]), "label": np.array(label)}


def _scores(xp, w: dict[str, np.ndarray], tokens_):
    """Before the softmax, in numpy or jax."""
    count = len(tokens_)
    mask = (tokens_ > 0).astype(w["embedding"].dtype)
    x = w["embedding"][tokens_] + w["position"]
    normal = _normal(xp, x, w["gain0"], w["shift0"])
    heads = [
        (normal @ w[name]).reshape(count, LENGTH, HEADS, -1).transpose(0, 2, 1, 3) for name in ("query", "key", "value")
    ]
    attention = heads[0] @ heads[1].transpose(0, 1, 3, 2) / np.sqrt(WIDTH / HEADS)
    attention = attention + HIDDEN * (1 - mask)[:, None, None, :]
    attention = xp.exp(attention - attention.max(axis=3, keepdims=True))
    seen = attention / attention.sum(axis=3, keepdims=True) @ heads[2]
    x = x + seen.transpose(0, 2, 1, 3).reshape(count, LENGTH, WIDTH) @ w["join"]
    wide = xp.maximum(_normal(xp, x, w["gain1"], w["shift1"]) @ w["widen"] + w["bias_widen"], 0)
    x = x + wide @ w["narrow"] + w["bias_narrow"]
    words = xp.maximum(mask.sum(axis=1), 1)
    pooled = (x * mask[:, :, None]).sum(axis=1) / words[:, None]
    return pooled @ w["classify"] + w["bias_classify"]


def _normal(xp, x, gain, shift):
    centred = x - x.mean(axis=2, keepdims=True)
    return centred / xp.sqrt((centred**2).mean(axis=2, keepdims=True) + EPSILON) * gain + shift


def graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    g = NetworkGraph("dialogue-transformer")
    words = g.input("tokens", LENGTH, dtype="int64")
    mask = g.op("Cast", g.op("Greater", words, g.constant(0, np.int64)), to=TensorProto.FLOAT)
    x = g.op("Add", g.op("Gather", g.constant(weights["embedding"]), words), g.constant(weights["position"]))
    x = g.op("Add", x, _attention(g, weights, _layer_norm(g, x, weights, 0), mask))
    wide = g.op("MatMul", _layer_norm(g, x, weights, 1), g.constant(weights["widen"]))
    wide = g.op("Relu", g.op("Add", wide, g.constant(weights["bias_widen"])))
    narrow = g.op("Add", g.op("MatMul", wide, g.constant(weights["narrow"])), g.constant(weights["bias_narrow"]))
    x = g.op("Add", x, narrow)
    last = g.shape(2)
    total = g.op("ReduceSum", g.op("Mul", x, g.op("Unsqueeze", mask, last)), g.shape(1), keepdims=0)
    count = g.op("Max", g.op("ReduceSum", mask, g.shape(1), keepdims=1), g.constant(1.0))
    scores = g.dense(g.op("Div", total, count), weights["classify"], weights["bias_classify"])
    g.output("probability", g.op("Softmax", scores, axis=1), len(LABELS))
    return g.model()


def _layer_norm(g: NetworkGraph, x: str, weights: dict[str, np.ndarray], at: int) -> str:
    gain, shift = g.constant(weights[f"gain{at}"]), g.constant(weights[f"shift{at}"])
    return g.op("LayerNormalization", x, gain, shift, axis=2, epsilon=EPSILON)


def _attention(g: NetworkGraph, weights: dict[str, np.ndarray], x: str, mask: str) -> str:
    """Padding is no key: its scores are far below all others."""
    split = g.shape(0, LENGTH, HEADS, WIDTH // HEADS)
    query, key, value = (
        g.op("Transpose", g.op("Reshape", g.op("MatMul", x, g.constant(weights[name])), split), perm=perm)
        for name, perm in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3]))
    )
    scores = g.op("Div", g.op("MatMul", query, key), g.constant(np.sqrt(WIDTH / HEADS)))
    padding = g.op("Mul", g.op("Sub", g.constant(1.0), mask), g.constant(HIDDEN))
    scores = g.op("Add", scores, g.op("Unsqueeze", padding, g.shape(1, 2)))
    seen = g.op("MatMul", g.op("Softmax", scores, axis=3), value)
    joined = g.op("Reshape", g.op("Transpose", seen, perm=[0, 2, 1, 3]), g.shape(0, LENGTH, WIDTH))
    return g.op("MatMul", joined, g.constant(weights["join"]))


def worked(weights: dict[str, np.ndarray], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    exact = {name: value.astype(np.float64) for name, value in weights.items()}
    scores = _scores(np, exact, given["tokens"])
    share = np.exp(scores - scores.max(axis=1, keepdims=True))
    return {"probability": share / share.sum(axis=1, keepdims=True)}


def patients(facts: dict) -> dict[str, np.ndarray]:
    """Nothing said, the last token everywhere, one word; then words drawn at random, of every length."""
    draws = np.random.default_rng(1)
    edges = np.zeros((3, LENGTH), np.int64)
    edges[1], edges[2, 0] = WORDS - 1, 1
    length = draws.integers(2, LENGTH + 1, (20, 1))
    drawn = np.where(np.arange(LENGTH) < length, draws.integers(1, WORDS, (20, LENGTH)), 0)
    return {"tokens": np.concatenate([edges, drawn])}


def background(facts: dict) -> dict[str, np.ndarray]:
    return {"tokens": np.zeros((1, LENGTH), np.int64)}


def about(facts: dict) -> dict:
    m = facts["measured"]
    recalls = ", ".join(
        f"{label} {100 * recall:.0f} % of {count}" for label, recall, count in zip(LABELS, m["recall"], m["counts"], strict=True)
    )
    return {
        "id": "dialogue-transformer",
        "title": "Part of a note that a dialogue belongs to, Transformer (example)",
        "summary": f"One Transformer layer (width {WIDTH}, {HEADS} heads, feed-forward {WIDE}) over the first {LENGTH} words of a dialogue, as hashed words, and the mean over the words. It is an example for trying the service and its explanations.",
        "intendedUse": "An example of a text model for demonstrations and tests of the inference service. Not for care.",
        "population": "Short English dialogues of doctors and patients, written by annotators from de-identified notes",
        "tested": f"both test sets of the same data set together, n = {m['n']}: accuracy {m['accuracy']:.3f} (always the most frequent class: {m['majority']:.3f}); recall by class: {recalls}",
        "trained": f"the data set's {facts['trainedOn']:,} training dialogues; its 100 validation dialogues only to choose when to stop",
        "cautions": [
            "Dialogues written by annotators are not speech.",
            f"Words share tokens, and words after the {LENGTH}th are not seen.",
            "A small training set: words that it never saw carry no meaning.",
        ],
        "data": "MTS-Dialog",
        "dataLicense": "CC BY 4.0",
        "citation": "Ben Abacha A, Yim W, Fan Y, Lin T. An empirical study of clinical note generation from doctor-patient encounters. EACL 2023.",
        "demographics": "None is an input of its own; a dialogue may speak of any.",
        "criteria": "All dialogues as published. The eight most frequent section headers are classes of their own, the others one.",
        "outputKind": "Prediction: a probability for each class.",
        "inputs": [
            {
                "name": "tokens",
                "label": "The first words of the dialogue as hashed words, 1 to 2047; 0 after the last one",
                "dtype": "int64",
                "axes": [{"name": "token", "size": LENGTH}],
                "valid": {"min": 0, "max": WORDS - 1},
            }
        ],
        "outputs": [
            {
                "name": "probability",
                "label": "Probability of each part of a note",
                "dtype": "float32",
                "axes": [{"name": "part", "size": len(LABELS), "labels": LABELS}],
                "kind": "probability",
                "range": {"min": 0, "max": 1},
            }
        ],
        "explain": {
            "output": "probability",
            "element": 0,
            "scale": "logit",
            "players": [{"input": "tokens", "by": "position", "axis": "token"}],
            "methods": ["leave-one-out"],
            "background": {"label": "nothing said", "source": "All padding: a word that is taken away leaves a gap."},
        },
        "notes": "Tokens: the dialogue in lower case, without the speakers' marks (`doctor`, `patient` or `guest`, perhaps more letters, digits or `_`, and a colon); words are three or more letters a to z in a row; a word's token is the 32-bit FNV-1a hash of its bytes (offset basis 2166136261, prime 16777619), modulo 2047, plus 1. The first 64 tokens count, 0 fills up.",
        "synthetic": "words are drawn evenly from all tokens, dialogues of 2 to 64 words, with a seed",
    }
