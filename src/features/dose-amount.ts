import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import { isRecord } from '../fhir/coding.ts';
import { type DrugIndex, drugOf, rxcuisOf } from '../fhir/medication.ts';
import { toUnit } from '../fhir/quantity.ts';
import { type Missing, missing } from './feature.ts';

/** What one administration, or one unit of a product, holds of an ingredient. */
export interface Amount {
  readonly ingredient: string;
  readonly value: number;
  /** `mg`, `meq`, `[iU]`, or `ug/h` for a patch that gives a rate. */
  readonly unit: string;
}

/** What an order is of: its ingredients, and their strengths where the code says them. */
export interface Product {
  readonly kind: 'product';
  /** RxNorm dose form, e.g. `Extended Release Oral Tablet`; undefined where the code names no form. */
  readonly form?: string;
  /** None: a product that does not act systemically (eye drops). */
  readonly ingredients: readonly string[];
  /** Undefined where only ingredients are known: then a mass is readable of a single ingredient alone. */
  readonly strengths?: readonly Strength[];
  /** mL that one piece holds (a filled syringe, a vial). */
  readonly pieceMl?: number;
}

/** An amount per counted unit (tablet, patch), per mL, per actuation, or per hour. */
interface Strength extends Amount {
  readonly per: 'each' | 'mL' | 'actuation' | 'h';
}

const untold = (detail: string): Missing => missing('unsuitable', detail);

/** The product an order is of, by RxNorm or NDC code. Missing: described elsewhere, no code known, or a pack. */
export function productOf(
  request: MedicationRequest,
  drugs: DrugIndex,
  medications: ReadonlyMap<string, Resource>,
): Product | Missing {
  const drug = drugOf(request, medications);
  if (drug.kind === 'elsewhere') return missing('fetch-failed', 'the drug is described elsewhere');
  const known = rxcuisOf(drug.codes, drugs).flatMap((rxcui) => {
    const ingredients = drugs.ingredients(rxcui);
    return ingredients === undefined ? [] : [{ rxcui, ingredients }];
  });
  if (known.length === 0) return untold('the drug has no code that can be read');
  if (known.every(({ ingredients }) => ingredients.length === 0)) return { kind: 'product', ingredients: [] };
  const products = known.flatMap(({ rxcui }) => strengthened(rxcui, drugs));
  const [first, ...others] = products;
  if (first === undefined) {
    if (known.some(({ rxcui }) => !drugs.isWhole(rxcui)))
      return untold('not all ingredients of the drug are known');
    return { kind: 'product', ingredients: [...new Set(known.flatMap((each) => each.ingredients))] };
  }
  if (others.some((each) => !sameStrengths(each, first))) {
    return missing('conflicting', 'the codes of the drug name different strengths');
  }
  return first;
}

function strengthened(rxcui: string, drugs: DrugIndex): readonly Product[] {
  const parts = drugs.components(rxcui) ?? [];
  const strengths = parts.map(({ ingredient, amount }) => strengthOf(ingredient, amount));
  const form = drugs.doseForm(rxcui);
  const piece = drugs.quantity(rxcui);
  if (strengths.length === 0 || strengths.some((each) => each === undefined)) return [];
  if (!drugs.isWhole(rxcui)) return [];
  if (form !== undefined && /\b(kit|pack)\b/i.test(form)) return [];
  return [
    {
      kind: 'product',
      ...(form === undefined ? {} : { form }),
      ingredients: [...new Set(parts.map((each) => each.ingredient))],
      ...(piece?.unit === 'mL' ? { pieceMl: piece.value } : {}),
      strengths: summed(strengths.filter((each) => each !== undefined)),
    },
  ];
}

const perWords: Readonly<Record<string, Strength['per']>> = {
  mL: 'mL',
  ml: 'mL',
  h: 'h',
  hr: 'h',
  actuat: 'actuation',
  actuation: 'actuation',
};

