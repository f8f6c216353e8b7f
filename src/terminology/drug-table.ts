import { joinLetters, routeLetter, ucumStrength } from './dose-form.ts';
import type { Concept, Relationship, Release } from './rxnorm.ts';

/** An ingredient of a product, and the strength in UCUM where it has one. */
interface Part {
  readonly ingredient: string;
  readonly strength?: string;
}

const nameColumns = new Set(['IN', 'PIN', 'BN']);

/**
 * The lines of drugs.tsv out of a release, by code: term type, routes, quantity, dose form, ingredients with strengths,
 * name. A concept whose ingredients the release does not tell is left out.
 */
export function drugLines(release: Release): readonly string[] {
  const brands = routesByBrand(release);
  return [...release.concepts.values()]
    .toSorted((one, other) => Number(one.rxcui) - Number(other.rxcui))
    .flatMap((concept) => {
      const parts = partsOf(concept, release);
      if (concept.tty === 'DF' || parts.length === 0) return [];
      const { rxcui, tty, name } = concept;
      const letters = tty === 'BN' ? (brands.get(rxcui) ?? '') : routesOf(concept, release);
      const ingredients = parts.map(({ ingredient, strength }) =>
        [ingredient, strength ?? []].flat().join(' '),
      );
      const cells = [
        rxcui,
        tty,
        letters,
        quantityOf(concept),
        formOf(concept, release),
        ingredients.join('|'),
      ];
      return [[...cells, nameColumns.has(tty) ? name : ''].join('\t')];
    });
}

const isPack = ({ tty }: Concept): boolean => tty === 'GPCK' || tty === 'BPCK';

function targets(concept: Concept, relationship: Relationship, release: Release): readonly Concept[] {
  return release.related(concept.rxcui, relationship).flatMap((rxcui) => release.concepts.get(rxcui) ?? []);
}

/** Follows a product to its ingredients: SBD → SCD → SCDC → IN, packs → their products, salts and brands → IN. */
function partsOf(concept: Concept, release: Release): readonly Part[] {
  const over = (relationship: Relationship, ...types: readonly string[]): readonly Part[] =>
    targets(concept, relationship, release)
      .filter(({ tty }) => types.includes(tty))
      .toSorted((one, other) => placeIn(concept, one) - placeIn(concept, other))
      .flatMap((each) => partsOf(each, release));
  switch (concept.tty) {
    case 'IN':
      return [{ ingredient: concept.rxcui }];
    case 'PIN':
      return over('form_of', 'IN');
    case 'MIN':
      return over('has_part', 'IN');
    case 'BN':
      return unique(over('tradename_of', 'IN', 'PIN', 'MIN'));
    case 'SCDC':
      return withStrength(over('has_ingredient', 'IN'), concept.name);
    case 'SCD':
      return over('consists_of', 'SCDC');
    case 'SBDC':
      return over('tradename_of', 'SCDC');
    case 'SBD':
      return firstOf(over('tradename_of', 'SCD'), over('consists_of', 'SCDC', 'SBDC'));
    case 'SCDF':
    case 'SCDG':
      return unique([...over('has_ingredient', 'IN'), ...over('has_ingredients', 'MIN')]);
    case 'SBDF':
    case 'SBDG':
      return over('tradename_of', 'SCDF', 'SCDG');
    case 'GPCK':
    case 'BPCK':
      return unique(over('contains', 'SCD', 'SBD'));
    default:
      return [];
  }
}

/** Parts stand in the order in which the product's name has them. */
function placeIn(whole: Concept, part: Concept): number {
  const place = whole.name.toLowerCase().indexOf(part.name.toLowerCase());
  return place === -1 ? whole.name.length : place;
}

const firstOf = (...each: readonly (readonly Part[])[]): readonly Part[] =>
  each.find((parts) => parts.length > 0) ?? [];

/** Each ingredient once, without strengths: of a pack, a group, a brand. */
const unique = (parts: readonly Part[]): readonly Part[] =>
  [...new Set(parts.map(({ ingredient }) => ingredient))].map((ingredient) => ({ ingredient }));

/** The name of a component ends in its strength: `cephalexin 500 MG`. */
function withStrength(parts: readonly Part[], name: string): readonly Part[] {
  const strength = ucumStrength(/\d+(?:\.\d+)? \S+$/.exec(name)?.[0] ?? '');
  return strength === undefined ? parts : parts.map((each) => ({ ...each, strength }));
}

/** `0.4 ML enoxaparin …` → `0.4 mL`. */
function quantityOf({ tty, name }: Concept): string {
  if (tty !== 'SCD' && tty !== 'SBD') return '';
  return ucumStrength(/^\d+(?:\.\d+)? (?:ML|HR|ACTUAT)(?= )/.exec(name)?.[0] ?? '') ?? '';
}

function formOf(concept: Concept, release: Release): string {
  if (isPack(concept)) return 'Pack';
  if (concept.tty !== 'SCD' && concept.tty !== 'SBD') return '';
  return targets(concept, 'has_dose_form', release)[0]?.name ?? '';
}

function routesOf(concept: Concept, release: Release): string {
  if (isPack(concept)) {
    return joinLetters(targets(concept, 'contains', release).map((each) => routesOf(each, release)));
  }
  const form = formOf(concept, release);
  if (form !== '') return routeLetter(form);
  const inItsName = ['SCDF', 'SBDF', 'SCDG', 'SBDG', 'SCD', 'SBD'].includes(concept.tty);
  return inItsName ? routeLetter(concept.name.replace(/\s*\[[^\]]*\]\s*$/, '')) : '';
}

/** A brand has the routes of the branded products that name it as theirs. */
function routesByBrand(release: Release): ReadonlyMap<string, string> {
  const brands = new Map<string, string>();
  for (const concept of release.concepts.values()) {
    if (concept.tty !== 'SBD' && concept.tty !== 'BPCK') continue;
    for (const { rxcui, tty } of targets(concept, 'has_ingredient', release)) {
      if (tty === 'BN') brands.set(rxcui, joinLetters([brands.get(rxcui) ?? '', routesOf(concept, release)]));
    }
  }
  return brands;
}

/** The lines of ndc.tsv: nine digits of labeler and product, RxNorm code, package digits. */
export function ndcLines({ ndcs }: Release, known: ReadonlySet<string>): readonly string[] {
  const packages = new Map<string, Set<string>>();
  for (const [ndc, rxcui] of ndcs) {
    if (!known.has(rxcui)) continue;
    const key = `${ndc.slice(0, 9)}\t${rxcui}`;
    packages.set(key, (packages.get(key) ?? new Set()).add(ndc.slice(9)));
  }
  return [...packages].map(([key, ends]) => `${key}\t${[...ends].sort().join('')}`).sort();
}
