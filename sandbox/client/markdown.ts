/**
 * Card detail: the part of GitHub-flavoured markdown that cards use, as Preact nodes. Raw HTML is shown as
 * the text it is, never parsed; links go to http(s) only (CDS Hooks 2.0, "Card Attributes").
 */
import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';

export function markdown(text: string): VNode[] {
  return blocks(text).map(block);
}

/** Runs of lines: tables, lists, quotes and headings each by themselves, the rest as paragraphs. */
function blocks(text: string): readonly string[][] {
  const found: string[][] = [];
  for (const line of text.replaceAll('\r', '').split('\n')) {
    const current = found.at(-1);
    const starts =
      line.trim() === '' ||
      current === undefined ||
      kind(line) !== kind(current[0] ?? '') ||
      kind(line) === 'heading';
    if (starts) {
      found.push([]);
    }
    if (line.trim() !== '') {
      found.at(-1)?.push(line.trim());
    }
  }
  return found.filter((lines) => lines.length > 0);
}

type Kind = 'heading' | 'bullets' | 'numbers' | 'table' | 'quote' | 'rule' | 'paragraph';

const kinds: readonly (readonly [Kind, RegExp])[] = [
  ['heading', /^#{1,6} /],
  ['rule', /^(-{3,}|\*{3,})$/],
  ['bullets', /^[-*+] /],
  ['numbers', /^\d{1,3}[.)] /],
  ['table', /^\|/],
  ['quote', /^> ?/],
];

function kind(line: string): Kind {
  return kinds.find(([, pattern]) => pattern.test(line.trim()))?.[0] ?? 'paragraph';
}

function block(lines: readonly string[]): VNode {
  const first = lines[0] ?? '';
  const stripped = (pattern: RegExp) => lines.map((line) => line.replace(pattern, ''));
  switch (kind(first)) {
    case 'heading':
      return html`<h4>${inline(first.replace(/^#+ /, ''))}</h4>`;
    case 'rule':
      return html`<hr />`;
    case 'bullets':
      return html`<ul>${stripped(/^[-*+] /).map((item) => html`<li>${inline(item)}</li>`)}</ul>`;
    case 'numbers':
      return html`<ol>${stripped(/^\d+[.)] /).map((item) => html`<li>${inline(item)}</li>`)}</ol>`;
    case 'quote':
      return html`<blockquote>${inline(stripped(/^> ?/).join(' '))}</blockquote>`;
    case 'table':
      return table(lines);
    case 'paragraph':
      return html`<p>${inline(lines.join(' '))}</p>`;
  }
}

function table(lines: readonly string[]): VNode {
  const [head = [], ...body] = lines
    .filter((line) => !/^\|[\s:|-]+\|?$/.test(line))
    .map((line) => line.replace(/^\||\|$/g, '').split(/(?<!\\)\|/));
  return html`<table>
    <thead><tr>${head.map((cell) => html`<th scope="col">${inline(cell.trim())}</th>`)}</tr></thead>
    <tbody>${body.map((row) => html`<tr>${row.map((cell) => html`<td>${inline(cell.trim())}</td>`)}</tr>`)}</tbody>
  </table>`;
}

const token =
  /\\(?<escaped>[!-/:-@[-`{-~])|`(?<code>[^`]+)`|\*\*(?<strong>.+?)\*\*|(?<![\w*])[*_](?<em>[^*_]+)[*_](?!\w)|\[(?<label>[^\]]*)\]\((?<url>[^)\s]+)\)|&(?<entity>amp|lt|gt|quot|#39);/g;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function inline(text: string): ComponentChildren[] {
  const nodes: ComponentChildren[] = [];
  let at = 0;
  for (const match of text.matchAll(token)) {
    nodes.push(text.slice(at, match.index), span(match.groups ?? {}));
    at = match.index + match[0].length;
  }
  nodes.push(text.slice(at));
  return nodes;
}

function span({
  escaped,
  code,
  strong,
  em,
  label,
  url,
  entity,
}: Readonly<Record<string, string | undefined>>): ComponentChildren {
  if (code !== undefined) {
    return html`<code>${code}</code>`;
  }
  if (strong !== undefined) {
    return html`<strong>${inline(strong)}</strong>`;
  }
  if (em !== undefined) {
    return html`<em>${inline(em)}</em>`;
  }
  if (url !== undefined) {
    return webAddress(url)
      ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${inline(label ?? '')}</a>`
      : (label ?? '');
  }
  return escaped ?? entities[entity ?? ''] ?? '';
}

/** Is this an absolute http or https address? Anything else is never made a link. */
export function webAddress(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}