/** `0.09 mg/{actuat}`, `300 mg`, `0.025 mg/h` → amount in mg, [iU] or meq per what is counted; a patch in ug/h. */
function strengthOf(
  ingredient: string,
  amount: { readonly value: number; readonly unit: string } | undefined,
): Strength | undefined {
  if (amount === undefined || !isAbove(amount.value)) return undefined;
  const [numerator = '', denominator] = amount.unit.split('/');
  const per = denominator === undefined ? 'each' : perWords[denominator.replaceAll(/[{}]/g, '')];
  if (per === undefined) return undefined;
  const measured = measure({ value: amount.value, unit: numerator });
  if (measured === undefined || (per === 'h' && measured.unit !== 'mg')) return undefined;
  return per === 'h'
    ? { ingredient, per, value: tidy(measured.value * 1000), unit: 'ug/h' }
    : { ingredient, per, ...measured };
}

/** Unit conversion by a power of ten must not leave 24.999999999999996. */
const tidy = (value: number): number => Number(value.toPrecision(14));
const isAbove = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

/** Two salts of one ingredient in one product add up. */
function summed(strengths: readonly Strength[]): readonly Strength[] {
  const groups = Map.groupBy(strengths, ({ ingredient, per, unit }) => `${ingredient} ${per} ${unit}`);
  return [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [{ ...first, value: more.reduce((sum, each) => sum + each.value, first.value) }],
  );
}

function sameStrengths(one: Product, other: Product): boolean {
  const spell = ({ strengths = [] }: Product) =>
    strengths
      .map(({ ingredient, value, unit, per }) => `${ingredient} ${value} ${unit} ${per}`)
      .sort()
      .join();
  return spell(one) === spell(other);
}

const internationalUnits = new Set([
  '[iu]',
  'iu',
  'unt',
  'unit',
  'units',
  "[usp'u]",
  'u',
  'unt.',
  'intl units',
]);

/** A quantity in mg, meq or [iU]; undefined: it is none of these. */
function measure(quantity: unknown): { readonly value: number; readonly unit: string } | undefined {
  const international = wordsOf(quantity).some((each) => internationalUnits.has(each));
  if (international && isRecord(quantity) && isAbove(quantity.value)) {
    return { value: quantity.value, unit: '[iU]' };
  }
  for (const unit of ['mg', 'meq']) {
    const converted = toUnit(quantity, unit);
    if (converted.ok) return { value: converted.converted ? tidy(converted.value) : converted.value, unit };
  }
  return undefined;
}

/** Words for counted units: UCUM annotations, HL7 v3 orderableDrugForm and SNOMED CT codes, plain English. */
const countedWords = new Set(
  (
    'tablet tablets tab tabs tbl capsule capsules cap caps patch patches system suppository suppositories supp ' +
    'lozenge lozenges film films troche each ea 385055001 385049006 385114002 385099005'
  ).split(' '),
);
/** Filled pieces of an injection. */
const pieceWords = new Set('syringe syringes vial vials ampule ampules ampoule ampoules'.split(' '));
const actuationWords = new Set(
  'puff puffs actuation actuations actuat spray sprays spry inhalation inhalations'.split(' '),
);

/** Unit text and code of a quantity, lower case, without annotation braces and the plural `(s)`. */
function wordsOf(quantity: unknown): readonly string[] {
  if (!isRecord(quantity)) return [];
  return [quantity.code, quantity.unit].flatMap((each) =>
    typeof each === 'string' && each.trim() !== ''
      ? [
          each
            .trim()
            .toLowerCase()
            .replaceAll(/[{}]|\(e?s\)$/g, ''),
        ]
      : [],
  );
}

/**
 * What a dose quantity holds of each ingredient of the product: counted units, volumes and actuations by strength; a
 * mass of a single ingredient as it is, of a combination only where its annotation names the ingredient
 * (`mg{oxycodone}`). Missing: no unit, a unit that does not fit, a bound instead of a number, not above zero.
 */
