/** Reads the XML of a JUnit report strictly: what is not well-formed throws. */
import assert from 'node:assert/strict';

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const attribute = /\s+([a-zA-Z_][\w.-]*)="([^"<]*)"/y;
const entity = /&(?:amp|lt|gt|quot|apos);/g;
const characters: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>' },
  ...{ '&quot;': '"', '&apos;': "'" },
};

/** Elements, attributes and text only: no comments, CDATA or processing instructions after the first line. */
export function readXml(xml: string): Element {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  assert.ok(xml.startsWith(head), 'the XML declaration');
  assert.doesNotMatch(xml, /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u);
  const { element, at } = readElement(xml, head.length);
  assert.equal(xml.slice(at).trim(), '', 'one root');
  return element;
}

function readElement(xml: string, from: number): { readonly element: Element; readonly at: number } {
  const name = /^<([a-zA-Z_][\w.-]*)/.exec(xml.slice(from, from + 100))?.[1];
  assert.ok(name !== undefined, `an element at ${from}`);
  const attributes: Record<string, string> = {};
  let at = from + name.length + 1;
  for (let found = read(attribute, xml, at); found !== null; found = read(attribute, xml, at)) {
    const [whole, key = '', value = ''] = found;
    assert.ok(!Object.hasOwn(attributes, key), `${key} once`);
    attributes[key] = unescaped(value);
    at += whole.length;
  }
  if (xml.startsWith('/>', at)) return { element: { name, attributes, children: [], text: '' }, at: at + 2 };
  assert.equal(xml[at], '>', `the end of <${name}`);
  const children: Element[] = [];
  let text = '';
  for (at += 1; !xml.startsWith('</', at); ) {
    const next = xml.indexOf('<', at);
    assert.notEqual(next, -1, `</${name}>`);
    text += unescaped(xml.slice(at, next));
    at = next;
    if (xml.startsWith('</', at)) break;
    const child = readElement(xml, at);
    children.push(child.element);
    at = child.at;
  }
  assert.ok(xml.startsWith(`</${name}>`, at), `</${name}>`);
  return { element: { name, attributes, children, text }, at: at + name.length + 3 };
}

function read(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function unescaped(text: string): string {
  assert.doesNotMatch(text.replaceAll(entity, ''), /[&<]/, 'every & is escaped');
  return text.replaceAll(entity, (name) => characters[name] ?? '');
}
