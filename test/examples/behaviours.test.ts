/** What each family of models is known for, seen from outside: inferences and explanations over HTTP. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logit } from '../explain/networks.ts';
import { type Examples, type Explanation, folder, openExamples, type Patient, vectorOf } from './examples.ts';

type Numbers = readonly number[];
const drawn = [3, 5, 9];

const patientOf = (id: string, at: number): Patient => vectorOf(id, at).input;
const rowOf = (id: string, at: number, input: string): Numbers =>
  (patientOf(id, at)[input] ?? assert.fail(input)).map((each) => each ?? assert.fail('a null'));
const phiOf = ({ players }: Explanation): Numbers => players.map(({ phi }) => phi);
const farthest = (one: Numbers, other: Numbers): number => {
  assert.equal(one.length, other.length);
  return Math.max(...one.map((each, at) => Math.abs(each - (other[at] ?? Number.NaN))));
};

/** How many columns are no sums of the others: pivots of Gaussian elimination that are more than rounding. */
function rankOf(matrix: readonly Numbers[], rounding: number): number {
  const places = matrix.flatMap((row, at) =>
    row.map((value, column) => ({ at, column, size: Math.abs(value) })),
  );
  const { at, column, size } = places.reduce((a, b) => (b.size > a.size ? b : a), {
    at: 0,
    column: 0,
    size: 0,
  });
  if (size <= rounding) return 0;
  const pivot = matrix[at] ?? [];
  const rest = matrix.filter((row) => row !== pivot);
  const eliminated = rest.map((row) => {
    const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
    return row.map((value, place) => value - factor * (pivot[place] ?? 0));
  });
  return 1 + rankOf(eliminated, rounding);
}