export function amountsOf(
  quantity: unknown,
  product: Product,
  drugs: DrugIndex,
): readonly Amount[] | Missing {
  if (!isRecord(quantity) || typeof quantity.value !== 'number') return untold('the dose holds no number');
  if (!isAbove(quantity.value)) return missing('implausible', 'the dose is not above zero');
  if (quantity.comparator !== undefined && quantity.comparator !== null) return untold('the dose is a bound');
  const words = wordsOf(quantity);
  if (words.length === 0 || words.every((each) => each === '1')) {
    return missing('unknown-unit', 'the dose has no unit');
  }
  if (words.some((each) => pieceWords.has(each))) {
    return product.pieceMl === undefined
      ? untold('what one piece holds is not known')
      : times(quantity.value * product.pieceMl, 'mL', product);
  }
  if (words.some((each) => countedWords.has(each))) return times(quantity.value, 'each', product);
  if (words.some((each) => actuationWords.has(each))) return times(quantity.value, 'actuation', product);
  const volume = toUnit(quantity, 'mL');
  if (volume.ok) return times(tidy(volume.value), 'mL', product);
  const rate = toUnit(quantity, 'ug/h');
  if (rate.ok) return rateOf(tidy(rate.value), product);
  return massOf(quantity, product, drugs);
}

function times(
  count: number,
  per: Strength['per'],
  { strengths, form }: Product,
): readonly Amount[] | Missing {
  if (strengths === undefined) return untold('the strength of the product is not known');
  const fits = (each: Strength) => each.per === per || (per === 'each' && each.per === 'h');
  if (!strengths.every(fits)) return untold('the unit of the dose does not fit the product');
  if (per === 'each' && form !== undefined && /inject|syringe|cartridge|inhal/i.test(form)) {
    return untold('the unit of the dose does not fit the product');
  }
  return strengths.map(({ ingredient, value, unit }) => ({ ingredient, value: tidy(count * value), unit }));
}

/** A patch ordered by its rate. */
function rateOf(value: number, { strengths, ingredients, form = '' }: Product): readonly Amount[] | Missing {
  const [ingredient, ...others] = ingredients;
  const patch = strengths?.every((each) => each.per === 'h') ?? /transdermal/i.test(form);
  if (!patch || ingredient === undefined || others.length > 0) return untold('a rate is no daily dose here');
  return [{ ingredient, value, unit: 'ug/h' }];
}

function massOf(quantity: unknown, product: Product, drugs: DrugIndex): readonly Amount[] | Missing {
  const mass = measure(quantity);
  if (mass === undefined) return missing('unknown-unit', 'the unit of the dose is not known');
  const { ingredients, strengths } = product;
  if (strengths?.some((each) => each.per === 'h'))
    return untold('a mass is no rate: the patch cannot be told');
  const [only, ...others] = ingredients;
  if (only !== undefined && others.length === 0) {
    const unit = strengths?.[0]?.unit;
    return unit === undefined || unit === mass.unit
      ? [{ ingredient: only, ...mass }]
      : untold('the unit of the dose does not fit the product');
  }
  const meant = strengths?.find(
    (each) => each.unit === mass.unit && isNamed(quantity, each.ingredient, drugs),
  );
  if (meant === undefined || strengths === undefined) {
    return untold('the dose does not say which ingredient it is of');
  }
  return strengths.map(({ ingredient, value, unit }) => ({
    ingredient,
    value: tidy((mass.value * value) / meant.value),
    unit,
  }));
}

/** Does the annotation of the unit name this ingredient? */
function isNamed(quantity: unknown, ingredient: string, drugs: DrugIndex): boolean {
  const name = drugs.nameOf(ingredient)?.toLowerCase();
  if (!isRecord(quantity) || name === undefined) return false;
  return [quantity.code, quantity.unit].some(
    (each) => typeof each === 'string' && /\{([^{}]*)\}/.exec(each)?.[1]?.toLowerCase() === name,
  );
}
