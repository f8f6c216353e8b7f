"""Writes one example as a sealed package: what manifest.json, the card and the other files say."""

import hashlib
import json
from pathlib import Path

import numpy as np

VERSION = "1.0.0"
REVIEW_BY = "2027-11-20"
TOLERANCE = 0.00001
EXAMPLE = "An example, trained on one public data set. Not validated anywhere else, reviewed by no clinician, not for care."


def risk_outputs(event: str, farthest: int) -> list[dict]:
    """A probability and its log odds, which stay exact where the probability rounds to 1.

    @param farthest the log odds of any valid input stay within this, either way
    """
    bounds = {
        "risk": ("Probability", "probability", {"min": 0, "max": 1}),
        "log_odds": ("Log odds", "number", {"min": -farthest, "max": farthest}),
    }
    return [
        {"name": name, "label": f"{what} of {event}", "dtype": "float32", "axes": [], "kind": kind, "range": bound}
        for name, (what, kind, bound) in bounds.items()
    ]


def write(folder: Path, about: dict, files: dict[str, bytes]) -> None:
    """@param files path in the package -> bytes: 1/model.onnx, parity.jsonl, perhaps background.json, 1/gradient.onnx"""
    (folder / "1").mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (folder / path).write_bytes(content)
    manifest = _manifest(about)
    for name, path in {
        "background": "background.json",
        "gradient": "1/gradient.onnx",
        "parity": "parity.jsonl",
    }.items():
        if path in files:
            manifest[name] = _sha256(files[path])
    manifest["digest"] = seal(files["1/model.onnx"], manifest)
    _write_json(folder / "manifest.json", manifest)
    _write_json(folder / "source-attributes.json", _source_attributes(about))
    (folder / "MODEL_CARD.md").write_text(_card(about, files), encoding="utf-8")


def seal(model: bytes, manifest: dict) -> str:
    """The digest of src/inference/digest.ts. Sorted keys and Python's numbers are RFC 8785 for what is written here."""
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return _sha256(f"{len(model)}\n".encode() + model + canonical.encode())


def parity(given: dict[str, np.ndarray], expected: dict[str, np.ndarray], ids: list[str], source: str) -> bytes:
    lines = [
        {
            "id": identifier,
            "input": {name: _flat(rows[at]) for name, rows in given.items()},
            "expected": {name: _flat(rows[at]) for name, rows in expected.items()},
            "tolerance": TOLERANCE,
            "source": source,
        }
        for at, identifier in enumerate(ids)
    ]
    return "".join(f"{_compact(line)}\n" for line in lines).encode()


def background(rows: dict[str, np.ndarray]) -> bytes:
    inputs = {name: [_flat(row) for row in values] for name, values in rows.items()}
    count = len(next(iter(rows.values())))
    return f"{_compact({'rows': count, 'inputs': inputs})}\n".encode()


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _flat(values: np.ndarray) -> list[float | int | None]:
    """Row-major; whole numbers without a point, NaN as null."""
    return [
        None if np.isnan(value) else int(value) if float(value).is_integer() else float(value)
        for value in np.asarray(values).reshape(-1)
    ]


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _write_json(path: Path, value: object) -> None:
    path.write_text(f"{json.dumps(value, indent=2, ensure_ascii=False)}\n", encoding="utf-8")


def _manifest(about: dict) -> dict:
    return {
        "kind": "network",
        "id": about["id"],
        "version": VERSION,
        "title": about["title"],
        "regulatoryTier": "research",
        "intendedUse": about["intendedUse"],
        "population": about["population"],
        "validation": f"Held out: {about['tested']}. Trained on {about['trained']}. No external validation.",
        "cautions": [EXAMPLE, *about["cautions"]],
        "license": f"Apache-2.0 for this package. Trained on {about['data']}, {about['dataLicense']}.",
        "citation": about["citation"],
        "reviewBy": REVIEW_BY,
        "inputs": about["inputs"],
        "outputs": about["outputs"],
        "explain": about["explain"],
    }


