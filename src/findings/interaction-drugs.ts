import type { Vocabulary } from '../features/vocabulary.ts';
import { isBefore, parseMoment, windowStart } from '../fhir/time.ts';
import type { OrderedDrug } from './finder.ts';
import type { DrugSet, Side } from './interaction-rules.ts';
import { membersOf } from './orders.ts';
import { endOf } from './orders-given.ts';

type Ingredient = OrderedDrug['ingredients'][number];

/** A drug of one side of a rule. */
export interface SidedDrug {
  readonly order: OrderedDrug;
  /** The ingredient that the rule names. */
  readonly ingredient: Ingredient;
  readonly because: readonly string[];
  readonly unknown: readonly string[];
}

/** The ingredient of an order that belongs to the set; undefined: none. */
export function drugOfSet(set: DrugSet, order: OrderedDrug, vocabulary: Vocabulary): Ingredient | undefined {
  const wanted = order.ingredients.filter(({ code }) => !set.without.some((each) => each.code === code));
  return wanted.find(
    ({ code }) =>
      set.ingredients.some((each) => each.code === code) ||
      set.classes.some((id) => order.is(id) && membersOf(id, vocabulary).has(code)),
  );
}

/** Does an order stand on that side now? One that has ended does for as long as the side says it still counts. */
export function onSide(
  side: Side,
  order: OrderedDrug,
  now: Date,
  vocabulary: Vocabulary,
): SidedDrug | undefined {
  const ingredient = drugOfSet(side, order, vocabulary);
  if (ingredient === undefined) return undefined;
  if (order.status !== 'recent') return { order, ingredient, because: [], unknown: [] };
  if (side.recent === undefined) return undefined;
  const longer = side.recent.longer.find((each) => each.ingredient.code === ingredient.code)?.within;
  const from = windowStart(now, longer ?? side.recent.within);
  const ended = endOf(order.resource);
  if (ended !== undefined && isBefore(ended, from)) return undefined;
  const begun = parseMoment(order.resource.authoredOn);
  const sure = ended !== undefined || (begun !== undefined && !isBefore(begun, from));
  return {
    order,
    ingredient,
    because: [side.recent.because.replaceAll('{{drug}}', ingredient.name)],
    unknown: sure ? [] : [`when ${ingredient.name} was stopped: it may still count`],
  };
}
