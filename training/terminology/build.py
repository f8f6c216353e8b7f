"""Builds vocabulary/valuesets/*.json and vocabulary/drugs.tsv from a folder of terminology tables.

Usage:  python3 training/terminology/build.py <terminology folder> [vocabulary folder]
        (or set AUSCULT_TERMINOLOGY; the output defaults to the repository's vocabulary/)

Reads   conditions.csv           concept, system, code, display, licence: codes for the frozen expansions
        drug-classes.csv         scheme KEY: ingredient code -> class
        rxnorm.tsv.gz, ndc-rxcui.csv.gz   RxNorm codes of every term type with their ingredients and dose form; NDC
        drug-valuesets.csv.gz    VSAC sets of drugs, at product level
        snomed-ips-*.csv         the free SNOMED CT codes of problems and procedures
        conditions.py, drugs.py, procedures.py  (beside this file) which of them make which value set, and why
Writes  valuesets/<id>.json      FHIR R4 ValueSet: compose rule + expansion frozen at TIMESTAMP
        drugs.tsv, ndc.tsv       product code -> ingredients, strengths, routes (drug_index.py says how)
        not-done-sets.json       VSAC set -> our drug sets that its refusal means (not_done.py says how)

The result depends on nothing but those inputs: running it again writes the same bytes. ICD prefix rules are written as a
`regex` filter on `code` of the fixed shape "(A|B|C).*" (dots escaped), which auscult reads as a list of prefixes.
SNOMED CT codes outside the SNOMED IPS Terminology are marked by a comment extension and carry no display: they are
recognised on input, not published as terminology.
"""

import csv
import json
import os
import re
import sys
from pathlib import Path

from conditions import CONDITIONS
from drug_index import RXNORM, drug_sets, rxnorm_rows, write_index
from drugs import ALLERGENS, DRUGS
from not_done import not_done_sets, write_not_done
from procedures import PROCEDURES

VERSION = "2026.11"
TIMESTAMP = "2026-11-20T00:00:00Z"
SNOMED = "http://snomed.info/sct"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD9CM = "http://hl7.org/fhir/sid/icd-9-cm"
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
LOINC = "http://loinc.org"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
COMMENT = "http://hl7.org/fhir/StructureDefinition/valueset-concept-comments"
INPUT_ONLY = {"url": COMMENT, "valueString": "Input only: sent by sandboxes, outside the SNOMED IPS Terminology."}

SNOMED_NOTICE = ("SNOMED International IPS Terminology, distributed by SNOMED International under CC BY 4.0. Codes marked as "
                 "input only lie outside it.")
ICD_NOTICE = "ICD-10-CM and ICD-9-CM: US government work, public domain."
LOINC_NOTICE = ("This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief Institute, Inc. and "
                "the Logical Observation Identifiers Names and Codes (LOINC) Committee and is available at no cost under the license "
                "at http://loinc.org/license. LOINC® is a registered United States trademark of Regenstrief Institute, Inc.")
HCPCS_NOTICE = "HCPCS Level II: US government work, public domain; no dental codes, no CPT."
PCS_NOTICE = "ICD-10-PCS: US government work, public domain."

# A longer ICD list is expanded to codes of at most so many characters (dots not counted), unless it says `full`.
MOST_ICD_ROWS = 150
HEADER_LENGTH = 4


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def prefix_filter(prefixes):
    body = "|".join(re.escape(prefix).replace("\\.", "\\.") for prefix in prefixes)
    return {"property": "code", "op": "regex", "value": f"({body}).*"}


def is_free(row):
    return "SNOMED IPS Terminology, CC BY 4.0" in row["licence"]


def matches(code, prefixes):
    plain = code.replace(".", "")
    return any(plain.startswith(prefix.replace(".", "")) for prefix in prefixes)


def sorted_codes(found):
    return [found[key] for key in sorted(found)]


