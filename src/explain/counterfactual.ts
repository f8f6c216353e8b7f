/**
 * Which smallest change of what can be changed would bring a model's output across a threshold. It is a counterfactual of
 * the model, not a promise of what a treatment does: the model was not asked about causes, and other inputs would not
 * stay as they are in a patient. What a treatment does is for the benefit models to say.
 */
import type { Dial, Setting } from './dials.ts';

export interface CounterfactualQuestion {
  /** Names of the inputs that may change. */
  readonly modifiable: readonly string[];
  /** The output is to be less than this, or more than that; one of the two, on the output's own scale. */
  readonly target: Target;
  /** Most inputs that change at once. Absent: 2. */
  readonly maxChanges?: number;
  /** Most rows computed. */
  readonly maxEvaluations?: number;
}

export type Target = { readonly below: number } | { readonly above: number };

export interface Counterfactual {
  /** `already`: the output is across the threshold as it is. `none`: no change within the ranges brings it there. */
  readonly status: 'found' | 'none' | 'already';
  readonly output: string;
  /** As the patient is. */
  readonly value: number;
  readonly target: Target;
  /** Nearest first, three at most; none changes all the inputs of one before it. */
  readonly found: readonly Alternative[];
  /**
   * Every nearer change of one or two inputs on the grid was computed, and none crosses; where nothing is found: of so
   * many inputs as may change. False where the search was cut short, or three inputs and more had to change.
   */
  readonly proven: boolean;
  readonly evaluations: number;
}

/** One way across. */
export interface Alternative {
  readonly changes: readonly Change[];
  /** Σ |to − from| as shares of the valid ranges; a truth or word that changes counts 1. */
  readonly distance: number;
  /** The output reached. */
  readonly value: number;
}

export interface Change extends Pick<Dial, 'input' | 'label' | 'unit'> {
  readonly from: Dial['from'];
  readonly to: Dial['from'];
}

/** The output for each candidate: input → code, everything else the patient's. NaN where there is no answer. */
export type Ask = (candidates: readonly ReadonlyMap<string, number>[]) => Promise<readonly number[]>;

/** A dial and where it is set to. */
type Step = readonly [Dial, Setting];
interface Candidate {
  readonly steps: readonly Step[];
  readonly distance: number;
}
interface Reached extends Candidate {
  readonly value: number;
}

const mostFound = 3;
const batchRows = 1024;

/**
 * All changes of one input and of two are computed in the order of their distance, so that the first to cross is the
 * smallest there is on the grid. Where none does and more inputs may change, they are changed one by one, each time the
 * one that brings the output nearest; then each is taken back as far as it goes. That finds a way, not always the
 * smallest.
 * @throws Fault as `ask` does
 */
export async function searchCounterfactual(
  dials: readonly Dial[],
  ask: Ask,
  output: string,
  { target, maxChanges = 2, maxEvaluations = 50_000 }: CounterfactualQuestion,
): Promise<Counterfactual> {
  let evaluations = 0;
  const counted: Ask = (candidates) => {
    evaluations += candidates.length;
    return ask(candidates);
  };
  const [value = Number.NaN] = await counted([new Map()]);
  const about = { output, value, target };
  if (isAcross(target, value)) return { status: 'already', ...about, found: [], proven: true, evaluations };
  const candidates = [...singles(dials), ...(maxChanges > 1 ? pairs(dials) : [])].toSorted(byDistance);
  const near = await nearest(candidates, counted, target, maxEvaluations - evaluations);
  const further = near.found.length === 0 && near.complete && maxChanges > 2;
  const far = further ? await greedy(dials, counted, target, maxChanges) : undefined;
  const found = (far === undefined ? near.found : [far]).map(alternativeOf);
  const proven = near.found.length > 0 || (near.complete && !further);
  return { status: found.length > 0 ? 'found' : 'none', ...about, found, proven, evaluations };
}

const isAcross = (target: Target, value: number): boolean =>
  'below' in target ? value < target.below : value > target.above;

function candidateOf(steps: readonly Step[]): Candidate {
  return { steps, distance: steps.reduce((sum, [, { distance }]) => sum + distance, 0) };
}

