/** A page with steps: its fenced blocks, in order. */
import { readFileSync } from 'node:fs';

export type Step =
  /** ```json path/of/a/file */
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  /** ```sh: one command a line. */
  | { readonly kind: 'commands'; readonly lines: readonly string[] }
  /** ```text: lines that the commands before have printed, white space at the ends aside. */
  | { readonly kind: 'output'; readonly lines: readonly string[] };

const fence = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm;

/**
 * The steps of one section.
 * @param heading as written, `## Add a card`
 * @throws Error for a section that is not there, and for a block that is none of the three
 */
export function stepsOf(page: string, heading: string): readonly Step[] {
  const text = readFileSync(page, 'utf8');
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`there is no ${heading}`);
  const end = text.indexOf('\n## ', start + heading.length);
  const section = text.slice(start, end < 0 ? undefined : end);
  return [...section.matchAll(fence)].map(([block, language = '', path, content = '']) =>
    stepOf(language, path, content, block),
  );
}

function stepOf(language: string, path: string | undefined, text: string, block: string): Step {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (path !== undefined) return { kind: 'file', path, text };
  if (language === 'sh') return { kind: 'commands', lines };
  if (language === 'text') return { kind: 'output', lines };
  throw new Error(`a block without a file: ${block.slice(0, 60)}`);
}
