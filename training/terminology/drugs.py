"""The drug and allergen sets auscult ships: which ingredients each is made of, which routes count, and why.

Read by build.py. Each rule is written for a clinician to review; `status` stays "draft" until one has. Ingredients by
RxNorm IN code, from the classes of drug-classes.csv (scheme KEY) plus and minus names.

  classes   KEY classes of drug-classes.csv whose ingredients are members
  sets      other sets of this file whose ingredients are members
  also      further ingredients, by RxNorm name
  without   ingredients that are left out
  products  further codes that are members themselves (a salt, a product), where the ingredient does not tell: code, RxNorm name
  routes    a product counts only where one of its routes is listed; "unknown": its code does not tell (an ingredient, a
            component). A product belongs to every route its form, or the forms inside a pack, or of a brand, have.

A class of an id that equals a KEY class holds that class whole. "General knowledge" marks a list that no source at hand backs.
"""

ALL = ("oral", "transdermal", "injected", "inhaled", "nasal", "rectal", "vaginal", "implant", "local", "unknown")
SYSTEMIC = ("oral", "transdermal", "injected", "inhaled", "nasal", "rectal", "implant", "unknown")
ORAL = ("oral", "unknown")
ORAL_TRANSDERMAL = ("oral", "transdermal", "unknown")
ORAL_INJECTED = ("oral", "injected", "unknown")
INJECTED = ("injected", "unknown")
ANTICHOLINERGIC = ("oral", "transdermal", "injected", "rectal", "unknown")

WHY = {
    SYSTEMIC: "Counts by mouth, through the skin, injected, inhaled, nasal, rectal or implanted, for each of these reaches the "
              "circulation; eye, ear, skin and vaginal preparations do not count.",
    ORAL: "Counts by mouth: it exists in no other form that matters.",
    ORAL_TRANSDERMAL: "Counts by mouth or through the skin: lasting treatment, not what is injected for the moment or acts "
                      "where it is applied.",
    ORAL_INJECTED: "Counts by mouth or injected: what is inhaled, sprayed into the nose or applied to eye, ear, skin, rectum or "
                   "vagina is meant to act there.",
    INJECTED: "Counts injected.",
    ANTICHOLINERGIC: "Counts by mouth, through the skin, injected or rectal; eye drops, nasal sprays and inhalers act locally.",
    ALL: "Counts in every form.",
}
BEERS = "Named after the drugs that the AGS Beers Criteria caution against in older adults; general knowledge, to be checked against the criteria."
FDA = ("After the FDA table of substrates, inhibitors and inducers (Drug Development and Drug Interactions); compiled from general "
       "knowledge of it, to be checked against the table.")
LABEL = "The US labels warn of harm to an unborn child; general knowledge, to be checked against the labels."


def drug(id, title, purpose, routes=SYSTEMIC, classes=(), sets=(), also=(), without=(), why=None, products=()):
    return dict(id=id, title=title, purpose=f"{purpose} {why or WHY[routes]}", classes=list(classes), sets=list(sets),
                also=list(also), without=list(without), routes=list(routes), products=list(products))


def key(id, title, purpose, routes=SYSTEMIC, also=(), without=(), why=None):
    """The set of the KEY class of the same name."""
    return drug(id, title, purpose, routes, classes=[id], also=also, without=without, why=why)


