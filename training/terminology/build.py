"""Builds vocabulary/valuesets/*.json and vocabulary/drugs.tsv from a folder of terminology tables.

Usage:  python3 training/terminology/build.py <terminology folder> [vocabulary folder]
        (or set AUSCULT_TERMINOLOGY; the output defaults to the repository's vocabulary/)

Reads   conditions.csv           concept, system, code, display, licence: codes for the frozen expansions
        drug-classes.csv         scheme KEY: ingredient code -> class
        rxnorm.tsv.gz            RxNorm codes of every term type with their ingredients and dose form
        conditions.py, drugs.py  (beside this file) which of them make which value set, and why
Writes  valuesets/<id>.json      FHIR R4 ValueSet: compose rule + expansion frozen at TIMESTAMP
        drugs.tsv                RxNorm code, term type, ingredients that a value set uses, name (IN and BN only)

The result depends on nothing but those inputs: running it again writes the same bytes. ICD prefix rules are written as a
`regex` filter on `code` of the fixed shape "(A|B|C).*" (dots escaped), which auscult reads as a list of prefixes.
A row of drugs.tsv without ingredients is a product auscult knows and does not count (eye drops of timolol): without it the
product's name would be taken for unread evidence.
SNOMED CT codes outside the SNOMED IPS Terminology are marked by a comment extension and carry no display: they are
recognised on input, not published as terminology.
"""

import csv
import gzip
import json
import os
import re
import sys
from pathlib import Path

from conditions import CONDITIONS
from drugs import ALLERGENS, DRUGS

VERSION = "2026.11"
TIMESTAMP = "2026-11-20T00:00:00Z"
SNOMED = "http://snomed.info/sct"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD9CM = "http://hl7.org/fhir/sid/icd-9-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
COMMENT = "http://hl7.org/fhir/StructureDefinition/valueset-concept-comments"

SNOMED_NOTICE = ("SNOMED International IPS Terminology, distributed by SNOMED International under CC BY 4.0. Codes marked as "
                 "input only lie outside it.")
ICD_NOTICE = "ICD-10-CM and ICD-9-CM: US government work, public domain."
RXNORM_NOTICE = ("This product uses publicly available data from the U.S. National Library of Medicine (NLM), National "
                 "Institutes of Health, Department of Health and Human Services; NLM is not responsible for the product and "
                 "does not endorse or recommend this or any other product.")

# Dose forms: a product counts only in these (by the words of the RxNorm dose form, or the form words in its name).
NOT_SYSTEMIC = re.compile(r"ophthalmic|otic|nasal|topical|shampoo|soap|irrigation|vaginal|rectal|mucous|implant|dental", re.I)
INJECTED = re.compile(r"inject|syringe|cartridge|intraperitoneal|intrathecal|prefilled|\bpen\b|infusion|premix", re.I)


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def rxnorm_rows(folder):
    with gzip.open(folder / "rxnorm.tsv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


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


def condition_set(definition, conditions):
    found = {SNOMED: {}, ICD10CM: {}, ICD9CM: {}}
    for row in conditions:
        system, code = row["system"], row["code"]
        if row["concept"] not in definition["concepts"] or system not in found:
            continue
        if system == SNOMED and code in definition.get("snomed_not", []):
            continue
        if system == ICD10CM and not matches(code, definition["icd10"]):
            continue
        if system == ICD9CM and not matches(code, definition["icd9"]):
            continue
        found[system][code] = row
    snomed = []
    contains = []
    for row in sorted_codes(found[SNOMED]):
        if is_free(row):
            snomed.append({"code": row["code"], "display": row["display"]})
            contains.append({"system": SNOMED, "code": row["code"], "display": row["display"]})
        else:
            note = {"url": COMMENT, "valueString": "Input only: sent by sandboxes, outside the SNOMED IPS Terminology."}
            snomed.append({"extension": [note], "code": row["code"]})
            contains.append({"system": SNOMED, "code": row["code"]})
    for system in (ICD10CM, ICD9CM):
        contains += [{"system": system, "code": row["code"], "display": row["display"]} for row in sorted_codes(found[system])]
    contains += [{"system": ICD10, "code": code} for code in definition.get("icd10_who", [])]
    include = [{"system": SNOMED, "concept": snomed}] if snomed else []
    for system in (ICD10CM, ICD10):
        include.append({"system": system, "filter": [prefix_filter(definition["icd10"])]})
    if definition.get("icd10_who"):
        include.append({"system": ICD10, "concept": [{"code": code} for code in definition["icd10_who"]]})
    include.append({"system": ICD9CM, "filter": [prefix_filter(definition["icd9"])]})
    return value_set(definition, include, contains, f"{SNOMED_NOTICE} {ICD_NOTICE}")


def value_set(definition, include, contains, notice):
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
        "compose": {"include": include},
        "expansion": {"identifier": f"urn:auscult:expansion:{definition['id']}:{VERSION}", "timestamp": TIMESTAMP,
                      "total": len(contains), "contains": contains},
    }


