"""The condition sets auscult ships: which compiled concepts and code prefixes each is made of, and why.

Read by build.py. Each rule is written for a clinician to review; `status` stays "draft" until one has.

  concepts       rows of conditions.csv whose codes are listed in the expansion (SNOMED CT, ICD-9-CM, ICD-10-CM)
  icd10          prefixes that make the ICD-10-CM and ICD-10 rule: codes newer than the expansion match too
  icd10_who      codes that exist in WHO ICD-10 only (exact)
  icd9           prefixes for ICD-9-CM
  icd10_not, icd9_not  prefixes that are taken out of those rules again
  snomed         further codes of the SNOMED IPS Terminology that belong to the condition (build.py checks that they are in it)
  snomed_not     SNOMED CT codes of those concepts that are left out, with the reason in `purpose`
  snomed_only    of those concepts only these SNOMED CT codes (none: the concepts give ICD codes alone)
  without        concepts whose SNOMED CT codes are left out
  headers        ICD-10-CM categories that no table of the folder lists (US public domain), for the expansion
  full           every ICD code stands in the expansion; else a long list is cut to its category headers
"""

from cardiometabolic import CARDIOVASCULAR, KIDNEY_AND_METABOLISM
from charlson_sets import CHARLSON
from other_conditions import CANCER_AND_SCREENING, ORGANS, SAFETY

CONDITIONS = [
    dict(
        id="ascvd",
        full=True,
        title="Atherosclerotic cardiovascular disease",
        purpose="Established atherosclerotic disease: coronary disease incl. angina and old myocardial infarction, "
        "coronary revascularisation, ischaemic stroke and TIA and their sequelae, carotid, peripheral and other arterial "
        "atherosclerosis. Stroke of unstated type counts (most strokes are ischaemic); haemorrhagic stroke, transient "
        "global amnesia, Dressler syndrome, coronary aneurysm and aortic aneurysm do not. A risk equation for people "
        "without cardiovascular disease does not apply to members.",
        concepts=["coronary-artery-disease", "coronary-revascularisation", "myocardial-infarction",
                  "myocardial-infarction-old", "stroke-ischaemic", "stroke-history", "tia", "carotid-artery-disease",
                  "peripheral-artery-disease", "atherosclerosis-other"],
        icd10=["I20", "I21", "I22", "I24.0", "I24.8", "I24.9", "I25.1", "I25.2", "I25.5", "I25.6", "I25.7", "I25.8",
               "I25.9", "Z95.1", "Z95.5", "Z98.61", "I63", "I69.3", "I69.9", "Z86.73", "G45.0", "G45.1", "G45.2",
               "G45.3", "G45.8", "G45.9", "I65.2", "I67.2", "I70", "I73.9", "I74.3", "I74.4", "I74.5", "E08.51",
               "E08.52", "E09.51", "E09.52", "E10.51", "E10.52", "E11.51", "E11.52", "E13.51", "E13.52"],
        icd10_who=["I64"],
        icd9=["410", "411", "412", "413", "4140", "4142", "4143", "4144", "4148", "4149", "V4581", "V4582", "43301",
              "43310", "43311", "43321", "43331", "43381", "43391", "43401", "43411", "43491", "435", "436", "438",
              "V1254", "4400", "4401", "4402", "4403", "4404", "4408", "4409", "4370", "4439", "44381"],
    ),
    dict(
        id="heart-failure",
        full=True,
        title="Heart failure",
        purpose="Heart failure of any type, also by history. Ventricular dysfunction or cardiomyopathy without a diagnosis "
        "of heart failure does not count.",
        concepts=["heart-failure", "heart-failure-history"],
        icd10=["I50", "I11.0", "I13.0", "I13.2", "I09.81"],
        icd9=["428", "39891", "40201", "40211", "40291", "40401", "40403", "40411", "40413", "40491", "40493"],
        snomed_not=["395704004", "429589006"],
    ),
    dict(
        id="diabetes",
        full=True,
        title="Diabetes mellitus",
        purpose="Diabetes of type 1, type 2, secondary or unstated type, and diabetes that existed before a pregnancy. "
        "Gestational diabetes and prediabetes do not count.",
        concepts=["diabetes-type-1", "diabetes-type-2", "diabetes-unspecified-or-secondary"],
        icd10=["E08", "E09", "E10", "E11", "E13", "O24.0", "O24.1", "O24.3"],
        icd10_who=["E12", "E12.0", "E12.1", "E12.2", "E12.3", "E12.4", "E12.5", "E12.6", "E12.7", "E12.8", "E12.9",
                   "E14", "E14.0", "E14.1", "E14.2", "E14.3", "E14.4", "E14.5", "E14.6", "E14.7", "E14.8", "E14.9"],
        icd9=["250", "249"],
    ),
    dict(
        id="pregnancy",
        full=True,
        title="Pregnancy",
        purpose="Any record that implies a pregnancy at the time of the record, normal or complicated, for safety "
        "exclusions: it errs towards counting. Diabetes that existed before does not imply pregnancy; the puerperium "
        "(O85-O92) is left to the lactation set.",
        concepts=["pregnancy", "diabetes-in-pregnancy", "hypertensive-disorder-of-pregnancy"],
        icd10=["O00", "O01", "O02", "O03", "O04", "O07", "O08", "O09", "O1", "O20", "O21", "O22", "O23", "O24", "O25",
               "O26", "O28", "O29", "O3", "O40", "O41", "O42", "O43", "O44", "O45", "O46", "O47", "O48", "O6", "O70",
               "O71", "O74", "O75", "O76", "O77", "O80", "O82", "O98", "O99", "Z33.1", "Z33.3", "Z34", "Z3A"],
        icd10_who=["Z33", "Z35", "O05", "O06", "O81", "O83", "O84"],
        icd9=["V22", "V23", "64"],
        snomed_not=["199230006"],
    ),
    dict(
        id="lactation",
        full=True,
        title="Breastfeeding",
        purpose="Care of a lactating mother, and breast disorders coded as associated with lactation. The free SNOMED CT "
        "set has no breastfeeding code: a site adds its own.",
        concepts=["lactation"],
        icd10=["Z39.1", "O91.03", "O91.13", "O91.23", "O92.03", "O92.13"],
        icd9=["V241"],
    ),
    dict(
        id="cirrhosis",
        full=True,
        title="Cirrhosis of the liver",
        purpose="Cirrhosis of any cause, as a caution against statins (decompensation is not told apart).",
        concepts=["cirrhosis"],
        icd10=["K70.3", "K71.7", "K74.3", "K74.4", "K74.5", "K74.6"],
        icd9=["5712", "5715", "5716"],
    ),
    dict(
        id="rhabdomyolysis",
        full=True,
        title="Rhabdomyolysis",
        purpose="Present rhabdomyolysis. A resolved one does not count: its cause is not coded.",
        concepts=["rhabdomyolysis"],
        icd10=["M62.82", "T79.6"],
        icd9=["72888"],
    ),
    dict(
        id="kidney-failure",
        full=True,
        title="Kidney failure or dialysis",
        purpose="End-stage kidney disease or dialysis. A history of dialysis alone does not count (it may have been for "
        "acute kidney injury), nor does CKD stage 5 without dialysis (N18.5).",
        concepts=["esrd-dialysis"],
        icd10=["N18.6", "Z99.2", "Z91.15", "Z49", "I12.0", "I13.11", "I13.2"],
        icd9=["5856", "V4511", "V4512", "V56"],
        snomed_not=["161693006"],
    ),
    dict(
        id="acute-kidney-injury",
        full=True,
        title="Acute kidney injury",
        purpose="Acute kidney failure: while it lasts, creatinine is not in steady state and no eGFR may be computed.",
        concepts=["acute-kidney-injury"],
        icd10=["N17"],
        icd9=["584"],
    ),
    dict(
        id="palliative-care",
        full=True,
        title="Palliative or hospice care",
        purpose="Palliative, hospice, comfort or terminal care: preventive suggestions are out of place.",
        concepts=["hospice-palliative"],
        icd10=["Z51.5"],
        icd9=["V667"],
    ),
    *CARDIOVASCULAR,
    *KIDNEY_AND_METABOLISM,
    *ORGANS,
    *CANCER_AND_SCREENING,
    *SAFETY,
    *CHARLSON,
]

