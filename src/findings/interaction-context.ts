import { absence } from '../features/context.ts';
import type { Feature } from '../features/feature.ts';
import { readableQuantity } from '../features/words.ts';
import { isBefore, parseMoment, windowStart } from '../fhir/time.ts';
import type { OrderedDrug, OrderView } from './finder.ts';
import type { Severity } from './finding.ts';
import { drugOfSet, type SidedDrug } from './interaction-drugs.ts';
import type { Factor, InteractionRule } from './interaction-rules.ts';

/** Two drugs that a rule names, one of each side. */
export interface Pair {
  readonly rule: InteractionRule;
  readonly one: SidedDrug;
  readonly other: SidedDrug;
}

/** What the chart says of a pair, and how grave that makes it. */
export interface Weighed {
  readonly severity: Severity;
  readonly because: readonly string[];
  readonly unknown: readonly string[];
}

/** Is it so? Undefined: it cannot be told. `drug` and `value` fill the sentence. */
interface Told {
  readonly holds: boolean | undefined;
  readonly drug?: string;
  readonly value?: string;
}

/**
 * The severity of a pair in this chart: the first branch of the rule that holds for sure, else the rule's own. What
 * cannot be told makes no branch hold that asks for it, is said in `unknown`, and so never lowers.
 */
export function weigh(pair: Pair, view: OrderView): Weighed {
  const told = new Map(pair.rule.factors.map((factor) => [factor.id, tell(factor, pair, view)]));
  const holds = (id: string): boolean | undefined => told.get(id)?.holds;
  const branch = pair.rule.branches.find(
    ({ all, any, none }) =>
      all.every((id) => holds(id) === true) &&
      (any.length === 0 || any.some((id) => holds(id) === true)) &&
      none.every((id) => holds(id) === false),
  );
  const said = pair.rule.factors.map((factor) => ({
    factor,
    told: told.get(factor.id) ?? { holds: undefined },
  }));
  return {
    severity: branch?.severity ?? pair.rule.severity,
    because: said.flatMap(({ factor, told: each }) => sentenceOf(factor, each)),
    unknown: said.flatMap(({ factor, told: { holds: known } }) =>
      known === undefined && 'unknown' in factor ? [factor.unknown] : [],
    ),
  };
}

function sentenceOf(factor: Factor, told: Told): readonly string[] {
  const words = { because: undefined, otherwise: undefined, ...factor };
  const sentence = told.holds === true ? words.because : told.holds === false ? words.otherwise : undefined;
  if (sentence === undefined) return [];
  return [sentence.replaceAll('{{drug}}', told.drug ?? 'it').replaceAll('{{value}}', told.value ?? '')];
}

function tell(factor: Factor, pair: Pair, view: OrderView): Told {
  switch (factor.kind) {
    case 'value':
      return tellValue(factor, view);
    case 'drug':
      return tellDrug(factor, pair, view);
    case 'member': {
      const { code, name } = pair[factor.side].ingredient;
      return { holds: factor.ingredients.some((each) => each.code === code), drug: name };
    }
    case 'new': {
      const { order, ingredient } = pair[factor.side];
      const had = [...view.active, ...view.recent].some((each) => contains(each, ingredient.code));
      return { holds: order.status === 'draft' && !had, drug: ingredient.name };
    }
    case 'recent':
      return { holds: [pair.one, pair.other].some(({ order }) => order.status === 'recent') };
  }
}

const contains = (drug: OrderedDrug, code: string): boolean =>
  drug.ingredients.some((each) => each.code === code);

function tellValue(
  factor: Extract<Factor, { kind: 'value' }>,
  { feature, chart, vocabulary }: OrderView,
): Told {
  const found: Feature = feature(factor.value);
  if (found.kind === 'missing') return { holds: undefined };
  if (typeof found.value === 'boolean') return { holds: found.value };
  if (typeof found.value !== 'number') return { holds: undefined };
  const unit = vocabulary.entries.get(factor.value)?.unit;
  const at = found.kind === 'observed' ? parseMoment(found.at) : undefined;
  if (factor.unit !== undefined && factor.unit !== unit) return { holds: undefined };
  if (
    factor.within !== undefined &&
    (at === undefined || isBefore(at, windowStart(chart.now, factor.within)))
  )
    return { holds: undefined };
  const { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = factor;
  return { holds: found.value > above && found.value < below, value: readableQuantity(found.value, unit) };
}

/** A drug on the list that cannot be read may be the one asked for: then nothing is sure. */
function tellDrug(factor: Extract<Factor, { kind: 'drug' }>, { one, other }: Pair, view: OrderView): Told {
  const beside = [...view.active, ...view.drafts].filter(
    (each) => each !== one.order && each !== other.order,
  );
  for (const order of beside) {
    const found = drugOfSet(factor, order, view.vocabulary);
    if (found !== undefined && found.code !== one.ingredient.code && found.code !== other.ingredient.code)
      return { holds: true, drug: found.name };
  }
  const untold = absence(view.chart, 'medications') !== undefined || view.active.some(({ unread }) => unread);
  return { holds: untold ? undefined : false };
}
