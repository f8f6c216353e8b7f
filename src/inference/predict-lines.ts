/** `auscult predict <model-id>`: JSON lines of inputs in, JSON lines of outputs out, one for one and in order. */
import { asFault } from '../errors.ts';
import type { Model, Result } from './model.ts';
import { type PredictOptions, predict } from './predict.ts';
import type { InputValue } from './row.ts';

/** Output name → number; or why there is none. */
export type PredictionLine =
  | Readonly<Record<string, number>>
  | { readonly abstained: string }
  | { readonly error: string };

/**
 * A line is one JSON object: manifest input name → number, string, boolean or null. A line that is not gives
 * `{error}` and the next is read. An output that does not apply, and the variant that answered, are left out.
 */
export async function* predictLines(
  model: Model,
  lines: AsyncIterable<string> | Iterable<string>,
  options: Pick<PredictOptions, 'allowOutOfRange'> = {},
): AsyncGenerator<PredictionLine, void, undefined> {
  for await (const line of lines) yield await predictLine(model, line, options);
}

async function predictLine(
  model: Model,
  line: string,
  options: Pick<PredictOptions, 'allowOutOfRange'>,
): Promise<PredictionLine> {
  const inputs = parseLine(line);
  if (typeof inputs === 'string') return { error: inputs };
  try {
    return printed(model, await predict(model, inputs, options));
  } catch (thrown) {
    return { error: asFault(thrown).message };
  }
}

function parseLine(line: string): ReadonlyMap<string, InputValue> | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return 'the line is not JSON';
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
    return 'the line is not a JSON object';
  const entries = Object.entries(parsed);
  const nested = entries.filter(([, value]) => typeof value === 'object' && value !== null);
  if (nested.length > 0)
    return `not a number, string, boolean or null: ${nested.map(([name]) => name).join(', ')}`;
  return new Map(entries as [string, InputValue][]);
}

function printed(model: Model, result: Result): PredictionLine {
  if (result.kind === 'abstention') {
    return {
      abstained: result.because
        .map(({ input, reason, detail }) => `${input}: ${reason} (${detail})`)
        .join('; '),
    };
  }
  const shown = model.manifest.outputs.flatMap((output) => {
    const value = result.outputs[output.name];
    return output.kind === 'label' || value === undefined ? [] : [[output.name, value]];
  });
  return Object.fromEntries(shown);
}