def ingredients_of(definition, classes, names):
    codes = {row["ingredient_rxcui"] for row in classes
             if row["scheme"] == "KEY" and row["class_name"] in definition["classes"]}
    by_name = {name.lower(): code for code, name in names.items()}
    codes |= {by_name[name] for name in definition["also"] if name in by_name}
    codes -= {by_name[name] for name in definition["without"]}
    absent = [name for name in definition["also"] if name not in by_name]
    if absent:
        print(f"{definition['id']}: not in rxnorm.tsv.gz: {', '.join(absent)}", file=sys.stderr)
    return sorted(codes, key=int)


def drug_set(definition, codes, names, extra=()):
    listed = [{"code": code, "display": names[code].lower()} for code in codes]
    include = [{"system": RXNORM, "concept": listed}]
    contains = [{"system": RXNORM, **concept} for concept in listed]
    for system, code, display in extra:
        include.append({"system": system, "concept": [{"code": code, "display": display}]})
        contains.append({"system": system, "code": code, "display": display})
    return value_set(definition, include, contains, f"Contains RxNorm. {RXNORM_NOTICE}")


def form_of(row):
    """Words that tell the route: the dose form, or the name for term types that carry the form there."""
    return row["dose_form"] or (row["name"] if row["tty"] in ("SCDF", "SBDF", "SCDG", "SBDG", "GPCK", "BPCK") else "")


def counts(forms, form):
    if NOT_SYSTEMIC.search(form):
        return False
    return not (forms == "oral-transdermal" and INJECTED.search(form))


def drug_index(rxnorm, sets):
    forms_by_code = {}
    for definition, codes in sets:
        for code in codes:
            forms_by_code[code] = definition["forms"]
    counted_brands, used_brands = set(), set()
    index = {}
    for row in rxnorm:
        used = [code for code in row["ingredients"].split("|") if code in forms_by_code]
        if not used:
            continue
        form = form_of(row)
        counted = [code for code in used if counts(forms_by_code[code], form)]
        index[row["rxcui"]] = [row["tty"], counted, row["name"] if row["tty"] in ("IN", "BN") else ""]
        if row["tty"] == "SBD" and row["brand"]:
            used_brands.add(row["brand"])
            if counted:
                counted_brands.add(row["brand"])
    for entry in index.values():
        if entry[0] == "BN" and entry[2] in used_brands - counted_brands:
            entry[1] = []
    return index


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
    conditions, classes, rxnorm = rows(folder / "conditions.csv"), rows(folder / "drug-classes.csv"), rxnorm_rows(folder)
    names = {row["rxcui"]: row["name"] for row in rxnorm if row["tty"] == "IN"}
    for definition in CONDITIONS:
        write_json(target / "valuesets" / f"{definition['id']}.json", condition_set(definition, conditions))
    sets = [(definition, ingredients_of(definition, classes, names)) for definition in DRUGS]
    for definition, codes in sets:
        write_json(target / "valuesets" / f"{definition['id']}.json", drug_set(definition, codes, names))
    for definition in ALLERGENS:
        codes = next(codes for drug, codes in sets if drug["id"] == definition["ingredients_of"])
        write_json(target / "valuesets" / f"{definition['id']}.json", drug_set(definition, codes, names, definition["classes"]))
    index = drug_index(rxnorm, sets)
    lines = [f"# RxNorm code -> ingredients used by valuesets/; built {TIMESTAMP} by training/terminology/build.py",
             f"# {RXNORM_NOTICE}", "rxcui\ttty\tingredients\tname"]
    lines += ["\t".join([code, entry[0], "|".join(entry[1]), entry[2]]) for code, entry in sorted(index.items(), key=lambda e: int(e[0]))]
    (target / "drugs.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(CONDITIONS) + len(DRUGS) + len(ALLERGENS)} value sets, {len(index)} drug codes -> {target}")


if __name__ == "__main__":
    main()
