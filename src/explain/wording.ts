/** A label inside a sentence: `Diabetes` → `diabetes`; `HDL cholesterol` and `eGFR` stay. */
export const inSentence = (label: string): string =>
  /^\p{Lu}\p{Ll}+(?=\W|$)/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
