import type { Features, ValueName } from '../features/feature.ts';
import type { Finding } from '../findings/finding.ts';
import type { InputProblem, Result } from '../inference/model.ts';
import { type Bindings, evaluate, type Truth } from './conditions.ts';
import { problemsOf } from './needs.ts';
import type { CardRule, ConditionCard, FindingCard, Service } from './service.ts';
import { bind, outputName } from './variables.ts';
import { type Chosen, type Show, type Silent, show, silent, type Verdict } from './verdict.ts';

/** What the stages before found: everything a verdict rests on. */
export interface Evidence {
  readonly features: Features;
  readonly results: readonly Result[];
  /** Results of the trend's model on the chart as it stood before; none where the service follows no trend. */
  readonly earlier?: readonly Result[];
  readonly findings?: readonly Finding[];
  /** What could not be looked at among the draft orders: without a finding it is no clearance. */
  readonly unchecked?: readonly string[];
}

/**
 * Show or stay silent, and why. In this order:
 * 1. an exclusion that holds, whatever else is missing;
 * 2. an exclusion that cannot be told: `undetermined`;
 * 3. problem by problem, the cards in the package's order: the first that holds is shown. A card that cannot be told
 *    stops the search for its problem: showing a later one could be wrong. The problem is `abstained` where a model
 *    gave no answer, else `undetermined`. So a card that does not rest on the model (LDL cholesterol of 190 mg/dL)
 *    may come before an abstention. A card for findings is shown once for each finding of its kind;
 * 4. nothing to show: the first problem that could not be told; orders or lists that could not be looked at; else
 *    `below-threshold` (`no-finding` where only findings were looked for).
 */
export function judge(service: Service, evidence: Evidence): Verdict {
  const bindings = bind(evidence, service);
  return excluded(service, evidence.features, bindings) ?? ofProblems(service, evidence, bindings);
}

/** Does an exclusion hold whatever the models would say? Then none of them need be asked. */
export function isExcluded(service: Service, features: Features): boolean {
  const bindings = bind({ features, results: [] }, service);
  return service.exclusions.some(({ when }) => evaluate(when, bindings).kind === 'true');
}

/** Content that awaits clinical review decides, but does not speak, where the site has not signed it on. */
export const heldBack = (verdict: Verdict, mayShow: boolean): Verdict =>
  mayShow || verdict.kind === 'silent' ? verdict : silent('clinical-review-pending');

/** A card of which nothing could be told to this kind of client was not shown. */
export const unsaid = (verdict: Verdict, cards: readonly unknown[]): Verdict =>
  verdict.kind === 'silent' || cards.length > 0 ? verdict : silent('client-cannot-show');

function excluded(service: Service, features: Features, bindings: Bindings): Silent | undefined {
  const truths = service.exclusions.map((exclusion) => ({
    exclusion,
    truth: evaluate(exclusion.when, bindings),
  }));
  const certain = truths.find(({ truth }) => truth.kind === 'true');
  if (certain !== undefined) {
    const { reason, when } = certain.exclusion;
    return silent(
      reason,
      when.names.filter((name) => features.has(name)),
    );
  }
  const unknown = truths.flatMap(({ truth }) => missingOf(truth));
  return unknown.length > 0 ? undetermined(unknown, features) : undefined;
}

function ofProblems(service: Service, evidence: Evidence, bindings: Bindings): Verdict {
  const told = problemsOf(service.cards).map((cards) => firstCard(cards, evidence, bindings));
  const shown = told.flatMap((each) => (each?.kind === 'show' ? each.cards : []));
  if (shown.length > 0) return show(shown);
  const { unchecked = [] } = evidence;
  const untold = told.find((each) => each?.kind === 'silent');
  if (untold !== undefined) return untold;
  if (unchecked.length > 0) return undetermined(unchecked, evidence.features);
  const reason = service.cards.every(({ kind }) => kind === 'finding') ? 'no-finding' : 'below-threshold';
  return silent(reason, comparedValues(service, evidence));
}

/** What a problem comes to; undefined: none of its cards holds. */
function firstCard(
  cards: readonly CardRule[],
  evidence: Evidence,
  bindings: Bindings,
): Show | Silent | undefined {
  for (const card of cards) {
    if (card.kind === 'finding') return forEach(card, evidence.findings ?? []);
    const truth = evaluate(card.when, bindings);
    if (truth.kind === 'true') return show([chosen(card)]);
    if (truth.kind === 'undetermined') return unable(truth.missing, evidence);
  }
  return undefined;
}

const chosen = ({ id, indicator }: ConditionCard): Chosen => ({ template: id, indicator });

function forEach({ id, forEach }: FindingCard, findings: readonly Finding[]): Show | undefined {
  const cards = findings
    .filter(({ kind }) => kind === forEach)
    .map((finding): Chosen => ({ template: id, indicator: finding.severity, finding }));
  return cards.length === 0 ? undefined : show(cards);
}

/** A missing model output is that model's abstention; anything else that is missing leaves the card undetermined. */
function unable(missing: readonly string[], { features, results }: Evidence): Silent {
  const abstained = results.filter((result) => result.kind === 'abstention');
  const rested = abstained.filter(({ model }) =>
    missing.some((name) => name.startsWith(outputName(model, ''))),
  );
  const problems = rested.flatMap(({ because }) => because);
  if (problems.length === 0) return undetermined(missing, features);
  return {
    kind: 'silent',
    outcome: 'abstained',
    reason: abstentionReason(problems, features),
    values: [...new Set(problems.flatMap(({ value }) => value ?? []))],
  };
}

const missingOf = (truth: Truth): readonly string[] => (truth.kind === 'undetermined' ? truth.missing : []);

/** `undetermined: pregnancy (not-supplied)`; names only, never values. */
const undetermined = (names: readonly string[], features: Features): Silent => {
  const unique = [...new Set(names)];
  return {
    kind: 'silent',
    outcome: 'undetermined',
    reason: `undetermined: ${unique.map((name) => withReason(name, features)).join(', ')}`,
    values: unique.filter((name) => features.has(name)),
  };
};

/** `missing: totalCholesterol (not-recorded), egfr (stale); out-of-range: age`; names only, never values. */
function abstentionReason(problems: readonly InputProblem[], features: Features): string {
  const byReason = Map.groupBy(problems, ({ reason }) => reason);
  return [...byReason]
    .map(([reason, all]) => {
      const names = all.map(({ input, value }) =>
        reason === 'missing' ? withReason(value ?? input, features) : (value ?? input),
      );
      return `${reason}: ${[...new Set(names)].join(', ')}`;
    })
    .join('; ');
}

function withReason(name: ValueName, features: Features): string {
  const feature = features.get(name);
  return feature?.kind === 'missing' ? `${name} (${feature.reason})` : name;
}

const comparedValues = ({ cards }: Service, { features }: Evidence): readonly ValueName[] => [
  ...new Set(
    cards.flatMap((card) =>
      card.kind === 'finding' ? [] : card.when.names.filter((name) => features.has(name)),
    ),
  ),
];
