import {
  AndAtom,
  ArithmeticOperatorAtom,
  type Atom,
  type AtomContext,
  DotAtom,
  EqualsAtom,
  evalFhirPathTyped,
  FhirPathAtom,
  FunctionAtom,
  ImpliesAtom,
  LiteralAtom,
  NotEqualsAtom,
  OrAtom,
  parseFhirPath,
  SymbolAtom,
  type TypedValue,
  XorAtom,
} from '@medplum/core';
import type { FeatureValue } from '../features/feature.ts';

/**
 * A condition of a package: FHIRPath over named values (`%age`), model outputs (`%prevent_10yr_ascvd`) and
 * thresholds (`%highRisk`). The part of the language that keeps "unknown" apart from "false" is allowed:
 * `and or xor implies`, `.not()`, `= != < <= > >=` between names and literals, `%name.exists()`, `%name.empty()`
 * and parentheses.
 */
export interface Condition {
  readonly text: string;
  /** Every name it uses, without `%`, each once. */
  readonly names: readonly string[];
  /** Names it tests with `exists()` or `empty()`: it says itself what holds when they are missing. */
  readonly guarded: readonly string[];
  readonly comparisons: readonly Comparison[];
  /** For evaluation only. */
  readonly compiled: FhirPathAtom;
}

/** One comparison: a name or a literal on either side. */
export interface Comparison {
  readonly text: string;
  readonly left: Operand;
  readonly right: Operand;
}

export type Operand = { readonly name: string } | { readonly literal: FeatureValue };

/** Name → value. A name that is not listed is missing: the empty collection. */
export type Bindings = ReadonlyMap<string, FeatureValue>;

/**
 * - `undetermined`: it rests on what is missing; `missing` are the names it uses and lacks.
 */
export type Truth =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  | { readonly kind: 'undetermined'; readonly missing: readonly string[] };

/** A condition that breaks a rule; the message says which, without file and field. */
export class ConditionError extends Error {
  override name = 'ConditionError';
}

/**
 * Reads one condition.
 * @throws ConditionError when it cannot be parsed whole or leaves the allowed part of the language
 */
export function parseCondition(text: string): Condition {
  const root = parseWhole(text);
  const atoms = [...walk(root.child)];
  const refused = atoms.find((atom) => !isAllowed(atom));
  if (refused !== undefined) throw new ConditionError(`uses ${describe(refused)}, which conditions may not`);
  const names = atoms.filter((atom) => atom instanceof SymbolAtom).map(({ name }) => name.slice(1));
  return {
    text,
    names: [...new Set(names)],
    guarded: [...new Set(atoms.flatMap(guardedName))],
    comparisons: atoms.filter(isComparison).map(comparison),
    compiled: new FhirPathAtom(text, bindable(root.child)),
  };
}

/**
 * Three-valued: true, false, or undetermined because of missing values. `%a or %b` is true when `%a` is, whatever
 * `%b`; a comparison with a missing value is undetermined, never false.
 * @throws Error when the result is not a truth value; a dry run at the start excludes that
 */
export function evaluate(condition: Condition, bindings: Bindings): Truth {
  const variables = { [bound]: { type: 'Bindings', value: bindings } };
  const [result, ...more] = evalFhirPathTyped(condition.compiled, [], variables);
  if (result === undefined) {
    return { kind: 'undetermined', missing: condition.names.filter((name) => !bindings.has(name)) };
  }
  if (result.type !== 'boolean' || more.length > 0)
    throw new ConditionError(`is not true or false: ${condition.text}`);
  return { kind: result.value === true ? 'true' : 'false' };
}

/** The one variable of an evaluation: all that is bound. No FHIRPath name looks like it. */
const bound = '%';

const typed = (value: FeatureValue): TypedValue => ({
  type: typeof value === 'number' ? 'decimal' : typeof value,
  value,
});

/**
 * The parser stops at the first token it cannot use and forgets the rest (`%a %b` is `%a`): in parentheses the
 * rest is an error, and the two readings must agree.
 */
