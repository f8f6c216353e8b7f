"""The sets of procedures, ordered tests and reasons auscult ships: which codes each is made of, and why.

Read by build.py. Each rule is written for a clinician to review; `status` stays "draft" until one has.

  snomed     codes of the SNOMED IPS Terminology (free set of procedures)
  hcpcs      HCPCS Level II codes with their short meaning in our words; no CPT, which a site maps itself
  loinc      codes of tests as they are ordered
  snomed_input  codes outside the free set, recognised as they are sent and published without their words
  codes      further listed codes: system, code, display
  icd10pcs   prefixes of ICD-10-PCS with their meaning: the rule, and headers of the expansion
"""

STATUS_REASON = "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"

PROCEDURES = [
    dict(
        id="dialysis-procedure",
        title="Dialysis, as a procedure",
        purpose="Haemodialysis, peritoneal dialysis and continuous renal replacement. Placing a catheter does not count.",
        snomed=["108241001", "302497006", "71192002", "238318009", "265764009"],
        hcpcs=[("G0257", "Unscheduled or emergency dialysis in an outpatient hospital"),
               ("S9335", "Home therapy, hemodialysis")],
        icd10pcs=[("5A1D", "Performance, urinary, filtration"), ("3E1M39Z", "Irrigation of peritoneal cavity, dialysate")],
    ),
    dict(
        id="kidney-transplant-procedure",
        title="Kidney transplantation",
        purpose="A kidney was transplanted. Evaluation for one does not count.",
        snomed=["70536003"],
        hcpcs=[("S2065", "Simultaneous pancreas kidney transplantation")],
        icd10pcs=[("0TY0", "Transplantation of right kidney"), ("0TY1", "Transplantation of left kidney")],
    ),
    dict(
        id="colonoscopy",
        title="Colonoscopy",
        purpose="Colonoscopy for any reason, with or without polypectomy. ICD-10-PCS has no code for it alone.",
        snomed=["73761001", "444783004", "8180007", "311774002"],
        hcpcs=[("G0105", "Colorectal cancer screening, colonoscopy, high risk"),
               ("G0121", "Colorectal cancer screening, colonoscopy, not high risk")],
    ),
    dict(
        id="sigmoidoscopy",
        title="Sigmoidoscopy",
        purpose="Flexible sigmoidoscopy. A rigid one is not told apart in the unspecific code, which counts.",
        snomed=["24420007", "44441009"],
        hcpcs=[("G0104", "Colorectal cancer screening, flexible sigmoidoscopy")],
    ),
    dict(
        id="stool-test",
        title="Stool test for colorectal cancer, as a procedure",
        purpose="Fecal occult blood or immunochemical test billed as HCPCS. Results come as observations (LOINC).",
        hcpcs=[("G0328", "Colorectal cancer screening, fecal occult blood test, immunoassay")],
    ),
    dict(
        id="mammography",
        title="Mammography",
        purpose="Mammography for screening or diagnosis, film or digital.",
        snomed=["71651007", "24623002"],
        hcpcs=[("G0202", "Screening mammography, bilateral, digital (until 2017)"),
               ("G0204", "Diagnostic mammography, bilateral, digital (until 2017)"),
               ("G0206", "Diagnostic mammography, unilateral, digital (until 2017)")],
        icd10pcs=[("BH00ZZZ", "Plain radiography of right breast"), ("BH01ZZZ", "Plain radiography of left breast"),
                  ("BH02ZZZ", "Plain radiography of bilateral breasts")],
        loinc=[("24606-6", "MG Breast Screening"),
               ("24605-8", "MG Breast Diagnostic"),
               ("24604-1", "MG Breast Diagnostic Limited Views"),
               ("26175-0", "MG Breast - bilateral Screening"),
               ("26346-7", "MG Breast - bilateral Diagnostic"),
               ("36625-2", "MG Breast Views"),
               ("36626-0", "MG Breast - bilateral Views"),
               ("72142-3", "MG Breast - bilateral Screening Tomosynthesis"),
               ("26176-8", "MG Breast - left Screening"),
               ("26177-6", "MG Breast - right Screening"),
               ("26287-3", "MG Breast - bilateral Limited Views"),
               ("26289-9", "MG Breast - left Limited Views"),
               ("26291-5", "MG Breast - right Limited Views"),
               ("26347-5", "MG Breast - left Diagnostic"),
               ("26348-3", "MG Breast - right Diagnostic"),
               ("26349-1", "MG Breast - bilateral Diagnostic Limited Views"),
               ("26350-9", "MG Breast - left Diagnostic Limited Views"),
               ("26351-7", "MG Breast - right Diagnostic Limited Views")],
    ),
    dict(
        id="cervical-screening",
        title="Cervical cancer screening, as a procedure",
        purpose="Cervical cytology or test for human papillomavirus billed as HCPCS. A pelvic examination (G0101) does not "
        "count. Results come as observations (LOINC).",
        hcpcs=[("G0123", "Screening cytopathology, cervical or vaginal, by technician"),
               ("G0124", "Screening cytopathology, cervical or vaginal, by physician"),
               ("G0141", "Screening cytopathology smears, automated, by physician"),
               ("G0143", "Screening cytopathology, thin layer, manual"),
               ("G0144", "Screening cytopathology, thin layer, automated"),
               ("G0145", "Screening cytopathology, thin layer, automated and manual"),
               ("G0147", "Screening cytopathology smears, automated"),
               ("G0148", "Screening cytopathology smears, automated and manual"),
               ("G0476", "Human papillomavirus test for cervical cancer screening with cytology"),
               ("P3000", "Screening Papanicolaou smear, by technician"),
               ("P3001", "Screening Papanicolaou smear, by physician"),
               ("Q0091", "Obtaining a screening Papanicolaou smear")],
        loinc=[("10524-7", "Microscopic observation [Identifier] in Cervix by Cyto stain"),
               ("18500-9", "Microscopic observation [Identifier] in Cervix by Cyto stain.thin prep"),
               ("19762-4", "General categories [Interpretation] of Cervical or vaginal smear or scraping by Cyto stain"),
               ("19764-0", "Statement of adequacy [Interpretation] of Cervical or vaginal smear or scraping by Cyto stain"),
               ("33717-0", "Cervical AndOr vaginal cytology study"),
               ("47527-7", "Cytology report of Cervical or vaginal smear or scraping Cyto stain.thin prep"),
               ("47528-5", "Cytology report of Cervical or vaginal smear or scraping Cyto stain"),
               ("21440-3", "Human papilloma virus 16+18+31+33+35+45+51+52+56 DNA [Presence] in Cervix by Probe"),
               ("30167-1", "Human papilloma virus 16+18+31+33+35+39+45+51+52+56+58+59+68 DNA [Presence] in Cervix by Probe with signal amplification"),
               ("59420-0", "Human papilloma virus 16+18+31+33+35+39+45+51+52+56+58+59+66+68 DNA [Presence] in Cervix by Probe with signal amplification"),
               ("69002-4", "Human papilloma virus E6+E7 mRNA [Presence] in Cervix by NAA with probe detection"),
               ("71431-1", "Human papilloma virus 31+33+35+39+45+51+52+56+58+59+66+68 DNA [Presence] in Cervix by NAA with probe detection"),
               ("77379-6", "Human papilloma virus 16 and 18 and 31+33+35+39+45+51+52+56+58+59+66+68 DNA [Interpretation] in Cervix"),
               ("82456-5", "Human papilloma virus 16 E6+E7 mRNA [Presence] in Cervix by NAA with probe detection"),
               ("82675-0", "Human papilloma virus 16+18+31+33+35+39+45+51+52+56+58+59+66+68 DNA [Presence] in Cervix by NAA with probe detection")],
    ),
    dict(
        id="hysterectomy",
        title="Hysterectomy",
        purpose="Removal of the uterus, for the exclusion from cervical screening and from questions of pregnancy. Codes that "
        "say the cervix was kept (subtotal, supracervical, partial) do not count; codes that do not say, count.",
        snomed=["236886002", "116141005", "116143008", "116144002", "86477000", "75835007", "236887006", "265056007"],
        icd10pcs=[("0UTC", "Resection of cervix")],
    ),
    dict(
        id="total-colectomy",
        title="Total colectomy",
        purpose="The whole large intestine was removed: no colorectal screening.",
        snomed=["26390003"],
        icd10pcs=[("0DTE", "Resection of large intestine")],
    ),
    dict(
        id="bilateral-mastectomy-procedure",
        title="Mastectomy of both breasts, as a procedure",
        purpose="Both breasts were removed in one procedure. A left and a right one apart are not added up here.",
        icd10pcs=[("0HTV", "Resection of bilateral breast")],
    ),
    dict(
        id="diabetic-eye-exam",
        title="Eye examination for diabetic retinopathy",
        purpose="Retinopathy screening, or an examination by an eye specialist (that the pupils were dilated is not coded).",
        snomed=["134395001", "36228007"],
        hcpcs=[("S0620", "Routine ophthalmological examination, new patient"),
               ("S0621", "Routine ophthalmological examination, established patient"),
               ("S3000", "Diabetic indicator, dilated retinal eye examination, bilateral")],
    ),
    dict(
        id="diabetic-foot-exam",
        title="Foot examination in diabetes",
        purpose="Foot examination, or the monofilament test that is part of it.",
        snomed=["401191002", "134388005"],
        hcpcs=[("G0245", "Initial evaluation of a diabetic with loss of protective sensation"),
               ("G0246", "Follow-up evaluation of a diabetic with loss of protective sensation")],
    ),
    dict(
        id="low-dose-ct",
        title="Low-dose computed tomography of the chest",
        purpose="Low-dose computed tomography for lung cancer screening. A visit to talk about it (G0296) does not count; its "
        "present procedure code is CPT, which a site maps itself.",
        hcpcs=[("G0297", "Low dose CT scan for lung cancer screening (until 2020)")],
        loinc=[("79086-5", "CT Chest for screening WO contrast"),
               ("87279-6", "CT Chest for screening")],
    ),
    dict(
        id="respiratory-support",
        title="Ventilation or positive airway pressure",
        purpose="Mechanical ventilation, or positive airway pressure, as SOFA asks. Oxygen by mask or cannula does not count.",
        icd10pcs=[("5A1935Z", "Respiratory ventilation, less than 24 hours"),
                  ("5A1945Z", "Respiratory ventilation, 24-96 hours"),
                  ("5A1955Z", "Respiratory ventilation, more than 96 hours"),
                  ("5A09357", "Continuous positive airway pressure, less than 24 hours"),
                  ("5A09457", "Continuous positive airway pressure, 24-96 hours"),
                  ("5A09557", "Continuous positive airway pressure, more than 96 hours"),
                  ("5A09358", "Intermittent positive airway pressure, less than 24 hours"),
                  ("5A09458", "Intermittent positive airway pressure, 24-96 hours"),
                  ("5A09558", "Intermittent positive airway pressure, more than 96 hours")],
    ),
    dict(
        id="hospital-procedure",
        title="Procedure of a hospital stay",
        purpose="Any procedure coded in ICD-10-PCS, whose every code is a procedure of an inpatient stay (HOSPITAL score: any "
        "coded procedure). A procedure in another code system is not recognised: a site adds its own.",
        icd10pcs=[(first, title) for first, title in [
            ("0", "Medical and surgical"), ("1", "Obstetrics"), ("2", "Placement"), ("3", "Administration"),
            ("4", "Measurement and monitoring"), ("5", "Extracorporeal or systemic assistance and performance"),
            ("6", "Extracorporeal or systemic therapies"), ("7", "Osteopathic"), ("8", "Other procedures"),
            ("9", "Chiropractic"), ("B", "Imaging"), ("C", "Nuclear medicine"), ("D", "Radiation therapy"),
            ("F", "Physical rehabilitation and diagnostic audiology"), ("G", "Mental health"),
            ("H", "Substance abuse treatment"), ("X", "New technology")]],
    ),
    dict(
        id="kidney-tests",
        title="Kidney tests, as ordered",
        purpose="Creatinine, eGFR or albumin/creatinine ratio of urine, as the code of an order. CPT is the site's to add.",
        loinc=[("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"),
               ("14682-9", "Creatinine [Moles/volume] in Serum or Plasma"),
               ("98979-8", "eGFR by creatinine (CKD-EPI 2021)"), ("98980-6", "eGFR by creatinine and cystatin C (CKD-EPI 2021)"),
               ("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine"),
               ("14959-1", "Microalbumin/Creatinine [Mass Ratio] in Urine"),
               ("32294-1", "Albumin/Creatinine [Ratio] in Urine")],
    ),
    dict(
        id="reason-not-given",
        title="Reasons not to give a treatment",
        purpose="Why an order was stopped or not placed that means a decision against the treatment: objection of the patient, "
        "contraindication, allergy or intolerance, pregnancy. A treatment that was exchanged, doubled, out of stock or ended as planned "
        "is none. The free SNOMED CT set has no code for refusal: a site adds those it uses.",
        snomed=["416098002", "59037007"],
        codes=[(STATUS_REASON, "salg", "Allergy"), (STATUS_REASON, "sintol", "Suspected intolerance"),
               (STATUS_REASON, "preg", "Pregnant or breast feeding"), (ACT_REASON, "PATOBJ", "patient objection"),
               (ACT_REASON, "MEDPREC", "medical precaution")],
    ),
]