def coded_rows(definition, conditions):
    """The rows of conditions.csv that a definition takes, by system and code."""
    found = {SNOMED: {}, ICD10CM: {}, ICD9CM: {}}
    left_out = {row["code"] for row in conditions if row["system"] == SNOMED and row["concept"] in definition.get("without", [])}
    left_out.update(definition.get("snomed_not", []))
    for row in conditions:
        system, code = row["system"], row["code"]
        if row["concept"] not in definition.get("concepts", []) or system not in found:
            continue
        if system == SNOMED and (code in left_out or code not in definition.get("snomed_only", [code])):
            continue
        if system == ICD10CM and not within(code, definition, "icd10"):
            continue
        if system == ICD9CM and not within(code, definition, "icd9"):
            continue
        found[system][code] = row
    return found


def within(code, definition, key):
    return matches(code, definition.get(key, [])) and not matches(code, definition.get(f"{key}_not", []))


def snomed_concepts(listed, free):
    """Codes of the SNOMED IPS Terminology that a definition names itself; one that is not in it stops the build."""
    absent = [code for code in listed if code not in free]
    if absent:
        sys.exit(f"not in the SNOMED IPS Terminology: {', '.join(absent)}")
    return {code: {"code": code, "display": free[code]} for code in listed}


def icd_rows(definition, found):
    """The expansion's ICD rows; of a long list only the category headers: the prefix rule carries the rest."""
    rows = [row for row in sorted_codes(found) if definition.get("full") or len(found) <= MOST_ICD_ROWS
            or len(row["code"].replace(".", "")) <= HEADER_LENGTH]
    return [(row["code"], row["display"]) for row in rows] + definition.get("headers", [])


def condition_set(definition, conditions, free):
    found = coded_rows(definition, conditions)
    listed = snomed_concepts(definition.get("snomed", []), free)
    snomed = []
    contains = []
    for code in sorted({**found[SNOMED], **listed}):
        row = found[SNOMED].get(code)
        if code in listed or is_free(row):
            display = listed[code]["display"] if code in listed else row["display"]
            snomed.append({"code": code, "display": display})
            contains.append({"system": SNOMED, "code": code, "display": display})
        else:
            snomed.append({"extension": [INPUT_ONLY], "code": row["code"]})
            contains.append({"system": SNOMED, "code": row["code"]})
    contains += [{"system": ICD10CM, "code": code, "display": display} for code, display in icd_rows(definition, found[ICD10CM])]
    contains += [{"system": ICD9CM, "code": row["code"], "display": row["display"]} for row in sorted_codes(found[ICD9CM])]
    contains += [{"system": ICD10, "code": code} for code in definition.get("icd10_who", [])]
    include = [{"system": SNOMED, "concept": snomed}] if snomed else []
    if definition.get("icd10"):
        include += [{"system": system, "filter": [prefix_filter(definition["icd10"])]} for system in (ICD10CM, ICD10)]
    if definition.get("icd10_who"):
        include.append({"system": ICD10, "concept": [{"code": code} for code in definition["icd10_who"]]})
    if definition.get("icd9"):
        include.append({"system": ICD9CM, "filter": [prefix_filter(definition["icd9"])]})
    exclude = []
    for systems, key in (((ICD10CM, ICD10), "icd10_not"), ((ICD9CM,), "icd9_not")):
        if definition.get(key):
            exclude += [{"system": system, "filter": [prefix_filter(definition[key])]} for system in systems]
    return value_set(definition, include, contains, f"{SNOMED_NOTICE} {ICD_NOTICE}", exclude)


