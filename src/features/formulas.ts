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

/** Body mass index, kg/m2. */
export const bodyMassIndex = (weightKg: number, heightCm: number): number => weightKg / (heightCm / 100) ** 2;

/** Formula → the arguments it takes by name; `list`: any number of values to choose among. */
const formulas = {
  'ckd-epi-2021': ['creatinine', 'age', 'sex'],
  bmi: ['weight', 'height'],
  'newest-of': 'list',
  'any-of': 'list',
} as const satisfies Record<string, 'list' | readonly string[]>;

export type FormulaName = keyof typeof formulas;

/** Is there a formula of this name? */
export const isFormula = (name: string): name is FormulaName => Object.hasOwn(formulas, name);

/** What is wrong with these inputs for that formula; undefined: nothing. */
export function formulaFault(
  formula: string,
  inputs: readonly string[] | Readonly<Record<string, string>>,
): string | undefined {
  if (!isFormula(formula)) return `${formula} is not a formula`;
  const wanted = formulas[formula];
  if (wanted === 'list') return Array.isArray(inputs) ? undefined : `${formula} takes a list`;
  if (Array.isArray(inputs)) return `${formula} takes ${wanted.join(', ')} by name`;
  const given = Object.keys(inputs);
  const fits = given.length === wanted.length && wanted.every((each) => given.includes(each));
  return fits ? undefined : `${formula} takes ${wanted.join(', ')}`;
}
