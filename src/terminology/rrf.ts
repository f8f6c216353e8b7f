import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A file of a RxNorm release is missing or is none. Says which file, which line and what is wrong. */
export class RrfError extends Error {
  override name = 'RrfError';
}

/** The columns that are read, by name → position, and how many a line has (RxNorm Technical Documentation, 2025). */
const files = {
  'RXNCONSO.RRF': { width: 18, columns: { rxcui: 0, sab: 11, tty: 12, name: 14, suppress: 16 } },
  'RXNREL.RRF': { width: 16, columns: { to: 0, from: 4, rela: 7, sab: 10, suppress: 14 } },
  'RXNSAT.RRF': { width: 13, columns: { rxcui: 0, attribute: 8, sab: 9, value: 10, suppress: 11 } },
} as const;

export type RrfFile = keyof typeof files;
type Columns<File extends RrfFile> = (typeof files)[File]['columns'];
export type RrfRow<File extends RrfFile> = Readonly<Record<keyof Columns<File>, string>>;

/** Obsolete names (O) are still sent by old charts; editor-suppressed ones (E, Y) are not RxNorm's own word. */
const taken = new Set(['N', 'O', '']);

/**
 * The rows of one file that are RxNorm's own (SAB=RXNORM) and not suppressed, one at a time: the files are larger than
 * memory.
 * @throws RrfError
 */
export async function* rrfRows<File extends RrfFile>(
  folder: string,
  file: File,
): AsyncGenerator<RrfRow<File>> {
  const path = join(folder, file);
  if (!existsSync(path)) throw new RrfError(`${file}: is not in ${folder}`);
  const { width, columns } = files[file];
  const places = Object.entries<number>(columns);
  const lines = createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line === '') continue;
    const cells = line.split('|');
    if (cells.length < width)
      throw new RrfError(`${file}: line ${number}: has ${cells.length} columns, of ${width}`);
    const row = Object.fromEntries(places.map(([name, at]) => [name, cells[at] ?? ''])) as RrfRow<File>;
    if (row.sab === 'RXNORM' && taken.has(row.suppress)) yield row;
  }
}