CARDIOVASCULAR = [
    drug("statin", "Statins", "HMG-CoA reductase inhibitors, alone or combined.", ORAL, classes=["statin"]),
    drug("antihypertensive", "Blood pressure lowering drugs",
         "Drugs that count as blood pressure treatment (PREVENT input bp_tx): the primary and secondary oral agents of "
         "the ACC/AHA blood pressure guideline (2017, table 18): ACE inhibitors, ARBs, thiazide-type, loop and potassium-sparing "
         "diuretics, mineralocorticoid antagonists, calcium channel blockers, beta-blockers, the renin inhibitor, "
         "alpha-1 blockers, central alpha-2 agonists, direct vasodilators and reserpine; sacubitril/valsartan "
         "through valsartan. The indication is not asked: a beta-blocker for another reason counts too. Left out: nimodipine, "
         "clevidipine, esmolol, landiolol, enalaprilat (acute or other use), sotalol (antiarrhythmic), levobunolol, carteolol "
         "(eye), ethacrynate, finerenone, tamsulosin-type blockers, SGLT2 inhibitors; aprocitentan is missing from the source table.",
         ORAL_TRANSDERMAL,
         classes=["ace-inhibitor", "arb", "beta-blocker", "ccb-dhp", "ccb-non-dhp", "thiazide", "loop-diuretic", "mra",
                  "potassium-sparing", "renin-inhibitor"],
         also=["clonidine", "methyldopa", "guanfacine", "guanabenz", "doxazosin", "prazosin", "terazosin", "hydralazine",
               "minoxidil", "reserpine", "trichlormethiazide", "polythiazide", "deserpidine"],
         without=["enalaprilat", "nimodipine", "clevidipine", "esmolol", "landiolol", "sotalol", "levobunolol",
                  "carteolol", "ethacrynate"],
         why="Only oral and transdermal forms count: eye drops (timolol), hair lotion (minoxidil) and injections do not."),
    key("ace-inhibitor", "ACE inhibitors", "Angiotensin converting enzyme inhibitors, enalaprilat included.", ORAL_INJECTED),
    key("arb", "Angiotensin receptor blockers", "Angiotensin II receptor blockers, in sacubitril/valsartan too.", ORAL),
    key("arni", "Neprilysin inhibitor", "Sacubitril, which exists with valsartan only.", ORAL),
    key("renin-inhibitor", "Renin inhibitor", "Aliskiren.", ORAL),
    drug("ras-inhibitor", "Renin-angiotensin system inhibitors", "ACE inhibitors, ARBs, sacubitril/valsartan and aliskiren; "
         "not to be combined with each other, nor given in pregnancy.", ORAL_INJECTED,
         classes=["ace-inhibitor", "arb", "arni", "renin-inhibitor"]),
    key("beta-blocker", "Beta-blockers", "Beta-blockers of any selectivity; the eye drops (timolol, levobunolol, carteolol, "
        "betaxolol) do not count although some of them is absorbed.", ORAL_INJECTED),
    key("beta-blocker-hfref", "Beta-blockers of heart failure", "The beta-blockers with evidence in heart failure with reduced "
        "ejection fraction. Metoprolol succinate is not told from tartrate here, for RxNorm keeps both under one ingredient.", ORAL),
    key("ccb-dhp", "Dihydropyridine calcium channel blockers", "Calcium channel blockers of the dihydropyridine type.", ORAL_INJECTED),
    key("ccb-non-dhp", "Diltiazem and verapamil", "Calcium channel blockers that slow the heart.", ORAL_INJECTED),
    key("thiazide", "Thiazide-type diuretics", "Thiazides and chlorthalidone, indapamide, metolazone.", ORAL_INJECTED),
    key("loop-diuretic", "Loop diuretics", "Furosemide, bumetanide, torsemide and ethacrynate; under the skin too.", ORAL_INJECTED),
    key("mra", "Mineralocorticoid receptor antagonists", "Spironolactone and eplerenone (finerenone: nsmra).", ORAL),
    key("nsmra", "Finerenone", "The non-steroidal mineralocorticoid receptor antagonist.", ORAL),
    key("potassium-sparing", "Potassium-sparing diuretics", "Amiloride and triamterene (MRAs apart).", ORAL),
    key("potassium-supplement", "Potassium supplements", "Potassium salts; infusions and bowel preparations that hold some count.",
        ORAL_INJECTED),
    key("hfref-other", "Other drugs of heart failure", "Hydralazine, isosorbide dinitrate, ivabradine, vericiguat.", ORAL_INJECTED),
    key("cardiac-glycoside", "Digoxin", "Cardiac glycosides.", ORAL_INJECTED),
    key("antiarrhythmic", "Antiarrhythmics", "Class I and III antiarrhythmics.", ORAL_INJECTED),
    key("vitamin-k-antagonist", "Vitamin K antagonists", "Warfarin and the coumarins of other countries.", ORAL_INJECTED,
        also=["phenprocoumon", "acenocoumarol"]),
    key("doac", "Direct oral anticoagulants", "Dabigatran and the oral factor Xa inhibitors.", ORAL),
    key("factor-xa-inhibitor", "Factor Xa inhibitors, oral", "Oral factor Xa inhibitors.", ORAL),
    key("direct-thrombin-inhibitor", "Direct thrombin inhibitors", "Dabigatran, argatroban, bivalirudin.", ORAL_INJECTED),
    key("heparin", "Heparins and fondaparinux", "Unfractionated and low molecular weight heparins and fondaparinux. Flush solutions "
        "count: strength alone does not tell them apart.", INJECTED),
    drug("anticoagulant-oral", "Oral anticoagulants", "Vitamin K antagonists and direct oral anticoagulants.", ORAL,
         sets=["vitamin-k-antagonist", "doac"]),
    drug("anticoagulant", "Anticoagulants", "Oral anticoagulants, heparins, fondaparinux and direct thrombin inhibitors.",
         ORAL_INJECTED, sets=["anticoagulant-oral", "heparin", "direct-thrombin-inhibitor"]),
    key("antiplatelet", "Antiplatelet drugs", "Drugs that inhibit platelets, aspirin of any dose included.",
        ("oral", "injected", "rectal", "unknown"), why="Counts by mouth, injected or rectal."),
    key("p2y12-inhibitor", "P2Y12 inhibitors", "Clopidogrel and its kind.", ORAL_INJECTED),
    drug("aspirin", "Aspirin", "Aspirin of any dose, alone or combined.", ("oral", "injected", "rectal", "unknown"),
         also=["aspirin"], why="Counts by mouth, injected or rectal."),
    key("ezetimibe", "Ezetimibe", "Ezetimibe, alone or combined.", ORAL),
    key("bempedoic-acid", "Bempedoic acid", "Bempedoic acid, alone or combined.", ORAL),
    key("pcsk9-inhibitor", "PCSK9 inhibitors", "Antibodies against PCSK9, and inclisiran.", INJECTED),
    drug("fibrate", "Fibrates", "Fenofibrate and gemfibrozil. General knowledge.", ORAL, also=["fenofibrate", "gemfibrozil"]),
    drug("nitrate", "Nitrates", "Organic nitrates. General knowledge.", ALL,
         also=["nitroglycerin", "isosorbide", "isosorbide dinitrate", "amyl nitrite"],
         why="Counts in every form: ointment and spray lower the blood pressure too."),
    drug("pde5-inhibitor", "PDE5 inhibitors", "Phosphodiesterase 5 inhibitors. General knowledge.", ORAL_INJECTED,
         also=["sildenafil", "tadalafil", "vardenafil", "avanafil"]),
    drug("alpha-1-blocker-peripheral", "Peripheral alpha-1 blockers", f"Doxazosin, prazosin, terazosin. {BEERS}", ORAL,
         also=["doxazosin", "prazosin", "terazosin"]),
    drug("central-alpha-agonist", "Central alpha-2 agonists", f"Clonidine, guanfacine, guanabenz, methyldopa. {BEERS}",
         ORAL_TRANSDERMAL, also=["clonidine", "guanfacine", "guanabenz", "methyldopa"]),
    drug("amiodarone", "Amiodarone", "Amiodarone.", ORAL_INJECTED, also=["amiodarone"]),
    drug("dronedarone", "Dronedarone", "Dronedarone.", ORAL, also=["dronedarone"]),
]

