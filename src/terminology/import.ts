import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drugLines, ndcLines } from './drug-table.ts';
import { readRelease } from './rxnorm.ts';

export interface Imported {
  readonly drugs: number;
  readonly ndcs: number;
}

const notice =
  '# This product uses publicly available data from the U.S. National Library of Medicine (NLM), National Institutes of Health, Department of Health and Human Services; NLM is not responsible for the product and does not endorse or recommend this or any other product.';

/**
 * Writes drugs.tsv and ndc.tsv of a RxNorm release (its RRF folder) into a vocabulary folder; a server that reads them
 * meanwhile sees the old or the new ones, whole.
 * @throws RrfError
 */
export async function importRxNorm(folder: string, out: string): Promise<Imported> {
  const release = await readRelease(folder);
  const drugs = drugLines(release);
  const known = new Set(drugs.map((line) => line.slice(0, line.indexOf('\t'))));
  const ndcs = ndcLines(release, known);
  mkdirSync(out, { recursive: true });
  write(join(out, 'ndc.tsv'), [
    '# NDC (9 digits) -> RxNorm code, package digits',
    'product\trxcui\tpackages',
    ndcs,
  ]);
  const header = 'rxcui\ttty\troutes\tquantity\tform\tingredients\tname';
  write(join(out, 'drugs.tsv'), ['# RxNorm code -> routes, strengths, ingredients', header, drugs]);
  return { drugs: drugs.length, ndcs: release.ndcs.filter(([, rxcui]) => known.has(rxcui)).length };
}

function write(path: string, [about, header, lines]: readonly [string, string, readonly string[]]): void {
  const half = `${path}.new`;
  writeFileSync(half, `${[about, notice, header, ...lines].join('\n')}\n`);
  renameSync(half, path);
}
