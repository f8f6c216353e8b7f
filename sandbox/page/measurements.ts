/** Observations as table rows: one row per kind, newest value first, with what came before it. */
import type { Observation, Quantity } from '@medplum/fhirtypes';

export interface Measurement {
  readonly label: string;
  /** Newest value as recorded; several when one instant holds several. */
  readonly value: string;
  /** Empty when the value is coded; "no unit" when a number came without one. */
  readonly unit: string;
  readonly date: string;
  /** Outside the range that the laboratory printed beside it. */
  readonly flag: 'high' | 'low' | undefined;
  /** More than one value at the newest instant. */
  readonly isConflicting: boolean;
  /** Older to newer; fit to be drawn only where every value has the newest one's unit. */
  readonly trend: readonly number[];
}

interface Reading {
  readonly label: string;
  readonly text: string;
  readonly number: number | undefined;
  readonly unit: string;
  readonly date: string;
  readonly flag: 'high' | 'low' | undefined;
}

/** Rows in a clinician's order; anything else follows. */
const order = [
  'Blood pressure',
  'Heart rate',
  'Respiratory rate',
  'Oxygen saturation',
  'Oxygen flow',
  'Temperature',
  'Consciousness',
  'Weight',
  'Height',
  'BMI',
  'Total cholesterol',
  'LDL cholesterol',
  'HDL cholesterol',
  'Triglycerides',
  'Creatinine',
  'eGFR',
];

export function vitalSigns(observations: readonly Observation[]): readonly Measurement[] {
  const vitals = ofCategory(observations, 'vital-signs');
  return rows([...bloodPressures(vitals), ...vitals.filter((one) => !isPressure(one)).map(reading)]);
}

export function laboratory(observations: readonly Observation[]): readonly Measurement[] {
  return rows(ofCategory(observations, 'laboratory').map(reading));
}

export function social(observations: readonly Observation[]): readonly Measurement[] {
  return rows(ofCategory(observations, 'social-history').map(reading));
}

function ofCategory(observations: readonly Observation[], category: string): readonly Observation[] {
  return observations.filter(
    (one) =>
      one.status !== 'entered-in-error' &&
      one.category?.some((concept) => concept.coding?.some(({ code }) => code === category)),
  );
}

function rows(readings: readonly Reading[]): readonly Measurement[] {
  const kinds = Map.groupBy(readings, ({ label }) => label);
  return [...kinds.values()].map(row).toSorted((a, b) => place(a.label) - place(b.label));
}

function place(label: string): number {
  const index = order.indexOf(label);
  return index === -1 ? order.length : index;
}

function row(readings: readonly Reading[]): Measurement {
  const oldestFirst = readings.toSorted((a, b) => a.date.localeCompare(b.date));
  const newest = oldestFirst.at(-1) ?? {
    label: '',
    text: '',
    number: undefined,
    unit: '',
    date: '',
    flag: undefined,
  };
  const atOnce = oldestFirst.filter(({ date }) => date === newest.date);
  const drawn = oldestFirst.filter(({ number, unit }) => number !== undefined && unit === newest.unit);
  return {
    label: newest.label,
    value: atOnce.map(({ text }) => text).join(', '),
    unit: newest.unit,
    date: newest.date,
    flag: newest.flag,
    isConflicting: new Set(atOnce.map(({ text }) => text)).size > 1,
    trend: drawn.map(({ number }) => number ?? Number.NaN),
  };
}

function reading(observation: Observation): Reading {
  const { valueQuantity, valueCodeableConcept, referenceRange } = observation;
  const coded = valueCodeableConcept?.text ?? valueCodeableConcept?.coding?.[0]?.display ?? '';
  const value = valueQuantity?.value;
  return {
    label: label(observation),
    text: value === undefined ? coded : `${valueQuantity?.comparator ?? ''}${value}`,
    number: value,
    unit: value === undefined ? '' : unitOf(valueQuantity),
    date: observation.effectiveDateTime ?? '',
    flag: flag(value, referenceRange?.[0]?.low?.value, referenceRange?.[0]?.high?.value),
  };
}

function flag(
  value: number | undefined,
  low: number | undefined,
  high: number | undefined,
): 'high' | 'low' | undefined {
  if (value === undefined) {
    return undefined;
  }
  return low !== undefined && value < low ? 'low' : high !== undefined && value > high ? 'high' : undefined;
}

function unitOf(quantity: Quantity | undefined): string {
  return quantity?.unit ?? quantity?.code ?? 'no unit';
}

function label(observation: Observation): string {
  return observation.code?.text ?? observation.code?.coding?.[0]?.display ?? 'not coded';
}

const systolic = '8480-6';
const diastolic = '8462-4';

function hasCode(coded: Pick<Observation, 'code'>, code: string): boolean {
  return coded.code?.coding?.some((coding) => coding.code === code) ?? false;
}

function isPressure(observation: Observation): boolean {
  return (
    observation.component !== undefined || hasCode(observation, systolic) || hasCode(observation, diastolic)
  );
}

/** Panels as they are; stand-alone systolic and diastolic values joined where they share an instant. */
function bloodPressures(vitals: readonly Observation[]): readonly Reading[] {
  const panels = vitals.flatMap(({ component, effectiveDateTime = '' }) => {
    const part = (code: string) => component?.find((one) => hasCode(one, code))?.valueQuantity;
    return component === undefined ? [] : [pressure(part(systolic), part(diastolic), effectiveDateTime)];
  });
  const alone = (code: string) => vitals.filter((one) => one.component === undefined && hasCode(one, code));
  const pairs = alone(systolic).map(({ valueQuantity, effectiveDateTime = '' }) =>
    pressure(
      valueQuantity,
      alone(diastolic).find((one) => one.effectiveDateTime === effectiveDateTime)?.valueQuantity,
      effectiveDateTime,
    ),
  );
  return [...panels, ...pairs];
}

function pressure(above: Quantity | undefined, below: Quantity | undefined, date: string): Reading {
  return {
    label: 'Blood pressure',
    text: `${above?.value ?? '–'}/${below?.value ?? '–'}`,
    number: above?.value,
    unit: unitOf(above),
    date,
    flag: undefined,
  };
}