METABOLIC = [
    key("biguanide", "Metformin", "Metformin, alone or combined.", ORAL),
    key("sulfonylurea", "Sulfonylureas", "Sulfonylureas, alone or combined.", ORAL),
    drug("sulfonylurea-long-acting", "Long-acting sulfonylureas", f"Glyburide, glimepiride and chlorpropamide. {BEERS}", ORAL,
         also=["glyburide", "glimepiride", "chlorpropamide"]),
    key("sglt2-inhibitor", "SGLT2 inhibitors", "SGLT2 inhibitors, sotagliflozin included, alone or combined.", ORAL),
    key("glp1-ra", "GLP-1 receptor agonists", "GLP-1 receptor agonists and tirzepatide, alone or with insulin.", ORAL_INJECTED),
    key("dpp4-inhibitor", "DPP-4 inhibitors", "DPP-4 inhibitors, alone or combined.", ORAL),
    key("tzd", "Thiazolidinediones", "Pioglitazone and rosiglitazone, alone or combined.", ORAL),
    key("insulin", "Insulins", "Insulins of any kind, alone or combined.", ("injected", "inhaled", "unknown"),
        why="Counts injected or inhaled."),
    key("colchicine", "Colchicine", "Colchicine, alone or with probenecid.", ORAL_INJECTED),
    key("xanthine-oxidase-inhibitor", "Xanthine oxidase inhibitors", "Allopurinol and febuxostat.", ORAL_INJECTED),
    drug("febuxostat", "Febuxostat", "Febuxostat.", ORAL, also=["febuxostat"]),
    key("ppi", "Proton pump inhibitors", "Proton pump inhibitors, alone or combined.", ORAL_INJECTED),
    key("corticosteroid-systemic", "Systemic corticosteroids", "Glucocorticoids and fludrocortisone. A bare ingredient counts, for its "
        "code does not tell that it is a cream.", ORAL_INJECTED,
        why="Counts by mouth or injected: creams, inhalers, nasal sprays, eye drops and enemas are no systemic treatment."),
    drug("estrogen-systemic", "Systemic estrogens", f"Estrogens. {BEERS}", ("oral", "transdermal", "injected", "implant", "unknown"),
         also=["estradiol", "estrogens, conjugated (usp)", "estrogens, esterified (usp)", "estropipate"],
         why="Counts by mouth, through the skin, injected or implanted; vaginal preparations of low dose do not."),
    drug("androgen", "Androgens", f"Testosterone and methyltestosterone. {BEERS}", ALL, also=["testosterone", "methyltestosterone"],
         why="Counts in every form: gels for the skin are systemic treatment."),
    drug("combined-hormonal-contraceptive", "Combined hormonal contraceptives", "Ethinyl estradiol, mestranol or estetrol in any "
         "product: what is sold for menopausal symptoms with ethinyl estradiol counts too. General knowledge.",
         ("oral", "transdermal", "vaginal", "unknown"), also=["ethinyl estradiol", "mestranol", "estetrol"],
         why="Counts by mouth, through the skin or as a vaginal ring."),
    drug("hormonal-contraceptive", "Hormonal contraceptives", "Combined contraceptives and progestins alone: levonorgestrel (emergency "
         "contraception too), norethindrone, norgestrel, drospirenone, desogestrel, etonogestrel. Depot medroxyprogesterone is a set "
         "of its own. General knowledge.", ("oral", "transdermal", "injected", "vaginal", "implant", "unknown"),
         sets=["combined-hormonal-contraceptive"],
         also=["levonorgestrel", "norethindrone", "norgestrel", "drospirenone", "desogestrel", "etonogestrel", "norelgestromin",
               "norgestimate", "ethynodiol", "dienogest"],
         why="Counts by mouth, through the skin, injected, as ring, implant or intrauterine system."),
    drug("medroxyprogesterone-depot", "Depot medroxyprogesterone", "Injected medroxyprogesterone. General knowledge.", ("injected",),
         also=["medroxyprogesterone"], why="Counts injected only: tablets are no contraceptive."),
]

