import { gravity } from '../findings/finding.ts';
import type { Service } from './service.ts';
import { type Chosen, show, silent, type Verdict } from './verdict.ts';

/** What one service came to. */
export interface Opinion {
  readonly service: Service;
  readonly verdict: Verdict;
}

/** More are not read. */
const mostCards = 3;

interface Candidate {
  readonly opinion: Opinion;
  readonly card: Chosen;
}

/**
 * Opinions of one answer, with at most three cards between them: the most urgent, and otherwise those of earlier
 * services. What two services advise on one topic is said once. A service that loses all its cards is silent,
 * and its reason says so.
 */
export function capped<Given extends Opinion>(opinions: readonly Given[]): readonly Given[] {
  const candidates = opinions.flatMap((opinion) =>
    opinion.verdict.kind === 'show' ? opinion.verdict.cards.map((card) => ({ opinion, card })) : [],
  );
  const ranked = candidates.toSorted(byUrgency);
  const first = new Set(ranked.filter((each, at) => ranked.findIndex((one) => isSame(one, each)) === at));
  const kept = new Set(ranked.filter((each) => first.has(each)).slice(0, mostCards));
  return opinions.map((opinion) => {
    if (opinion.verdict.kind === 'silent') return opinion;
    const own = candidates.filter((each) => each.opinion === opinion);
    const cards = own.filter((each) => kept.has(each)).map(({ card }) => card);
    if (cards.length > 0) return { ...opinion, verdict: show(cards) };
    const repeated = own.every((each) => !first.has(each));
    return { ...opinion, verdict: silent(repeated ? 'said-by-another-service' : 'outranked') };
  });
}

const byUrgency = (one: Candidate, other: Candidate): number =>
  gravity[other.card.indicator] - gravity[one.card.indicator];

/** Findings, and the problems of one service, are each their own topic. */
function isSame(one: Candidate, other: Candidate): boolean {
  if (one === other) return true;
  if (one.opinion === other.opinion || one.card.finding !== undefined) return false;
  const [topic, theirs] = [topicOf(one), topicOf(other)];
  return topic !== undefined && topic.code === theirs?.code && topic.system === theirs.system;
}

const topicOf = ({ opinion: { service }, card }: Candidate) =>
  service.cards.find(({ id }) => id === card.template)?.source.topic;
