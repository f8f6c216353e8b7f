/**
 * National Drug Codes (US FDA), http://hl7.org/fhir/sid/ndc. A label writes ten digits in three segments (4-4-2, 5-3-2 or
 * 5-4-1: labeler, product, package); claims and RxNorm write eleven (5-4-2), the short segment padded with a zero.
 */
export const ndc = 'http://hl7.org/fhir/sid/ndc';

/** From an NDC to the RxNorm code of the product. */
export type NdcIndex = (code: string) => string | undefined;

/** The nine digits of labeler and product, and the two of the package; without them, every package of the product. */
interface Spelling {
  readonly product: string;
  readonly ends?: string;
}

const lengths = new Set(['4-4-2', '5-3-2', '5-4-1', '5-4-2']);
const productLengths = new Set(['4-4', '5-3', '5-4']);

/** What a code may mean: one spelling, or three for ten digits without hyphens; none where it is no NDC. */
export function ndcSpellings(code: string): readonly Spelling[] {
  const text = code.trim();
  if (/^\d{11}$/.test(text)) return [{ product: text.slice(0, 9), ends: text.slice(9) }];
  if (/^\d{10}$/.test(text)) {
    return [
      [text.slice(0, 4), text.slice(4, 8), text.slice(8)],
      [text.slice(0, 5), text.slice(5, 8), text.slice(8)],
      [text.slice(0, 5), text.slice(5, 9), text.slice(9)],
    ].map(padded);
  }
  if (!/^\d+(?:-\d+){1,2}$/.test(text)) return [];
  const segments = text.split('-');
  const shape = segments.map(({ length }) => length).join('-');
  return (segments.length === 3 ? lengths : productLengths).has(shape) ? [padded(segments)] : [];
}

function padded([labeler = '', product = '', ends]: readonly string[]): Spelling {
  const nine = labeler.padStart(5, '0') + product.padStart(4, '0');
  return ends === undefined ? { product: nine } : { product: nine, ends: ends.padStart(2, '0') };
}

/**
 * Reads ndc.tsv (sorted by product): comment lines start with `#`, then a header line, then nine digits, RxNorm code,
 * package digits. The text is searched as it is. A code that may mean different products leads to none.
 */
export function parseNdcIndex(tsv: string): NdcIndex {
  const start = /^\d/m.exec(tsv)?.index ?? tsv.length;
  const text = tsv.slice(start);
  return (code) => {
    const found = ndcSpellings(code).flatMap(({ product, ends }) =>
      rowsOf(text, product)
        .filter((row) => ends === undefined || row.packages.includes(ends))
        .map(({ rxcui }) => rxcui),
    );
    const [rxcui, ...others] = new Set(found);
    return others.length === 0 ? rxcui : undefined;
  };
}

interface Row {
  readonly rxcui: string;
  readonly packages: readonly string[];
}

/** The lines of one product: a search by halves, then forward. */
function rowsOf(text: string, product: string): readonly Row[] {
  const rows: Row[] = [];
  let at = firstLine(text, product);
  while (text.startsWith(`${product}\t`, at)) {
    const end = endOfLine(text, at);
    const [, rxcui = '', packages = ''] = text.slice(at, end).trimEnd().split('\t');
    rows.push({ rxcui, packages: packages.match(/\d\d/g) ?? [] });
    at = end + 1;
  }
  return rows;
}

/** Where the first line begins that is not below the product. */
function firstLine(text: string, product: string): number {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const start = middle === 0 ? 0 : text.lastIndexOf('\n', middle - 1) + 1;
    if (text.slice(start, start + product.length) < product) low = endOfLine(text, middle) + 1;
    else high = start;
  }
  return low;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
