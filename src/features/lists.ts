import type { Entry } from './entry.ts';
import { inputsOf } from './entry.ts';
import type { ValueName } from './feature.ts';
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
  allergies: `AllergyIntolerance?patient=${patient}`,
  encounters: `Encounter?patient=${patient}&_sort=-date&_count=100`,
};

/** Is this the key of a list that every service shares? A group of observations may not take it. */
export const isFixedList = (key: string): boolean => Object.hasOwn(queries, key);

/**
 * The lists that the needed values come from, closed over derived inputs: `patient` always, the fixed lists in
 * the order above, then one Observation list per vocabulary group (keyed by it, with the union of its codes).
 * The encounters only tell the setting of a reading: never required.
 * @throws Error for a name that the vocabulary does not have (a broken package: stops the start)
 */
export function listsFor(vocabulary: Vocabulary, needed: readonly Need[]): readonly ChartList[] {
  const required = closure(
    vocabulary,
    needed.filter((need) => need.required).map((need) => need.name),
  );
  const all = closure(
    vocabulary,
    needed.map((need) => need.name),
  );
  const entries = [...vocabulary.entries.values()].filter((entry) => all.has(entry.name));
  const byKey = Map.groupBy(
    entries.filter((entry) => entry.from.kind !== 'derived'),
    listOf,
  );
  const fixed = Object.keys(queries).flatMap((key) => {
    const fed =
      key === 'encounters' ? entries.filter((entry) => entry.setting !== undefined) : (byKey.get(key) ?? []);
    if (fed.length === 0 && key !== 'patient') return [];
    const must = key !== 'encounters' && fed.some((entry) => required.has(entry.name));
    return [list(key, queries[key] ?? '', must, fed)];
  });
  const observed = [...byKey]
    .filter(([key]) => !isFixedList(key))
    .map(([key, fed]) =>
      list(
        key,
        observationQuery(fed),
        fed.some((entry) => required.has(entry.name)),
        fed,
      ),
    );
  return [...fixed, ...observed];
}

/** Key of the list that a value read from the chart comes from; its own supply decides what absence means. */
export function listOf(entry: Entry): string {
  switch (entry.from.kind) {
    case 'observation':
      return entry.group;
    case 'condition':
      return 'conditions';
    case 'medication':
      return 'medications';
    case 'allergy':
      return 'allergies';
    case 'demographic':
    case 'derived':
      return 'patient';
  }
}

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

function closure(vocabulary: Vocabulary, names: readonly ValueName[]): ReadonlySet<ValueName> {
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
