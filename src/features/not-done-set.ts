import { readFileSync } from 'node:fs';
import { recordsIn, wordOf } from '../fhir/coding.ts';

/** Sets of the Value Set Authority Center by OID, and which of our value sets each stands for when it was not done. */
interface NotDoneSets {
  readonly sets: Readonly<Record<string, { readonly valueSets: readonly string[] }>>;
}

const { sets }: NotDoneSets = JSON.parse(
  readFileSync(new URL('../../vocabulary/not-done-sets.json', import.meta.url), 'utf8'),
);

/** QI-Core, and its older name. */
const notDone = [
  'http://hl7.org/fhir/StructureDefinition/cqf-notDoneValueSet',
  'http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDoneValueSet',
];

/**
 * Our value sets that a record means by naming a set in the place of a code, on the concept or on its codings (versions
 * do not matter): ours by its own URL, another's by its OID (vocabulary/not-done-sets.json; a set of other drugs means
 * none of ours), and one that is not known by the URL that was sent. Undefined: the record names no set.
 */
export function valueSetsNotDone(concept: unknown): readonly string[] | undefined {
  const named = [concept, ...recordsIn(concept, 'coding')].flatMap((each) =>
    recordsIn(each, 'extension').flatMap(({ url, valueCanonical, valueUri, valueString }) => {
      const set = valueCanonical ?? valueUri ?? valueString;
      return notDone.includes(wordOf(url)) && typeof set === 'string' ? [set] : [];
    }),
  );
  return named.length === 0 ? undefined : named.flatMap(ours);
}

function ours(named: string): readonly string[] {
  const url = named.split('|')[0]?.trim() ?? '';
  const oid =
    /^(?:https?:\/\/cts\.nlm\.nih\.gov\/fhir\/ValueSet\/|urn:oid:)?(\d+(?:\.\d+)+)$/.exec(url)?.[1] ?? '';
  return Object.hasOwn(sets, oid) ? (sets[oid]?.valueSets ?? []) : [url];
}
