/** What can be ordered on the chart page: RxNorm products, each with the dose it is usually begun with. */
import type { Dosage, MedicationRequest } from '@medplum/fhirtypes';
import { clinician } from '../fhir/repository.ts';

export interface Product {
  readonly code: string;
  /** RxNorm name (SCD). */
  readonly name: string;
  readonly unit: DoseUnit;
  /** Units a dose. */
  readonly amount: number;
  /** Doses a day. */
  readonly frequency: number;
}

export type DoseUnit = 'tablet' | 'capsule';

/** A dose as the order form has it. */
export interface Dose {
  readonly amount: number;
  readonly unit: string;
  readonly frequency: number;
  readonly asNeeded: boolean;
}

const tablet = (code: string, name: string, frequency = 1, amount = 1): Product => {
  return { code, name: `${name} Oral Tablet`, unit: 'tablet', amount, frequency };
};
const capsule = (code: string, name: string, frequency = 1): Product => {
  return { code, name: `${name} Oral Capsule`, unit: 'capsule', amount: 1, frequency };
};

/** By purpose, as the order form lists them. */
export const formulary: readonly { readonly title: string; readonly products: readonly Product[] }[] = [
  {
    title: 'Pain',
    products: [
      tablet('197806', 'ibuprofen 600 MG', 3),
      tablet('198014', 'naproxen 500 MG', 2),
      tablet('198440', 'acetaminophen 500 MG', 4),
      tablet('835603', 'tramadol hydrochloride 50 MG', 4),
      tablet('1049683', 'oxycodone hydrochloride 10 MG', 4),
      tablet('892582', 'morphine sulfate 15 MG', 4),
    ],
  },
  {
    title: 'Infection',
    products: [
      capsule('308191', 'amoxicillin 500 MG', 3),
      tablet('308460', 'azithromycin 250 MG', 1),
      tablet('197517', 'clarithromycin 500 MG', 2),
      tablet('309309', 'ciprofloxacin 500 MG', 2),
      tablet('198335', 'sulfamethoxazole 800 MG / trimethoprim 160 MG', 2),
    ],
  },
  {
    title: 'Heart and circulation',
    products: [
      tablet('1364445', 'apixaban 5 MG', 2),
      tablet('855332', 'warfarin sodium 5 MG'),
      tablet('212033', 'aspirin 325 MG'),
      tablet('309362', 'clopidogrel 75 MG'),
      tablet('617311', 'atorvastatin 40 MG'),
      tablet('314076', 'lisinopril 10 MG'),
      tablet('979492', 'losartan potassium 50 MG'),
      tablet('197361', 'amlodipine 5 MG'),
      tablet('896758', 'labetalol hydrochloride 100 MG', 2),
      tablet('313096', 'spironolactone 25 MG'),
      tablet('197604', 'digoxin 0.125 MG'),
    ],
  },
  {
    title: 'Diabetes and kidney',
    products: [
      tablet('861004', 'metformin hydrochloride 1000 MG', 2),
      tablet('1545658', 'empagliflozin 10 MG'),
      tablet('310490', 'glipizide 5 MG'),
      tablet('2562816', 'finerenone 10 MG'),
    ],
  },
  {
    title: 'Sleep and mood',
    products: [
      tablet('197900', 'lorazepam 0.5 MG'),
      tablet('308048', 'alprazolam 0.5 MG', 3),
      tablet('854876', 'zolpidem tartrate 5 MG'),
      tablet('312941', 'sertraline 50 MG'),
    ],
  },
];

export const productOf = (code: string): Product | undefined =>
  formulary.flatMap(({ products }) => products).find((product) => product.code === code);

/** A draft order with a structured dose, for one patient and, in hospital, one encounter. */
export function draftOf(
  { code, name, unit, amount, frequency }: Product,
  patientId: string,
  now: Date,
  encounterId: string | undefined,
): MedicationRequest {
  return {
    resourceType: 'MedicationRequest',
    status: 'draft',
    intent: 'order',
    medicationCodeableConcept: {
      coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code, display: name }],
      text: name,
    },
    subject: { reference: `Patient/${patientId}` },
    ...(encounterId === undefined ? {} : { encounter: { reference: `Encounter/${encounterId}` } }),
    authoredOn: now.toISOString(),
    requester: { reference: `Practitioner/${clinician.id}` },
    dosageInstruction: [dosageOf({ amount, unit, frequency, asNeeded: false })],
  };
}

const forms: Readonly<Record<string, string>> = { tablet: 'TAB', capsule: 'CAP' };

/** The dose as FHIR has it: timing and amount structured, and the same in words. */
export function dosageOf({ amount, unit, frequency, asNeeded }: Dose): Dosage {
  const code = forms[unit];
  const coded =
    code === undefined
      ? { system: 'http://unitsofmeasure.org', code: unit }
      : { system: 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm', code };
  return {
    text: inWords({ amount, unit, frequency, asNeeded }),
    timing: { repeat: { frequency, period: 1, periodUnit: 'd' } },
    ...(asNeeded ? { asNeededBoolean: true } : {}),
    route: {
      coding: [{ system: 'http://snomed.info/sct', code: '26643006', display: 'Oral route' }],
      text: 'by mouth',
    },
    doseAndRate: [{ doseQuantity: { value: amount, unit, ...coded } }],
  };
}

const times: Readonly<Record<number, string>> = { 1: 'once daily', 2: 'twice daily' };

function inWords({ amount, unit, frequency, asNeeded }: Dose): string {
  const counted = unit in forms && amount !== 1 ? `${unit}s` : unit;
  const often = times[frequency] ?? `${frequency} times daily`;
  return `Take ${amount} ${counted} by mouth ${often}${asNeeded ? ' as needed' : ''}`;
}

/** What an order's form begins with; one tablet once daily where the order says nothing that it can show. */
export function doseOf({ dosageInstruction }: MedicationRequest): Dose {
  const [dosage] = dosageInstruction ?? [];
  const quantity = dosage?.doseAndRate?.[0]?.doseQuantity;
  return {
    amount: quantity?.value ?? 1,
    unit: quantity?.unit ?? 'tablet',
    frequency: dosage?.timing?.repeat?.frequency ?? 1,
    asNeeded: dosage?.asNeededBoolean ?? false,
  };
}
