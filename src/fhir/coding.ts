import { readFileSync } from 'node:fs';

/**
 * Codes as charts send them. Every function takes `unknown` and never throws: a chart may hold anything where
 * FHIR says CodeableConcept. Spellings of code systems come from vocabulary/systems.json.
 */

interface SystemTable {
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  readonly withoutDot: readonly string[];
}

const table: SystemTable = JSON.parse(
  readFileSync(new URL('../../vocabulary/systems.json', import.meta.url), 'utf8'),
);
const canonical = new Map(
  Object.entries(table.aliases).flatMap(([uri, others]) =>
    [uri, ...others].map((each) => [each, uri] as const),
  ),
);
const withoutDot = new Set(table.withoutDot);

export const loinc = 'http://loinc.org';
export const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const ucum = 'http://unitsofmeasure.org';

/** One code in its one spelling: canonical system URI; ICD codes upper case and without dot. */
export interface Code {
  readonly system: string;
  readonly code: string;
}

/** The FHIR URI of a code system, whichever URI or OID was sent; an unknown one is returned as it is. */
export const canonicalSystem = (system: string): string => canonical.get(system.trim()) ?? system.trim();

/** A code in its one spelling within a canonical system. ICD (CM, WHO, 9): `e11.9` and `E119` are the same. */
export const plainCode = (system: string, code: string): string =>
  withoutDot.has(system) ? code.trim().replaceAll('.', '').toUpperCase() : code.trim();

/** Key for maps and sets: `system|code`. */
export const codeKey = ({ system, code }: Code): string => `${system}|${code}`;

/** A code from system and code as written, in its one spelling. */
export function codeOf(system: string, code: string): Code {
  const uri = canonicalSystem(system);
  return { system: uri, code: plainCode(uri, code) };
}

/** All codes of a CodeableConcept that have both system and code; of anything else none. */
export function codesOf(concept: unknown): readonly Code[] {
  const codes: Code[] = [];
  for (const { system, code } of recordsIn(concept, 'coding')) {
    if (typeof system === 'string' && typeof code === 'string' && code.trim() !== '') {
      codes.push(codeOf(system, code));
    }
  }
  return codes;
}

/** The bare codes of a CodeableConcept whatever their system, lower case; its text where there is none. */
export function statusCodesOf(concept: unknown): readonly string[] {
  const codes: string[] = [];
  for (const { code } of recordsIn(concept, 'coding')) {
    if (typeof code === 'string' && code.trim() !== '') codes.push(code.trim().toLowerCase());
  }
  const text = isRecord(concept) ? concept.text : undefined;
  return codes.length === 0 && typeof text === 'string' ? [text.trim().toLowerCase()] : codes;
}

/** Everything a CodeableConcept says in words (text and displays): to look for names in, never to show. */
export function wordsOf(concept: unknown): string {
  const displays = recordsIn(concept, 'coding').map(({ display }) => display);
  const text = isRecord(concept) ? concept.text : undefined;
  return [text, ...displays].filter((each) => typeof each === 'string').join(' \n ');
}

/** A string of the chart; of anything else, which may stand where FHIR says code, the empty one. */
export const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A JSON object, as opposed to anything else a chart may hold in its place. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects of a list-valued element; of anything else none. */
export function recordsIn(value: unknown, element: string): readonly Readonly<Record<string, unknown>>[] {
  const list = isRecord(value) ? value[element] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