NERVOUS_SYSTEM = [
    key("opioid", "Opioids", "Opioid agonists and partial agonists, for pain, cough or dependence.", SYSTEMIC,
        also=["propoxyphene"], why="Counts in every systemic form: a patch, film, spray or suppository is an opioid as much as a tablet."),
    key("opioid-antagonist", "Opioid antagonists", "Naloxone, naltrexone, nalmefene, methylnaltrexone; the naloxone in "
        "buprenorphine/naloxone counts.", SYSTEMIC),
    drug("naloxone", "Naloxone for rescue", "Naloxone and nalmefene to reverse an overdose.", ("nasal", "injected"),
         also=["naloxone", "nalmefene"],
         why="Counts nasal or injected only: the naloxone inside tablets and films (buprenorphine/naloxone) is no rescue, and a code "
         "that does not tell the form might mean that."),
    drug("buprenorphine", "Buprenorphine", "Buprenorphine, alone or with naloxone.", SYSTEMIC, also=["buprenorphine"]),
    drug("methadone", "Methadone", "Methadone.", SYSTEMIC, also=["methadone"]),
    *[
        drug(name, name.capitalize(), f"{name.capitalize()}, alone or combined, for its daily dose in morphine equivalents (CDC 2022: factors "
             "of drugs taken by mouth).", ORAL, also=[name])
        for name in ("codeine", "hydrocodone", "hydromorphone", "morphine", "oxycodone", "oxymorphone", "tapentadol", "tramadol")
    ],
    drug("fentanyl-transdermal", "Fentanyl patches", "Fentanyl through the skin, for its rate (CDC 2022).", ("transdermal",),
         also=["fentanyl"], why="Counts through the skin only: other forms have no factor in that guideline."),
    drug("meperidine", "Meperidine", f"Meperidine (pethidine). {BEERS}", SYSTEMIC, also=["meperidine"]),
    drug("gabapentinoid", "Gabapentinoids", "Gabapentin and pregabalin. General knowledge.", ORAL, also=["gabapentin", "pregabalin"]),
    key("benzodiazepine", "Benzodiazepines", "Benzodiazepines, alone or combined.", SYSTEMIC),
    key("z-hypnotic", "Z-hypnotics", "Zolpidem, zaleplon, eszopiclone.", ORAL),
    drug("barbiturate", "Barbiturates", f"Barbiturates, butalbital in headache remedies and primidone included. {BEERS}",
         ORAL_INJECTED, also=["amobarbital", "butabarbital", "butalbital", "mephobarbital", "pentobarbital", "phenobarbital",
                              "secobarbital", "primidone"]),
    drug("meprobamate", "Meprobamate", f"Meprobamate, and carisoprodol which becomes it is a muscle relaxant here. {BEERS}", ORAL,
         also=["meprobamate"]),
    key("ssri", "SSRIs", "Selective serotonin reuptake inhibitors.", ORAL_INJECTED),
    key("snri", "SNRIs", "Serotonin and norepinephrine reuptake inhibitors.", ORAL),
    key("tca", "Tricyclic antidepressants", "Tricyclics and amoxapine. Doxepin of low dose for sleep counts too; doxepin cream does not.",
        ORAL_INJECTED),
    key("maoi", "MAO inhibitors", "Monoamine oxidase inhibitors, selective ones included.", ORAL_TRANSDERMAL),
    key("maoi-nonselective", "Nonselective MAO inhibitors", "Isocarboxazid, phenelzine, tranylcypromine.", ORAL),
    key("maoi-activity-other", "Other drugs with MAO inhibition", "Methylene blue, procarbazine, linezolid.", ORAL_INJECTED),
    drug("maoi-any", "Anything that inhibits MAO", "MAO inhibitors, and other drugs that inhibit MAO.",
         ("oral", "transdermal", "injected", "unknown"), classes=["maoi", "maoi-activity-other"],
         why="Counts by mouth, through the skin or injected."),
    key("serotonin-modulator", "Serotonin modulators", "Trazodone, nefazodone, vilazodone, vortioxetine, buspirone.", ORAL),
    key("triptan", "Triptans", "Serotonin 1B/1D agonists.", SYSTEMIC),
    key("ergot", "Ergot alkaloids", "Ergot alkaloids for migraine or the uterus.", SYSTEMIC),
    key("amphetamine", "Amphetamines", "Amphetamines and lisdexamfetamine.", SYSTEMIC),
    key("methylphenidate", "Methylphenidate", "Methylphenidate and its kind.", SYSTEMIC),
    key("lithium", "Lithium", "Lithium salts.", ORAL),
    key("ramelteon", "Ramelteon", "Ramelteon.", ORAL),
    key("tizanidine", "Tizanidine", "Tizanidine.", ORAL),
    drug("antipsychotic", "Antipsychotics", f"First and second generation antipsychotics; pimavanserin too. {BEERS}", SYSTEMIC,
         also=["chlorpromazine", "perphenazine", "thioridazine", "trifluoperazine", "fluphenazine", "haloperidol", "loxapine",
               "molindone", "pimozide", "thiothixene", "aripiprazole", "asenapine", "brexpiprazole", "cariprazine", "clozapine",
               "iloperidone", "lumateperone", "lurasidone", "olanzapine", "paliperidone", "quetiapine", "risperidone",
               "ziprasidone", "pimavanserin"]),
    drug("skeletal-muscle-relaxant", "Skeletal muscle relaxants", "Carisoprodol, chlorzoxazone, cyclobenzaprine, metaxalone, "
         f"methocarbamol, orphenadrine (not baclofen, tizanidine or dantrolene). {BEERS}", ORAL_INJECTED,
         also=["carisoprodol", "chlorzoxazone", "cyclobenzaprine", "metaxalone", "methocarbamol", "orphenadrine"]),
    drug("antihistamine-first-generation", "First-generation antihistamines", f"Antihistamines that sedate. {BEERS}", ANTICHOLINERGIC,
         also=["brompheniramine", "carbinoxamine", "chlorpheniramine", "clemastine", "cyproheptadine", "dexbrompheniramine",
               "dexchlorpheniramine", "dimenhydrinate", "diphenhydramine", "doxylamine", "hydroxyzine", "meclizine",
               "promethazine", "triprolidine", "pyrilamine"]),
    drug("antispasmodic", "Antispasmodics", f"Anticholinergic drugs for the gut. {BEERS}", ANTICHOLINERGIC,
         also=["atropine", "clidinium", "dicyclomine", "hyoscyamine", "homatropine", "methscopolamine", "propantheline",
               "scopolamine"]),
    drug("antiparkinson-anticholinergic", "Anticholinergics of parkinsonism", f"Benztropine and trihexyphenidyl. {BEERS}",
         ANTICHOLINERGIC, also=["benztropine", "trihexyphenidyl"]),
    drug("antimuscarinic-bladder", "Bladder antimuscarinics", f"Antimuscarinics for the bladder. {BEERS}",
         ("oral", "transdermal", "local", "unknown"),
         also=["oxybutynin", "tolterodine", "trospium", "solifenacin", "darifenacin", "fesoterodine", "flavoxate"],
         why="Counts by mouth and on the skin, the gel included, for it is systemic treatment."),
    drug("anticholinergic-strong", "Strongly anticholinergic drugs", "Sedating antihistamines, antispasmodics, bladder antimuscarinics, "
         "anticholinergics of parkinsonism, tricyclics, paroxetine, cyclobenzaprine, orphenadrine and the most anticholinergic "
         f"antipsychotics. {BEERS}", ANTICHOLINERGIC,
         sets=["antihistamine-first-generation", "antispasmodic", "antiparkinson-anticholinergic", "antimuscarinic-bladder", "tca"],
         also=["paroxetine", "cyclobenzaprine", "orphenadrine", "chlorpromazine", "clozapine", "loxapine", "olanzapine",
               "perphenazine", "thioridazine", "trifluoperazine", "prochlorperazine"]),
    drug("cns-depressant", "Sedating drugs", "Benzodiazepines, z-hypnotics, barbiturates, gabapentinoids, skeletal muscle relaxants, "
         "antipsychotics, sedating antihistamines and meprobamate: what adds to an opioid's depression of breathing.", SYSTEMIC,
         sets=["benzodiazepine", "z-hypnotic", "barbiturate", "gabapentinoid", "skeletal-muscle-relaxant", "antipsychotic",
               "antihistamine-first-generation", "meprobamate"]),
    drug("metoclopramide", "Metoclopramide", f"Metoclopramide. {BEERS}", SYSTEMIC, also=["metoclopramide"]),
    drug("megestrol", "Megestrol", f"Megestrol. {BEERS}", ORAL, also=["megestrol"]),
    drug("desmopressin", "Desmopressin", f"Desmopressin. {BEERS}", SYSTEMIC, also=["desmopressin"]),
]

