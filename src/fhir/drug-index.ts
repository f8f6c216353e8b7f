import { type NdcIndex, parseNdcIndex } from './ndc.ts';

/** How a product reaches the body. `local`: eye, ear, skin, mouth; `unknown`: its code does not tell. */
export const routes = [
  'oral',
  'transdermal',
  'injected',
  'inhaled',
  'nasal',
  'rectal',
  'vaginal',
  'implant',
  'local',
  'unknown',
] as const;
export type Route = (typeof routes)[number];

const letters: ReadonlyMap<string, Route> = new Map([
  ['o', 'oral'],
  ['t', 'transdermal'],
  ['i', 'injected'],
  ['h', 'inhaled'],
  ['n', 'nasal'],
  ['r', 'rectal'],
  ['v', 'vaginal'],
  ['p', 'implant'],
  ['l', 'local'],
]);
const untold: readonly Route[] = ['unknown'];

/** A number with its UCUM unit: `mg`, `mg/mL`, `mg/h`, `mg/{actuat}`, `[iU]/mL`, `meq`. */
export interface Strength {
  readonly value: number;
  readonly unit: string;
}

/** One ingredient (RxNorm IN) and its strength, of the substance that RxNorm's name gives it for (maybe a salt). */
export interface Component {
  readonly ingredient: string;
  readonly amount?: Strength;
}

/**
 * RxNorm product → ingredients (vocabulary/drugs.tsv): drugs are recognised by ingredient from any code a
 * product may carry: branded or generic product, brand, pack, component, form, ingredient or salt.
 */
export interface DrugIndex {
  /** Its ingredients; empty for a product that acts locally only (eye drops, creams); undefined: unknown code. */
  ingredients(rxcui: string): readonly string[] | undefined;
  /** Every ingredient whatever the form, with strengths where the code tells them; undefined: unknown code. */
  components(rxcui: string): readonly Component[] | undefined;
  /** Are all ingredients known? False for an unknown code. */
  isWhole(rxcui: string): boolean;
  /** The routes of the product, of the forms in a pack, or of a brand's products; `unknown` where it is not told. */
  routes(rxcui: string): readonly Route[];
  /** RxNorm dose form, e.g. `Extended Release Oral Tablet`. */
  doseForm(rxcui: string): string | undefined;
  /** What one piece holds or how long it lasts, where the name says so: 0.4 mL of a syringe, 72 h of a patch. */
  quantity(rxcui: string): Strength | undefined;
  /** Name of an ingredient, as RxNorm writes it. */
  nameOf(ingredient: string): string | undefined;
  /**
   * Names of these ingredients, of their salts, and of brands that hold them: to notice a drug that is only named.
   * @param counts leaves out brands whose routes do not count
   */
  namesOf(
    ingredients: ReadonlySet<string>,
    counts?: (routes: readonly Route[]) => boolean,
  ): readonly string[];
  /** The RxNorm code of the product with this NDC, with or without hyphens; undefined: unknown or ambiguous. */
  ofNdc(code: string): string | undefined;
}

interface Row {
  readonly tty: string;
  readonly routes: readonly Route[];
  readonly quantity?: Strength;
  readonly form?: string;
  readonly components: readonly Component[];
  readonly whole: boolean;
  readonly name: string;
}

/**
 * Reads drugs.tsv: comment lines start with `#`, then a header that names the columns, then one line per code. Rows are
 * read when asked for.
 * @param ndc text of ndc.tsv, fetched when the first NDC is asked for
 */
export function parseDrugIndex(tsv: string, ndc: () => string = () => ''): DrugIndex {
  const lines = tsv.split('\n');
  const columns = (lines.find((line) => line.startsWith('rxcui\t')) ?? '').trimEnd().split('\t');
  const byCode = new Map<string, string>();
  for (const line of lines) if (/^\d/.test(line)) byCode.set(line.slice(0, line.indexOf('\t')), line);
  const read = new Map<string, Row>();
  const rowOf = (rxcui: string): Row | undefined => {
    const line = byCode.get(rxcui);
    const row = read.get(rxcui) ?? (line === undefined ? undefined : parseRow(line, columns));
    if (row !== undefined) read.set(rxcui, row);
    return row;
  };
  let names: readonly Row[] | undefined;
  let ndcs: NdcIndex | undefined;
  return {
    ingredients: (rxcui) => systemicIn(rowOf(rxcui)),
    components: (rxcui) => rowOf(rxcui)?.components,
    isWhole: (rxcui) => rowOf(rxcui)?.whole === true,
    routes: (rxcui) => rowOf(rxcui)?.routes ?? untold,
    doseForm: (rxcui) => rowOf(rxcui)?.form,
    quantity: (rxcui) => rowOf(rxcui)?.quantity,
    nameOf: (ingredient) => rowOf(ingredient)?.name || undefined,
    namesOf: (wanted, counts = () => true) => {
      names ??= namedRows(byCode.values(), columns);
      return names
        .filter(
          (each) => each.components.some(({ ingredient }) => wanted.has(ingredient)) && counts(each.routes),
        )
        .map(({ name }) => name);
    },
    ofNdc: (code) => {
      ndcs ??= parseNdcIndex(ndc());
      return ndcs(code);
    },
  };
}

const systemicIn = (row: Row | undefined): readonly string[] | undefined =>
  row?.routes.every((route) => route === 'local')
    ? []
    : row && [...new Set(row.components.map(({ ingredient }) => ingredient))];

function namedRows(lines: Iterable<string>, columns: readonly string[]): readonly Row[] {
  return [...lines]
    .filter((line) => !/\t\r?$/.test(line))
    .map((line) => parseRow(line, columns))
    .filter(({ name, components }) => name !== '' && components.length > 0);
}

function parseRow(line: string, columns: readonly string[]): Row {
  const cells = line.split('\t');
  const cell = (column: string): string => cells[columns.indexOf(column)]?.trim() ?? '';
  const parts = cell('ingredients') === '' ? [] : cell('ingredients').split('|');
  const told = [...cell('routes')].flatMap((letter) => letters.get(letter) ?? []);
  const [quantity, form] = [strengthOf(cell('quantity')), cell('form')];
  return {
    tty: cell('tty'),
    routes: told.length === 0 ? untold : told,
    ...(quantity === undefined ? {} : { quantity }),
    ...(form === '' ? {} : { form }),
    components: parts.filter((part) => part !== '?').map(componentOf),
    whole: !parts.includes('?'),
    name: cell('name'),
  };
}

function componentOf(part: string): Component {
  const [ingredient = '', ...strength] = part.split(' ');
  const amount = strengthOf(strength.join(' '));
  return { ingredient, ...(amount === undefined ? {} : { amount }) };
}

/** `0.4 mL`; undefined: nothing is said, or no number. */
function strengthOf(text: string): Strength | undefined {
  const [value = '', unit = ''] = text.split(' ');
  return unit === '' || !(Number(value) > 0) ? undefined : { value: Number(value), unit };
}