describe('behaviours of the families', function () {
  this.timeout(60_000);
  let examples: Examples;
  before(async () => {
    examples = await openExamples();
  });
  after(() => examples.close());

  const phi = async (id: string, patient: Patient, method: string): Promise<Numbers> =>
    phiOf(await examples.explain(id, patient, { method, seed: 1 }));
  const answers = async (id: string, output: string, patients: readonly Patient[]): Promise<Numbers> =>
    (await examples.infer(id, patients))[output] ?? assert.fail(output);

  /** Families whose Shapley values another method finds in closed form, off the trees, or by asking every coalition. */
  for (const [id, method] of [
    ['readmission-linear', 'additive'],
    ['readmission-trees', 'tree-shap'],
    ['readmission-mlp', 'kernel-shap'],
  ] as const)
    it(`${id}: ${method} finds the exact Shapley values`, async () => {
      for (const at of drawn) {
        const patient = patientOf(id, at);
        const [found, exact] = [await phi(id, patient, method), await phi(id, patient, 'exact-shapley')];
        assert.ok(Math.max(...exact.map(Math.abs)) > 0.1);
        assert.ok(farthest(found, exact) <= 1e-5, `${at}: ${farthest(found, exact)}`);
      }
    });

  for (const id of ['readmission-mlp', 'readmission-trees', 'icu-fusion'])
    it(`${id}: sampled orders come as near to the exact values as the largest standard error says`, async () => {
      for (const at of drawn) {
        const patient = patientOf(id, at);
        const { players } = await examples.explain(id, patient, { method: 'permutation-shapley' });
        const error = Math.max(...players.map((each) => each.standard_error ?? Number.NaN));
        const sampled = players.map((each) => each.phi);
        const away = farthest(sampled, await phi(id, patient, 'exact-shapley'));
        assert.ok(error > 0 && away <= 4 * error, `${at}: ${away} ${error}`);
      }
    });

  /** Networks compared with nothing at all: what a player adds can be asked for again, without explanation. */
  for (const [id, input, output, size] of [
    ['mortality-gru', 'series', 'log_odds', 16],
    ['mortality-lstm', 'series', 'log_odds', 16],
    ['dialogue-transformer', 'tokens', 'probability', 1],
    ['medication-factors', 'taken', 'score', 1],
  ] as const)
    it(`${id}: leaving out what counts most changes the answer by what the explanation says`, async () => {
      const row = rowOf(id, 9, input);
      const { players, value, scale } = await examples.explain(
        id,
        { [input]: row },
        { method: 'leave-one-out' },
      );
      const sizes = players.map((each) => Math.abs(each.phi));
      const most = sizes.indexOf(Math.max(...sizes));
      const without = row.map((each, at) => (Math.floor(at / size) === most ? 0 : each));
      const [answer = Number.NaN] = await answers(id, output, [{ [input]: without }]);
      const change = value - (scale === 'logit' ? logit(answer) : answer);
      assert.ok(Math.abs(change) > 0.1, `${change}`);
      assert.ok(Math.abs(change - (players[most]?.phi ?? Number.NaN)) < 1e-5);
    });

  it('readmission-linear: half way between two patients the log odds are half way', async () => {
    const [one, other] = [rowOf('readmission-linear', 5, 'x'), rowOf('readmission-linear', 9, 'x')];
    const middle = one.map((each, at) => (each + (other[at] ?? 0)) / 2);
    const rows = [one, other, middle].map((x) => ({ x }));
    const [a = 0, b = 0, between = Number.NaN] = await answers('readmission-linear', 'log_odds', rows);
    assert.ok(Math.abs(a - b) > 0.1 && Math.abs((a + b) / 2 - between) < 1e-5);
    const [c = 0, d = 0, bent = 0] = await answers('readmission-mlp', 'log_odds', rows);
    assert.ok(Math.abs((c + d) / 2 - bent) > 1e-3, 'the perceptron is not linear');
  });

  it('readmission-trees: answers in steps: a little of a column changes nothing, but at a threshold', async () => {
    const x = rowOf('readmission-trees', 5, 'x');
    const ages = Array.from({ length: 401 }, (_, at) => ({ x: x.with(0, at / 4) }));
    const trees = await answers('readmission-trees', 'log_odds', ages);
    const steps = new Set(trees).size;
    assert.ok(steps > 1 && steps < 20, `${steps}`);
    const smooth = new Set(await answers('readmission-mlp', 'log_odds', ages)).size;
    assert.ok(smooth > 300, `${smooth}`);
  });

  for (const id of ['mortality-gru', 'mortality-lstm']) {
    it(`${id}: remembers in which order the hours came`, async () => {
      const series = rowOf(id, 5, 'series');
      const hours = Array.from({ length: 48 }, (_, at) => series.slice(at * 16, (at + 1) * 16));
      const rows = [{ series }, { series: hours.toReversed().flat() }];
      const [forth = 0, back = 0] = await answers(id, 'log_odds', rows);
      assert.ok(Math.abs(forth - back) > 0.05, `${forth} ${back}`);
    });

    it(`${id}: hears nothing of a value that is not marked as measured`, async () => {
      const series = rowOf(id, 5, 'series');
      const whispered = series.map((each, at) => (at % 16 < 8 && series[at + 8] === 0 ? 99 : each));
      assert.notDeepEqual(whispered, series);
      const [said, heard] = await answers(id, 'log_odds', [{ series }, { series: whispered }]);
      assert.equal(heard, said);
    });
  }

  it('dialogue-transformer: says how likely each part is, minds the order of words, not the padding', async () => {
    const tokens = rowOf('dialogue-transformer', 9, 'tokens');
    const words = tokens.filter((token) => token > 0);
    const turned = [...words.toReversed(), ...tokens.slice(words.length)];
    assert.ok(words.length > 10 && words.length < tokens.length);
    const given = await answers('dialogue-transformer', 'probability', [{ tokens }, { tokens: turned }]);
    const parts = given.length / 2;
    const [said, reversed] = [given.slice(0, parts), given.slice(parts)];
    for (const each of [said, reversed]) assert.ok(Math.abs(each.reduce((a, b) => a + b) - 1) < 1e-5);
    assert.ok(farthest(said, reversed) > 0.01);
    const padding = (await phi('dialogue-transformer', { tokens }, 'leave-one-out')).slice(words.length);
    assert.deepEqual(new Set(padding), new Set([0]));
  });

  it('medication-factors: in log odds drugs add up, and rank 6 is all there is', async () => {
    /** Of a drug: so little that no score rounds to 0. */
    const part = 1 / 16;
    const none = Array<number>(23).fill(0);
    const alone = none.map((_, drug) => none.with(drug, part));
    const both = none.with(0, part).with(17, part);
    const rows = [none, ...alone, both].map((taken) => ({ taken }));
    const scores = (await answers('medication-factors', 'score', rows)).map(logit);
    const addedIn = (row: number): Numbers =>
      none.map((_, drug) => ((scores[row * 23 + drug] ?? Number.NaN) - (scores[drug] ?? Number.NaN)) / part);
    const added = alone.map((_, drug) => addedIn(drug + 1));
    const together = none.map((_, drug) => (added[0]?.[drug] ?? 0) + (added[17]?.[drug] ?? 0));
    assert.ok(farthest(addedIn(24), together) < 1e-3, `${farthest(addedIn(24), together)}`);
    assert.equal(rankOf(added, 0.01), 6);
  });

  it('icu-fusion: both kinds of input count, and what is not measured is null', async () => {
    const patient = patientOf('icu-fusion', 3);
    assert.ok(patient.series?.includes(null));
    const { players } = await examples.explain('icu-fusion', patient, { method: 'exact-shapley' });
    const sizes = (input: string) =>
      players.filter((each) => each.input === input).map((each) => Math.abs(each.phi));
    assert.ok(Math.max(...sizes('static')) > 0.05 && Math.max(...sizes('series')) > 0.05);
    const rows = [patient, { ...patient, series: patient.series?.map(() => null) ?? [] }];
    const [known = 0, unknown = 0] = await answers('icu-fusion', 'log_odds', rows);
    assert.ok(Math.abs(known - unknown) > 0.05, `${known} ${unknown}`);
  });

  it('pneumonia-cnn: occlusion finds a white square wherever it is planted in a normal image', async () => {
    const background = JSON.parse(readFileSync(join(folder, 'pneumonia-cnn', 'background.json'), 'utf8'));
    const normal: Numbers = background.inputs.image[0];
    let [found, tried] = [0, 0];
    for (let square = 0; square < 49; square += 3) {
      const inside = (at: number) => 7 * Math.floor(at / 112) + Math.floor((at % 28) / 4) === square;
      const image = normal.map((grey, at) => (inside(at) ? 1 : grey));
      const sizes = (await phi('pneumonia-cnn', { image }, 'occlusion')).map(Math.abs);
      tried++;
      if (sizes.indexOf(Math.max(...sizes)) === square) found++;
    }
    assert.ok(found >= tried - 1, `${found} of ${tried}`);
  });

  it('pneumonia-cnn: is explained in log odds where its probability rounds to 1', async () => {
    const white = patientOf('pneumonia-cnn', 1);
    assert.deepEqual(await answers('pneumonia-cnn', 'risk', [white]), [1]);
    const explained = await examples.explain('pneumonia-cnn', white, { method: 'integrated-gradients' });
    assert.ok(explained.value > 20 && !('saturated' in explained));
    assert.ok(Math.abs(explained.gap ?? Number.NaN) < 0.001, `${explained.gap}`);
  });
});
