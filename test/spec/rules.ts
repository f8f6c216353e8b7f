import type { Rule } from './rule.ts';
import { cardRules } from './rules-of-cards.ts';
import { requestRules } from './rules-of-requests.ts';

/** Every rule that binds a service, in the order of the specification. */
export const rules: readonly Rule[] = [...requestRules, ...cardRules];