PAIN_AND_INFECTION = [
    key("nsaid", "NSAIDs", "Non-steroidal anti-inflammatory drugs, COX-2 inhibitors and salicylates, aspirin of any dose included.",
        SYSTEMIC, also=["etoricoxib", "parecoxib"],
        why="Counts in systemic forms; gels, patches for a joint and eye drops do not."),
    drug("nsaid-non-aspirin", "NSAIDs other than aspirin", "NSAIDs without aspirin, whose low dose is an antiplatelet drug.", SYSTEMIC,
         sets=["nsaid"], without=["aspirin"], why="Counts in systemic forms; gels, patches for a joint and eye drops do not."),
    drug("acetaminophen", "Acetaminophen", "Acetaminophen (paracetamol), alone or combined.", SYSTEMIC, also=["acetaminophen"]),
    key("penicillin", "Penicillins", "Penicillins, with beta-lactamase inhibitors too.", ORAL_INJECTED,
        also=["cloxacillin", "bacampicillin", "carbenicillin", "mezlocillin"]),
    key("cephalosporin", "Cephalosporins", "Cephalosporins of all generations.", ORAL_INJECTED,
        also=["cefoperazone", "ceftizoxime", "cephradine"]),
    key("carbapenem", "Carbapenems", "Carbapenems.", ORAL_INJECTED),
    key("macrolide", "Macrolides", "Macrolides and telithromycin; fidaxomicin, which is hardly absorbed, counts.", ORAL_INJECTED),
    key("fluoroquinolone", "Fluoroquinolones", "Fluoroquinolones.", ORAL_INJECTED),
    key("sulfonamide-antibacterial", "Sulfonamide antibacterials", "Sulfamethoxazole (with trimethoprim), sulfadiazine, sulfisoxazole; "
        "silver sulfadiazine cream does not count.", ORAL_INJECTED),
    key("sulfonamide-aminosalicylate", "Sulfasalazine", "Sulfasalazine, which the body splits into a sulfonamide.", ORAL),
    drug("tetracycline", "Tetracyclines", f"Tetracyclines. {LABEL}", ORAL_INJECTED,
         also=["tetracycline", "doxycycline", "minocycline", "demeclocycline", "omadacycline", "eravacycline", "sarecycline",
               "tigecycline", "oxytetracycline"]),
    drug("aminoglycoside", "Aminoglycosides", "Aminoglycosides. General knowledge.", INJECTED,
         also=["gentamicin", "tobramycin", "amikacin", "streptomycin"]),
    drug("trimethoprim", "Trimethoprim", "Trimethoprim, alone or with sulfamethoxazole.", ORAL_INJECTED, also=["trimethoprim"]),
    drug("metronidazole", "Metronidazole", "Metronidazole.", ORAL_INJECTED, also=["metronidazole"]),
    key("azole-antifungal", "Azole antifungals", "Systemic azole antifungals.", ORAL_INJECTED),
    key("hiv-protease-inhibitor", "HIV protease inhibitors", "HIV protease inhibitors.", ORAL),
    key("cyp3a-booster", "CYP3A boosters", "Ritonavir, cobicistat, and nirmatrelvir which comes with ritonavir.", ORAL),
    drug("atazanavir", "Atazanavir", "Atazanavir, alone or combined.", ORAL, also=["atazanavir"]),
    key("calcineurin-inhibitor", "Calcineurin inhibitors", "Cyclosporine and tacrolimus.", ORAL_INJECTED),
    key("thiopurine", "Thiopurines", "Azathioprine, mercaptopurine, thioguanine.", ORAL_INJECTED),
    key("irinotecan", "Irinotecan", "Irinotecan.", INJECTED),
]