# Atrial fibrillation and stroke at discharge
CONDITIONS += [
    dict(
        id="stroke-ischemic-acute",
        title="Ischemic stroke, as an event",
        purpose="Cerebral infarction, and stroke of unstated type (most are ischaemic). Sequelae and personal history do not count: they "
        "tell of an earlier one. Occlusion and stenosis without infarction do not count.",
        concepts=["stroke-ischaemic"],
        icd10=["I63"],
        icd10_who=["I64"],
        icd9=["43301", "43311", "43321", "43331", "43381", "43391", "43401", "43411", "43491", "436"],
    ),
    dict(
        id="tia-acute",
        title="Transient ischemic attack, as an event",
        purpose="Transient cerebral ischaemia, amaurosis fugax included. A personal history and transient global amnesia do not count.",
        concepts=["tia"],
        icd10=["G45"],
        icd10_not=["G45.4"],
        icd9=["435"],
        snomed_not=["161511000"],
    ),
    dict(
        id="mitral-stenosis-rheumatic",
        title="Rheumatic mitral stenosis",
        purpose="Mitral stenosis stated to be rheumatic. Its severity is not coded. I08 (several valves) is left out: ICD-10-CM files "
        "disease of several valves there whether or not it is rheumatic or a stenosis.",
        concepts=["mitral-stenosis-rheumatic"],
        icd10=["I05.0", "I05.2"],
        icd9=["3942"],
    ),
    dict(
        id="cardiac-implant-other",
        title="Other cardiac implant (left atrial appendage occluder)",
        purpose="Z95.818, under which an occluder of the left atrial appendage is coded, and other implants too, a loop recorder among "
        "them: a public ICD-10-CM category outside the source tables. The free SNOMED CT set has no code for the occluder.",
        icd10=["Z95.818"],
        headers=[("Z95.818", "Presence of other cardiac implants and grafts")],
    ),
]

# Heart failure
CONDITIONS += [
    dict(
        id="heart-replacement",
        title="Heart transplant or mechanical support of the heart",
        purpose="A transplanted heart, a ventricular assist device or an artificial heart: public ICD-10-CM categories, mostly outside the "
        "source tables. The free SNOMED CT set has no status codes for them.",
        icd10=["Z94.1", "Z94.3", "T86.2", "T86.3", "Z95.811", "Z95.812"],
        headers=[("Z94.1", "Heart transplant status"), ("Z94.3", "Heart and lungs transplant status"),
                 ("T86.2", "Complications of heart transplant"), ("T86.3", "Complications of heart-lung transplant"),
                 ("Z95.811", "Presence of heart assist device"), ("Z95.812", "Presence of fully implantable artificial heart")],
    ),
]

# Prevention
CONDITIONS += [
    dict(
        id="tobacco-use",
        title="Tobacco use",
        purpose="Use of tobacco or dependence on nicotine now, as a problem or diagnosis; chewing counts. Dependence in remission and a "
        "history of smoking do not.",
        concepts=["tobacco-use-current"],
        icd10=["F17.2", "Z72.0", "O99.33"],
        icd10_not=["F17.201", "F17.211", "F17.221", "F17.291"],
        icd9=["3051"],
    ),
]
