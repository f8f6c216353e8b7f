/**
 * Coverage-guided fuzzing without native code, for systems on which jazzer.js's addon does not load (its Linux
 * build asks for glibc 2.38). The instrumentation is jazzer.js's own, which is JavaScript; the search is plain:
 * an input that reaches a new edge, or one a new order of magnitude more often, is kept and mutated further.
 */
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { mutate, randomFrom } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

const counters: Uint8Array[] = [];

/** Instruments what is imported from now on. @param includes parts of file paths */
export function instrument(includes: readonly string[]): void {
  const tracer = {
    traceStrCmp: compare,
    traceNumberCmp: compare,
    traceAndReturn: (_: unknown, target: unknown) => target,
  };
  const coverageTracker = {
    createModuleCounters(size: number): Uint8Array {
      const own = new Uint8Array(size);
      counters.push(own);
      return own;
    },
  };
  Object.assign(globalThis, { Fuzzer: { tracer, coverageTracker }, __jazzer_registerSourceMap: () => {} });
  const loader = createRequire(import.meta.url).resolve('@jazzer.js/instrumentor/dist/esm-loader.mjs');
  register(pathToFileURL(loader).href, {
    data: { includes, excludes: ['node_modules'], coverage: false, seed: 1 },
  });
}

/** The comparison that the instrumentation took the place of. */
function compare(left: never, right: never, operator: string): boolean {
  switch (operator) {
    case '==':
    case '===':
      return left === right;
    case '!=':
    case '!==':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}

/** Marks what the last run reached; was any of it new? Counts are told apart by their power of two. */
function gained(seen: Set<number>): boolean {
  let fresh = false;
  for (const [module, own] of counters.entries()) {
    for (let edge = 0; edge < own.length; edge++) {
      const count = own[edge] ?? 0;
      if (count === 0) continue;
      own[edge] = 0;
      const key = (module * 65536 + edge) * 8 + Math.min(7, 31 - Math.clz32(count));
      if (seen.has(key)) continue;
      seen.add(key);
      fresh = true;
    }
  }
  return fresh;
}

export interface Exploration {
  readonly runs: number;
  /** Edges reached. */
  readonly edges: number;
  readonly corpus: readonly Buffer[];
  readonly finding?: { readonly input: Buffer; readonly thrown: unknown };
}

export interface Limits {
  readonly seconds: number;
  readonly runs: number;
  readonly seed: number;
}

/** Runs every seed, then mutations, until a limit is reached or something is found. */
export async function explore(
  target: FuzzTarget,
  inputs: readonly Buffer[],
  limits: Limits,
): Promise<Exploration> {
  const random = randomFrom(limits.seed);
  const seen = new Set<number>();
  const corpus: Buffer[] = [];
  const end = performance.now() + limits.seconds * 1000;
  let runs = 0;
  for (const [at, seed] of inputs.entries()) if (at === 0 || seed.length > 0) corpus.push(seed);
  const seeds = corpus.length;
  while (runs < limits.runs && performance.now() < end) {
    const input =
      runs < seeds
        ? (corpus[runs] ?? Buffer.alloc(0))
        : mutate(corpus[random(corpus.length)] ?? Buffer.alloc(0), corpus, target.dictionary ?? [], random);
    runs++;
    try {
      await target.fuzz(input);
    } catch (thrown) {
      return { runs, edges: edgesOf(seen), corpus, finding: { input, thrown } };
    }
    if (gained(seen) && runs > seeds) corpus.push(input);
  }
  return { runs, edges: edgesOf(seen), corpus };
}

const edgesOf = (seen: ReadonlySet<number>): number =>
  new Set([...seen].map((key) => Math.floor(key / 8))).size;
