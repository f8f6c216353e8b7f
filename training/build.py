"""Builds model packages' graphs from their published equations: `python training/build.py <id>`, or `--all`.

A folder `training/<package>/` with a `graph.py` is a builder: its `build(coefficients: Path)` gives the graph. The
model's id is the folder's name with `-` for `_`. Writes models/<id>/1/model.onnx and models/<id>/parity.jsonl. The
same inputs give the same bytes: no dates, no producer, no machine. Seal a package afterwards when its bytes
changed: `node training/seal.ts <id>`.

Where a folder has a `worked.py`, the equation is worked out there a second time, in plain Python and apart from the
graph (`work(published, patient)` gives the expected outputs); vectors that it does not reproduce stop the build.
"""

import argparse
import importlib
import json
import shutil
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here))


def builders() -> dict[str, Path]:
    """Model id -> folder, in the order of ids."""
    folders = {graph.parent.name.replace("_", "-"): graph.parent for graph in here.glob("*/graph.py")}
    return dict(sorted(folders.items()))


def build(source: Path, package: Path) -> None:
    (package / "1").mkdir(parents=True, exist_ok=True)
    if (source / "worked.py").exists():
        check_worked(source)
    graph = importlib.import_module(f"{source.name}.graph").build(source / "coefficients.json")
    (package / "1" / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))
    shutil.copyfile(source / "vectors.jsonl", package / "parity.jsonl")


def check_worked(source: Path) -> None:
    work = importlib.import_module(f"{source.name}.worked").work
    published = json.loads((source / "coefficients.json").read_text(encoding="utf-8"))
    for line in (source / "vectors.jsonl").read_text(encoding="utf-8").splitlines():
        vector = json.loads(line)
        answer = work(published, vector["input"])
        expected = vector["expected"]
        same = answer.keys() == expected.keys() and all(
            abs(answer[name] - expected[name]) <= vector["tolerance"] for name in expected
        )
        if not same:
            sys.exit(f"{source.name}/vectors.jsonl: {vector['id']}: worked.py gives {answer}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = builders()
    parser.add_argument("model", nargs="*", metavar="id", help=", ".join(known))
    parser.add_argument("--all", action="store_true", help="every model")
    parser.add_argument("--out", type=Path, help="folder of the packages; models if not given")
    arguments = parser.parse_args()
    chosen = list(known) if arguments.all else arguments.model
    unknown = [model for model in chosen if model not in known]
    if unknown or not chosen:
        parser.error(f"no builder for {', '.join(unknown)}" if unknown else "name a model, or say --all")
    for model in chosen:
        build(known[model], (arguments.out or here.parent / "models") / model)


if __name__ == "__main__":
    main()
