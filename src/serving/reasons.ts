import type { Manifest } from '../inference/manifest.ts';
import type { InputProblem } from '../inference/model.ts';

/** Inputs and why they stood in the way, with the range that holds, never with the value. */
export const reasonsOf = ({ inputs }: Manifest, because: readonly InputProblem[]): string =>
  because
    .map(({ input: name, reason }) => {
      const input = inputs.find((each) => each.name === name);
      if (reason !== 'out-of-range' || input?.kind !== 'number') return `${name} ${reason}`;
      const { min, max, integer } = input.valid;
      return `${name} ${reason} (${min} to ${max} ${input.unit}${integer ? ', whole' : ''})`;
    })
    .join(', ');
