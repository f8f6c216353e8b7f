"""Drug sets as FHIR ValueSets, and the two tables that lead to them from any product code: drugs.tsv and ndc.tsv.

drugs.tsv, one row per RxNorm code, sorted by code:
  rxcui, tty
  routes       letters of dose-forms.json, one for each route that the form, the forms inside a pack, or a brand's products have; none: not told
  quantity     what one piece of the product holds or lasts, where its name says so: `0.4 mL`, `72 h`
  form         RxNorm dose form
  ingredients  `IN rxcui` or `IN rxcui strength unit`, `|` between; `?`: one that the source does not tell. The unit is UCUM; the
               strength is of the substance that RxNorm's name gives it for, which may be a salt
  name         of ingredients (IN, PIN) and brands (BN)

ndc.tsv, sorted: the first nine digits of the 11-digit NDC, rxcui, package digits. Codes of one product stand in one row.
"""

import csv
import gzip
import json
import re
from pathlib import Path

TABLE = json.loads((Path(__file__).resolve().parents[2] / "vocabulary" / "dose-forms.json").read_text(encoding="utf-8"))
ROUTES, UNITS = TABLE["letters"], TABLE["units"]
FORM_WORDS = [(route, re.compile(rf"\b(?:{words})\b", re.I)) for route, words in TABLE["forms"]]

IN_ITS_NAME = {"SCDF", "SBDF", "SCDG", "SBDG"}
PACKS = {"GPCK", "BPCK"}
QUANTITY = re.compile(r"^(\d+(?:\.\d+)?) (ML|HR|ACTUAT) ")

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
ICD = (("icd10", ("http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10")), ("icd9", ("http://hl7.org/fhir/sid/icd-9-cm",)))
COUNTED_ROUTE = "urn:auscult:StructureDefinition:counted-route"
RXNORM_NOTICE = ("This product uses publicly available data from the U.S. National Library of Medicine (NLM), National "
                 "Institutes of Health, Department of Health and Human Services; NLM is not responsible for the product and "
                 "does not endorse or recommend this or any other product.")
CLASS_NOTICE = "Pharmacologic class codes: FDA established pharmacologic classes, by way of DrugCentral (2016, CC BY 4.0)."


def form_of(row):
    """The RxNorm dose form; where the source left strengths before it (pens), without them."""
    return re.sub(r"^.* (?:MG|UNT|MEQ|ML)(?:/\S+)? ", "", row["dose_form"])


def routes_of_form(form):
    """The route of one form, in letters; none where no word tells."""
    return next((ROUTES[route] for route, words in FORM_WORDS if words.search(form)), "")


def routes_of(row):
    if row["dose_form"] and row["tty"] not in PACKS:
        return routes_of_form(form_of(row))
    name = re.sub(r"\s*\[[^\]]*\]\s*$", "", row["name"])
    if row["tty"] in PACKS:
        inner = re.findall(r"\d+ \(([^()]*(?:\([^()]*\)[^()]*)*)\)", name)
        return "".join(sorted({letter for form in inner for letter in routes_of_form(form.rsplit(" / ", 1)[-1])}))
    return routes_of_form(name) if row["tty"] in IN_ITS_NAME else ""


def routes_by_brand(rxnorm):
    """A brand has the routes of its products: those that say a form, else its packs."""
    found = {"SBD": {}, "BPCK": {}}
    for row in rxnorm:
        if row["tty"] in found and row["brand"]:
            found[row["tty"]].setdefault(row["brand"], set()).update(routes_of(row))
    return {brand: "".join(sorted(letters)) for brand, letters in {**found["BPCK"], **found["SBD"]}.items()}


def ucum(strength):
    """`325 MG` → `325 mg`, `0.012 MG/HR` → `0.012 mg/h`."""
    value, unit = strength.split(" ")
    parts = [UNITS.get(part) for part in unit.split("/")]
    if None in parts:
        raise ValueError(f"unit {unit} has no UCUM unit")
    return f"{value} {'/'.join(parts)}"


def parts_of(row):
    """The ingredients column."""
    strengths = [part.split("=", 1) for part in row["components"].split(";") if part]
    codes = [code for code in row["ingredients"].split("|") if code]
    parts = [code if strength == "?" else f"{code} {ucum(strength)}" for code, strength in strengths if code != "?"]
    parts += [code for code in codes if code not in {code for code, _ in strengths}]
    return parts + (["?"] if row["ingredients_complete"] == "N" or any(code == "?" for code, _ in strengths) else [])


def drug_lines(rxnorm):
    brands = routes_by_brand(rxnorm)
    for row in sorted(rxnorm, key=lambda each: int(each["rxcui"])):
        parts = parts_of(row)
        if all(part == "?" for part in parts):
            continue
        quantity = QUANTITY.match(row["name"]) if row["tty"] in ("SCD", "SBD") else None
        yield "\t".join([
            row["rxcui"], row["tty"], brands.get(row["name"], "") if row["tty"] == "BN" else routes_of(row),
            f"{quantity[1]} {UNITS[quantity[2]]}" if quantity else "", form_of(row), "|".join(parts),
            row["name"] if row["tty"] in ("IN", "PIN", "BN") else ""])


