import type { Entry, EntryFrom } from './entry.ts';
import { inputsOf, requiredInputsOf } from './entry.ts';
import type { ValueName } from './feature.ts';
import { isDrugSet } from './membership.ts';
import type { Vocabulary } from './vocabulary.ts';

/** One list of the chart: one prefetch key and the FHIR query behind it. */
export interface ChartList {
  readonly key: string;
  /** CDS Hooks 2.0 prefetch template; its only token is {{context.patientId}}. */
  readonly query: string;
  /** Does a value that the service cannot do without come from it? */
  readonly required: boolean;
  /** Values it feeds, in the order of the vocabulary. */
  readonly values: readonly ValueName[];
}

export interface Need {
  readonly name: ValueName;
  readonly required: boolean;
}

const patient = '{{context.patientId}}';
const queries: Readonly<Record<string, string>> = {
  patient: `Patient/${patient}`,
  conditions: `Condition?patient=${patient}`,
  medications: `MedicationRequest?patient=${patient}&status=active`,
  medicationHistory: `MedicationRequest?patient=${patient}&status=on-hold,completed,stopped,cancelled`,
  allergies: `AllergyIntolerance?patient=${patient}`,
  procedures: `Procedure?patient=${patient}`,
  serviceRequests: `ServiceRequest?patient=${patient}`,
  encounters: `Encounter?patient=${patient}&_sort=-date&_count=100`,
};

/** Is this the key of a list that every service shares? A group of observations may not take it. */
export const isFixedList = (key: string): boolean => Object.hasOwn(queries, key);

/**
 * The lists that the needed values come from, closed over derived inputs: `patient` always, the fixed lists in
 * the order above, then one Observation list per vocabulary group (keyed by it, with the union of its codes).
 * Where the encounters only place a record (the setting of a reading, what is of the visit) they are not required.
 * @param also keys of fixed lists that are read as a whole, whatever values come from them
 * @throws Error for a name that the vocabulary does not have (a broken package: stops the start)
 */
export function listsFor(
  vocabulary: Vocabulary,
  needed: readonly Need[],
  also: readonly string[] = [],
): readonly ChartList[] {
  const names = (needs: readonly Need[]): readonly ValueName[] => needs.map((need) => need.name);
  const required = closure(vocabulary, names(needed.filter((need) => need.required)), requiredInputsOf);
  const all = closure(vocabulary, names(needed), inputsOf);
  const entries = [...vocabulary.entries.values()].filter((entry) => all.has(entry.name));
  const fedBy = new Map<string, Entry[]>(Object.keys(queries).map((key) => [key, []]));
  for (const entry of entries) {
    for (const key of [...listsOf(entry, vocabulary), ...placingLists(entry)]) {
      fedBy.set(key, [...(fedBy.get(key) ?? []), entry]);
    }
  }
  return [...fedBy]
    .filter(([key, fed]) => key === 'patient' || also.includes(key) || fed.length > 0)
    .map(([key, fed]) => {
      const must = fed.some((entry) => required.has(entry.name) && listsOf(entry, vocabulary).includes(key));
      return list(key, queries[key] ?? observationQuery(fed), must, fed);
    });
}

function placingLists({ setting, from }: Entry): readonly string[] {
  const placed =
    setting !== undefined ||
    (from.kind === 'condition' && from.encounter !== undefined) ||
    (from.kind === 'medication' && from.includes !== undefined);
  return placed ? ['encounters'] : [];
}

/** Keys of the lists that a value read from the chart comes from: one that did not come leaves it Missing. */
export function listsOf({ from, group }: Entry, vocabulary: Vocabulary): readonly string[] {
  switch (from.kind) {
    case 'observation':
      return [group];
    case 'condition':
      return ['conditions'];
    case 'medication':
      return asksForPast(from) ? ['medications', 'medicationHistory'] : ['medications'];
    case 'dose':
      return ['medications'];
    case 'allergy':
      return ['allergies'];
    case 'procedure':
      return ['procedures'];
    case 'ordered':
      return ['serviceRequests'];
    case 'declined':
      return declinedLists(from.valueSet, vocabulary);
    case 'encounter':
      return ['encounters'];
    case 'demographic':
      return ['patient'];
    case 'derived':
      return [];
  }
}

/** Does a drug count that is over: taken lately, or ordered for discharge? */
export const asksForPast = ({ within, includes }: EntryFrom<'medication'>['from']): boolean =>
  within !== undefined || includes !== undefined;

/** Why an order was ended that means "not again": refused, contraindicated, allergic, not tolerated. */
export const reasonNotGiven = 'urn:auscult:ValueSet:reason-not-given';

/** What was declined: drugs in orders active (not to give) and past, all else in orders and procedures. */
export const declinedLists = (valueSet: string, vocabulary: Vocabulary): readonly string[] =>
  isDrugSet(valueSet, vocabulary) ? ['medications', 'medicationHistory'] : ['procedures', 'serviceRequests'];

const list = (key: string, query: string, required: boolean, fed: readonly Entry[]): ChartList => ({
  key,
  query,
  required,
  values: fed.map((entry) => entry.name),
});

function observationQuery(entries: readonly Entry[]): string {
  const codes = entries.flatMap(({ from }) =>
    from.kind === 'observation'
      ? [...(from.panels ?? []), ...from.codes].map((each) => `${each.system}|${each.code}`)
      : [],
  );
  return `Observation?patient=${patient}&code=${[...new Set(codes)].join(',')}&_sort=-date&_count=100`;
}

function closure(
  vocabulary: Vocabulary,
  names: readonly ValueName[],
  inputsOf: (entry: Entry) => readonly string[],
): ReadonlySet<ValueName> {
  const found = new Set<ValueName>();
  const visit = (name: ValueName): void => {
    if (found.has(name)) return;
    const entry = vocabulary.entries.get(name);
    if (entry === undefined) throw new Error(`${name} is not a value of the vocabulary`);
    found.add(name);
    for (const input of inputsOf(entry)) visit(input);
  };
  for (const name of names) visit(name);
  return found;
}
