"""Builds a model package's graph from its published equation: `python training/build.py prevent`.

Writes models/<id>/1/model.onnx and models/<id>/parity.jsonl. The same inputs give the same bytes: no dates, no
producer, no machine. Seal the package afterwards when the bytes changed: `node training/seal.ts <id>`.
"""

import argparse
import shutil
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here))

from prevent.graph import build as build_prevent  # noqa: E402

BUILDERS = {"prevent": build_prevent}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=sorted(BUILDERS))
    parser.add_argument("--out", type=Path, help="package folder; models/<id> if not given")
    arguments = parser.parse_args()
    source = here / arguments.model
    package = arguments.out or here.parent / "models" / arguments.model
    (package / "1").mkdir(parents=True, exist_ok=True)
    graph = BUILDERS[arguments.model](source / "coefficients.json")
    (package / "1" / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))
    shutil.copyfile(source / "vectors.jsonl", package / "parity.jsonl")


if __name__ == "__main__":
    main()
