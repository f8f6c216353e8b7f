import type { FeatureValue, ValueName } from '../features/feature.ts';
import { readableQuantity } from '../features/words.ts';
import { inSentence, listed } from './wording.ts';

/** One clinical value of a group, as the model saw it in the patient and in the reference person. */
export interface Factor {
  readonly name: ValueName;
  /** From the vocabulary. */
  readonly label: string;
  /** UCUM; none for presence and coded answers. */
  readonly unit?: string;
  /** `null`: not measured. */
  readonly value: FeatureValue | null;
  readonly reference: FeatureValue | null;
}

/** Below this size on the logit scale (odds within 5 %) a group counts as no different from the reference. */
export const negligible = 0.05;

/** How a treatment reads: as the state of the patient that the equation takes in, not as a cause of risk. */
const presences: Readonly<Record<ValueName, string>> = {
  antihypertensive: 'Being on blood pressure treatment',
  statin: 'Being on a statin',
};

/** How absence reads where "No …" would be clumsy. */
const absences: Readonly<Record<ValueName, string>> = {
  smoking: 'Not smoking',
  pregnancy: 'Not pregnant',
};

/**
 * One plain sentence on what a group does to the risk, e.g. `Systolic blood pressure 152 mmHg raises the risk.`
 * It names the values in which the patient differs from the reference person (all, when none differs) and is
 * made of vocabulary words and numbers only.
 * @param phi contribution on the logit scale; positive raises the risk
 */
export function driverSentence(factors: readonly Factor[], phi: number): string {
  const named = factors.filter((factor) => factor.value !== factor.reference);
  const phrases = (named.length > 0 ? named : factors).map(phrase);
  const subject = listed(phrases.map((text, at) => (at === 0 ? text : inSentence(text))));
  if (named.length === 0) return `${subject}: as in the reference person.`;
  if (Math.abs(phi) < negligible) return `${subject}: little effect on this risk.`;
  const verb = phi > 0 ? 'raise' : 'lower';
  return phrases.length > 1 ? `${subject} together ${verb} the risk.` : `${subject} ${verb}s the risk.`;
}

function phrase({ name, label, unit, value }: Factor): string {
  if (value === null) return `No ${inSentence(label)} on record`;
  if (typeof value === 'number') return `${label} ${readableQuantity(value, unit)}`;
  if (typeof value === 'string') return `${label} ${value}`;
  return value ? (presences[name] ?? label) : (absences[name] ?? `No ${inSentence(label)}`);
}
