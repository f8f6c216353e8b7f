import type { Model, Result } from '../inference/model.ts';
import type { Urgency } from '../inference/urgency.ts';
import type { Explanation } from './explanation.ts';
import type { Words } from './reference.ts';
import { explainPrediction } from './shapley.ts';

/**
 * The explanation of the one output that a service explains; none where it explains nothing or its model abstained.
 * @throws Fault model-unavailable, deadline-passed
 */
export async function explainResult(
  { explain }: { readonly explain?: { readonly model: string; readonly output: string } },
  models: readonly Model[],
  results: readonly Result[],
  words: Words,
  urgency: Urgency = {},
): Promise<Explanation | undefined> {
  const model = models.find(({ manifest }) => manifest.id === explain?.model);
  const result = results.find((each) => each.model === explain?.model);
  if (explain === undefined || model === undefined || result?.kind !== 'prediction') return undefined;
  return explainPrediction(model, result, explain.output, words, urgency);
}
