import type { Patient } from '@medplum/fhirtypes';
import { isRecord, recordsIn, wordOf } from '../fhir/coding.ts';
import { referenceTo } from '../fhir/reference.ts';
import { completedYears, isFuture, parseMoment } from '../fhir/time.ts';
import { absence, type Context } from './context.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, type FeatureValue, missing, type Source } from './feature.ts';

type Entry = EntryFrom<'demographic'>;

/** A value from the Patient itself. */
export function demographic(entry: Entry, context: Context): Feature {
  const { patient, now } = context.chart;
  if (patient === undefined)
    return absence(context.chart, 'patient') ?? missing('not-supplied', 'the patient is empty');
  switch (entry.from.field) {
    case 'age':
      return age(entry, patient, now);
    case 'sex':
      return sex(entry, patient);
    case 'race':
      return race(entry, patient);
    case 'deceased':
      return deceased(entry, patient, now);
    case 'extension':
      return extension(entry, entry.from.url, patient);
  }
}

/**
 * Completed years at the clock's UTC calendar date, so the same on every machine. A partial birth date counts only
 * when every day it may mean gives the same age.
 */
function age(entry: Entry, patient: Patient, now: Date): Feature {
  const { birthDate } = patient;
  if (birthDate === undefined || birthDate === null) return missing('not-recorded', 'no date of birth');
  const source = sourceOf(entry, patient, wordOf(birthDate));
  const value = completedYears(wordOf(birthDate), now);
  if (value === undefined)
    return missing('invalid-date', 'the date of birth does not tell the age', [source]);
  if (value < 0) return missing('invalid-date', 'the date of birth lies in the future', [source]);
  const [low, high] = entry.plausible ?? [0, 130];
  if (value < low || value > high) return missing('implausible', `outside ${low}–${high} years`, [source]);
  return { kind: 'observed', value, sources: [source] };
}

const birthSex = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex';
const usCoreSex = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-sex';
const sexes: Readonly<Record<string, 'female' | 'male'>> = {
  F: 'female',
  M: 'male',
  female: 'female',
  male: 'male',
  '248152002': 'female',
  '248153007': 'male',
};

/**
 * `female` or `male`: US Core birth sex or sex, else administrative gender. Where two of them contradict each other
 * the value is conflicting; "other", "unknown" or nothing: not recorded.
 */
function sex(entry: Entry, patient: Patient): Feature {
  const sent = [extensionValue(patient, birthSex), extensionValue(patient, usCoreSex), patient.gender];
  const said = sent.flatMap((each) =>
    typeof each === 'string' && Object.hasOwn(sexes, each) ? [sexes[each]] : [],
  );
  const source = sourceOf(entry, patient);
  const [first] = said;
  if (first === undefined) return missing('not-recorded', 'sex is not recorded as female or male');
  if (said.some((each) => each !== first)) {
    return missing('conflicting', 'sex at birth and administrative gender differ', [source]);
  }
  return { kind: 'observed', value: first, sources: [{ ...source, value: first }] };
}

const usCoreRace = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race';
/** OMB categories (CDC race and ethnicity codes); null flavours such as UNK and ASKU say nothing. */
const races: Readonly<Record<string, 'white' | 'black' | 'other'>> = {
  '2106-3': 'white',
  '2054-5': 'black',
  '1002-5': 'other',
  '2028-9': 'other',
  '2076-8': 'other',
  '2131-1': 'other',
};

/** `white`, `black` or `other`: the OMB category of US Core race; several categories are `other`. */
function race(entry: Entry, patient: Patient): Feature {
  const parts = recordsIn(patient, 'extension').filter((each) => each.url === usCoreRace);
  const categories = parts
    .flatMap((each) => recordsIn(each, 'extension'))
    .filter((each) => each.url === 'ombCategory')
    .map(({ valueCoding }) => (isRecord(valueCoding) ? wordOf(valueCoding.code) : ''))
    .filter((code) => Object.hasOwn(races, code));
  const [first, ...others] = [...new Set(categories)];
  if (first === undefined) return missing('not-recorded', 'no race category is recorded');
  const value = others.length === 0 ? (races[first] ?? 'other') : 'other';
  const notes = others.length === 0 ? {} : { notes: ['several categories are recorded'] };
  return { kind: 'observed', value, sources: [{ ...sourceOf(entry, patient), value }], ...notes };
}

/** True: deceased, now or at a past time. Absent: no sign of death on record, false. */
function deceased(entry: Entry, patient: Patient, now: Date): Feature {
  const source = sourceOf(entry, patient);
  const { deceasedDateTime, deceasedBoolean } = patient;
  if (deceasedDateTime === undefined || deceasedDateTime === null) {
    return {
      kind: 'observed',
      value: deceasedBoolean === true,
      sources: deceasedBoolean === undefined ? [] : [source],
    };
  }
  const moment = parseMoment(deceasedDateTime);
  if (moment !== undefined && isFuture(moment, now)) {
    return missing('invalid-date', 'the date of death lies in the future', [source]);
  }
  return {
    kind: 'observed',
    value: true,
    ...(moment === undefined ? {} : { at: moment.text }),
    sources: [source],
  };
}

/** A number in an extension of Patient (valueInteger, valueDecimal or valueQuantity without conversion). */
function extension(entry: Entry, url: string, patient: Patient): Feature {
  const value = extensionValue(patient, url);
  if (value === undefined) return missing('not-recorded');
  const source = sourceOf(entry, patient);
  if (typeof value !== 'number' || !Number.isFinite(value))
    return missing('unsuitable', 'is not a number', [source]);
  const [low, high] = entry.plausible ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (value < low || value > high)
    return missing('implausible', `outside ${low}–${high}`, [{ ...source, value }]);
  return { kind: 'observed', value, sources: [{ ...source, value }] };
}

function extensionValue(patient: Patient, url: string): unknown {
  const found = recordsIn(patient, 'extension').find((each) => each.url === url);
  return found?.valueCode ?? found?.valueInteger ?? found?.valueDecimal ?? found?.valueString;
}

const sourceOf = (entry: Entry, patient: Patient, value?: FeatureValue): Source => ({
  reference: referenceTo(patient),
  ...(value === undefined ? {} : { value }),
  display: entry.label,
});
