import type { MedicationRequest } from '@medplum/fhirtypes';
import { rxnorm } from '../fhir/coding.ts';
import type { Finder, OrderedDrug, OrderView } from './finder.ts';
import type { Finding, FindingAction } from './finding.ts';
import { type Pair, weigh } from './interaction-context.ts';
import { onSide } from './interaction-drugs.ts';
import { type InteractionRule, interactionRules } from './interaction-rules.ts';

/**
 * Drug pairs of vocabulary/rules/interactions.json: a selected draft against every other drug, whichever of the two
 * came first; two drafts once. Two drugs that prolong QT belong to the kind `qt`. A missing value never lowers.
 */
export const interaction: Finder = {
  kind: 'interaction',
  needs: [
    ...new Set(
      interactionRules.flatMap(({ factors }) =>
        factors.flatMap((each) => (each.kind === 'value' ? [each.value] : [])),
      ),
    ),
  ],
  lists: ['medications', 'medicationHistory'],
  find: (view) => {
    const selected = view.drafts.filter((draft) => draft.selected);
    return interactionRules.flatMap((rule) => selected.flatMap((draft) => findingsOf(rule, draft, view)));
  },
};

function findingsOf(rule: InteractionRule, draft: OrderedDrug, view: OrderView): readonly Finding[] {
  const found = partnersOf(draft, view).flatMap((partner) => pairOf(rule, draft, partner, view) ?? []);
  const byPair = new Map<string, Pair>();
  for (const pair of found) {
    const key = `${pair.one.ingredient.code} ${pair.other.ingredient.code}`;
    if (!byPair.has(key)) byPair.set(key, pair);
  }
  return [...byPair.values()].map((pair) => finding(pair, draft, view));
}

/** What a draft is held against; of two selected drafts, the later one against the earlier. */
function partnersOf(draft: OrderedDrug, { drafts, active, recent }: OrderView): readonly OrderedDrug[] {
  const at = drafts.indexOf(draft);
  const others = drafts.filter((each, index) => each !== draft && (!each.selected || index < at));
  return [...others, ...active, ...recent];
}

function pairOf(
  rule: InteractionRule,
  draft: OrderedDrug,
  partner: OrderedDrug,
  view: OrderView,
): Pair | undefined {
  const sides = (one: OrderedDrug, other: OrderedDrug): Pair | undefined => {
    const first = onSide(rule.one, one, view.chart.now, view.vocabulary);
    const second = first && onSide(rule.other, other, view.chart.now, view.vocabulary);
    if (first === undefined || second === undefined) return undefined;
    return first.ingredient.code === second.ingredient.code ? undefined : { rule, one: first, other: second };
  };
  return sides(draft, partner) ?? sides(partner, draft);
}

function finding(pair: Pair, draft: OrderedDrug, view: OrderView): Finding {
  const { rule } = pair;
  const [subject, other] = pair.one.order === draft ? [pair.one, pair.other] : [pair.other, pair.one];
  const weighed = weigh(pair, view);
  return {
    kind: 'interaction',
    rule: rule.id,
    severity: weighed.severity,
    order: draft.reference,
    words: {
      subject: subject.ingredient.name,
      other: other.ingredient.name,
      problem: rule.problem,
      advice: rule.advice,
    },
    because: [...subject.because, ...other.because, ...weighed.because],
    unknown: [...subject.unknown, ...other.unknown, ...weighed.unknown],
    values: rule.factors.flatMap((each) => (each.kind === 'value' ? [each.value] : [])),
    source: { label: rule.source.label, ...(rule.source.url === undefined ? {} : { url: rule.source.url }) },
    actions: actionsOf(pair, draft),
  };
}

/** Take the draft back (the other one too, if it is a draft), or order what the rule names in its place. */
function actionsOf({ rule, one, other }: Pair, draft: OrderedDrug): readonly FindingAction[] {
  const drafts = [one, other]
    .filter(({ order }) => order.status === 'draft')
    .toSorted((first) => (first.order === draft ? -1 : 1));
  const deletes = drafts.map(
    ({ order, ingredient }): FindingAction => ({
      type: 'delete',
      label: `Do not order ${ingredient.name}`,
      reference: order.reference,
    }),
  );
  const { inPlaceOf, notFor, drugs } = rule.alternatives ?? { inPlaceOf: 'other', notFor: [], drugs: [] };
  const replaced = inPlaceOf === 'one' ? one : other;
  const meant =
    replaced.order.status === 'draft' && !notFor.some(({ code }) => code === replaced.ingredient.code);
  return [...deletes, ...(meant ? drugs.map(create) : [])];
}

const create = ({
  code,
  display,
  label,
}: {
  code: string;
  display: string;
  label: string;
}): FindingAction => ({
  type: 'create',
  label,
  resource: {
    resourceType: 'MedicationRequest',
    status: 'draft',
    intent: 'proposal',
    subject: {},
    medicationCodeableConcept: { coding: [{ system: rxnorm, code, display }], text: display },
  } satisfies MedicationRequest,
});
