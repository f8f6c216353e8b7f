"""The sets of procedures, ordered tests and reasons auscult ships: which codes each is made of, and why.

Read by build.py. Each rule is written for a clinician to review; `status` stays "draft" until one has.

  snomed     codes of the SNOMED IPS Terminology (free set of procedures)
  hcpcs      HCPCS Level II codes with their short meaning in our words; no CPT, which a site maps itself
  loinc      codes of tests as they are ordered
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