def _card(about: dict, files: dict[str, bytes]) -> str:
    explain = about["explain"]
    gradient = "; `1/gradient.onnx` was checked against finite differences at build" if "1/gradient.onnx" in files else ""
    inputs = "\n".join(
        f"| `{given['name']}` | {_axes(given)} {given['dtype']} | {given['label']} |" for given in about["inputs"]
    )
    outputs = "\n".join(f"| `{made['name']}` | {_axes(made)} | {made['label']} |" for made in about["outputs"])
    cautions = "\n".join(f"- {caution}" for caution in about["cautions"])
    more = f"\n{about['notes']}\n" if "notes" in about else ""
    return f"""# {about['title']}

{about['summary']}

**{EXAMPLE}**

| | |
|---|---|
| Data | {about['data']}, {about['dataLicense']} |
| Population | {about['population']} |
| Citation | {about['citation']} |
| Seal | `digest` in `manifest.json` |

## Measured

Held out: {about['tested']}. Trained on {about['trained']}.

One split, one run, no interval; not measured on other data or by group of patients.

## Cautions

{cautions}

## Inputs and outputs

| Input | Each patient | What |
|---|---|---|
{inputs}

| Output | Each patient | What |
|---|---|---|
{outputs}
{more}
## Explanations

Of `{explain['output']}` on the {explain['scale']} scale by {', '.join(explain['methods'])}. Compared with: {explain['background']['label']}. {explain['background']['source']}

## Proof that the graph is the network

`parity.jsonl` holds {files['parity.jsonl'].count(10)} patients, none of them taken from the data: the edges, and patients made with a seed ({about['synthetic']}). The expected outputs come from `training/examples/{about['id'].replace('-', '_')}.py` (`worked`: numpy in float64, apart from the graph). The graph is float32; tolerance {TOLERANCE:.5f}{gradient}.

## Rebuild

`python training/examples/build.py {about['id']}` writes this package again from the weights in `training/examples/weights`; `python training/examples/train.py {about['id']} --data <folder>` trains those again.
"""


def _axes(tensor: dict) -> str:
    return " x ".join(f"{axis['size']} ({axis['name']})" for axis in tensor["axes"]) or "one number"


def _source_attributes(about: dict) -> dict:
    numbered = enumerate(_answers(about), start=1)
    return {
        "model": about["id"],
        "regulation": "45 CFR 170.315(b)(11)(iv)(B), source attributes of predictive decision support interventions",
        "attributes": [
            {"number": number, "category": category, "name": name, key: value}
            for number, (category, name, key, value) in numbered
        ],
    }


def _answers(about: dict) -> list[tuple[str, str, str, str]]:
    """Category, name, value or why there is none, of the 31 attributes in order."""
    known, absent = "value", "notAvailable"
    no_external = "No external validation: the example was tested on held-out patients of its own data set only."
    no_fairness = "Not measured: an example."
    local = "Not measured, and not to be used on patients."
    produced = "; ".join(made["label"] for made in about["outputs"])
    details, purpose, scope = "Details and output", "Purpose", "Cautioned out-of-scope use"
    development, fairness = "Development and input features", "Fairness in development"
    external, performance = "External validation", "Quantitative performance"
    upkeep, updates = "Ongoing maintenance", "Update schedule"
    return [
        (details, "Developer name and contact", known, "The auscult project; contact through the project's issue tracker."),
        (details, "Funding of the technical implementation", absent, "No dedicated funding."),
        (details, "Value produced as output", known, f"{produced}."),
        (details, "Kind of output", known, about.get("outputKind", "Prediction: a probability.")),
        (purpose, "Intended use", known, about["intendedUse"]),
        (purpose, "Intended patients", known, "None: an example."),
        (purpose, "Intended users", known, "Developers and informaticists who try or test the inference service."),
        (purpose, "Decision role", known, "None: it must not inform care."),
        (scope, "Tasks, situations and populations cautioned against", known, "All care of patients."),
        (scope, "Known risks, inappropriate settings and limitations", known, " ".join([EXAMPLE, *about["cautions"]])),
        (development, "Inclusion and exclusion criteria of the training data", known, f"{about['data']}. {about['criteria']}"),
        (
            development,
            "Use of race, ethnicity, language, sexual orientation, gender identity, sex, date of birth, social determinants and health status assessments as inputs",
            known,
            about["demographics"],
        ),
        (development, "Demographic representativeness of the training data", absent, "Not assessed: see the publication of the data set."),
        (development, "Relevance of the training data to deployment", absent, "Not to be deployed for care."),
        (fairness, "Approach to fair output", absent, "None: an example."),
        (fairness, "Approaches to manage, reduce or remove bias", absent, "None: an example."),
        (external, "Data source and setting", absent, no_external),
        (external, "Party that tested", absent, no_external),
        (external, "Demographic representativeness of the external data", absent, no_external),
        (external, "Process of external validation", absent, no_external),
        (performance, "Validity, test data from the same source", known, f"Held out: {about['tested']}."),
        (performance, "Fairness, test data from the same source", absent, no_fairness),
        (performance, "Validity, external data", absent, no_external),
        (performance, "Fairness, external data", absent, no_external),
        (performance, "References on the evaluation of use on outcomes", absent, "None: an example."),
        (upkeep, "Process and frequency of validity monitoring", absent, "None: an example."),
        (upkeep, "Validity in local data", absent, local),
        (upkeep, "Process and frequency of fairness monitoring", absent, "None: an example."),
        (upkeep, "Fairness in local data", absent, local),
        (updates, "Process and frequency of updates", known, f"A sealed package does not change; a correction becomes a new version. To be looked at by {REVIEW_BY}."),
        (updates, "How often performance is corrected when it is found to be wanting", absent, "No schedule: an example."),
    ]
