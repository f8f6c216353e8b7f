import type { Card } from 'cds-hooks-types';
import type { Explanation } from '../explain/explanation.ts';
import type { Feature, ValueName } from '../features/feature.ts';
import type { Finding } from '../findings/finding.ts';
import type { Result } from '../inference/model.ts';

export type DecisionId = string & { readonly __brand: 'DecisionId' };

/** What a service came to. Only `show` carries cards; every other outcome carries its reason. */
export type Outcome = 'show' | 'silent' | 'abstained' | 'undetermined';

/** A clinical value as it stood in the decision, with the vocabulary's words for it. */
export interface ValueRecord {
  readonly name: ValueName;
  readonly label: string;
  readonly group: string;
  readonly groupLabel: string;
  /** UCUM; absent for presence and coded answers. */
  readonly unit?: string;
  /** ISO 8601 duration after which the value counts as stale. */
  readonly lookback?: string;
  /** `input`: feeds a model of this decision directly; `check`: read for exclusions and conditions only. */
  readonly role: 'input' | 'check';
  readonly feature: Feature;
}

/** An output of a model in words, so that the app needs no manifest. */
export interface OutputRecord {
  readonly model: string;
  readonly name: string;
  readonly label: string;
  readonly horizon?: string;
  readonly unit: string;
  readonly value: number;
  /** Lowest and highest value there can be; absent for a risk. */
  readonly range?: { readonly min: number; readonly max: number };
}

/** Facts of a model that answered, from its manifest. */
export interface ModelRecord {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly digest: string;
  readonly citation: string;
  readonly intendedUse: string;
  readonly population: string;
  readonly validation: string;
  readonly cautions: readonly string[];
  readonly regulatoryTier: string;
  readonly license: string;
  readonly reviewBy: string;
  readonly variant?: string;
  /** Clinical values that feed it; records of an earlier version lack them. */
  readonly values?: readonly ValueName[];
  /** What it says in words: a band, a variant, as printed. */
  readonly labels?: readonly { readonly name: string; readonly label: string; readonly word: string }[];
  /** Candidate treatments of a benefit model, by the name that begins their outputs. */
  readonly treatments?: readonly {
    readonly name: string;
    readonly label: string;
    readonly defined?: string;
  }[];
}

/** A finding as it stood in the decision, in words that need no rule table. */
export type FindingRecord = Omit<Finding, 'actions'>;

/** One answer to one hook call, whole: what the card says and what the app explains are both this record. */
export interface Decision {
  readonly id: DecisionId;
  /** Id of the CDS service that was called: the package's own, or `all-<hook>`. */
  readonly service: string;
  /** Folder of the card package that decided. */
  readonly package: string;
  readonly title: string;
  readonly hook: string;
  readonly hookInstance: string;
  /** Id of the registered EHR that asked. */
  readonly issuer: string;
  readonly patientId: string;
  /** Who had the chart open, as the hook named them: `Practitioner/123`. Some hooks name nobody. */
  readonly userId?: string;
  readonly encounterId?: string;
  /** Where, as the chart's Encounter of this call names its location: `Ward 3`. */
  readonly location?: string;
  readonly decidedAt: string;
  readonly outcome: Outcome;
  /** Machine-readable, e.g. `already-treated`, `missing: totalCholesterol`. */
  readonly reason: string;
  readonly values: readonly ValueRecord[];
  readonly results: readonly Result[];
  readonly outputs: readonly OutputRecord[];
  readonly models: readonly ModelRecord[];
  readonly explanation?: Explanation;
  /** What was found among the draft orders; absent where nothing was. */
  readonly findings?: readonly FindingRecord[];
  readonly cards: readonly Card[];
  /** Template of card.json by card uuid. */
  readonly templates?: Readonly<Record<string, string>>;
  /** Parts of the cards that the caller's kind of client cannot be told, one each time; they were left out. */
  readonly dropped?: readonly string[];
  /** `pending`: no clinician has reviewed the service's content yet. */
  readonly clinicalReview: 'pending' | 'signed';
}