# Atrial fibrillation
PROCEDURES += [
    dict(
        id="left-atrial-appendage-occlusion",
        title="Occlusion or excision of the left atrial appendage",
        purpose="The left atrial appendage was closed, by catheter or surgery, or taken out. The free SNOMED CT set has no code for it; "
        "CPT is the site's to add.",
        icd10pcs=[("02L7", "Occlusion of left atrial appendage"), ("02B70ZK", "Excision of left atrial appendage, open"),
                  ("02B73ZK", "Excision of left atrial appendage, percutaneous"),
                  ("02B74ZK", "Excision of left atrial appendage, percutaneous endoscopic")],
    ),
    dict(
        id="mechanical-heart-valve-procedure",
        title="Implantation of a mechanical heart valve, or one of unstated kind",
        purpose="A heart valve was replaced by one not known to be biological: a direct oral anticoagulant is forbidden with a mechanical "
        "valve, so that a code which does not tell the kind counts.",
        snomed=["174929002", "26212005", "307279007", "34068001", "35350000", "53059001", "77181006", "79917009", "8069005"],
        icd10pcs=[("02RF0J", "Replacement of aortic valve with synthetic substitute, open"),
                  ("02RG0J", "Replacement of mitral valve with synthetic substitute, open"),
                  ("02RH0J", "Replacement of pulmonary valve with synthetic substitute, open"),
                  ("02RJ0J", "Replacement of tricuspid valve with synthetic substitute, open"),
                  ("02RF4J", "Replacement of aortic valve with synthetic substitute, percutaneous endoscopic"),
                  ("02RG4J", "Replacement of mitral valve with synthetic substitute, percutaneous endoscopic")],
    ),
]