INTERACTION = [
    key("cyp3a4-inhibitor-onc", "CYP3A4 inhibitors (ONC 2012)", "The inhibitors of CYP3A4 in the ONC high-priority list (Phansalkar 2012).",
        ORAL_INJECTED),
    key("cyp1a2-inhibitor-onc", "CYP1A2 inhibitors (ONC 2012)", "The inhibitors of CYP1A2 in the ONC high-priority list (Phansalkar 2012).",
        ORAL_INJECTED),
    key("cyp3a4-inducer", "CYP3A4 inducers", "Inducers of CYP3A4 of any strength.", ORAL_INJECTED),
    drug("cyp3a4-inhibitor-strong", "Strong CYP3A4 inhibitors", f"Raise the exposure of sensitive substrates fivefold or more. {FDA}",
         ORAL_INJECTED, also=["clarithromycin", "cobicistat", "idelalisib", "indinavir", "itraconazole", "ketoconazole", "lopinavir",
                              "nefazodone", "nelfinavir", "posaconazole", "ritonavir", "saquinavir", "telithromycin", "tipranavir",
                              "troleandomycin", "voriconazole", "ceritinib", "boceprevir", "telaprevir", "tucatinib"]),
    drug("cyp3a4-inhibitor-moderate", "Moderate CYP3A4 inhibitors", f"Raise the exposure of sensitive substrates two- to fivefold. {FDA}",
         ORAL_INJECTED, also=["aprepitant", "ciprofloxacin", "conivaptan", "crizotinib", "cyclosporine", "diltiazem", "dronedarone",
                              "erythromycin", "fluconazole", "fluvoxamine", "imatinib", "verapamil"]),
    drug("cyp3a4-inducer-strong", "Strong CYP3A4 inducers", f"Lower the exposure of sensitive substrates by 80 % or more. {FDA}",
         ORAL_INJECTED, also=["apalutamide", "carbamazepine", "enzalutamide", "fosphenytoin", "ivosidenib", "lumacaftor", "mitotane",
                              "phenytoin", "rifampin", "st. john's wort extract"]),
    drug("cyp3a4-inducer-moderate", "Moderate CYP3A4 inducers", f"Lower the exposure of sensitive substrates by 50 to 80 %. {FDA}",
         ORAL_INJECTED, also=["bosentan", "cenobamate", "dabrafenib", "efavirenz", "etravirine", "lorlatinib", "phenobarbital",
                              "primidone", "sotorasib"]),
    drug("cyp1a2-inhibitor-strong", "Strong CYP1A2 inhibitors", f"Raise the exposure of sensitive substrates fivefold or more. {FDA}",
         ORAL_INJECTED, also=["ciprofloxacin", "enoxacin", "fluvoxamine"]),
    drug("cyp1a2-inhibitor-moderate", "Moderate CYP1A2 inhibitors", f"Raise the exposure of sensitive substrates two- to fivefold. {FDA}",
         ORAL_INJECTED, also=["methoxsalen", "mexiletine", "vemurafenib"]),
    drug("pgp-inhibitor", "P-gp inhibitors", f"Inhibitors of P-glycoprotein. {FDA}", ORAL_INJECTED,
         also=["amiodarone", "carvedilol", "clarithromycin", "cyclosporine", "dronedarone", "itraconazole", "lapatinib", "lopinavir",
               "propafenone", "quinidine", "ranolazine", "ritonavir", "saquinavir", "telaprevir", "tipranavir", "verapamil"]),
    drug("cyp3a4-pgp-inhibitor-combined", "Combined P-gp and strong CYP3A4 inhibitors", "Ketoconazole, itraconazole, ritonavir and "
         "cobicistat: the combined inhibitors that labels of apixaban and rivaroxaban name or that act alike. General knowledge.",
         ORAL_INJECTED, also=["ketoconazole", "itraconazole", "ritonavir", "cobicistat"]),
    drug("simvastatin-like", "Statins cleared by CYP3A4", "Simvastatin and lovastatin; atorvastatin less so and left out.", ORAL,
         also=["simvastatin", "lovastatin"]),
]

PREGNANCY = [
    drug("warfarin", "Warfarin", f"Warfarin. {LABEL}", ORAL_INJECTED, also=["warfarin"]),
    drug("valproate", "Valproate", f"Valproate, valproic acid, divalproex. {LABEL}", ("oral", "injected", "rectal", "unknown"),
         also=["valproate"], why="Counts by mouth, injected or rectal."),
    drug("retinoid-systemic", "Systemic retinoids", f"Isotretinoin and acitretin. {LABEL}", ORAL, also=["isotretinoin", "acitretin"]),
    drug("methotrexate", "Methotrexate", f"Methotrexate. {LABEL}", ORAL_INJECTED, also=["methotrexate"]),
    drug("mycophenolate", "Mycophenolate", f"Mycophenolate mofetil and mycophenolic acid. {LABEL}", ORAL_INJECTED,
         also=["mycophenolate mofetil", "mycophenolic acid"]),
    drug("topiramate", "Topiramate", f"Topiramate, with phentermine too. {LABEL}", ORAL, also=["topiramate"]),
    drug("carbamazepine", "Carbamazepine", f"Carbamazepine. {LABEL}", ORAL_INJECTED, also=["carbamazepine"]),
    drug("phenytoin", "Phenytoin", f"Phenytoin and fosphenytoin. {LABEL}", ORAL_INJECTED, also=["phenytoin", "fosphenytoin"]),
    drug("leflunomide", "Leflunomide and teriflunomide", f"Leflunomide and its metabolite teriflunomide. {LABEL}", ORAL,
         also=["leflunomide", "teriflunomide"]),
    drug("thalidomide-analog", "Thalidomide and its analogs", f"Thalidomide, lenalidomide, pomalidomide. {LABEL}", ORAL,
         also=["thalidomide", "lenalidomide", "pomalidomide"]),
    drug("misoprostol", "Misoprostol", f"Misoprostol, with diclofenac too. {LABEL}", ALL, also=["misoprostol"]),
    drug("five-alpha-reductase-inhibitor", "5-alpha reductase inhibitors", f"Finasteride and dutasteride. {LABEL}", ORAL,
         also=["finasteride", "dutasteride"]),
    drug("ribavirin", "Ribavirin", f"Ribavirin. {LABEL}", SYSTEMIC, also=["ribavirin"]),
    drug("endothelin-receptor-antagonist", "Endothelin receptor antagonists", "Bosentan, ambrisentan, macitentan, sparsentan; aprocitentan "
         f"is missing from the source table. {LABEL}", ORAL, also=["bosentan", "ambrisentan", "macitentan", "sparsentan"]),
    drug("guanylate-cyclase-stimulator", "Guanylate cyclase stimulators", f"Riociguat and vericiguat. {LABEL}", ORAL,
         also=["riociguat", "vericiguat"]),
    drug("teratogenic", "Drugs that harm an unborn child", "The sets named for it: renin-angiotensin system inhibitors, warfarin, "
         "valproate, retinoids, methotrexate, mycophenolate, topiramate, carbamazepine, phenytoin, lithium, leflunomide, thalidomide "
         "and analogs, misoprostol, 5-alpha reductase inhibitors, ribavirin, endothelin receptor antagonists, guanylate cyclase "
         f"stimulators. Statins and tetracyclines are sets of their own, for their advice differs. {LABEL}", SYSTEMIC,
         sets=["ras-inhibitor", "warfarin", "valproate", "retinoid-systemic", "methotrexate", "mycophenolate", "topiramate",
               "carbamazepine", "phenytoin", "lithium", "leflunomide", "thalidomide-analog", "misoprostol",
               "five-alpha-reductase-inhibitor", "ribavirin", "endothelin-receptor-antagonist", "guanylate-cyclase-stimulator"]),
]

DRUGS = [*CARDIOVASCULAR, *METABOLIC, *NERVOUS_SYSTEM, *PAIN_AND_INFECTION, *INTERACTION, *PREGNANCY]

