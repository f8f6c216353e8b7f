import type { Model, Outputs, Row } from '../inference/model.ts';
import type { Urgency } from '../inference/urgency.ts';
import type { Turn } from './courtesy.ts';

interface Batch {
  readonly rows: Row[];
  readonly answers: Promise<readonly Outputs[]>;
}

/**
 * The model for one request of many rows: whatever is asked of it in one turn of the event loop is computed in one run,
 * with the urgency of the first. So each row is judged by `predict` itself, and none waits for another's run. Every
 * output is computed.
 * @param turn waited for before the answers are given
 */
export function inOneRun(model: Model, turn: Turn): Model {
  let open: Batch | undefined;
  const begin = (urgency: Urgency | undefined): Batch => {
    const rows: Row[] = [];
    const answers = Promise.resolve().then(async () => {
      open = undefined;
      const outputs = await model.run(rows, urgency);
      await turn();
      return outputs;
    });
    return { rows, answers };
  };
  return {
    ...model,
    async run(rows, urgency) {
      open ??= begin(urgency);
      const { rows: all, answers } = open;
      const from = all.length;
      for (const row of rows) all.push(row);
      return (await answers).slice(from, from + rows.length);
    },
  };
}
