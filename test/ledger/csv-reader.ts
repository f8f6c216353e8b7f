/** A reader of RFC 4180 that shares no line with the writer, and refuses what the grammar does. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const [field, end] = text[at] === '"' ? quoted(text, at) : bare(text, at);
    row.push(field);
    if (text[end] === ',') at = end + 1;
    else if (text.startsWith('\r\n', end) || end === text.length) {
      rows.push(row);
      row = [];
      at = end + 2;
    } else throw new Error(`neither a comma nor CRLF after a field at ${end}`);
  }
  return rows;
}

function quoted(text: string, start: number): readonly [string, number] {
  let field = '';
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char !== '"') {
      if (/[^\P{Cc}\r\n\x80-\x9f]/u.test(char)) throw new Error(`a control character at ${at}`);
      field += char;
    } else if (text[at + 1] === '"') {
      field += '"';
      at++;
    } else return [field, at + 1];
  }
  throw new Error(`a quote at ${start} is not closed`);
}

function bare(text: string, start: number): readonly [string, number] {
  const [field = ''] = /^[ !#-+\--~]*/.exec(text.slice(start)) ?? [];
  return [field, start + field.length];
}