def procedure_set(definition, free):
    """Listed codes (SNOMED CT, HCPCS Level II, LOINC, others), and ICD-10-PCS by prefix: its headers stand in the expansion."""
    include, contains, notices = [], [], []
    listed = [(SNOMED, snomed_concepts(definition.get("snomed", []), free), SNOMED_NOTICE),
              (HCPCS, {code: {"code": code, "display": display} for code, display in definition.get("hcpcs", [])}, HCPCS_NOTICE),
              (LOINC, {code: {"code": code, "display": display} for code, display in definition.get("loinc", [])}, LOINC_NOTICE)]
    for system, concepts, notice in listed:
        if concepts:
            include.append({"system": system, "concept": sorted_codes(concepts)})
            contains += [{"system": system, **concept} for concept in sorted_codes(concepts)]
            notices.append(notice)
    if definition.get("snomed_input"):
        codes = sorted(definition["snomed_input"])
        include.append({"system": SNOMED, "concept": [{"extension": [INPUT_ONLY], "code": code} for code in codes]})
        contains += [{"system": SNOMED, "code": code} for code in codes]
        notices = [SNOMED_NOTICE, *(notice for notice in notices if notice != SNOMED_NOTICE)]
    for system, code, display in definition.get("codes", []):
        include.append({"system": system, "concept": [{"code": code, "display": display}]})
        contains.append({"system": system, "code": code, "display": display})
    if definition.get("icd10pcs"):
        include.append({"system": ICD10PCS, "filter": [prefix_filter([code for code, _ in definition["icd10pcs"]])]})
        contains += [{"system": ICD10PCS, "code": code, "display": display} for code, display in definition["icd10pcs"]]
        notices.append(PCS_NOTICE)
    return value_set(definition, include, contains, " ".join(notices))


def value_set(definition, include, contains, notice, exclude=()):
    return {
        "resourceType": "ValueSet",
        "url": f"urn:auscult:ValueSet:{definition['id']}",
        "version": VERSION,
        "name": "".join(part.capitalize() for part in definition["id"].split("-")),
        "title": definition["title"],
        "status": "draft",
        "experimental": False,
        "description": definition["purpose"],
        "copyright": notice,
        "compose": {"include": include, **({"exclude": list(exclude)} if exclude else {})},
        "expansion": {"identifier": f"urn:auscult:expansion:{definition['id']}:{VERSION}", "timestamp": TIMESTAMP,
                      "total": len(contains), "contains": contains},
    }


def write_json(path, value):
    """One line per code: readable in a diff, and small."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    text = re.sub(r"\{\n\s+(\"(?:system|code)\": \"[^\"\n]*\"(?:,\n\s+\"(?:code|display)\": \"(?:[^\"\\\n]|\\.)*\")*)\n\s+\}",
                  lambda found: "{" + re.sub(r"\n\s+", " ", found.group(1)) + "}", text)
    path.write_text(text + "\n", encoding="utf-8")


def main():
    source = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("AUSCULT_TERMINOLOGY")
    if not source:
        sys.exit(__doc__)
    folder = Path(source)
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parents[2] / "vocabulary"
    (target / "valuesets").mkdir(parents=True, exist_ok=True)
    conditions, rxnorm = rows(folder / "conditions.csv"), rxnorm_rows(folder)
    problems, procedures, allergies = (dict((row["code"], row["display"]) for row in rows(folder / f"snomed-ips-{part}.csv"))
                                       for part in ("problems", "procedures", "allergies"))
    for definition in CONDITIONS:
        write_json(target / "valuesets" / f"{definition['id']}.json", condition_set(definition, conditions, problems))
    for definition in PROCEDURES:
        write_json(target / "valuesets" / f"{definition['id']}.json", procedure_set(definition, {**problems, **procedures}))
    tables = {"classes": rows(folder / "drug-classes.csv"), "names": {row["rxcui"]: row["name"] for row in rxnorm if row["tty"] == "IN"},
              "allergies": allergies, "conditions": conditions, "snomed_notice": SNOMED_NOTICE, "icd_notice": ICD_NOTICE,
              "input_only": INPUT_ONLY}
    members = {}
    for built in drug_sets(DRUGS, ALLERGENS, tables, value_set, prefix_filter):
        id = built["url"].rsplit(":", 1)[-1]
        members[id] = frozenset(row["code"] for row in built["expansion"]["contains"] if row["system"] == RXNORM)
        write_json(target / "valuesets" / f"{id}.json", built)
    ours = {definition["id"]: members[definition["id"]] for definition in DRUGS}
    write_not_done(target / "not-done-sets.json", not_done_sets(folder, rxnorm, ours))
    drugs, ndc = write_index(target, folder, rxnorm, TIMESTAMP)
    print(f"{len(CONDITIONS) + len(PROCEDURES) + len(DRUGS) + len(ALLERGENS)} value sets, {drugs} drug codes, {ndc} NDC -> {target}")


if __name__ == "__main__":
    main()
