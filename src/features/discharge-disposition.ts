import type { Encounter } from '@medplum/fhirtypes';
import { codesOf, isRecord, wordsOf } from '../fhir/coding.ts';
import { type Feature, missing, type Source } from './feature.ts';

/**
 * How the patient leaves. `home`: with or without home care; `hospital`: another hospital for acute care; `other-facility`:
 * nursing, rehabilitation, long-term or psychiatric care, or a facility of unstated kind; `hospice`: at home or elsewhere;
 * `other`: custody, and what the sender calls other.
 */
export type Disposition =
  | 'home'
  | 'hospital'
  | 'other-facility'
  | 'hospice'
  | 'against-advice'
  | 'expired'
  | 'other';

/**
 * UB-04 patient discharge status (NUBC, form locator 17): meanings as claims manuals print them. 81 to 95 repeat others
 * with a planned readmission; 30 (still a patient) and 09 (admitted here) are no discharge.
 */
const billed: Readonly<Record<string, Disposition>> = {
  ...each('home', '01', '06', '08', '81', '86'),
  ...each('hospital', '02', '05', '66', '82', '85', '94'),
  ...each('other-facility', '03', '04', '43', '61', '62', '63', '64', '65', '70'),
  ...each('other-facility', '83', '84', '88', '89', '90', '91', '92', '93', '95'),
  ...each('hospice', '50', '51'),
  ...each('against-advice', '07'),
  ...each('expired', '20', '40', '41', '42'),
  ...each('other', '21', '69', '87'),
};

/** HL7 v2 table 0112, where 05 is another type of institution. */
const messaged: Readonly<Record<string, Disposition>> = { ...billed, '05': 'other-facility' };

/** HL7 R4 example code system of Encounter.hospitalization.dischargeDisposition. */
const hl7: Readonly<Record<string, Disposition>> = {
  ...each('home', 'home', 'alt-home'),
  ...each('other-facility', 'other-hcf', 'long', 'psy', 'rehab', 'snf'),
  ...each('hospice', 'hosp'),
  ...each('against-advice', 'aadvice'),
  ...each('expired', 'exp'),
  ...each('other', 'oth'),
};

/** SNOMED CT, as quality measures and EHRs send it; input only. */
const snomed: Readonly<Record<string, Disposition>> = {
  ...each('home', '306689006'),
  ...each('hospital', '306701001', '429202003'),
  ...each('other-facility', '306694006', '19712007'),
  ...each('hospice', '428361000124107', '428371000124100'),
  ...each('against-advice', '225928004'),
  ...each('expired', '371828006'),
  ...each('other', '306705005'),
};

function each(word: Disposition, ...codes: readonly string[]): Readonly<Record<string, Disposition>> {
  return Object.fromEntries(codes.map((code) => [code, word]));
}

/** By the end of the system's URI or OID: NUBC has had several. */
const systems: readonly (readonly [RegExp, Readonly<Record<string, Disposition>>])[] = [
  [/PatDischargeStatus$|nubc\.org\/patient-discharge$|2\.16\.840\.1\.113883\.6\.301\.5$/i, billed],
  [/v2[-/]0112$|2\.16\.840\.1\.113883\.12\.112$/i, messaged],
  [/discharge-disposition$/i, hl7],
  [/^http:\/\/snomed\.info\/sct$/, snomed],
];

function meaningOf(system: string, code: string): Disposition | undefined {
  const table = systems.find(([uri]) => uri.test(system))?.[1] ?? {};
  const key = /^\d$/.test(code) ? `0${code}` : code.toLowerCase();
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/**
 * The word for `hospitalization.dischargeDisposition`. Missing: nothing recorded; no code that is known, words alone
 * (unsuitable); codes that contradict each other (conflicting).
 */
export function dischargeDisposition({ hospitalization }: Encounter, source: Source): Feature {
  const concept = isRecord(hospitalization) ? hospitalization.dischargeDisposition : undefined;
  const codes = codesOf(concept);
  const known = codes.flatMap(({ system, code }) => {
    const word = meaningOf(system, code);
    return word === undefined ? [] : [{ word, code }];
  });
  const words = new Set(known.map(({ word }) => word));
  const [first] = known;
  if (words.size > 1)
    return missing('conflicting', 'the discharge dispositions contradict each other', [source]);
  if (first !== undefined)
    return { kind: 'observed', value: first.word, sources: [{ ...source, value: first.code }] };
  return codes.length === 0 && wordsOf(concept).trim() === ''
    ? missing('not-recorded', 'how the patient leaves is not recorded', [source])
    : missing('unsuitable', 'how the patient leaves has no code that is known', [source]);
}
