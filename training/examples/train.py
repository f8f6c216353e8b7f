"""Trains examples again: `python training/examples/train.py <id> --data ../shared/data`, or `--all`.

Writes training/examples/weights/<id>.npz (float32 and int32) and <id>.json: the distributions that synthetic patients
are drawn from and what was measured on held-out patients. Build and seal the packages afterwards (build.py).
"""

import argparse
import importlib
import json
import sys
from pathlib import Path

import numpy as np

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here))

from examples import EXAMPLES, module_of, weights_of  # noqa: E402


def train(identifier: str, data: Path) -> None:
    weights, facts = importlib.import_module(module_of(identifier)).train(data)
    kept = {name: value.astype(np.float32) if value.dtype.kind == "f" else value for name, value in weights.items()}
    np.savez_compressed(weights_of(identifier), **kept)
    text = json.dumps(facts, indent=1, ensure_ascii=False)
    weights_of(identifier).with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")
    print(identifier, json.dumps(facts["measured"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="*", metavar="id", help=", ".join(EXAMPLES))
    parser.add_argument("--all", action="store_true", help="every example")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    arguments = parser.parse_args()
    chosen = EXAMPLES if arguments.all else arguments.model
    unknown = [model for model in chosen if model not in EXAMPLES]
    if unknown or not chosen:
        parser.error(f"no example {', '.join(unknown)}" if unknown else "name an example, or say --all")
    for model in chosen:
        train(model, arguments.data)


if __name__ == "__main__":
    main()
