"""The 17 conditions of the Charlson index: code rules of Quan et al. (Med Care 2005;43:1130), ICD-10 and ICD-9-CM.

The paper lists ICD codes alone. The SNOMED CT codes are those of the compiled concepts named beside each condition, so that
a problem list in SNOMED CT is read too: this project's addition, pending clinical review.
"""

DIABETES = ["diabetes-type-1", "diabetes-type-2", "diabetes-unspecified-or-secondary"]
PLAIN_DIABETES = ["11530004", "444073006", "46635009", "609564002", "190331003", "199230006", "237599002", "313436004",
                  "395204000", "44054006", "443694000", "81531005", "190447002", "427089005", "73211009", "420270002",
                  "421750000", "420422005", "237632004", "170766006"]
MILD_LIVER = ["128302006", "186639003", "197284004", "197315008", "197321007", "235875008", "31712002", "328383001",
              "41309000", "50325005", "50711007", "61977001", "76783007", "79720007", "9953008"]
SEVERE_LIVER = ["13920009", "14223005", "28670008", "17709002", "195474004", "34742003", "51292008", "59927004"]

# condition, title, SNOMED CT concepts and codes, ICD-10 prefixes, ICD-9-CM prefixes
TABLE = [
    ("myocardial-infarction", "myocardial infarction", dict(concepts=["myocardial-infarction", "myocardial-infarction-old"]),
     "I21 I22 I252", "410 412"),
    ("heart-failure", "congestive heart failure", dict(concepts=["heart-failure", "heart-failure-history", "cardiomyopathy"]),
     "I099 I110 I130 I132 I255 I420 I425 I426 I427 I428 I429 I43 I50 P290",
     "39891 40201 40211 40291 40401 40403 40411 40413 40491 40493 4254 4255 4256 4257 4258 4259 428"),
    ("peripheral-vascular-disease", "peripheral vascular disease",
     dict(concepts=["peripheral-artery-disease", "aortic-disease", "atherosclerosis-other"], snomed_not=["55382008"]),
     "I70 I71 I731 I738 I739 I771 I790 I792 K551 K558 K559 Z958 Z959",
     "0930 4373 440 441 4431 4432 4433 4434 4435 4436 4437 4438 4439 4471 5571 5579 V434"),
    ("cerebrovascular-disease", "cerebrovascular disease",
     dict(concepts=["stroke-ischaemic", "stroke-haemorrhagic", "stroke-history", "tia", "carotid-artery-disease"]),
     "G45 G46 H340 I60 I61 I62 I63 I64 I65 I66 I67 I68 I69", "36234 430 431 432 433 434 435 436 437 438"),
    ("dementia", "dementia", dict(concepts=["dementia"]), "F00 F01 F02 F03 F051 G30 G311", "290 2941 3312"),
    ("chronic-pulmonary-disease", "chronic pulmonary disease", dict(concepts=["copd", "asthma"]),
     "I278 I279 J40 J41 J42 J43 J44 J45 J46 J47 J60 J61 J62 J63 J64 J65 J66 J67 J684 J701 J703",
     "4168 4169 490 491 492 493 494 495 496 497 498 499 500 501 502 503 504 505 5064 5081 5088"),
    ("rheumatic-disease", "rheumatic disease", dict(concepts=["connective-tissue-disease"]),
     "M05 M06 M315 M32 M33 M34 M351 M353 M360", "4465 7100 7101 7102 7103 7104 7140 7141 7142 7148 725"),
    ("peptic-ulcer-disease", "peptic ulcer disease", dict(concepts=["peptic-ulcer"]), "K25 K26 K27 K28", "531 532 533 534"),
    ("mild-liver-disease", "mild liver disease", dict(concepts=["cirrhosis"], snomed=MILD_LIVER),
     "B18 K700 K701 K702 K703 K709 K713 K714 K715 K717 K73 K74 K760 K762 K763 K764 K768 K769 Z944",
     "07022 07023 07032 07033 07044 07054 0706 0709 570 571 5733 5734 5738 5739 V427"),
    ("severe-liver-disease", "moderate or severe liver disease", dict(snomed=SEVERE_LIVER),
     "I850 I859 I864 I982 K704 K711 K721 K729 K765 K766 K767", "4560 4561 4562 5722 5723 5724 5725 5726 5727 5728"),
    ("diabetes", "diabetes without chronic complication", dict(concepts=DIABETES, snomed_only=PLAIN_DIABETES),
     "E100 E101 E106 E108 E109 E110 E111 E116 E118 E119 E120 E121 E126 E128 E129 E130 E131 E136 E138 E139 E140 E141 E146 "
     "E148 E149", "2500 2501 2502 2503 2508 2509"),
    ("diabetes-complicated", "diabetes with chronic complication", dict(concepts=DIABETES, snomed_not=PLAIN_DIABETES),
     "E102 E103 E104 E105 E107 E112 E113 E114 E115 E117 E122 E123 E124 E125 E127 E132 E133 E134 E135 E137 E142 E143 E144 "
     "E145 E147", "2504 2505 2506 2507"),
    ("hemiplegia", "hemiplegia or paraplegia", dict(concepts=["hemiplegia-paraplegia"]),
     "G041 G114 G801 G802 G81 G82 G830 G831 G832 G833 G834 G839", "3341 342 343 3440 3441 3442 3443 3444 3445 3446 3449"),
    ("renal-disease", "renal disease",
     dict(concepts=["ckd-stage-1", "ckd-stage-2", "ckd-stage-3", "ckd-stage-4", "ckd-stage-5", "ckd-unspecified",
                    "esrd-dialysis", "kidney-transplant"]),
     "I120 I131 N032 N033 N034 N035 N036 N037 N052 N053 N054 N055 N056 N057 N18 N19 N250 Z490 Z491 Z492 Z940 Z992",
     "40301 40311 40391 40402 40403 40412 40413 40492 40493 582 5830 5831 5832 5833 5834 5835 5836 5837 585 586 5880 V420 "
     "V451 V56"),
    ("malignancy", "any malignancy except skin",
     dict(concepts=["active-cancer", "leukaemia", "lymphoma-myeloma"], without=["metastatic-cancer", "skin-cancer-non-melanoma"]),
     "C0 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26 C30 C31 C32 C33 C34 C37 C38 C39 C40 C41 C43 C45 "
     "C46 C47 C48 C49 C50 C51 C52 C53 C54 C55 C56 C57 C58 C6 C70 C71 C72 C73 C74 C75 C76 C81 C82 C83 C84 C85 C88 C90 C91 C92 "
     "C93 C94 C95 C96 C97",
     "14 15 16 170 171 172 174 175 176 177 178 179 18 190 191 192 193 194 195 200 201 202 203 204 205 206 207 208 2386"),
    ("metastatic-tumor", "metastatic solid tumour", dict(concepts=["metastatic-cancer"]), "C77 C78 C79 C80", "196 197 198 199"),
    ("hiv-aids", "AIDS/HIV", dict(concepts=["hiv"], snomed_not=["91947003"]), "B20 B21 B22 B24", "042 043 044"),
]


def dotted(prefix):
    return prefix if len(prefix) < 4 else f"{prefix[:3]}.{prefix[3:]}"


CHARLSON = [
    dict(
        id=f"charlson-{name}",
        title=f"Charlson: {title}",
        purpose=f"Charlson index, {title}: the ICD-10 and ICD-9-CM codes of Quan et al. (Med Care 2005). SNOMED CT codes are this "
        "project's addition. It serves the index alone: for a diagnosis use the set of that name.",
        icd10=[dotted(prefix) for prefix in icd10.split()],
        icd9=icd9.split(),
        # the ICD rows of the table that carry the paper's rule, and the concepts whose SNOMED CT codes are added
        **{**snomed, "concepts": [f"charlson:{title}", *snomed.get("concepts", [])]},
    )
    for name, title, snomed, icd10, icd9 in TABLE
]
