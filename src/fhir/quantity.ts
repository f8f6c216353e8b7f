import { readFileSync } from 'node:fs';
import ucumLhc from '@lhncbc/ucum-lhc';
import { canonicalSystem, isRecord, ucum } from './coding.ts';

/**
 * Units. A number is converted only when its unit is known, agrees with what the LOINC code measures (mass or
 * moles) and leads to the target; otherwise the answer is a reason, never a guess. Spellings, molecular weights
 * and the HbA1c equation are data: vocabulary/units.json.
 */

interface UnitTable {
  readonly synonyms: { readonly map: Readonly<Record<string, string>> };
  readonly annotationsThatMeanSomething: readonly string[];
  readonly neverConverted: { readonly units: readonly string[] };
  readonly substances: Readonly<
    Record<string, { readonly molecularWeight: number; readonly charge?: number }>
  >;
  readonly properties: Readonly<Record<string, PropertyRule>>;
  readonly equations: readonly Equation[];
}

/** What the unit of a code with this LOINC property must be, and what some units mean there. */
interface PropertyRule {
  readonly like?: string;
  readonly only?: readonly string[];
  readonly same?: Readonly<Record<string, string>>;
}

/** A published conversion that is no unit conversion: value = slope × value + intercept. */
interface Equation {
  readonly substance: string;
  readonly from: string;
  readonly to: string;
  readonly slope: number;
  readonly intercept: number;
}

const table: UnitTable = JSON.parse(
  readFileSync(new URL('../../vocabulary/units.json', import.meta.url), 'utf8'),
);
const synonyms = new Map(Object.entries(table.synonyms.map));
const neverConverted = new Set(table.neverConverted.units);

export interface ConversionOptions {
  /** Key of `substances` or of an equation in units.json: lets moles become mass, IFCC become NGSP. */
  readonly substance?: string | undefined;
  /** g/mol; overrides the substance's. */
  readonly molecularWeight?: number;
  /** LOINC property of the code (MCnc, SCnc, MRto …): the unit must fit it. */
  readonly property?: string | undefined;
}

export type Conversion =
  | { readonly ok: true; readonly value: number; readonly converted: boolean }
  | {
      readonly ok: false;
      readonly reason: 'not-a-number' | 'comparator' | 'no-unit' | 'unknown-unit' | 'wrong-kind';
    };

/** value × slope + intercept, or why not. Cached per unit pair and substance. */
type Line =
  | { readonly slope: number; readonly intercept: number }
  | { readonly refused: 'unknown-unit' | 'wrong-kind' };

/**
 * A FHIR Quantity as a number in the target unit (UCUM). Accepts anything; refuses what is not a finite number,
 * carries a comparator (`<`, `>`), has no unit, a unit that is not known, or one that does not fit. A number without
 * unit is one of the unit `1`: it is read where the target is `1` or an annotation (`{INR}`, `{score}`), or where the
 * LOINC property says what it means (pH).
 */
export function toUnit(quantity: unknown, target: string, options: ConversionOptions = {}): Conversion {
  if (!isRecord(quantity)) return { ok: false, reason: 'not-a-number' };
  const { value, comparator } = quantity;
  if (typeof value !== 'number' || !Number.isFinite(value)) return { ok: false, reason: 'not-a-number' };
  if (comparator !== undefined && comparator !== null) return { ok: false, reason: 'comparator' };
  const unit = unitOf(quantity);
  const line = lineBetween(unit ?? unitless, target, options);
  if ('refused' in line) return { ok: false, reason: unit === undefined ? 'no-unit' : line.refused };
  const converted = line.slope !== 1 || line.intercept !== 0;
  const result = converted ? along(line, value) : value;
  return Number.isFinite(result)
    ? { ok: true, value: result, converted }
    : { ok: false, reason: 'not-a-number' };
}

/** 100.4 [degF] is 38 Cel, not a hair more: a sum of inexact parts is rounded to twelve digits. */
function along({ slope, intercept }: { slope: number; intercept: number }, value: number): number {
  const result = value * slope + intercept;
  return intercept === 0 ? result : Number(result.toPrecision(12));
}

/** The unit of a Quantity in UCUM as far as it can be read: its code when that is UCUM, else the text. */
export function unitOf(quantity: unknown): string | undefined {
  if (!isRecord(quantity)) return undefined;
  const { code, unit, system } = quantity;
  const coded = typeof system !== 'string' || canonicalSystem(system) === ucum;
  for (const each of coded ? [code, unit] : [unit]) {
    if (typeof each === 'string' && each.trim() !== '') return readUnit(each);
  }
  return undefined;
}

/** Synonym → UCUM. Annotations are dropped, except those that change the meaning; nothing left means no unit. */
function readUnit(text: string): string | undefined {
  const spelled = text.trim();
  const known = synonyms.get(spelled);
  if (known !== undefined) return known === unitless ? undefined : known;
  const keep = table.annotationsThatMeanSomething.some((annotation) => spelled.includes(annotation));
  const bare = keep ? spelled : spelled.replaceAll(/\{[^{}]*\}/g, '').trim();
  const unit = synonyms.get(bare) ?? bare;
  return unit === '' || unit === unitless ? undefined : unit;
}

const unitless = '1';

/** Does the unit say nothing but how to read a bare number: `1`, `{INR}`, `{score}`? */
const isUnitless = (unit: string): boolean => unit === unitless || /^\{[^{}]*\}$/.test(unit);

const lines = new Map<string, Line>();
const mostLines = 2000;
const longestUnit = 40;

