/** Which Observations speak of a value, when each was true of the patient, and how each is named as a source. */
import { codeKey, codeOf, codesOf, isRecord, statusCodesOf, wordOf } from '../fhir/coding.ts';
import { referenceTo } from '../fhir/reference.ts';
import type { Moment } from '../fhir/time.ts';
import type { Context, Reading } from './context.ts';
import type { EntryFrom } from './entry.ts';
import type { Source } from './feature.ts';

type Entry = EntryFrom<'observation'>;

/** A reading with its place in time. */
export interface Dated {
  readonly reading: Reading;
  readonly moment: Moment;
  /** Written only when it is asked for: of a long series only the newest readings are used. */
  readonly source: () => Source;
}

/** An entry's codes and panels by `system|code`, each in its one spelling. */
interface Keys {
  readonly codes: ReadonlyMap<string, Entry['from']['codes'][number]>;
  readonly panels: ReadonlySet<string>;
}

const keysOfEntries = new WeakMap<Entry['from'], Keys>();

/** Worked out once an entry: spelling a code costs more than looking it up. */
function keysOf({ from }: Entry): Keys {
  const known = keysOfEntries.get(from);
  if (known !== undefined) return known;
  const key = (each: { system: string; code: string }) => codeKey(codeOf(each.system, each.code));
  const keys = {
    codes: new Map(from.codes.map((each) => [key(each), each])),
    panels: new Set((from.panels ?? []).map(key)),
  };
  keysOfEntries.set(from, keys);
  return keys;
}

/** All readings the entry names, each once. A component counts only inside one of the entry's panels. */
export function readingsOf(entry: Entry, { index }: Context): readonly Reading[] {
  const { codes, panels } = keysOf(entry);
  const found = new Set<Reading>();
  for (const key of codes.keys()) {
    for (const reading of index.readings.get(key) ?? []) {
      if (reading.panel === undefined || reading.panel.some((panel) => panels.has(panel))) found.add(reading);
    }
  }
  return [...found];
}

export const datedOf = (entry: Entry, reading: Reading, moment: Moment): Dated => ({
  reading,
  moment,
  source: () => sourceOf(entry)(reading, moment),
});

export const isUsableStatus = ({ observation }: Reading): boolean =>
  ['final', 'amended', 'corrected'].includes(wordOf(observation.status));

/** Reasons that mean something was measured but cannot be told; with any other, nothing was measured. */
const measuredButUntold = [
  'error',
  'not-a-number',
  'negative-infinity',
  'positive-infinity',
  'as-text',
  'masked',
];

/** Not done (dataAbsentReason and no value) is no record; a record without any value is one that cannot be used. */
export function holdsSomething({ holder }: Reading): boolean {
  if (holder.dataAbsentReason === undefined || hasValue(holder)) return true;
  const reasons = statusCodesOf(holder.dataAbsentReason);
  return reasons.some((reason) => measuredButUntold.includes(reason));
}

const hasValue = (holder: Reading['holder']): boolean =>
  Object.entries(holder).some(
    ([key, value]) => key.startsWith('value') && value !== undefined && value !== null,
  );

export const sourceOf =
  (entry: Entry) =>
  (reading: Reading, moment = reading.moment()): Source => {
    const { valueQuantity, valueCodeableConcept } = reading.holder;
    const { value, unit, code } = isRecord(valueQuantity) ? valueQuantity : {};
    const sent = unit ?? code;
    const answer = codesOf(valueCodeableConcept)[0]?.code;
    const at = moment?.text;
    return {
      reference: referenceTo(reading.observation),
      ...(at === undefined ? {} : { at }),
      ...(typeof value === 'number' ? { value } : answer === undefined ? {} : { value: answer }),
      ...(typeof sent === 'string' ? { unit: sent } : {}),
      display: matched(entry, reading)[0]?.display ?? entry.label,
    };
  };

/** The entry's codes that the reading carries, each with its LOINC property. */
export const matched = (entry: Entry, reading: Reading): Entry['from']['codes'] =>
  reading.keys.flatMap((key) => keysOf(entry).codes.get(key) ?? []);
