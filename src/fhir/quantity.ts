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
  readonly substances: Readonly<Record<string, { readonly molecularWeight: number }>>;
  readonly properties: Readonly<
    Record<string, { readonly like?: string; readonly only?: readonly string[] }>
  >;
  readonly equations: readonly Equation[];
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
  readonly substance?: string;
  /** g/mol; overrides the substance's. */
  readonly molecularWeight?: number;
  /** LOINC property of the code (MCnc, SCnc, MRto …): the unit must fit it. */
  readonly property?: string;
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
 * carries a comparator (`<`, `>`), has no unit, a unit that is not known, or one that does not fit.
 */
export function toUnit(quantity: unknown, target: string, options: ConversionOptions = {}): Conversion {
  if (!isRecord(quantity)) return { ok: false, reason: 'not-a-number' };
  const { value, comparator } = quantity;
  if (typeof value !== 'number' || !Number.isFinite(value)) return { ok: false, reason: 'not-a-number' };
  if (comparator !== undefined && comparator !== null) return { ok: false, reason: 'comparator' };
  const unit = unitOf(quantity);
  if (unit === undefined) return { ok: false, reason: 'no-unit' };
  const line = lineBetween(unit, target, options);
  if ('refused' in line) return { ok: false, reason: line.refused };
  const converted = line.slope !== 1 || line.intercept !== 0;
  const result = converted ? value * line.slope + line.intercept : value;
  return Number.isFinite(result)
    ? { ok: true, value: result, converted }
    : { ok: false, reason: 'not-a-number' };
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
  if (known !== undefined) return known;
  const keep = table.annotationsThatMeanSomething.some((annotation) => spelled.includes(annotation));
  const bare = keep ? spelled : spelled.replaceAll(/\{[^{}]*\}/g, '').trim();
  return bare === '' || bare === '1' ? undefined : (synonyms.get(bare) ?? bare);
}

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

function computeLine(from: string, to: string, options: ConversionOptions): Line {
  const fault = misfit(from, options.property);
  if (fault !== undefined) return { refused: fault };
  if (from === to) return { slope: 1, intercept: 0 };
  if (neverConverted.has(to) || neverConverted.has(from)) return { refused: 'wrong-kind' };
  const equation = table.equations.find(
    (each) => each.substance === options.substance && each.from === from && each.to === to,
  );
  if (equation !== undefined) return equation;
  if (from === 'mmol/mol') return { refused: 'wrong-kind' };
  const weight = options.molecularWeight ?? table.substances[options.substance ?? '']?.molecularWeight;
  return ucumLine(from, to, weight);
}

/** Does the unit fit the LOINC property? A property that is not in the table asks nothing. */
function misfit(unit: string, property: string | undefined): 'unknown-unit' | 'wrong-kind' | undefined {
  const rule = property === undefined ? undefined : table.properties[property];
  if (rule?.only !== undefined && !rule.only.includes(unit))
    return isUcum(unit) ? 'wrong-kind' : 'unknown-unit';
  if (rule?.like !== undefined && rule.like !== unit && convert(unit, 1, rule.like) === undefined) {
    return isUcum(unit) ? 'wrong-kind' : 'unknown-unit';
  }
  return undefined;
}

/** The straight line between two units, from three points; a logarithmic unit has none and is refused. */
function ucumLine(from: string, to: string, molecularWeight: number | undefined): Line {
  const [at0, at1, at2] = [0, 1, 2].map((value) => convert(from, value, to, molecularWeight));
  if (at0 === undefined || at1 === undefined || at2 === undefined) {
    return { refused: isUcum(from) ? 'wrong-kind' : 'unknown-unit' };
  }
  const slope = at1 - at0;
  const straight = Math.abs(at0 + 2 * slope - at2) <= 1e-9 * Math.max(1, Math.abs(at2));
  return straight && slope !== 0 ? { slope, intercept: at0 } : { refused: 'wrong-kind' };
}

const isUcum = (unit: string): boolean => convert(unit, 1, unit) !== undefined;

/** Loading the UCUM tables takes tens of milliseconds: once, when the vocabulary checks its own units. */
let engine: ReturnType<typeof ucumLhc.UcumLhcUtils.getInstance> | undefined;

function convert(from: string, value: number, to: string, molecularWeight?: number): number | undefined {
  if (!isUcumText(from)) return undefined;
  engine ??= ucumLhc.UcumLhcUtils.getInstance();
  const options = molecularWeight === undefined ? {} : { molecularWeight };
  const print = console.log;
  // The library prints units that it cannot read, and a unit is text from the chart.
  console.log = () => {};
  try {
    const { status, toVal } = engine.convertUnitTo(from, value, to, options);
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