function lineBetween(from: string, to: string, options: ConversionOptions): Line {
  if (from.length > longestUnit) return { refused: 'unknown-unit' };
  const key = [from, to, options.substance, options.molecularWeight, options.property].join('\n');
  const cached = lines.get(key);
  if (cached !== undefined) return cached;
  const line = computeLine(from, to, options);
  if (lines.size >= mostLines) lines.clear();
  lines.set(key, line);
  return line;
}

const identity: Line = { slope: 1, intercept: 0 };

function computeLine(sent: string, to: string, options: ConversionOptions): Line {
  const rule = options.property === undefined ? undefined : table.properties[options.property];
  const from = rule?.same?.[sent] ?? sent;
  const fault = misfit(from, rule);
  if (fault !== undefined) return { refused: fault };
  if (from === to) return identity;
  if (isUnitless(to) && (from === unitless || to !== unitless))
    return from === unitless ? identity : { refused: 'wrong-kind' };
  if (neverConverted.has(to) || neverConverted.has(from)) return { refused: 'wrong-kind' };
  if (from === unitless || meaningOf(from) !== meaningOf(to)) return { refused: 'wrong-kind' };
  const equation = table.equations.find(
    (each) => each.substance === options.substance && each.from === from && each.to === to,
  );
  if (equation !== undefined) return equation;
  if (from === 'mmol/mol') return { refused: 'wrong-kind' };
  const substance = table.substances[options.substance ?? ''];
  const weight = options.molecularWeight ?? substance?.molecularWeight;
  return ucumLine(from, to, {
    ...(weight === undefined ? {} : { molecularWeight: weight }),
    ...(substance?.charge === undefined ? {} : { charge: substance.charge }),
  });
}

/** The annotation that makes two like units different: fibrinogen-equivalent units are not D-dimer units. */
const meaningOf = (unit: string): string | undefined =>
  table.annotationsThatMeanSomething.find((annotation) => unit.includes(annotation));

/** Does the unit fit the LOINC property? Without a rule nothing is asked. */
function misfit(unit: string, rule: PropertyRule | undefined): 'unknown-unit' | 'wrong-kind' | undefined {
  if (rule?.only !== undefined && !rule.only.includes(unit) && !Object.values(rule.same ?? {}).includes(unit))
    return isUcum(unit) ? 'wrong-kind' : 'unknown-unit';
  if (rule?.like !== undefined && rule.like !== unit && !isLike(unit, rule.like)) {
    return isUcum(unit) ? 'wrong-kind' : 'unknown-unit';
  }
  return undefined;
}

/** Equivalents count as moles here: the charge decides later. */
const isLike = (unit: string, like: string): boolean =>
  unit !== unitless && convert(unit.replace(/\beq\b|\bmeq\b/, 'mol'), 1, like) !== undefined;

interface Molecule {
  readonly molecularWeight?: number;
  readonly charge?: number;
}

/**
 * The straight line between two units; a logarithmic unit has none and is refused. Fifteen digits: the rest is what
 * the library's own arithmetic leaves behind (10*3/uL is 10*9/L).
 */
function ucumLine(from: string, to: string, molecule: Molecule): Line {
  const [at0, at1, at2] = [0, 1, 2].map((value) => convert(from, value, to, molecule));
  if (at0 === undefined || at1 === undefined || at2 === undefined) {
    return { refused: isUcum(from) ? 'wrong-kind' : 'unknown-unit' };
  }
  const slope = at1 - at0;
  const straight = Math.abs(at0 + 2 * slope - at2) <= 1e-9 * Math.max(1, Math.abs(at2));
  if (!straight || slope === 0) return { refused: 'wrong-kind' };
  return at0 === 0
    ? { slope: rounded(slope, 15), intercept: 0 }
    : { slope: rounded(slope, 13), intercept: rounded(at0, 13) };
}

const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** The library converts arbitrary units ([iU]) into nothing, themselves included: they are checked as if grams. */
function isUcum(unit: string): boolean {
  const plain = unit.replaceAll('[iU]', 'g');
  return convert(plain, 1, plain) !== undefined;
}

/** Loading the UCUM tables takes tens of milliseconds: once, when the vocabulary checks its own units. */
let engine: ReturnType<typeof ucumLhc.UcumLhcUtils.getInstance> | undefined;

function convert(from: string, value: number, to: string, molecule: Molecule = {}): number | undefined {
  if (!isUcumText(from)) return undefined;
  engine ??= ucumLhc.UcumLhcUtils.getInstance();
  const print = console.log;
  // The library prints units that it cannot read, and a unit is text from the chart.
  console.log = () => {};
  try {
    const { status, toVal } = engine.convertUnitTo(from, value, to, molecule);
    return status === 'succeeded' && typeof toVal === 'number' ? toVal : undefined;
  } catch {
    return undefined;
  } finally {
    console.log = print;
  }
}

/** UCUM terms are printable ASCII without blanks. */
const isUcumText = (unit: string): boolean => /^[!-~]{1,40}$/.test(unit);

/** Is this a unit UCUM knows, or the indexed clearance? For checking vocabulary files. */
export const isKnownUnit = (unit: string): boolean => neverConverted.has(unit) || isUcum(unit);

/** Is this a LOINC property or substance of units.json? For checking vocabulary files. */
export const isKnownProperty = (property: string): boolean => property in table.properties;
export const isKnownSubstance = (substance: string): boolean =>
  substance in table.substances || table.equations.some((equation) => equation.substance === substance);
