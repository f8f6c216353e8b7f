/**
 * A text template that can hardly do anything: `{{name}}` inserts a word, `{{#name}}…{{/name}}` repeats its
 * content for each item of a list (an empty list: not at all). No logic, no raw insertion.
 */
export type Template = readonly Part[];

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'section'; readonly name: string; readonly parts: Template };

/** What a template can insert: words, and lists of items with words of their own. An inner name hides an outer one. */
export interface Scope {
  readonly [name: string]: string | readonly Scope[] | undefined;
}

/** Names a template may use: a word, or a list with the names of its items. */
export interface Names {
  readonly [name: string]: 'word' | Names | undefined;
}

/** A template that breaks a rule; the message names the placeholder. */
export class TemplateError extends Error {
  override name = 'TemplateError';
}

/** Reads a template. @throws TemplateError for a section that is not closed or a brace that is none of the two forms */
export function parseTemplate(text: string): Template {
  const pieces = text.split(/(\{\{[#/]?[A-Za-z]\w*\}\})/);
  const { parts, rest } = parseParts(pieces, undefined);
  if (rest.length > 0) throw new TemplateError(`${rest[0]} closes nothing`);
  return parts;
}

function parseParts(
  pieces: readonly string[],
  open: string | undefined,
): { parts: Template; rest: readonly string[] } {
  const parts: Part[] = [];
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at] ?? '';
    const tag = /^\{\{([#/]?)(\w+)\}\}$/.exec(piece);
    const [, mark, name = ''] = tag ?? [];
    if (tag === null) parts.push(plain(piece));
    else if (mark === '') parts.push({ kind: 'value', name });
    else if (mark === '/') {
      if (name === open) return { parts, rest: pieces.slice(at + 1) };
      return open === undefined ? { parts, rest: pieces.slice(at) } : unclosed(open);
    } else {
      const inner = parseParts(pieces.slice(at + 1), name);
      parts.push({ kind: 'section', name, parts: inner.parts });
      at = pieces.length - inner.rest.length - 1;
    }
  }
  return open === undefined ? { parts, rest: [] } : unclosed(open);
}

function plain(text: string): Part {
  if (/[{}]/.test(text))
    throw new TemplateError('has braces that are neither {{name}} nor {{#name}} nor {{/name}}');
  return { kind: 'text', text };
}

function unclosed(name: string): never {
  throw new TemplateError(`{{#${name}}} is not closed`);
}

/** @throws TemplateError for a placeholder that is not known where it stands */
export function checkTemplate(template: Template, known: Names): void {
  for (const part of template) {
    if (part.kind === 'text') continue;
    const names = known[part.name];
    const fits = part.kind === 'value' ? names === 'word' : typeof names === 'object';
    if (!fits)
      throw new TemplateError(`{{${part.kind === 'section' ? '#' : ''}${part.name}}} is not known here`);
    if (part.kind === 'section' && typeof names === 'object')
      checkTemplate(part.parts, { ...known, ...names });
  }
}

/**
 * Writes a template. A word that is missing in the scope reads `not known`; every word passes `harmless`.
 * @param harmless what makes an inserted word harmless in the target format
 */
export const renderTemplate = (template: Template, scope: Scope, harmless: Harmless): string =>
  renderWithin([scope], template, harmless);

type Harmless = (word: string) => string;

/** @param scopes the innermost first */
const renderWithin = (scopes: readonly Scope[], template: Template, harmless: Harmless): string =>
  template.map((part) => renderPart(scopes, part, harmless)).join('');

function renderPart(scopes: readonly Scope[], part: Part, harmless: Harmless): string {
  if (part.kind === 'text') return part.text;
  const found = scopes.find((scope) => Object.hasOwn(scope, part.name))?.[part.name];
  if (part.kind === 'value') return harmless(typeof found === 'string' ? found : 'not known');
  const items = typeof found === 'object' ? found : [];
  return items.map((item) => renderWithin([item, ...scopes], part.parts, harmless)).join('');
}

/** Characters that are invisible, turn the reading direction, or break the line. */
const invisible = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;

/** A word as plain text: one line, nothing invisible. */
export const plainText = (word: string): string =>
  word.replaceAll(invisible, ' ').replaceAll(/ {2,}/g, ' ').trim();

/**
 * A word inside GitHub-flavoured markdown, even where a client renders HTML: no markup, no entity, no heading or
 * list at its start, no link that the renderer would make by itself.
 */
export const markdownText = (word: string): string =>
  plainText(word).replaceAll(
    /[&<>\\`*_[\]|~@]|:(?=\/\/)|(?<=[wW]{3})\.|^[#+=-]|(?<=^\d+)[.)](?=\s|$)/g,
    (mark) => entities[mark] ?? `\\${mark}`,
  );

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