NDFRT = "http://hl7.org/fhir/ndfrt"
MEDRT = "http://www.nlm.nih.gov/research/umls/medrt"


def epc(*classes):
    """FDA established pharmacologic classes, as NDF-RT and as MED-RT: (code, name)."""
    return [(system, code, f"{name} [EPC]") for code, name in classes for system in (NDFRT, MEDRT)]


def allergen(of, title, what, classes=(), snomed=(), snomed_input=(), rxnorm=(), icd10=(), icd9=()):
    """
    of       the drug set whose ingredients it holds
    snomed   codes of the SNOMED IPS free set for the class
    snomed_input   codes of the class outside it, as measures and guides send them
    rxnorm   retired RxNorm codes of the class itself
    icd10, icd9   prefixes of allergy status codes that name this class and no other
    """
    known = "ingredients (products and brands are reduced to them)"
    rest = [words for words, given in (("the FDA established pharmacologic class", classes), ("SNOMED CT codes of the class", snomed or snomed_input),
                                       ("a retired RxNorm code of the class", rxnorm), ("ICD allergy status codes", icd10)) if given]
    purpose = f"Allergy or intolerance to {what}: {', '.join([known, *rest])}. {WHY[ALL]}"
    return dict(id=f"{of}-allergen", title=title, purpose=purpose, ingredients_of=of, classes=epc(*classes), snomed=list(snomed),
                snomed_input=sorted(snomed_input), rxnorm=list(rxnorm), icd10=list(icd10), icd9=list(icd9), routes=list(ALL))


ALLERGENS = [
    allergen("statin", "Statins, as allergens", "any statin", [("N0000175589", "HMG-CoA Reductase Inhibitor")],
             snomed_input=["372912004", "96302009"]),
    allergen("penicillin", "Penicillins, as allergens", "any penicillin", [("N0000175497", "Penicillin-class Antibacterial")],
             snomed=["91936005"], rxnorm=[("70618", "Penicillin")], icd10=["Z88.0"], icd9=["V140"]),
    allergen("cephalosporin", "Cephalosporins, as allergens", "any cephalosporin", [("N0000175488", "Cephalosporin Antibacterial")]),
    allergen("carbapenem", "Carbapenems, as allergens", "any carbapenem"),
    allergen("sulfonamide-antibacterial", "Sulfonamide antibacterials, as allergens", "any sulfonamide antibacterial (other drugs with a "
             "sulfonamide group are no members)", [("N0000175503", "Sulfonamide Antibacterial"), ("N0000175504", "Sulfonamide Antimicrobial"),
                                                   ("N0000175880", "Sulfonamide")], icd10=["Z88.2"], icd9=["V142"]),
    allergen("sulfonamide-aminosalicylate", "Sulfasalazine, as an allergen", "sulfasalazine"),
    allergen("macrolide", "Macrolides, as allergens", "any macrolide", [("N0000175431", "Macrolide Antibacterial"),
                                                                       ("N0000175935", "Macrolide Antimicrobial")]),
    allergen("fluoroquinolone", "Fluoroquinolones, as allergens", "any fluoroquinolone", [("N0000175937", "Quinolone Antimicrobial")]),
    allergen("tetracycline", "Tetracyclines, as allergens", "any tetracycline", [("N0000175505", "Tetracycline-class Antimicrobial"),
                                                                                ("N0000175882", "Tetracycline-class Drug")]),
    allergen("azole-antifungal", "Azole antifungals, as allergens", "any azole antifungal of the drug set",
             [("N0000175487", "Azole Antifungal")]),
    allergen("nsaid", "NSAIDs, as allergens", "any NSAID, aspirin included (Z88.6 means any analgesic and is left out)",
             [("N0000175722", "Nonsteroidal Anti-inflammatory Drug")], snomed_input=["372665008", "16403005"]),
    allergen("opioid", "Opioids, as allergens", "any opioid", [("N0000175690", "Opioid Agonist"), ("N0000175692", "Opioid Agonist/Antagonist"),
                                                              ("N0000175689", "Partial Opioid Agonist")], icd10=["Z88.5"], icd9=["V145"]),
    allergen("ace-inhibitor", "ACE inhibitors, as allergens", "any ACE inhibitor",
             [("N0000175562", "Angiotensin Converting Enzyme Inhibitor")], snomed_input=["372733002", "41549009"]),
    allergen("arb", "Angiotensin receptor blockers, as allergens", "any angiotensin receptor blocker",
             [("N0000175561", "Angiotensin 2 Receptor Blocker")], snomed_input=["372913009", "96308008"]),
    allergen("beta-blocker", "Beta-blockers, as allergens", "any beta-blocker", snomed_input=["373254001", "33252009"]),
    allergen("ccb-dhp", "Dihydropyridines, as allergens", "any dihydropyridine calcium channel blocker"),
    allergen("thiazide", "Thiazides, as allergens", "any thiazide-type diuretic"),
    allergen("loop-diuretic", "Loop diuretics, as allergens", "any loop diuretic"),
    allergen("mra", "MRAs, as allergens", "spironolactone or eplerenone"),
    allergen("nsmra", "Finerenone, as an allergen", "finerenone"),
    allergen("sglt2-inhibitor", "SGLT2 inhibitors, as allergens", "any SGLT2 inhibitor"),
    allergen("glp1-ra", "GLP-1 receptor agonists, as allergens", "any GLP-1 receptor agonist"),
    allergen("dpp4-inhibitor", "DPP-4 inhibitors, as allergens", "any DPP-4 inhibitor"),
    allergen("biguanide", "Metformin, as an allergen", "metformin"),
    allergen("sulfonylurea", "Sulfonylureas, as allergens", "any sulfonylurea", [("N0000175608", "Sulfonylurea")]),
    allergen("insulin", "Insulins, as allergens", "any insulin"),
    allergen("ppi", "Proton pump inhibitors, as allergens", "any proton pump inhibitor", [("N0000175525", "Proton Pump Inhibitor")]),
    allergen("heparin", "Heparins, as allergens", "any heparin or fondaparinux", [("N0000175474", "Unfractionated Heparin"),
                                                                                 ("N0000175586", "Low Molecular Weight Heparin")]),
    allergen("anticoagulant-oral", "Oral anticoagulants, as allergens", "any oral anticoagulant"),
    allergen("antiplatelet", "Antiplatelet drugs, as allergens", "any antiplatelet drug, aspirin included"),
    allergen("aspirin", "Aspirin, as an allergen", "aspirin"),
    allergen("acetaminophen", "Acetaminophen, as an allergen", "acetaminophen"),
    allergen("benzodiazepine", "Benzodiazepines, as allergens", "any benzodiazepine", [("N0000175694", "Benzodiazepine")]),
    allergen("ezetimibe", "Ezetimibe, as an allergen", "ezetimibe"),
]

