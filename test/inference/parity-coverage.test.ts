/** No reference vector is left out: what the data folder holds for an equation is in its package, number for number. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ParityRow } from '../../src/inference/package.ts';
import type { InputValue } from '../../src/inference/row.ts';
import { models } from './prevent.ts';

type Numbers = Readonly<Record<string, number>>;
type Patient = Readonly<Record<string, InputValue>>;

interface Given {
  readonly input: Patient;
  readonly expected: Numbers;
}
interface Equation {
  readonly published_vectors?: { readonly vectors: readonly Readonly<Record<string, unknown>>[] };
  readonly reference_vectors: { readonly vectors: readonly Given[]; readonly tolerance_abs?: number };
}

const data = resolve(process.env.AUSCULT_DATA ?? join(import.meta.dirname, '../../../shared/data'));
const file = resolve(data, '../clinical/equations.json');

/** How a published vector, in its source's own words, reads as input and expected outputs. */
const published: Readonly<Record<string, (vector: Readonly<Record<string, unknown>>) => Given>> = {
  pce: ({ input, expected_percent_1dp: percent }) => ({
    input: input as Patient,
    expected: { pce2013_published_coef: Number(percent) / 100 },
  }),
  meld_3_0: ({ expected_rounded: points, ...input }) => ({
    input: input as Patient,
    expected: { meld3: Number(points) },
  }),
  score2: ({ region, sex, expected_percent: percent }) => ({
    input: { region, sex, age: 50, smoker: 1, sbp: 140, total_c_mmol: 6.3, hdl_c_mmol: 1.4 } as Patient,
    expected: { score2_percent: Number(percent) },
  }),
};

/** Equations without published vectors have reference vectors only. */
const equations = ['pce', 'kfre', 'ckd_epi_2021', 'meld_3_0', 'score2', 'cha2ds2_vasc', 'has_bled'];

const parityOf = (equation: string): readonly ParityRow[] =>
  readFileSync(join(models, equation.replaceAll('_', '-'), 'parity.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const same = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) < 1e-12;

const holds = (rows: readonly ParityRow[], { input, expected }: Given): boolean =>
  rows.some(
    (row) =>
      isDeepStrictEqual(row.input, input) &&
      Object.entries(expected).every(([name, value]) => same(row.expected[name], value)),
  );

describe('reference vectors (needs the data folder: AUSCULT_DATA, default ../shared/data)', () => {
  let known: Readonly<Record<string, Equation>>;

  before(function () {
    if (!existsSync(file)) {
      console.log('    the clinical data are absent: skipped');
      this.skip();
    }
    known = JSON.parse(readFileSync(file, 'utf8')).equations;
  });

  for (const equation of equations) {
    it(`${equation}: each one is in parity.jsonl, with a tolerance no wider than stated`, () => {
      const { published_vectors, reference_vectors } = known[equation] as Equation;
      const rows = parityOf(equation);
      for (const vector of reference_vectors.vectors) {
        assert.ok(holds(rows, vector), `left out: ${JSON.stringify(vector)}`);
      }
      const read = published[equation];
      for (const vector of published_vectors?.vectors ?? []) {
        assert.ok(read !== undefined && holds(rows, read(vector)), `left out: ${JSON.stringify(vector)}`);
      }
      const widest = read === undefined ? (reference_vectors.tolerance_abs ?? 0) : 0.0005;
      for (const { id, tolerance } of rows) assert.ok(tolerance <= widest, `${id}: ${tolerance}`);
    });
  }
});
