import type { Features, ValueName } from '../features/feature.ts';
import type { InputProblem, Result } from '../inference/model.ts';
import { type Bindings, evaluate, type Truth } from './conditions.ts';
import type { CardRule, Service } from './service.ts';
import { bind, outputName } from './variables.ts';
import type { Silent, Verdict } from './verdict.ts';

/**
 * Show or stay silent, and why. In this order:
 * 1. an exclusion that holds, whatever else is missing;
 * 2. an exclusion that cannot be told: `undetermined`;
 * 3. the cards in the package's order: the first that holds is shown. A card that cannot be told stops the search:
 *    showing a later one could be wrong. It is `abstained` where a model gave no answer, else `undetermined`.
 *    So a card that does not rest on the model (LDL cholesterol of 190 mg/dL) may come before an abstention;
 * 4. `below-threshold`.
 */
export function judge(service: Service, features: Features, results: readonly Result[]): Verdict {
  const bindings = bind(features, results, service.thresholds);
  return excluded(service, features, bindings) ?? firstCard(service, features, results, bindings);
}

/** Content that awaits clinical review decides, but does not speak, where the site has not signed it on. */
export function heldBack(verdict: Verdict, mayShow: boolean): Verdict {
  if (mayShow || verdict.kind === 'silent') return verdict;
  return { kind: 'silent', outcome: 'silent', reason: 'clinical-review-pending', values: [] };
}

/** A card of which nothing could be told to this kind of client was not shown. */
export function unsaid(verdict: Verdict, cards: readonly unknown[]): Verdict {
  if (verdict.kind === 'silent' || cards.length > 0) return verdict;
  return { kind: 'silent', outcome: 'silent', reason: 'client-cannot-show', values: [] };
}

function excluded(service: Service, features: Features, bindings: Bindings): Silent | undefined {
  const truths = service.exclusions.map((exclusion) => ({
    exclusion,
    truth: evaluate(exclusion.when, bindings),
  }));
  const certain = truths.find(({ truth }) => truth.kind === 'true');
  if (certain !== undefined) {
    const { reason, when } = certain.exclusion;
    return {
      kind: 'silent',
      outcome: 'silent',
      reason,
      values: when.names.filter((name) => features.has(name)),
    };
  }
  const unknown = truths.flatMap(({ truth }) => missingOf(truth));
  return unknown.length > 0 ? undetermined(unknown, features) : undefined;
}

function firstCard(
  service: Service,
  features: Features,
  results: readonly Result[],
  bindings: Bindings,
): Verdict {
  for (const card of service.cards) {
    const truth = evaluate(card.when, bindings);
    if (truth.kind === 'true') return { kind: 'show', outcome: 'show', reason: card.id, template: card.id };
    if (truth.kind === 'undetermined') return unable(truth.missing, features, results);
  }
  return {
    kind: 'silent',
    outcome: 'silent',
    reason: 'below-threshold',
    values: comparedValues(service.cards, features),
  };
}

/** A missing model output is that model's abstention; anything else that is missing leaves the card undetermined. */
function unable(missing: readonly string[], features: Features, results: readonly Result[]): Silent {
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

const comparedValues = (cards: readonly CardRule[], features: Features): readonly ValueName[] => [
  ...new Set(cards.flatMap(({ when }) => when.names.filter((name) => features.has(name)))),
];