# Doses of direct oral anticoagulants, and what may be proposed in their place
DRUGS += [
    *[drug(name, name.capitalize(), f"{name.capitalize()}, alone.", ORAL, also=[ingredient])
      for name, ingredient in (("apixaban", "apixaban"), ("rivaroxaban", "rivaroxaban"), ("edoxaban", "edoxaban"),
                               ("dabigatran", "dabigatran etexilate"), ("clopidogrel", "clopidogrel"))],
]
ALLERGENS += [
    allergen("apixaban", "Apixaban, as an allergen", "apixaban"),
    allergen("rivaroxaban", "Rivaroxaban, as an allergen", "rivaroxaban"),
    allergen("warfarin", "Warfarin, as an allergen", "warfarin"),
    allergen("clopidogrel", "Clopidogrel, as an allergen", "clopidogrel"),
]

# Heart failure
DRUGS += [
    drug("metoprolol-tartrate", "Metoprolol tartrate", "Metoprolol as the tartrate, by mouth: the salt without proven benefit in heart failure. "
         "RxNorm reduces both salts to one ingredient, so that the codes which name the tartrate, or its brand, are listed.", ORAL,
         products=[("203191", "metoprolol tartrate"),
                   ("203344", "Lopressor"),
                   ("218072", "Lopressor HCT"),
                   ("368757", "metoprolol Oral Tablet [Lopressor]"),
                   ("866411", "metoprolol tartrate 100 MG"),
                   ("866426", "metoprolol tartrate 25 MG"),
                   ("866435", "metoprolol tartrate 50 MG"),
                   ("866479", "hydrochlorothiazide 25 MG / metoprolol tartrate 100 MG Oral Tablet"),
                   ("866482", "hydrochlorothiazide 25 MG / metoprolol tartrate 50 MG Oral Tablet"),
                   ("866491", "hydrochlorothiazide 50 MG / metoprolol tartrate 100 MG Oral Tablet"),
                   ("866497", "hydrochlorothiazide / metoprolol Oral Tablet [Lopressor HCT]"),
                   ("866498", "hydrochlorothiazide 25 MG / metoprolol tartrate 100 MG Oral Tablet [Lopressor HCT]"),
                   ("866502", "hydrochlorothiazide 25 MG / metoprolol tartrate 50 MG Oral Tablet [Lopressor HCT]"),
                   ("866506", "hydrochlorothiazide 50 MG / metoprolol tartrate 100 MG Oral Tablet [Lopressor HCT]"),
                   ("866511", "metoprolol tartrate 100 MG Oral Tablet"),
                   ("866513", "metoprolol tartrate 100 MG Oral Tablet [Lopressor]"),
                   ("866514", "metoprolol tartrate 50 MG Oral Tablet"),
                   ("866516", "metoprolol tartrate 50 MG Oral Tablet [Lopressor]"),
                   ("866924", "metoprolol tartrate 25 MG Oral Tablet"),
                   ("1111439", "24 HR hydrochlorothiazide 25 MG / metoprolol tartrate 200 MG Extended Release Oral Tablet"),
                   ("1180272", "Lopressor HCT Oral Product"),
                   ("1180275", "Lopressor HCT Pill"),
                   ("1180279", "Lopressor Oral Product"),
                   ("1180280", "Lopressor Pill"),
                   ("1606346", "metoprolol tartrate 37.5 MG"),
                   ("1606347", "metoprolol tartrate 37.5 MG Oral Tablet"),
                   ("1606348", "metoprolol tartrate 75 MG"),
                   ("1606349", "metoprolol tartrate 75 MG Oral Tablet"),
                   ("2712142", "metoprolol tartrate 10 MG/ML"),
                   ("2712147", "metoprolol tartrate 10 MG/ML Oral Solution"),
                   ("2712149", "Lopressor Oral Liquid Product"),
                   ("2712150", "metoprolol Oral Solution [Lopressor]"),
                   ("2712152", "metoprolol tartrate 10 MG/ML Oral Solution [Lopressor]"),
                   ("2723024", "metoprolol tartrate 12.5 MG"),
                   ("2723025", "metoprolol tartrate 12.5 MG Oral Tablet"),
                   ("2723027", "metoprolol tartrate 12.5 MG Oral Tablet [Lopressor]")]),
    drug("saxagliptin-alogliptin", "Saxagliptin and alogliptin", "The DPP-4 inhibitors whose US labels warn of heart failure.", ORAL,
         also=["saxagliptin", "alogliptin"]),
    drug("antiarrhythmic-harmful-in-heart-failure", "Flecainide, propafenone and dronedarone",
         "Class IC antiarrhythmics, and dronedarone: harmful in heart failure with reduced ejection fraction (2022 AHA/ACC/HFSA; "
         "secondary source).", ORAL, also=["flecainide", "propafenone", "dronedarone"]),
]

# What helps to stop smoking
DRUGS += [
    drug("smoking-cessation-drug", "Nicotine, varenicline and bupropion", "Drugs that help to stop smoking; bupropion counts whatever it is for. "
         "General knowledge.", ALL, also=["nicotine", "varenicline", "bupropion"]),
]