def ndc_lines(ndc, known):
    packages = {}
    for code, rxcui in ndc:
        if rxcui in known:
            packages.setdefault((code[:9], rxcui), []).append(code[9:])
    for (product, rxcui), ends in sorted(packages.items()):
        yield f"{product}\t{rxcui}\t{''.join(sorted(ends))}"


def ingredients_of(definition, classes, by_name, built):
    codes = {row["ingredient_rxcui"] for row in classes
             if row["scheme"] == "KEY" and row["class_name"] in definition["classes"]}
    for each in definition["sets"]:
        codes |= set(built[each])
    absent = [name for name in [*definition["also"], *definition["without"]] if name not in by_name]
    if absent:
        raise SystemExit(f"{definition['id']}: not in rxnorm.tsv.gz: {', '.join(absent)}")
    codes |= {by_name[name] for name in definition["also"]}
    codes -= {by_name[name] for name in definition["without"]}
    return sorted(codes, key=int)


def drug_parts(codes, names):
    listed = [{"code": code, "display": names[code].lower()} for code in codes]
    return [{"system": RXNORM, "concept": listed}], [{"system": RXNORM, **concept} for concept in listed]


def with_routes(value_set, definition):
    extensions = [{"url": COUNTED_ROUTE, "valueCode": route} for route in definition["routes"]]
    head = {key: value_set.pop(key) for key in ("resourceType",)}
    return {**head, "extension": extensions, **value_set}


def drug_sets(drugs, allergens, tables, value_set, prefix_filter):
    """
    Yields every drug and allergen set as a ValueSet.
    tables   classes, names (IN code -> name), allergies (SNOMED IPS code -> display), conditions (rows of conditions.csv)
    """
    by_name = {name.lower(): code for code, name in tables["names"].items()}
    built = {}
    for definition in drugs:
        built[definition["id"]] = ingredients_of(definition, tables["classes"], by_name, built)
        include, contains = drug_parts(built[definition["id"]], tables["names"])
        if definition["products"]:
            listed = [{"code": code, "display": name} for code, name in definition["products"]]
            include = [{"system": RXNORM, "concept": [*(include[0]["concept"]), *listed]}]
            contains = [*contains, *({"system": RXNORM, **each} for each in listed)]
        yield with_routes(value_set(definition, include, contains, f"Contains RxNorm. {RXNORM_NOTICE}"), definition)
    for definition in allergens:
        yield allergen_set(definition, built[definition["ingredients_of"]], tables, value_set, prefix_filter)


def allergen_set(definition, codes, tables, value_set, prefix_filter):
    include, contains = drug_parts(codes, tables["names"])
    notices = [f"Contains RxNorm. {RXNORM_NOTICE}"]
    listed = [(RXNORM, code, display) for code, display in definition["rxnorm"]] + definition["classes"]
    listed += [(SNOMED, code, tables["allergies"][code]) for code in definition["snomed"]]
    for system, code, display in listed:
        include.append({"system": system, "concept": [{"code": code, "display": display}]})
        contains.append({"system": system, "code": code, "display": display})
    if definition["snomed_input"]:
        concepts = [{"extension": [tables["input_only"]], "code": code} for code in definition["snomed_input"]]
        include.append({"system": SNOMED, "concept": concepts})
        contains += [{"system": SNOMED, "code": code} for code in definition["snomed_input"]]
    if definition["classes"]:
        notices.append(CLASS_NOTICE)
    if definition["snomed"] or definition["snomed_input"]:
        notices.append(tables["snomed_notice"])
    for key, systems in ICD:
        if not definition[key]:
            continue
        include += [{"system": system, "filter": [prefix_filter(definition[key])]} for system in systems]
        prefixes = [prefix.replace(".", "") for prefix in definition[key]]
        rows = {row["code"]: row["display"] for row in tables["conditions"]
                if row["system"] == systems[0] and row["code"].replace(".", "").startswith(tuple(prefixes))}
        contains += [{"system": systems[0], "code": code, "display": rows[code]} for code in sorted(rows)]
    if any(definition[key] for key, _ in ICD):
        notices.append(tables["icd_notice"])
    return with_routes(value_set(definition, include, contains, " ".join(notices)), definition)


def rxnorm_rows(folder):
    with gzip.open(folder / "rxnorm.tsv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def ndc_rows(folder):
    with gzip.open(folder / "ndc-rxcui.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return [(row["ndc11"], row["rxcui"]) for row in csv.DictReader(file)]


def write_index(target, folder, rxnorm, timestamp):
    """Writes drugs.tsv and ndc.tsv; returns how many codes each leads from."""
    lines = list(drug_lines(rxnorm))
    known = {line.split("\t", 1)[0] for line in lines}
    ndc = [pair for pair in ndc_rows(folder) if pair[1] in known]
    made = f"built {timestamp} by training/terminology/build.py"
    write(target / "drugs.tsv", [f"# RxNorm code -> routes, strengths, ingredients; {made}", f"# {RXNORM_NOTICE}",
                                 "rxcui\ttty\troutes\tquantity\tform\tingredients\tname", *lines])
    write(target / "ndc.tsv", [f"# NDC (9 digits) -> RxNorm code, package digits; {made}", f"# {RXNORM_NOTICE}",
                               "product\trxcui\tpackages", *ndc_lines(ndc, known)])
    return len(lines), len(ndc)


def write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
