"""Which of our drug sets a refusal means that names a set of the Value Set Authority Center (VSAC) instead of a drug.

QI-Core lets a record of what was not done name a value set (cqf-notDoneValueSet) in the place of a code: none of its drugs
was given. build.py writes vocabulary/not-done-sets.json from drug-valuesets.csv.gz (VSAC sets at product level) by two rules:

  within    the set stands for ours when its products hold a member of ours; one product in twenty may not
            (clevidipine among blood pressure drugs)
  families  a set whose products lie within the union of a family stands for each set of the family of which it holds two
            drugs or all: "antithrombotic" is anticoagulant and antiplatelet, "ACE inhibitor or ARB or ARNI" is each of them

Both are this project's choice, pending clinical review. Products whose ingredients are not known do not speak against a set. A set that
stands for none of ours is listed with none, so that it is known to be another matter. So are sets of allergens and contraindications,
for they are nothing to order, and of the prevention of venous thrombosis, for refusing that says nothing about an anticoagulant for
another reason. Sets without OID are left out.
"""

import csv
import gzip
import json
from collections import defaultdict

MOST_OUTSIDE = 20

FAMILIES = [
    ("anticoagulant", "anticoagulant-oral", "antiplatelet"),
    ("ras-inhibitor", "ace-inhibitor", "arb", "arni"),
    ("beta-blocker", "beta-blocker-hfref"),
]

# Sets that the tables do not print, as public measure and artifact pages name them.
NAMED = {"2.16.840.1.113762.1.4.1047.97": ("High Intensity Statin Therapy", ["statin"])}

OTHER_MATTER = ("Allergen", "Contraindication", "Prophylaxis")

SOURCE = ("Value sets of the NLM Value Set Authority Center (VSAC) as printed in public measure content, RxNorm codes only; titles are "
          "their stewards'. Which of our sets each stands for: training/terminology/not_done.py, pending clinical review.")


def vsac_sets(folder):
    """OID -> titles and products; a set that came in several versions holds the products of all."""
    found = defaultdict(lambda: {"titles": set(), "products": set()})
    with gzip.open(folder / "drug-valuesets.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["valueset"].replace(".", "").isdigit():
                found[row["valueset"]]["titles"].add(row["title"])
                found[row["valueset"]]["products"].add(row["rxcui"])
    return found


def ingredients_of(rxnorm):
    return {row["rxcui"]: frozenset(row["ingredients"].split("|")) for row in rxnorm if row["ingredients"]}


def lies_within(products, members):
    outside = sum(1 for parts in products if not parts & members)
    return bool(products) and outside * MOST_OUTSIDE <= len(products)


def stands_for(products, drug_sets):
    """Ids of our sets, sorted. `products`: the ingredients (with its own code) of each product."""
    held = frozenset().union(*products)
    found = {id for id, members in drug_sets.items() if lies_within(products, members)}
    for family in FAMILIES:
        if lies_within(products, frozenset().union(*(drug_sets[id] for id in family))):
            found.update(id for id in family if len(held & drug_sets[id]) >= min(2, len(drug_sets[id])))
    return sorted(found)


def not_done_sets(folder, rxnorm, drug_sets):
    """@param drug_sets: id of each of our drug sets -> its RxNorm members"""
    parts = ingredients_of(rxnorm)
    sets = {oid: {"title": title, "valueSets": [f"urn:auscult:ValueSet:{id}" for id in ids]} for oid, (title, ids) in NAMED.items()}
    for oid, each in sorted(vsac_sets(folder).items()):
        known = [parts[code] | {code} for code in sorted(each["products"]) if code in parts]
        other = any(word in title for title in each["titles"] for word in OTHER_MATTER)
        ids = [] if other or not known else stands_for(known, drug_sets)
        sets[oid] = {"title": sorted(each["titles"])[0], "valueSets": [f"urn:auscult:ValueSet:{id}" for id in ids]}
    return {"source": SOURCE, "sets": dict(sorted(sets.items()))}


def write_not_done(path, sets):
    path.write_text(json.dumps(sets, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
