/** Any Quantity to any unit: a finite number, or a reason, and nothing printed. */
import assert from 'node:assert/strict';
import { toUnit, unitOf } from '../src/fhir/quantity.ts';
import { bytes, jsonOf } from './target.ts';

const targets = ['mg/dL', 'mmol/L', 'mm[Hg]', '%', 'kg/m2', 'mL/min/{1.73_m2}', 'Cel', 'a'];
const options = [
  {},
  { substance: 'cholesterol' },
  { substance: 'hba1c' },
  { property: 'MCnc' },
  { molecularWeight: 180.16 },
];

/** A JSON Quantity, or plain text for its unit. */
export function fuzz(data: Buffer): void {
  const text = data.subarray(1).toString('utf8');
  const quantity = jsonOf(data.subarray(1)) ?? { value: (data[0] ?? 0) - 100.5, unit: text };
  assert.ok(['string', 'undefined'].includes(typeof unitOf(quantity)));
  const printed = silently(() => {
    for (const target of targets) {
      const converted = toUnit(quantity, target, options[(data[0] ?? 0) % options.length]);
      assert.ok(!converted.ok || Number.isFinite(converted.value));
    }
  });
  // What stands in a chart is printed nowhere, a unit that no library understands included.
  assert.equal(printed, 0);
}

/** How often the work printed something. */
function silently(work: () => void): number {
  const { log, warn, error } = console;
  let printed = 0;
  const count = (): void => {
    printed++;
  };
  Object.assign(console, { log: count, warn: count, error: count });
  try {
    work();
  } finally {
    Object.assign(console, { log, warn, error });
  }
  return printed;
}

export const seeds = (): readonly Buffer[] =>
  [
    { value: 5.48, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
    { value: 148, unit: 'mmHg' },
    { value: 7, code: '%' },
    { value: 1, comparator: '<', unit: 'mg/dL' },
    'mg/dL',
    'g/L',
    'umol/L',
    '10*3/uL',
    'mL/min/{1.73_m2}',
    '[degF]',
    '/m2.kg',
    'pH',
    'dB',
    '(mg)/dL',
    'mg/dL{fasting}',
  ].map((seed) => Buffer.concat([Buffer.from([1]), bytes(seed)]));

export const dictionary = [
  'mg',
  'dL',
  '[',
  ']',
  '{',
  '}',
  '10*',
  'mmol',
  '/',
  '.',
  '"value":',
  '"unit":"',
  '"code":"',
  '1e308',
];
