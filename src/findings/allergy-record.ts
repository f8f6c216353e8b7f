import type { AllergyIntolerance } from '@medplum/fhirtypes';
import { isHeld } from '../features/coded-condition.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Chart } from '../fhir/chart.ts';
import { codeKey, codeOf, codesOf, isRecord, recordsIn, statusCodesOf, wordsOf } from '../fhir/coding.ts';
import { rxcuisOf } from '../fhir/medication.ts';
import type { AllergyGroup } from './allergy-rules.ts';
import { membersOf, valueSetOf } from './orders.ts';

/** An allergy or intolerance that stands: what to, and what happened. */
export interface Allergy {
  /** RxNorm ingredients of its substances. */
  readonly ingredients: ReadonlySet<string>;
  /** Groups of the table that it is an allergy to: by class code, by ingredient, by class name where it is uncoded. */
  readonly groups: ReadonlySet<string>;
  /** What it says in words, where no code of it is known to us: to look for names in, never to show. */
  readonly words: string | undefined;
  readonly intolerance: boolean;
  readonly unconfirmed: boolean;
  readonly criticalityHigh: boolean;
  readonly severeReaction: boolean;
  readonly anaphylaxis: boolean;
  readonly angioedema: boolean;
  /** No reaction is recorded: what happened is not known. */
  readonly untold: boolean;
}

/** SNOMED CT, recognised on input only: no known allergy, no known drug allergy. */
const noneKnown = new Set(['716186003', '409137002']);
const denied =
  /^(?:patient\s+)?(?:no\s+(?:known\s+)?(?:drug\s+)?(?:allerg|intoleranc)|not\s+allergic|nkd?a\b|denies\b)/i;

/** Allergies of the chart that stand: not inactive, resolved, refuted or mistaken; "no known allergy" is none. */
export const allergiesOf = (
  chart: Chart,
  vocabulary: Vocabulary,
  groups: readonly AllergyGroup[],
): readonly Allergy[] =>
  chart.resources
    .filter(
      (each): each is AllergyIntolerance => isRecord(each) && each.resourceType === 'AllergyIntolerance',
    )
    .filter((each) => isOpen(each) && isHeld(each, true) && !saysNone(each))
    .map((each) => allergy(each, vocabulary, groups));

const isOpen = ({ clinicalStatus }: AllergyIntolerance): boolean =>
  !statusCodesOf(clinicalStatus).some((status) => status === 'inactive' || status === 'resolved');

/** Only where nothing else is said: `penicillin; no allergy to cephalosporins` is an allergy. */
function saysNone({ code }: AllergyIntolerance): boolean {
  const said = wordsOf(code)
    .split('\n')
    .map((each) => each.trim());
  return codesOf(code).some((each) => noneKnown.has(each.code)) || said.every((each) => denied.test(each));
}

function allergy(
  record: AllergyIntolerance,
  vocabulary: Vocabulary,
  groups: readonly AllergyGroup[],
): Allergy {
  const reactions = recordsIn(record, 'reaction');
  const concepts = [record.code, ...reactions.map(({ substance }) => substance)];
  const codes = concepts.flatMap(codesOf);
  const rxcuis = rxcuisOf(codes, vocabulary.drugs);
  const ingredients = new Set(rxcuis.flatMap((rxcui) => contentOf(rxcui, vocabulary) ?? []));
  const keys = new Set(codes.map(codeKey));
  const coded = groups.filter(
    (group) => isIn(group, ingredients, vocabulary) || hasCode(group, keys, vocabulary),
  );
  const words = ingredients.size === 0 && coded.length === 0 ? concepts.map(wordsOf).join(' \n ') : undefined;
  const named = words === undefined ? [] : groups.filter((group) => namesIn(group.words, words));
  return {
    ingredients,
    groups: new Set([...coded, ...named].map(({ id }) => id)),
    words: words?.trim() === '' ? undefined : words,
    intolerance: record.type === 'intolerance',
    unconfirmed: statusCodesOf(record.verificationStatus).includes('unconfirmed'),
    criticalityHigh: record.criticality === 'high',
    severeReaction: reactions.some(({ severity }) => severity === 'severe'),
    anaphylaxis: reactions.some((each) => shows(each, anaphylaxis)),
    angioedema: reactions.some((each) => shows(each, angioedema)),
    untold: reactions.every(
      ({ manifestation }) => !Array.isArray(manifestation) || manifestation.length === 0,
    ),
  };
}

/** Everything a product holds, in whatever form: a cream that holds the allergen is one too. */
export const contentOf = (rxcui: string, { drugs }: Vocabulary): readonly string[] | undefined =>
  drugs.components(rxcui)?.map(({ ingredient }) => ingredient);

/** Does one of the ingredients belong to the group? */
export const isIn = (
  group: AllergyGroup,
  ingredients: ReadonlySet<string>,
  vocabulary: Vocabulary,
): boolean =>
  group.ingredients.some(({ code }) => ingredients.has(code)) ||
  group.classes.some((id) => [...membersOf(id, vocabulary).keys()].some((code) => ingredients.has(code)));

function hasCode({ allergens }: AllergyGroup, keys: ReadonlySet<string>, vocabulary: Vocabulary): boolean {
  return allergens.some((id) => {
    const set = valueSetOf(id, vocabulary);
    return [...keys].some((key) => {
      const [system = '', code = ''] = key.split('|');
      return set.display(codeOf(system, code)) !== undefined;
    });
  });
}

interface Manifestation {
  readonly codes: ReadonlySet<string>;
  readonly words: RegExp;
}

/** SNOMED CT (IPS) and ICD-10-CM codes of the two reactions that change what follows. */
const anaphylaxis: Manifestation = {
  codes: new Set(['39579001', 'T782XXA', 'T886XXA', 'T782', 'T886']),
  words: /anaphyla/i,
};
const angioedema: Manifestation = {
  codes: new Set(['41291007', 'T783XXA', 'T783']),
  words:
    /angio-?\s?o?edema|(?:swelling|swollen|edema)\s+(?:of\s+)?(?:the\s+)?(?:face|lips?|tongue|throat|larynx)/i,
};

const shows = (reaction: unknown, { codes, words }: Manifestation): boolean =>
  recordsIn(reaction, 'manifestation').some(
    (each) => codesOf(each).some(({ code }) => codes.has(code)) || words.test(wordsOf(each)),
  );

/** Does one of the names stand in the text as a whole word? */
export function namesIn(names: readonly string[], text: string): boolean {
  if (names.length === 0) return false;
  const escaped = names.map((each) => each.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`));
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?![\\p{L}\\p{N}])`, 'iu').test(text);
}
