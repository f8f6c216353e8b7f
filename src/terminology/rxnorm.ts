import { RrfError, rrfRows } from './rrf.ts';

/** One RxNorm concept: its term type (TTY) and RxNorm name. */
export interface Concept {
  readonly rxcui: string;
  readonly tty: string;
  readonly name: string;
}

/** A release as far as the drug index needs it. */
export interface Release {
  readonly concepts: ReadonlyMap<string, Concept>;
  /** The concepts that a concept has this relationship to: `consists_of` leads from SCD to SCDC. */
  related(rxcui: string, relationship: Relationship): readonly string[];
  /** NDC (11 digits) and the product it stands for. */
  readonly ndcs: readonly (readonly [ndc: string, rxcui: string])[];
}

/** RELA values that lead from a product towards its ingredients, form and name. */
const relationships = [
  'consists_of',
  'contains',
  'form_of',
  'has_dose_form',
  'has_ingredient',
  'has_ingredients',
  'has_part',
  'tradename_of',
] as const;
export type Relationship = (typeof relationships)[number];

const isRelationship = (text: string): text is Relationship =>
  (relationships as readonly string[]).includes(text);

/** Term types of the index, and dose forms. */
const termTypes = new Set('IN PIN MIN BN SCD SBD GPCK BPCK SCDC SBDC SCDF SBDF SCDG SBDG DF'.split(' '));

/**
 * Reads RXNCONSO, RXNREL and RXNSAT of a release folder (`rrf/`).
 * @throws RrfError where a file is missing, is none, or holds nothing of RxNorm
 */
export async function readRelease(folder: string): Promise<Release> {
  const concepts = await readConcepts(folder);
  if (concepts.size === 0) throw new RrfError('RXNCONSO.RRF: holds no RxNorm name (SAB RXNORM)');
  const edges = await readEdges(folder, concepts);
  if (edges.size === 0) throw new RrfError('RXNREL.RRF: holds no relationship between them (SAB RXNORM)');
  return {
    concepts,
    related: (rxcui, relationship) => edges.get(`${rxcui} ${relationship}`) ?? [],
    ndcs: await readNdcs(folder, concepts),
  };
}

/** A name in use stands before an obsolete one of the same concept. */
async function readConcepts(folder: string): Promise<ReadonlyMap<string, Concept>> {
  const concepts = new Map<string, Concept>();
  const obsolete = new Set<string>();
  for await (const { rxcui, tty, name, suppress } of rrfRows(folder, 'RXNCONSO.RRF')) {
    if (!termTypes.has(tty) || (concepts.has(rxcui) && !obsolete.has(rxcui))) continue;
    if (suppress === 'O') obsolete.add(rxcui);
    else obsolete.delete(rxcui);
    concepts.set(rxcui, { rxcui, tty, name });
  }
  return concepts;
}

/** RXNREL says what the second concept is to the first: the second consists of the first. */
async function readEdges(
  folder: string,
  concepts: ReadonlyMap<string, Concept>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const edges = new Map<string, string[]>();
  for await (const { from, to, rela } of rrfRows(folder, 'RXNREL.RRF')) {
    if (!isRelationship(rela) || !concepts.has(from) || !concepts.has(to)) continue;
    const key = `${from} ${rela}`;
    const found = edges.get(key);
    if (found === undefined) edges.set(key, [to]);
    else if (!found.includes(to)) found.push(to);
  }
  return edges;
}

async function readNdcs(
  folder: string,
  concepts: ReadonlyMap<string, Concept>,
): Promise<readonly (readonly [string, string])[]> {
  const ndcs: (readonly [string, string])[] = [];
  for await (const { rxcui, attribute, value, suppress } of rrfRows(folder, 'RXNSAT.RRF')) {
    if (attribute !== 'NDC' || suppress === 'O' || !concepts.has(rxcui)) continue;
    if (/^\d{11}$/.test(value)) ndcs.push([value, rxcui]);
  }
  return ndcs;
}
