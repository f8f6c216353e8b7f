/**
 * One record of RFC 4180: every field in quotes, quotes doubled, CRLF at the end. What a spreadsheet would take for
 * a formula starts with an apostrophe (OWASP ASVS 5 §1.2.10, CWE-1236); control characters other than line breaks,
 * which the grammar has no place for, become blanks.
 */
export const csvLine = (fields: readonly (string | undefined)[]): string =>
  `${fields.map((field) => csvField(field ?? '')).join(',')}\r\n`;

function csvField(text: string): string {
  const plain = text.toWellFormed().replaceAll(controls, ' ');
  const harmless = startsFormula.test(plain) ? `'${plain}` : plain;
  return `"${harmless.replaceAll('"', '""')}"`;
}

const controls = /[^\P{Cc}\r\n\x80-\x9f]/gu;

/** Blanks and invisible marks before the sign hide no formula; some locales take full-width signs as well. */
const startsFormula = /^[\s\p{Cf}]*[=+\-@＝＋－＠]|^[\r\n]/u;
