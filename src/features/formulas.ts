/** Cited formulas of derived values: numbers in, number out; units are in the names. */

/**
 * eGFR, mL/min/{1.73_m2}, from serum creatinine: CKD-EPI 2021 (Inker et al., NEJM 2021;385:1737, table S5 form
 * 142 · min(Scr/κ, 1)^α · max(Scr/κ, 1)^−1.200 · 0.9938^age · 1.012 if female). For adults.
 */
export function ckdEpi2021(creatinineMgPerDl: number, ageYears: number, sex: 'female' | 'male'): number {
  const female = sex === 'female';
  const ratio = creatinineMgPerDl / (female ? 0.7 : 0.9);
  const low = Math.min(ratio, 1) ** (female ? -0.241 : -0.302);
  const high = Math.max(ratio, 1) ** -1.2;
  return 142 * low * high * 0.9938 ** ageYears * (female ? 1.012 : 1);
}

/**
 * Creatinine clearance, mL/min (not indexed to body surface): (140 − age) · weight / (72 · creatinine), × 0.85 if
 * female (Cockcroft and Gault, Nephron 1976;16:31), with the weight that is passed in (drug labels: actual). For
 * adults; beyond 140 years it has no meaning.
 */
export const cockcroftGault = (
  ageYears: number,
  sex: 'female' | 'male',
  weightKg: number,
  creatinineMgPerDl: number,
): number => (((140 - ageYears) * weightKg) / (72 * creatinineMgPerDl)) * (sex === 'female' ? 0.85 : 1);

/** Body mass index, kg/m2. */
export const bodyMassIndex = (weightKg: number, heightCm: number): number => weightKg / (heightCm / 100) ** 2;

/** What a formula takes: its arguments by name, or a list of values; the names of its constants in `with`. */
interface Signature {
  readonly inputs: 'list' | readonly string[];
  /** `inputs`: a number for each of the inputs. `words`: a number for each word that it may give. */
  readonly with?: Readonly<Record<string, 'number' | 'string'>> | 'inputs' | 'words';
}

const formulas = {
  'ckd-epi-2021': { inputs: ['creatinine', 'age', 'sex'] },
  'cockcroft-gault': { inputs: ['age', 'sex', 'weight', 'creatinine'] },
  bmi: { inputs: ['weight', 'height'] },
  ratio: { inputs: ['numerator', 'denominator'] },
  scale: { inputs: ['value'], with: { factor: 'number' } },
  sum: { inputs: 'list' },
  points: { inputs: 'list', with: 'inputs' },
  'newest-of': { inputs: 'list' },
  'first-of': { inputs: 'list' },
  'latest-of': { inputs: 'list' },
  'any-of': { inputs: 'list' },
  'all-of': { inputs: 'list' },
  'any-known': { inputs: 'list' },
  not: { inputs: ['value'] },
  is: { inputs: ['value'], with: { is: 'string' } },
  'at-least': { inputs: ['value'], with: { limit: 'number' } },
  above: { inputs: ['value'], with: { limit: 'number' } },
  below: { inputs: ['value'], with: { limit: 'number' } },
  band: { inputs: ['value'], with: 'words' },
  'statin-intensity': { inputs: ['statin'] },
  assume: { inputs: ['value'], with: { assume: 'number' } },
} as const satisfies Record<string, Signature>;

export type FormulaName = keyof typeof formulas;

/** Formulas that choose among values give what these are; the others a number, or a yes or no. */
export function resultOf(formula: FormulaName): 'number' | 'presence' | 'word' | 'either' {
  switch (formula) {
    case 'newest-of':
    case 'first-of':
    case 'latest-of':
      return 'either';
    case 'any-of':
    case 'all-of':
    case 'any-known':
    case 'not':
    case 'is':
    case 'at-least':
    case 'above':
    case 'below':
      return 'presence';
    case 'ckd-epi-2021':
    case 'cockcroft-gault':
    case 'bmi':
    case 'ratio':
    case 'scale':
    case 'sum':
    case 'points':
    case 'assume':
      return 'number';
    case 'band':
    case 'statin-intensity':
      return 'word';
  }
}

/** Is there a formula of this name? */
export const isFormula = (name: string): name is FormulaName => Object.hasOwn(formulas, name);

type Inputs = readonly string[] | Readonly<Record<string, string>>;
export type Constants = Readonly<Record<string, number | string>>;

/** What is wrong with these inputs and constants for that formula; undefined: nothing. */
export function formulaFault(formula: string, inputs: Inputs, constants: Constants = {}): string | undefined {
  if (!isFormula(formula)) return `${formula} is not a formula`;
  const signature: Signature = formulas[formula];
  return (
    inputsFault(formula, signature.inputs, inputs) ??
    constantsFault(formula, signature.with ?? {}, inputs, constants)
  );
}

function inputsFault(formula: string, wanted: Signature['inputs'], inputs: Inputs): string | undefined {
  if (wanted === 'list') return Array.isArray(inputs) ? undefined : `${formula} takes a list`;
  if (Array.isArray(inputs)) return `${formula} takes ${wanted.join(', ')} by name`;
  return sameNames(Object.keys(inputs), wanted) ? undefined : `${formula} takes ${wanted.join(', ')}`;
}

function constantsFault(
  formula: string,
  wanted: NonNullable<Signature['with']>,
  inputs: Inputs,
  constants: Constants,
): string | undefined {
  if (wanted === 'words') {
    const all = Object.values(constants);
    const numbers = all.length > 0 && all.every((value) => typeof value === 'number');
    return numbers ? undefined : `${formula} takes with it a number for each of its words`;
  }
  const types =
    wanted === 'inputs' ? Object.fromEntries(valuesOf(inputs).map((each) => [each, 'number'])) : wanted;
  const fits =
    sameNames(Object.keys(constants), Object.keys(types)) &&
    Object.entries(constants).every(([name, value]) => typeof value === types[name]);
  if (fits) return undefined;
  const words = Object.entries(types).map(([name, type]) => `${name} (${type})`);
  return words.length === 0
    ? `${formula} takes nothing with it`
    : `${formula} takes with it ${words.join(', ')}`;
}

const valuesOf = (inputs: Inputs): readonly string[] => Object.values(inputs);

const sameNames = (given: readonly string[], wanted: readonly string[]): boolean =>
  given.length === wanted.length && wanted.every((each) => given.includes(each));
