import { absence } from '../features/context.ts';
import { type Allergy, allergiesOf, contentOf, isIn, namesIn } from './allergy-record.ts';
import { type AllergyGroup, type AllergyRule, allergyTable } from './allergy-rules.ts';
import type { Finder, OrderedDrug, OrderView } from './finder.ts';
import type { Finding, Severity } from './finding.ts';
import { medicationsOf, nameOf, rxcuisOfOrder } from './orders.ts';

const { groups, rules, same, named } = allergyTable;

/** A rule that fits an allergy and an order. */
interface Match {
  readonly rule: AllergyRule;
  /** RxNorm code of the ordered ingredient that it is about. */
  readonly ingredient: string;
  /** What the allergy is to, in our words. */
  readonly other: string;
}

/**
 * Selected drafts against the allergies that stand: the same ingredient, then the first row of
 * vocabulary/rules/cross-reactivity.json that fits, then a drug that is only named in words. The severity is the
 * record's: criticality, severe reaction, anaphylaxis. An allergy with neither code nor words is said in `unknown`.
 */
export const allergy: Finder = {
  kind: 'allergy',
  needs: [],
  lists: ['allergies'],
  find: (view) => {
    const allergies = allergiesOf(view.chart, view.vocabulary, groups);
    const selected = view.drafts.filter((draft) => draft.selected);
    return selected.flatMap((draft) => findingsOf(draft, allergies, view));
  },
};

function findingsOf(draft: OrderedDrug, allergies: readonly Allergy[], view: OrderView): readonly Finding[] {
  const content = new Set(
    rxcuisOfOrder(draft.resource, medicationsOf(view.chart), view.vocabulary.drugs).flatMap(
      (each) => contentOf(each, view.vocabulary) ?? [],
    ),
  );
  const open = [
    ...(allergies.some(isUntold) ? ['an allergy on record says neither in codes nor in words to what'] : []),
    ...(absence(view.chart, 'allergies') === undefined ? [] : ['the allergy list was not available in full']),
  ];
  return allergies.flatMap((each) => {
    const match = matchOf(each, content, view);
    const severity = match && severityOf(match.rule, each);
    return match === undefined || severity === undefined
      ? []
      : [finding(match, severity, each, draft, open, view)];
  });
}

const isUntold = ({ ingredients, groups: known, words }: Allergy): boolean =>
  ingredients.size === 0 && known.size === 0 && words === undefined;

function matchOf(allergy: Allergy, content: ReadonlySet<string>, view: OrderView): Match | undefined {
  const shared = [...content].find((code) => allergy.ingredients.has(code));
  if (shared !== undefined) return { rule: same, ingredient: shared, other: nameOf(shared, view.vocabulary) };
  for (const { from, to, ...rule } of rules) {
    const [source, target] = [groupOf(from), groupOf(to)];
    if (source === undefined || target === undefined || !allergy.groups.has(from)) continue;
    const ingredient = [...content].find((code) => isIn(target, new Set([code]), view.vocabulary));
    if (ingredient === undefined || !applies(rule, allergy)) continue;
    const recorded = [...allergy.ingredients].find((code) => isIn(source, new Set([code]), view.vocabulary));
    return {
      rule,
      ingredient,
      other: recorded === undefined ? source.label : nameOf(recorded, view.vocabulary),
    };
  }
  return namedIn(allergy, content, view);
}

const groupOf = (id: string): AllergyGroup | undefined => groups.find((each) => each.id === id);

const applies = ({ onlyAfter, untold }: AllergyRule, allergy: Allergy): boolean =>
  onlyAfter === undefined || allergy.angioedema || (allergy.untold && untold !== undefined);

function namedIn(
  { words }: Allergy,
  content: ReadonlySet<string>,
  { vocabulary }: OrderView,
): Match | undefined {
  if (words === undefined) return undefined;
  const ingredient = [...content].find((code) =>
    namesIn([nameOf(code, vocabulary), ...vocabulary.drugs.namesOf(new Set([code]))], words),
  );
  if (ingredient === undefined) return undefined;
  return { rule: named, ingredient, other: nameOf(ingredient, vocabulary) };
}

/** An intolerance weighs one step less than an allergy, unless anaphylaxis is recorded. */
function severityOf(rule: AllergyRule, allergy: Allergy): Severity {
  if (rule.onlyAfter !== undefined && !allergy.angioedema) return rule.untold ?? rule.usual;
  const severe = allergy.criticalityHigh || allergy.severeReaction || allergy.anaphylaxis;
  const severity = severe ? rule.severe : rule.usual;
  return allergy.intolerance && !allergy.anaphylaxis && rule.onlyAfter === undefined
    ? less[severity]
    : severity;
}

const less: Readonly<Record<Severity, Severity>> = { critical: 'warning', warning: 'info', info: 'info' };

function finding(
  { rule, ingredient, other }: Match,
  severity: Severity,
  allergy: Allergy,
  draft: OrderedDrug,
  open: readonly string[],
  { vocabulary }: OrderView,
): Finding {
  const subject = nameOf(ingredient, vocabulary);
  return {
    kind: 'allergy',
    rule: rule.id,
    severity,
    order: draft.reference,
    words: { subject, other, problem: rule.problem, advice: rule.advice },
    because: becauseOf(allergy),
    unknown: [...unknownOf(rule, allergy), ...open],
    values: [],
    source: { label: rule.source.label, ...(rule.source.url === undefined ? {} : { url: rule.source.url }) },
    actions: [{ type: 'delete', label: `Do not order ${subject}`, reference: draft.reference }],
  };
}

const becauseOf = (allergy: Allergy): readonly string[] => [
  ...(allergy.anaphylaxis ? ['Anaphylaxis is recorded as the reaction.'] : []),
  ...(allergy.angioedema ? ['Angioedema is recorded as the reaction.'] : []),
  ...(allergy.severeReaction ? ['A severe reaction is recorded.'] : []),
  ...(allergy.criticalityHigh ? ['The record gives it high criticality.'] : []),
  ...(allergy.intolerance ? ['It is recorded as an intolerance, not as an allergy.'] : []),
  ...(allergy.unconfirmed ? ['The record is unconfirmed.'] : []),
];

const unknownOf = ({ onlyAfter }: AllergyRule, { untold }: Allergy): readonly string[] => {
  if (!untold) return [];
  return [
    onlyAfter === undefined
      ? 'which reaction occurred: none is recorded'
      : `whether the reaction was ${onlyAfter}: none is recorded`,
  ];
};
