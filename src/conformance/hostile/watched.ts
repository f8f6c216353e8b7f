import type { Canary, Target } from '../target.ts';

/** How long a service may take to turn to an address after it has answered. */
const afterwardsMs = 30;

const turns = new WeakMap<Canary, Promise<unknown>>();

/**
 * Does something while the canary is watched. One at a time for each canary: what it sees is this attack's doing.
 * @returns `seen`: what reached the canary, in words; undefined where nothing did or nobody watches
 */
export async function watched<T>(
  { canary }: Pick<Target, 'canary'>,
  attack: () => Promise<T>,
): Promise<{ readonly seen: string | undefined; readonly result: T }> {
  if (canary === undefined) return { seen: undefined, result: await attack() };
  const mine = (turns.get(canary) ?? Promise.resolve()).then(() => watchOne(canary, attack));
  turns.set(
    canary,
    mine.catch(() => undefined),
  );
  return mine;
}

async function watchOne<T>(canary: Canary, attack: () => Promise<T>) {
  const { connections, tokens } = canary;
  const result = await attack();
  await new Promise((resolve) => setTimeout(resolve, afterwardsMs));
  const [came, brought] = [canary.connections - connections, canary.tokens - tokens];
  const seen =
    came === 0 ? undefined : `it went to a foreign address (connections: ${came}, with a token: ${brought})`;
  return { seen, result };
}