const singles = (dials: readonly Dial[]): readonly Candidate[] =>
  dials.flatMap((dial) => dial.settings.map((setting) => candidateOf([[dial, setting]])));

const pairs = (dials: readonly Dial[]): readonly Candidate[] =>
  dials.flatMap((dial, at) =>
    dials.slice(at + 1).flatMap((other) =>
      dial.settings.flatMap((one) =>
        other.settings.map((two) =>
          candidateOf([
            [dial, one],
            [other, two],
          ]),
        ),
      ),
    ),
  );

/** Of two as near, the one that changes fewer inputs. */
const byDistance = (a: Candidate, b: Candidate): number =>
  a.distance - b.distance || a.steps.length - b.steps.length;

/** The first that cross, in order; what holds all inputs of one that was found is passed over. */
async function nearest(
  candidates: readonly Candidate[],
  ask: Ask,
  target: Target,
  maxEvaluations: number,
): Promise<{ readonly found: readonly Reached[]; readonly complete: boolean }> {
  const found: Reached[] = [];
  const isOpen = ({ steps }: Candidate): boolean =>
    !found.some((each) => each.steps.every(([dial]) => steps.some(([other]) => other === dial)));
  let left = maxEvaluations;
  for (let from = 0; from < candidates.length && found.length < mostFound; from += batchRows) {
    const batch = candidates.slice(from, from + batchRows).filter(isOpen);
    if (batch.length > left) return { found, complete: false };
    left -= batch.length;
    for (const reached of await valued(batch, ask)) {
      if (found.length < mostFound && isAcross(target, reached.value) && isOpen(reached)) found.push(reached);
    }
  }
  return { found, complete: true };
}

async function valued(candidates: readonly Candidate[], ask: Ask): Promise<readonly Reached[]> {
  if (candidates.length === 0) return [];
  const codes = candidates.map(({ steps }) => new Map(steps.map(([{ input }, { code }]) => [input, code])));
  const values = await ask(codes);
  return candidates.map((candidate, at) => ({ ...candidate, value: values[at] ?? Number.NaN }));
}

async function greedy(
  dials: readonly Dial[],
  ask: Ask,
  target: Target,
  maxChanges: number,
): Promise<Reached | undefined> {
  let best: Reached | undefined;
  for (let changed = 0; changed < maxChanges; changed++) {
    const steps = best?.steps ?? [];
    const unused = dials.filter((dial) => !steps.some(([used]) => used === dial));
    const next = singles(unused).map((single) => candidateOf([...steps, ...single.steps]));
    const reached = (await valued(next, ask)).filter(({ value }) => !Number.isNaN(value));
    best = bestOf(reached, target) ?? best;
    if (best !== undefined && isAcross(target, best.value)) return takenBack(best, ask, target);
  }
  return undefined;
}

/** The smallest that crosses, else the one whose output is nearest. */
function bestOf(reached: readonly Reached[], target: Target): Reached | undefined {
  const across = reached.filter(({ value }) => isAcross(target, value)).toSorted(byDistance);
  const sign = 'below' in target ? 1 : -1;
  return across[0] ?? reached.toSorted((a, b) => sign * (a.value - b.value) || byDistance(a, b))[0];
}

/** Each dial set as near to the patient as it goes, the others as they are. */
async function takenBack(reached: Reached, ask: Ask, target: Target): Promise<Reached> {
  let best = reached;
  for (const [dial] of reached.steps) {
    const others = best.steps.filter(([other]) => other !== dial);
    const nearer = dial.settings
      .map((setting) => candidateOf([...others, [dial, setting]]))
      .filter(({ distance }) => distance < best.distance);
    const across = (await valued(nearer, ask)).filter(({ value }) => isAcross(target, value));
    best = across.toSorted(byDistance)[0] ?? best;
  }
  return best;
}

const alternativeOf = ({ steps, distance, value }: Reached): Alternative => ({
  changes: steps.map(([{ input, label, unit, from }, { value: to }]) => ({
    input,
    label,
    ...(unit === undefined ? {} : { unit }),
    from,
    to,
  })),
  distance,
  value,
});
