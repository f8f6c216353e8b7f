import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** One word of the command line. */
export interface Command {
  /** As the help prints it: what is typed, two spaces or more, what it does; indented lines are its options. */
  readonly usage: string;
  /**
   * @param args what stands after the word
   * @returns the exit status
   * @throws Misuse, HelpWanted; anything else ends the command with one line and status 1
   */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/** The command line was wrong: the usage is printed, and the status is 2. */
export class Misuse extends Error {
  override name = 'Misuse';
}

/** `--help`: the usage is printed, and the status is 0. */
export class HelpWanted extends Error {
  override name = 'HelpWanted';
}

export type Given = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/**
 * Words and options of a command.
 * @throws HelpWanted; a TypeError that names an option there is not
 */
export function read(
  args: readonly string[],
  options: ParseArgsOptionsConfig = {},
): { readonly words: readonly string[]; readonly given: Given } {
  const all = { ...options, help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options: all, allowPositionals: true });
  if (values.help) throw new HelpWanted();
  return { words: positionals, given: values as Given };
}

/** The one word that a command needs. @throws Misuse where it is missing or others follow */
export function onlyWord(words: readonly string[]): string {
  const [word] = words;
  if (word === undefined || words.length > 1) throw new Misuse();
  return word;
}

export const textOf = (given: Given, name: string): string | undefined => {
  const value = given[name];
  return typeof value === 'string' ? value : undefined;
};

/** What was given of an option that may be repeated. */
export const textsOf = (given: Given, name: string): readonly string[] => {
  const values = given[name];
  return typeof values === 'object' ? values : [];
};
