/** What a decision consists of: one part per model that was asked, in the order asked. */
import type { Abstention } from '../src/inference/model.ts';
import type { Decision, OutputRecord } from '../src/ledger/decision.ts';
import { type Benefit, benefitOf, isBenefit } from './benefit.ts';
import { isScore, type Score, scoreOf } from './score.ts';
import { percentNumber, valueWords } from './words.ts';

export type Part =
  | { readonly kind: 'score'; readonly model: string; readonly score: Score }
  | { readonly kind: 'benefit'; readonly model: string; readonly benefit: Benefit }
  | { readonly kind: 'risks'; readonly model: string; readonly outputs: readonly OutputRecord[] }
  | { readonly kind: 'abstained'; readonly model: string; readonly abstention: Abstention };

export function partsOf(decision: Decision): readonly Part[] {
  return decision.results.flatMap((result): Part[] => {
    const { model } = result;
    return result.kind === 'abstention'
      ? [{ kind: 'abstained', model, abstention: result }]
      : predicted(decision, model);
  });
}

function predicted(decision: Decision, model: string): Part[] {
  const outputs = decision.outputs.filter((output) => output.model === model);
  const benefit = isBenefit(outputs) ? benefitOf(decision, model, outputs) : undefined;
  if (benefit !== undefined) return [{ kind: 'benefit', model, benefit }];
  const score = isScore(outputs) ? scoreOf(decision, model, outputs) : undefined;
  if (score !== undefined) return [{ kind: 'score', model, score }];
  return outputs.length === 0 ? [] : [{ kind: 'risks', model, outputs }];
}

/** What stands first on the page. */
export type Lead =
  | { readonly kind: 'findings' }
  | { readonly kind: 'cards' }
  | { readonly kind: 'nothing' }
  | Exclude<Part, { readonly kind: 'abstained' }>;

/** Findings before anything; then what is explained; then the first model that answered; then the cards alone. */
export function leadOf(decision: Decision, parts: readonly Part[]): Lead {
  if ((decision.findings ?? []).length > 0) return { kind: 'findings' };
  const answered = parts.filter((part) => part.kind !== 'abstained');
  const explained = answered.find(({ model }) => model === decision.explanation?.model);
  const part = explained ?? answered[0];
  if (part !== undefined) return part;
  return decision.cards.length > 0 ? { kind: 'cards' } : { kind: 'nothing' };
}

/** Are the cards named beside what leads? Not where the only card says the very number that stands first. */
export function namesCards({ cards }: Decision, lead: Lead): boolean {
  const [only, ...more] = cards;
  if (only === undefined || lead.kind === 'cards') return false;
  return more.length > 0 || !only.summary.includes(numberOf(lead, only.summary));
}

/** The leading number as a card prints it; the summary itself where there is none to look for. */
function numberOf(lead: Lead, summary: string): string {
  switch (lead.kind) {
    case 'score':
      return valueWords(lead.score.total.value);
    case 'risks':
      return printed(lead.outputs, summary);
    default:
      return summary;
  }
}

const printed = (outputs: readonly OutputRecord[], summary: string): string => {
  const words = outputs.map(({ unit, value }) =>
    unit === '1' && value <= 1 ? percentNumber(value) : valueWords(value),
  );
  return words.find((each) => summary.includes(each)) ?? words[0] ?? summary;
};