# Kidney and liver
PROCEDURES += [
    dict(
        id="nephrology-referral",
        title="Referral to nephrology",
        purpose="An order for a visit to nephrology. The free SNOMED CT set has no code for referrals: these are the ones seen in "
        "public guideline content. A referral told in words, or by its performer alone, is not recognised: a site adds its own codes.",
        snomed_input=["306286007", "306125004", "183916004"],
    ),
    dict(
        id="liver-referral",
        title="Referral to hepatology or gastroenterology",
        purpose="An order for a visit to gastroenterology, which hepatology is part of. The free SNOMED CT set has no code for "
        "referrals: these are the ones of public measure content. A referral told in words, or by its performer alone, is not "
        "recognised: a site adds its own codes.",
        snomed_input=["183523005", "308476000", "183903004"],
    ),
    dict(
        id="liver-fibrosis-test",
        title="Liver stiffness, as ordered",
        purpose="Liver stiffness by transient elastography as the code of an order. CPT is the site's to add; so is the code of the "
        "enhanced liver fibrosis score, which was not confirmed.",
        loinc=[("77615-3", "Liver stiffness by transient elastography")],
    ),
]

# Heart failure
PROCEDURES += [
    dict(
        id="heart-replacement-procedure",
        title="Heart transplantation, or implantation of mechanical support",
        purpose="The heart was transplanted, or an assist device or artificial heart implanted. A short-term external or percutaneous pump "
        "does not count.",
        snomed=["32413006"],
        icd10pcs=[("02YA", "Transplantation of heart"), ("02HA0QZ", "Insertion of implantable heart assist system, open"),
                  ("02HA3QZ", "Insertion of implantable heart assist system, percutaneous"),
                  ("02HA4QZ", "Insertion of implantable heart assist system, percutaneous endoscopic"),
                  ("02RA0", "Replacement of heart")],
    ),
]