function parseWhole(text: string): FhirPathAtom {
  try {
    const bare = parseFhirPath(text);
    if (parseFhirPath(`(${text})`).toString() === bare.toString()) return bare;
  } catch {
    // The library's messages speak of its tokens; ours names the expression.
  }
  throw new ConditionError('is not one FHIRPath expression');
}

/** A named value that may be missing: the library's own symbol throws instead of giving the empty collection. */
class VariableAtom implements Atom {
  readonly name: string;
  /** Without its `%`. */
  readonly #binding: string;

  constructor(name: string) {
    this.name = name;
    this.#binding = name.slice(1);
  }

  eval(context: AtomContext): TypedValue[] {
    for (let at: AtomContext | undefined = context; at !== undefined; at = at.parent) {
      const bindings: Bindings | undefined = at.variables[bound]?.value;
      const value = bindings?.get(this.#binding);
      if (value !== undefined) return [typed(value)];
    }
    return [];
  }

  toString(): string {
    return this.name;
  }
}

/** The same expression with every symbol able to be missing. */
function bindable(atom: Atom): Atom {
  if (atom instanceof SymbolAtom) return new VariableAtom(atom.name);
  if (!isInfix(atom)) return atom;
  const copy: Atom = Object.assign(Object.create(Object.getPrototypeOf(atom)), atom);
  return Object.assign(copy, { left: bindable(atom.left), right: bindable(atom.right) });
}

type Infix =
  | AndAtom
  | OrAtom
  | XorAtom
  | ImpliesAtom
  | EqualsAtom
  | NotEqualsAtom
  | ArithmeticOperatorAtom
  | DotAtom;
const infixes = [
  AndAtom,
  OrAtom,
  XorAtom,
  ImpliesAtom,
  EqualsAtom,
  NotEqualsAtom,
  ArithmeticOperatorAtom,
  DotAtom,
];

const isInfix = (atom: Atom): atom is Infix => infixes.some((kind) => atom instanceof kind);

/** Every part of the expression; the function of a `.` only together with its subject. */
function* walk(atom: Atom): Generator<Atom> {
  yield atom;
  if (!isInfix(atom)) return;
  yield* walk(atom.left);
  if (!(atom instanceof DotAtom)) yield* walk(atom.right);
}

const functions: ReadonlySet<string> = new Set(['not', 'exists', 'empty']);
const comparators: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '=', '!=']);

/** `exists()` over anything but a name would turn an unknown comparison into "no". */
function isAllowed(atom: Atom): boolean {
  if (atom instanceof SymbolAtom) return /^%[A-Za-z_]\w*$/.test(atom.name);
  if (atom instanceof LiteralAtom) return true;
  if (atom instanceof DotAtom) return isCall(atom.right) && (isNot(atom) || isName(atom.left));
  if (isComparison(atom)) return isPlain(atom.left) && isPlain(atom.right);
  return isInfix(atom) && !(atom instanceof ArithmeticOperatorAtom);
}

const isCall = (atom: Atom): boolean =>
  atom instanceof FunctionAtom && functions.has(atom.name) && atom.args.length === 0;
const isName = (atom: Atom): atom is SymbolAtom => atom instanceof SymbolAtom;
const isPlain = (atom: Atom): atom is SymbolAtom | LiteralAtom => isName(atom) || atom instanceof LiteralAtom;
const isNot = (atom: DotAtom): boolean => atom.right instanceof FunctionAtom && atom.right.name === 'not';
const describe = (atom: Atom): string => `"${String(atom).slice(0, 60)}"`;

const guardedName = (atom: Atom): readonly string[] =>
  atom instanceof DotAtom && isName(atom.left) && !isNot(atom) ? [atom.left.name.slice(1)] : [];

type ComparisonAtom = ArithmeticOperatorAtom | EqualsAtom | NotEqualsAtom;

const isComparison = (atom: Atom): atom is ComparisonAtom => isInfix(atom) && comparators.has(atom.operator);

const comparison = (atom: ComparisonAtom): Comparison => ({
  text: atom.toString(),
  left: operand(atom.left),
  right: operand(atom.right),
});

function operand(atom: Atom): Operand {
  if (isName(atom)) return { name: atom.name.slice(1) };
  return { literal: atom instanceof LiteralAtom ? atom.value.value : String(atom) };
}
