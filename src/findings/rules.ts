import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { z } from 'zod';
import { VocabularyError } from '../features/vocabulary.ts';

const folder = new URL('../../vocabulary/rules/', import.meta.url);

/**
 * One table of rules, `vocabulary/rules/<file>` (`interactions.json`), checked against its schema. Read once, where
 * the finder's module is loaded: a broken table stops the start.
 * @throws VocabularyError naming file, field and rule
 */
export function readRules<Schema extends z.ZodType>(schema: Schema, file: string): z.infer<Schema> {
  return checkRules(schema, file, contentOf(file));
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(new URL(basename(file), folder), 'utf8'));
  } catch {
    throw new VocabularyError(`rules/${file}`, '(file)', 'must be there and be JSON');
  }
}

/** A table that is already JSON. @throws VocabularyError naming file, field and rule */
export function checkRules<Schema extends z.ZodType>(
  schema: Schema,
  file: string,
  content: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues.toSorted((one, other) => other.path.length - one.path.length)[0];
  throw new VocabularyError(
    `rules/${file}`,
    issue?.path.join('.') || '(file)',
    issue?.message ?? 'is not valid',
  );
}
