"""Builds the example packages from committed weights: `python training/examples/build.py <id>`, or `--all`.

Needs numpy and onnx only, and no data. The same weights and pinned versions give the same bytes. A graph that does
not answer as `worked` does, or a gradient that finite differences contradict, stops the build.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here))

import package  # noqa: E402
from examples import EXAMPLES, module_of, read_weights, weights_of  # noqa: E402

STEP = 1e-5
PROBES = 12
SATURATED = 8.0


def build(identifier: str, folder: Path) -> None:
    example = importlib.import_module(module_of(identifier))
    weights = read_weights(identifier)
    facts = json.loads(weights_of(identifier).with_suffix(".json").read_text(encoding="utf-8"))
    about = example.about(facts)
    model = example.graph(weights)
    patients = example.patients(facts)
    given = _as_sent(patients, about)
    expected = example.worked(weights, given)
    _check_answers(model, given, expected)
    files = {"1/model.onnx": model.SerializeToString(deterministic=True)}
    source = f"training/examples/{module_of(identifier)}.py: worked, numpy in float64; a synthetic patient"
    ids = [f"{identifier}-{at + 1:02}" for at in range(len(next(iter(given.values()))))]
    files["parity.jsonl"] = package.parity(patients, expected, ids, source)
    if hasattr(example, "background"):
        files["background.json"] = package.background(example.background(facts))
    if hasattr(example, "gradient"):
        gradient = example.gradient(weights)
        _check_gradient(gradient, example, weights, given, about)
        files["1/gradient.onnx"] = gradient.SerializeToString(deterministic=True)
    package.write(folder, about, files)
    print(f"{identifier}: {len(files['1/model.onnx'])} bytes, {len(ids)} vectors")


def _as_sent(rows: dict[str, np.ndarray], about: dict) -> dict[str, np.ndarray]:
    """The rows after the rounding to the inputs' dtypes that a request goes through; floats as float64 again."""
    kinds = {given["name"]: given["dtype"] for given in about["inputs"]}
    return {
        name: values.astype(np.int64) if kinds[name] == "int64" else values.astype(np.float32).astype(np.float64)
        for name, values in rows.items()
    }


def _run(model: onnx.ModelProto, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    feeds = {name: v if v.dtype == np.int64 else v.astype(np.float32) for name, v in given.items()}
    names = [output.name for output in model.graph.output]
    with np.errstate(all="ignore"):
        return dict(zip(names, ReferenceEvaluator(model).run(names, feeds), strict=True))


def _check_answers(model: onnx.ModelProto, given: dict, expected: dict) -> None:
    for name, answer in _run(model, given).items():
        wanted = expected[name]
        away = np.abs(answer - wanted) / np.maximum(1, np.abs(wanted))
        if answer.shape != wanted.shape or not away.max() <= package.TOLERANCE:
            sys.exit(f"{model.graph.name}: {name} is {away.max()} away from what was worked out")


def _check_gradient(
    gradient: onnx.ModelProto, example: ModuleType, weights: dict, given: dict[str, np.ndarray], about: dict
) -> None:
    """Central differences at some elements of patients whose log odds have not lost digits in a probability near 1."""
    answers = _run(gradient, given)
    count = len(next(iter(given.values())))
    exact = about["explain"]["scale"] == "identity"
    people = [
        at for at in range(count) if exact or abs(_explained(example, weights, _shifted(given, at), about)) < SATURATED
    ]
    draws = np.random.default_rng(0)
    for name in (output.name for output in gradient.graph.output if output.name[2:] in given):
        values = given[name[2:]]
        for _ in range(PROBES):
            at = (int(draws.choice(people)), *(int(draws.integers(size)) for size in values.shape[1:]))
            up, down = (
                _explained(example, weights, _shifted(given, at[0], name[2:], at[1:], by), about) for by in (STEP, -STEP)
            )
            slope = (up - down) / (2 * STEP)
            found = float(answers[name][at])
            if not abs(found - slope) <= 1e-4 * max(1.0, abs(slope)):
                sys.exit(f"{gradient.graph.name}: {name} at {at} is {found}, by differences {slope}")


def _shifted(
    given: dict[str, np.ndarray], person: int, name: str = "", at: tuple[int, ...] = (), by: float = 0.0
) -> dict[str, np.ndarray]:
    """One patient, with one element moved where an input is named."""
    row = {key: values[person : person + 1].copy() for key, values in given.items()}
    if name:
        row[name][(0, *at)] += by
    return row


def _explained(example: ModuleType, weights: dict, row: dict[str, np.ndarray], about: dict) -> float:
    explain = about["explain"]
    answer = example.worked(weights, row)[explain["output"]].reshape(-1)[explain.get("element", 0)]
    return float(np.log(answer / (1 - answer)) if explain["scale"] == "logit" else answer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="*", metavar="id", help=", ".join(EXAMPLES))
    parser.add_argument("--all", action="store_true", help="every example")
    parser.add_argument("--out", type=Path, help="folder of the packages; fixtures/models if not given")
    arguments = parser.parse_args()
    chosen = EXAMPLES if arguments.all else arguments.model
    unknown = [model for model in chosen if model not in EXAMPLES]
    if unknown or not chosen:
        parser.error(f"no example {', '.join(unknown)}" if unknown else "name an example, or say --all")
    for model in chosen:
        build(model, (arguments.out or here.parents[1] / "fixtures" / "models") / model)


if __name__ == "__main__":
    main()
