import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Expansion, TerminologyServer } from './server.ts';
import { TerminologyError } from './server.ts';

export interface CacheOptions {
  /** Which server is asked; answers of another one are not its own. */
  readonly base: string;
  /** Where expansions are kept between starts; without it they are kept in memory alone. */
  readonly folder?: string;
  /** How long an answer counts. */
  readonly maxAgeMs: number;
  readonly now: () => Date;
}

const kept = z.object({
  at: z.iso.datetime(),
  expansion: z.object({
    version: z.string().optional(),
    timestamp: z.string(),
    codes: z.array(z.object({ system: z.string(), code: z.string(), display: z.string().optional() })),
  }),
});

interface Kept {
  readonly at: Date;
  readonly expansion: Expansion;
}

const mostAnswers = 10_000;

/**
 * The server, asked at most once in `maxAgeMs` for the same thing. An expansion that cannot be renewed is answered from
 * the last one, however old: a code list does not become wrong because a server is down. A code's membership is not.
 */
export function cached(server: TerminologyServer, options: CacheOptions): TerminologyServer {
  const expansions = new Map<string, Kept>();
  const answers = new Map<string, { readonly at: Date; readonly member: boolean }>();
  const isFresh = (at: Date): boolean => options.now().getTime() - at.getTime() < options.maxAgeMs;
  return {
    async expand(canonical) {
      const last = expansions.get(canonical) ?? readKept(canonical, options);
      if (last !== undefined && isFresh(last.at)) return last.expansion;
      try {
        const next = { at: options.now(), expansion: await server.expand(canonical) };
        expansions.set(canonical, next);
        writeKept(canonical, next, options);
        return next.expansion;
      } catch (thrown) {
        if (last === undefined || !(thrown instanceof TerminologyError)) throw thrown;
        return last.expansion;
      }
    },
    async validateCode(canonical, code) {
      const key = JSON.stringify([canonical, code.system, code.code]);
      const last = answers.get(key);
      if (last !== undefined && isFresh(last.at)) return last.member;
      const member = await server.validateCode(canonical, code);
      if (answers.size >= mostAnswers) answers.clear();
      answers.set(key, { at: options.now(), member });
      return member;
    },
  };
}

const fileOf = (folder: string, canonical: string, base: string): string =>
  join(folder, `${createHash('sha256').update(`${base}\n${canonical}`).digest('hex')}.json`);

/** Undefined: never kept, or not as we wrote it. */
function readKept(canonical: string, { folder, base }: CacheOptions): Kept | undefined {
  if (folder === undefined) return undefined;
  try {
    const read = kept.parse(JSON.parse(readFileSync(fileOf(folder, canonical, base), 'utf8')));
    return { at: new Date(read.at), expansion: read.expansion as Expansion };
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written is no cache; the answer stands. */
function writeKept(canonical: string, { at, expansion }: Kept, { folder, base }: CacheOptions): void {
  if (folder === undefined) return;
  const file = fileOf(folder, canonical, base);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify({ at: at.toISOString(), expansion }));
    renameSync(`${file}.new`, file);
  } catch {
    return;
  }
}
