"""The drug and allergen sets auscult ships: which ingredients each is made of, and why.

Read by build.py. Each rule is written for a clinician to review; `status` stays "draft" until one has. Ingredients by
RxNorm IN code, from the classes of drug-classes.csv (scheme KEY) plus and minus names.
"""

DRUGS = [
    dict(
        id="statin",
        title="Statins",
        purpose="HMG-CoA reductase inhibitors, alone or combined, in any systemic form.",
        classes=["statin"],
        also=[],
        without=[],
        forms="systemic",
    ),
    dict(
        id="antihypertensive",
        title="Blood pressure lowering drugs",
        purpose="Drugs that count as blood pressure treatment (PREVENT input bp_tx): the primary and secondary oral agents of "
        "the ACC/AHA blood pressure guideline (2017, table 18): ACE inhibitors, ARBs, thiazide-type, loop and potassium-sparing "
        "diuretics, mineralocorticoid antagonists, calcium channel blockers, beta-blockers, the renin inhibitor, "
        "alpha-1 blockers, central alpha-2 agonists, direct vasodilators and reserpine; sacubitril/valsartan "
        "through valsartan. The indication is not asked: a beta-blocker for another reason counts too. Only oral and "
        "transdermal forms count: eye drops (timolol), hair lotion (minoxidil) and injections do not. Left out: nimodipine, "
        "clevidipine, esmolol, landiolol, enalaprilat (acute or other use), sotalol (antiarrhythmic), levobunolol, carteolol "
        "(eye), ethacrynate, finerenone, tamsulosin-type blockers, SGLT2 inhibitors; aprocitentan is missing from the source table.",
        classes=["ace-inhibitor", "arb", "beta-blocker", "ccb-dhp", "ccb-non-dhp", "thiazide", "loop-diuretic", "mra",
                 "potassium-sparing", "renin-inhibitor"],
        also=["clonidine", "methyldopa", "guanfacine", "guanabenz", "doxazosin", "prazosin", "terazosin", "hydralazine",
              "minoxidil", "reserpine", "trichlormethiazide", "polythiazide", "deserpidine"],
        without=["enalaprilat", "nimodipine", "clevidipine", "esmolol", "landiolol", "sotalol", "levobunolol",
                 "carteolol", "ethacrynate"],
        forms="oral-transdermal",
    ),
]

ALLERGENS = [
    dict(
        id="statin-allergen",
        title="Statins, as allergens",
        purpose="Allergy or intolerance to any statin: ingredients (products and brands are reduced to them) and the FDA "
        "established pharmacologic class of statins.",
        ingredients_of="statin",
        classes=[("http://hl7.org/fhir/ndfrt", "N0000175589", "HMG-CoA Reductase Inhibitor [EPC]"),
                 ("http://www.nlm.nih.gov/research/umls/medrt", "N0000175589", "HMG-CoA Reductase Inhibitor [EPC]")],
    ),
]
