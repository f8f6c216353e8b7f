/** Every rule of CDS Hooks that can be seen from outside. */
import type { Check } from '../check.ts';
import { cardChecks } from './card.ts';
import { dataChecks } from './data.ts';
import { discoveryChecks } from './discovery.ts';
import { feedbackChecks } from './feedback.ts';
import { prefetchChecks } from './prefetch.ts';
import { requestChecks } from './request.ts';
import { responseChecks } from './response.ts';
import { suggestionChecks } from './suggestion.ts';
import { trustChecks } from './trust.ts';
import { unobtainableChecks } from './unobtainable.ts';

/** Rules about calls: each asks for itself. */
export const callChecks: readonly Check[] = [
  ...discoveryChecks,
  ...prefetchChecks,
  ...requestChecks,
  ...dataChecks,
  ...unobtainableChecks,
  ...feedbackChecks,
  ...trustChecks,
];

/** Rules about answers: held against everything the service said before, so they come last. */
export const answerChecks: readonly Check[] = [...cardChecks, ...suggestionChecks, ...responseChecks];

export const ruleChecks: readonly Check[] = [...callChecks, ...answerChecks];
