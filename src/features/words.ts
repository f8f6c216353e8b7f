/** A number for a note: three significant digits where that loses nothing a clinician reads, never an exponent. */
export function inWords(value: number, unit?: string): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toFixed(digits)));
  return unit === undefined || unit === '1' ? text : `${text} ${plainUnit(unit)}`;
}

/** UCUM as it is printed: `mm[Hg]` → mmHg, `mL/min/{1.73_m2}` → mL/min/1.73 m². */
export function plainUnit(unit: string): string {
  return unit
    .replace('{1.73_m2}', '1.73 m²')
    .replace('mm[Hg]', 'mmHg')
    .replace(/\bm2\b/, 'm²')
    .replace(/^a$/, 'years');
}
