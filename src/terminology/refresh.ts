import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type ExpandedCode, type Expansion, TerminologyError, type TerminologyServer } from './server.ts';

/** A value set of ours, and the canonical URL whose expansion a site wants in its place. */
const planSchema = z.record(z.string().startsWith('urn:'), z.url());
export type RefreshPlan = z.infer<typeof planSchema>;

/** What became of one value set. `kept`: the shipped codes stay, for the reason given. */
export type RefreshNote =
  | { readonly valueSet: string; readonly outcome: 'refreshed'; readonly codes: number }
  | { readonly valueSet: string; readonly outcome: 'kept'; readonly reason: string };

export interface Refreshed {
  /** File name → ValueSet: a layer of the vocabulary that lies over the shipped one. */
  readonly valueSets: ReadonlyMap<string, unknown>;
  readonly notes: readonly RefreshNote[];
}

const shippedSchema = z.looseObject({
  url: z.string(),
  title: z.string(),
  description: z.string(),
  copyright: z.string(),
});
type Shipped = z.infer<typeof shippedSchema>;

/**
 * Reads a site's plan: a JSON object of our value-set URLs → canonical URLs.
 * @throws Error that names the file and the rule
 */
export function readRefreshPlan(file: string): RefreshPlan {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file}: must be JSON`, { cause });
  }
  const read = planSchema.safeParse(content);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Error(`${file}: ${issue?.path.join('.') || '(file)'}: ${issue?.message ?? 'is not valid'}`);
}

/**
 * Expands every value set of the plan and puts the codes in place of the shipped ones; title, purpose and counted routes
 * stay. A failed or empty expansion, or one in a code that has no system, keeps the shipped set and says why.
 * @param shipped value sets as read from the vocabulary's folders (file → JSON)
 */
export async function refreshValueSets(
  shipped: ReadonlyMap<string, unknown>,
  plan: RefreshPlan,
  server: TerminologyServer,
): Promise<Refreshed> {
  const byUrl = new Map(
    [...shipped.values()].flatMap((content) => {
      const read = shippedSchema.safeParse(content);
      return read.success ? [[read.data.url, read.data] as const] : [];
    }),
  );
  const valueSets = new Map<string, unknown>();
  const work = Object.entries(plan).map(async ([url, canonical]): Promise<RefreshNote> => {
    const ours = byUrl.get(url);
    if (ours === undefined)
      return { valueSet: url, outcome: 'kept', reason: 'is no value set of the vocabulary' };
    try {
      const expansion = await server.expand(canonical);
      if (expansion.codes.length === 0) throw new TerminologyError('the expansion is empty');
      valueSets.set(`refreshed ${url}`, replaced(ours, canonical, expansion));
      return { valueSet: url, outcome: 'refreshed', codes: expansion.codes.length };
    } catch (thrown) {
      if (!(thrown instanceof TerminologyError)) throw thrown;
      return { valueSet: url, outcome: 'kept', reason: thrown.message };
    }
  });
  return { notes: await Promise.all(work), valueSets };
}

function replaced(ours: Shipped, canonical: string, { version, timestamp, codes }: Expansion): unknown {
  const bySystem = Map.groupBy(codes, ({ system }) => system);
  const concept = ({ code, display }: ExpandedCode) => ({
    code,
    ...(display === undefined ? {} : { display }),
  });
  return {
    ...ours,
    version: `${version ?? 'unversioned'} of ${canonical}`,
    compose: { include: [...bySystem].map(([system, list]) => ({ system, concept: list.map(concept) })) },
    expansion: {
      timestamp: new Date(Date.parse(timestamp) || 0).toISOString(),
      contains: codes,
    },
  };
}
