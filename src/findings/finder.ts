import type { MedicationRequest } from '@medplum/fhirtypes';
import type { DailyDose } from '../features/dose.ts';
import type { Feature, ValueName } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Chart } from '../fhir/chart.ts';
import type { Finding, FindingKind } from './finding.ts';

/** One kind of finding: pure, and silent rather than guessing. */
export interface Finder {
  readonly kind: FindingKind;
  /** Clinical values it may ask for. */
  readonly needs: readonly ValueName[];
  /** Keys of the chart's lists that it reads itself, beside those its values come from. */
  readonly lists: readonly string[];
  /** Findings about the selected drafts, in any order. */
  find(view: OrderView): readonly Finding[];
}

/** What a finder may look at. */
export interface OrderView {
  readonly chart: Chart;
  readonly vocabulary: Vocabulary;
  /** Orders not signed yet; only the selected ones are judged. */
  readonly drafts: readonly OrderedDrug[];
  /** What the patient is on: active prescriptions and statements that no draft replaces. */
  readonly active: readonly OrderedDrug[];
  /** What the patient was on within the last 100 days and is no more. */
  readonly recent: readonly OrderedDrug[];
  /** A value of the vocabulary; one that nobody asked for is Missing(not-supplied). */
  feature(name: ValueName): Feature;
}

/** One drug of the order view. */
export interface OrderedDrug {
  /** `MedicationRequest/1`, `MedicationStatement/1`. */
  readonly reference: string;
  readonly status: 'draft' | 'active' | 'recent';
  /** Chosen by the user just now: always false of what is no draft. */
  readonly selected: boolean;
  /** RxNorm ingredients that count systemically, with the names of our tables. */
  readonly ingredients: readonly { readonly code: string; readonly name: string }[];
  /** No code known to us, or described in a Medication that is not here: nothing can be said of it. */
  readonly unread: boolean;
  /** As needed. */
  readonly prn: boolean;
  /** `oral`, `topical`, `intravenous`…: our word for the route ordered, else for the product's form. */
  readonly route?: string;
  readonly dose: DailyDose;
  /** As sent; a MedicationStatement in the shape of a request. */
  readonly resource: MedicationRequest;
  /** Is it, or does it contain, a member of `urn:auscult:ValueSet:<id>`? Unread: false. */
  is(valueSet: string): boolean;
}