# After a hospital stay
PROCEDURES += [
    dict(
        id="follow-up-visit",
        title="Follow-up visit, as ordered",
        purpose="A visit to follow up on what was treated. The free SNOMED CT set has no code for it; CPT (transitional care) is the "
        "site's to add. An Appointment is not read.",
        snomed_input=["185389009", "390906007"],
    ),
    dict(
        id="home-care",
        title="Home health care, as ordered",
        purpose="Nursing, therapy or help in the patient's home.",
        snomed=["60689008"],
        hcpcs=[("G0151", "Physical therapist in home health or hospice, each 15 minutes"),
               ("G0299", "Registered nurse in home health or hospice, each 15 minutes"),
               ("G0300", "Licensed practical nurse in home health or hospice, each 15 minutes"),
               ("S9122", "Home health aide, per hour"), ("S9123", "Nursing care in the home by registered nurse, per hour"),
               ("S9124", "Nursing care in the home by licensed practical nurse, per hour")],
    ),
]

# Orders and services that prevention looks for. Panels by their LOINC code; CPT is the site's to add.
PROCEDURES += [
    dict(
        id="colorectal-screening",
        title="Colorectal cancer screening, as ordered or declined",
        purpose="Every test that counts as colorectal cancer screening, as the code of an order or of a refusal.",
        snomed=["73761001", "444783004", "311774002", "8180007", "24420007", "44441009"],
        hcpcs=[("G0104", "Colorectal cancer screening, flexible sigmoidoscopy"),
               ("G0105", "Colorectal cancer screening, colonoscopy, high risk"),
               ("G0121", "Colorectal cancer screening, colonoscopy, not high risk"),
               ("G0328", "Colorectal cancer screening, fecal occult blood test, immunoassay")],
        loinc=[("18746-8", "Colonoscopy study"),
               ("28023-0", "Colonoscopy procedure note"),
               ("79101-2", "CT Colon and Rectum for screening WO contrast"),
               ("60515-4", "CT Colon and Rectum W air contrast PR"),
               ("72531-7", "CT Colon and Rectum W contrast IV and W air contrast PR"),
               ("2335-8", "Hemoglobin.gastrointestinal [Presence] in Stool"),
               ("27396-1", "Hemoglobin.gastrointestinal [Mass/mass] in Stool"),
               ("29771-3", "Hemoglobin.gastrointestinal.lower [Presence] in Stool by Immunoassay"),
               ("14563-1", "Hemoglobin.gastrointestinal [Presence] in Stool --1st specimen"),
               ("14564-9", "Hemoglobin.gastrointestinal [Presence] in Stool --2nd specimen"),
               ("14565-6", "Hemoglobin.gastrointestinal [Presence] in Stool --3rd specimen"),
               ("57905-2", "Hemoglobin.gastrointestinal.lower [Presence] in Stool by Immunoassay --1st specimen"),
               ("56490-6", "Hemoglobin.gastrointestinal.lower [Presence] in Stool by Immunoassay --2nd specimen"),
               ("56491-4", "Hemoglobin.gastrointestinal.lower [Presence] in Stool by Immunoassay --3rd specimen"),
               ("58453-2", "Hemoglobin.gastrointestinal.lower [Mass/volume] in Stool by Immunoassay"),
               ("80372-6", "Hemoglobin.gastrointestinal [Presence] in Stool by Rapid immunoassay"),
               ("77353-1", "Noninvasive colorectal cancer DNA and occult blood screening [Interpretation] in Stool Narrative"),
               ("77354-9", "Noninvasive colorectal cancer DNA and occult blood screening [Presence] in Stool")],
    ),
    dict(
        id="hba1c-test",
        title="HbA1c, as ordered",
        purpose="HbA1c as the code of an order.",
        loinc=[("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
               ("17856-6", "Hemoglobin A1c/Hemoglobin.total in Blood by HPLC"),
               ("4549-2", "Hemoglobin A1c/Hemoglobin.total in Blood by Electrophoresis"),
               ("17855-8", "Hemoglobin A1c/Hemoglobin.total in Blood by calculation"),
               ("59261-8", "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol")],
    ),
    dict(
        id="glucose-test",
        title="HbA1c, fasting glucose or tolerance test, as ordered",
        purpose="Tests that screen for diabetes, as the code of an order. A glucose whose fasting state is not coded does not count.",
        loinc=[("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
               ("17856-6", "Hemoglobin A1c/Hemoglobin.total in Blood by HPLC"),
               ("4549-2", "Hemoglobin A1c/Hemoglobin.total in Blood by Electrophoresis"),
               ("17855-8", "Hemoglobin A1c/Hemoglobin.total in Blood by calculation"),
               ("59261-8", "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol"),
               ("1558-6", "Fasting glucose [Mass/volume] in Serum or Plasma"),
               ("14771-0", "Fasting glucose [Moles/volume] in Serum or Plasma"),
               ("1518-0", "Glucose [Mass/volume] in Serum or Plasma --2 hours post 75 g glucose PO")],
    ),
    dict(
        id="urine-albumin-test",
        title="Urine albumin/creatinine ratio, as ordered",
        purpose="Albumin/creatinine ratio of urine as the code of an order.",
        snomed=["46716003"],
        loinc=[("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine"),
               ("14959-1", "Microalbumin/Creatinine [Mass Ratio] in Urine"),
               ("14958-3", "Microalbumin/Creatinine [Mass Ratio] in 24 hour Urine"),
               ("13705-9", "Albumin/Creatinine [Mass Ratio] in 24 hour Urine"),
               ("32294-1", "Albumin/Creatinine [Ratio] in Urine"),
               ("30000-4", "Microalbumin/Creatinine [Ratio] in Urine"),
               ("77253-3", "Microalbumin/Creatinine [Ratio] in Urine by Detection limit <= 1.0 mg/L"),
               ("77254-1", "Microalbumin/Creatinine [Ratio] in 24 hour Urine by Detection limit <= 1.0 mg/L")],
    ),
    dict(
        id="kidney-function-test",
        title="Creatinine or eGFR, as ordered",
        purpose="Creatinine or eGFR, alone or in a metabolic panel, as the code of an order.",
        loinc=[("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"),
               ("38483-4", "Creatinine [Mass/volume] in Blood"),
               ("14682-9", "Creatinine [Moles/volume] in Serum or Plasma"),
               ("59826-8", "Creatinine [Moles/volume] in Blood"),
               ("98979-8", "eGFR by creatinine (CKD-EPI 2021)"),
               ("98980-6", "eGFR by creatinine and cystatin C (CKD-EPI 2021)"),
               ("24323-8", "Comprehensive metabolic 2000 panel"), ("24320-4", "Basic metabolic 1998 panel"),
               ("51990-0", "Basic metabolic panel - Blood"), ("24362-6", "Renal function 2000 panel")],
    ),
    dict(
        id="lipid-panel",
        title="Lipid panel, as ordered",
        purpose="Lipid panel, total or LDL cholesterol, as the code of an order.",
        snomed=["268552003"],
        loinc=[("24331-1", "Lipid 1996 panel - Serum or Plasma"), ("57698-3", "Lipid panel with direct LDL - Serum or Plasma"),
               ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"),
               ("14647-2", "Cholesterol [Moles/volume] in Serum or Plasma"),
               ("13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation"),
               ("2089-1", "Cholesterol in LDL [Mass/volume] in Serum or Plasma"),
               ("18262-6", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by Direct assay"),
               ("39469-2", "Cholesterol in LDL [Moles/volume] in Serum or Plasma by calculation"),
               ("22748-8", "Cholesterol in LDL [Moles/volume] in Serum or Plasma")],
    ),
    dict(
        id="smoking-cessation",
        title="Help to stop smoking",
        purpose="Counseling or a class to stop smoking, as done, ordered or declined.",
        snomed=["225323000"],
        hcpcs=[("G0436", "Tobacco cessation counseling, 3 to 10 minutes (until 2016)"),
               ("G0437", "Tobacco cessation counseling, over 10 minutes (until 2016)"),
               ("G9016", "Smoking cessation counseling, individual"), ("S9453", "Smoking cessation class")],
    ),
    dict(
        id="lifestyle-program",
        title="Program for weight, diet or exercise",
        purpose="Behavioral counseling for obesity or for the prevention of diabetes, and education in diet or exercise, as done, ordered or "
        "declined. How intensive it is, is not coded.",
        snomed=["11816003", "410289001"],
        hcpcs=[("G0447", "Behavioral counseling for obesity, 15 minutes"),
               ("G0473", "Behavioral counseling for obesity, group, 30 minutes"),
               ("G9886", "Behavioral counseling for diabetes prevention, in person, group"),
               ("G9887", "Behavioral counseling for diabetes prevention, distance learning"),
               ("S9449", "Weight management class"), ("S9451", "Exercise class"), ("S9452", "Nutrition class"),
               ("S9470", "Nutritional counseling, dietitian visit")],
    ),
    dict(
        id="alcohol-counseling",
        title="Counseling about alcohol",
        purpose="Brief counseling about alcohol, as done, ordered or declined.",
        snomed=["313071005"],
        hcpcs=[("G0443", "Brief behavioral counseling for alcohol misuse, 15 minutes"),
               ("G0396", "Alcohol or substance misuse assessment and brief intervention, 15 to 30 minutes"),
               ("G0397", "Alcohol or substance misuse assessment and intervention, over 30 minutes")],
    ),
    dict(
        id="palliative-care-service",
        title="Palliative or hospice service, as billed",
        purpose="Services that are given in hospice or at the end of life only.",
        snomed=["103735009"],
        hcpcs=[("G0182", "Physician supervision of a patient under hospice"), ("G9054", "Oncology visit, care of terminal cancer"),
               ("Q5001", "Hospice care in the patient's home"), ("Q5002", "Hospice care in assisted living"),
               ("Q5003", "Hospice care in a nursing facility"), ("Q5004", "Hospice care in a skilled nursing facility"),
               ("Q5005", "Hospice care in an inpatient hospital"), ("Q5006", "Hospice care in an inpatient hospice"),
               ("Q5007", "Hospice care in a long-term care facility"), ("Q5008", "Hospice care in an inpatient psychiatric facility"),
               ("Q5009", "Hospice care in a place not specified"), ("Q5010", "Hospice home care in a hospice facility"),
               ("S9126", "Hospice care in the home, per day"), ("T2042", "Hospice routine home care, per day"),
               ("T2043", "Hospice continuous home care, per hour"), ("T2044", "Hospice inpatient respite care, per day"),
               ("T2045", "Hospice general inpatient care, per day"), ("T2046", "Hospice long-term care, room and board, per day")],
    ),
]
