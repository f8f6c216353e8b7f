import { readFileSync } from 'node:fs';

/** The table of vocabulary/dose-forms.json, which the shipped index is built with too. */
interface DoseFormTable {
  readonly forms: readonly (readonly [route: string, words: string])[];
  readonly letters: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, string>>;
}

const table: DoseFormTable = JSON.parse(
  readFileSync(new URL('../../vocabulary/dose-forms.json', import.meta.url), 'utf8'),
);
const forms = table.forms.map(([route, words]) => ({
  letter: table.letters[route] ?? '',
  words: new RegExp(String.raw`\b(?:${words})\b`, 'i'),
}));

/** The letter of a dose form's route, as drugs.tsv writes it; empty where no word tells. */
export const routeLetter = (form: string): string =>
  forms.find(({ words }) => words.test(form))?.letter ?? '';

/** Letters of several products together, each once, sorted. */
export const joinLetters = (letters: Iterable<string>): string =>
  [...new Set([...letters].flatMap((each) => [...each]))].sort().join('');

/** An RxNorm strength (`325 MG`, `0.012 MG/HR`) in UCUM; undefined: no number or a unit the table lacks. */
export function ucumStrength(text: string): string | undefined {
  const [value = '', unit = ''] = text.split(' ');
  const parts = unit.split('/').map((part) => table.units[part]);
  return /^\d+(?:\.\d+)?$/.test(value) && parts.every((part) => part !== undefined)
    ? `${value} ${parts.join('/')}`
    : undefined;
}
