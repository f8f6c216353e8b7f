import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import type { ValueName } from '../features/feature.ts';

/** The kinds of findings; each is one reviewed file of this folder (docs/decisions/0015-findings.md). */
export const findingKinds = [
  'interaction',
  'allergy',
  'renal-dose',
  'duplicate',
  'qt',
  'opioid',
  'pregnancy',
  'high-risk-drug',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** Becomes the card's indicator. */
export type Severity = 'info' | 'warning' | 'critical';

/** The graver, the higher. */
export const gravity: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/** Something about an order that the user should know before signing it. */
export interface Finding {
  readonly kind: FindingKind;
  /** Stable id of the rule in its table, e.g. `warfarin-nsaid`. */
  readonly rule: string;
  readonly severity: Severity;
  /** Reference of the draft in question, `MedicationRequest/1`. */
  readonly order: string;
  readonly words: FindingWords;
  /** Sentences: what in this chart raised or lowered the severity, doses computed. */
  readonly because: readonly string[];
  /** What could not be told, and what that leaves open. */
  readonly unknown: readonly string[];
  /** Clinical values it rests on. */
  readonly values: readonly ValueName[];
  readonly source: FindingSource;
  readonly actions: readonly FindingAction[];
}

/** Words for the card: names from our own tables, never text of the chart. */
export interface FindingWords {
  /** The drug ordered. */
  readonly subject: string;
  /** What it meets: another drug, an allergy, a condition; empty where it meets nothing. */
  readonly other: string;
  readonly problem: string;
  readonly advice: string;
}

export interface FindingSource {
  readonly label: string;
  readonly url?: string;
}

/** What the user could do about it; the card makes a suggestion of each. */
export type FindingAction =
  | { readonly type: 'delete'; readonly label: string; readonly reference: string }
  /** A draft proposal without subject and authoredOn: the card adds them. */
  | { readonly type: 'create'; readonly label: string; readonly resource: MedicationRequest }
  /** The draft itself, changed. */
  | { readonly type: 'update'; readonly label: string; readonly resource: Resource };
