import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Conversion,
  type ConversionOptions,
  isKnownUnit,
  toUnit,
  unitOf,
} from '../../src/fhir/quantity.ts';

const ucum = 'http://unitsofmeasure.org';
const quantity = (value: unknown, unit: string): object => ({ value, unit, system: ucum, code: unit });
const convert = (value: number, from: string, to: string, options?: ConversionOptions): Conversion =>
  toUnit(quantity(value, from), to, options);
const numberOf = (conversion: Conversion): number => {
  assert.ok(conversion.ok, JSON.stringify(conversion));
  return conversion.value;
};
const reasonOf = (conversion: Conversion): string =>
  conversion.ok ? `converted: ${conversion.value}` : conversion.reason;

const cholesterol = { substance: 'cholesterol' };
const creatinine = { substance: 'creatinine' };

const converted: readonly (readonly [number, string, string, ConversionOptions, number])[] = [
  [5.2, 'mmol/L', 'mg/dL', cholesterol, 5.2 / 0.02586],
  [200, 'mg/dL', 'mmol/L', cholesterol, 200 * 0.02586],
  [2, 'g/L', 'mg/dL', cholesterol, 200],
  [88.4, 'umol/L', 'mg/dL', creatinine, 0.99998],
  [30, 'mg/mmol', 'mg/g', creatinine, 265.205],
  [0.1, 'mmol/L', 'mg/dL', creatinine, 1.1312],
  [150, '[lb_av]', 'kg', {}, 68.0388555],
  [70, '[in_i]', 'cm', {}, 177.8],
  [20, 'kPa', 'mm[Hg]', {}, 150.012751],
  [98.6, '[degF]', 'Cel', {}, 37],
  [53, 'mmol/mol', '%', { substance: 'hba1c', property: 'SRto' }, 7.00044],
  [53, 'mmol/mol', '%', { substance: 'hba1c', property: 'MFr' }, 7.00044],
  [6.5, '%', '%', { substance: 'hba1c', property: 'MFr' }, 6.5],
  [12, 'mg/g{creat}', 'mg/g', { property: 'MRto' }, 12],
  [12, 'ug/mg', 'mg/g', { property: 'MRto' }, 12],
  [140, 'mmHg', 'mm[Hg]', {}, 140],
  [140, 'mm Hg', 'mm[Hg]', {}, 140],
  [90, 'mL/min/1.73m2', 'mL/min/{1.73_m2}', { property: 'ArVRat' }, 90],
  [90, 'mL/min/1.73 m²', 'mL/min/{1.73_m2}', { property: 'ArVRat' }, 90],
  [0.9, 'mg/dl', 'mg/dL', { property: 'MCnc' }, 0.9],
];

const refused: readonly (readonly [unknown, string, string, ConversionOptions, string])[] = [
  [5.2, 'mmol/L', 'mg/dL', {}, 'wrong-kind'],
  [5.2, 'mmol/L', 'mg/dL', { ...cholesterol, property: 'MCnc' }, 'wrong-kind'],
  [200, 'mg/dL', 'mg/dL', { ...cholesterol, property: 'SCnc' }, 'wrong-kind'],
  [90, 'mL/min', 'mL/min/{1.73_m2}', {}, 'wrong-kind'],
  [90, 'mL/min/{1.73_m2}', 'mL/min', {}, 'wrong-kind'],
  [90, 'L/h', 'mL/min/{1.73_m2}', { property: 'ArVRat' }, 'wrong-kind'],
  [53, 'mmol/mol', '%', {}, 'wrong-kind'],
  [5, '%', '%', { substance: 'hba1c', property: 'SRto' }, 'wrong-kind'],
  [5, 'mmol/mol', 'mg/g', { ...creatinine, property: 'MRto' }, 'wrong-kind'],
  [80, 'g', 'mg/dL', cholesterol, 'wrong-kind'],
  [1, 'furlongs', 'cm', {}, 'unknown-unit'],
  [1, '{score}', '%', {}, 'no-unit'],
  [7, '1', '%', {}, 'no-unit'],
  [1, 'x'.repeat(500), 'cm', {}, 'unknown-unit'],
  [Number.NaN, 'cm', 'cm', {}, 'not-a-number'],
  [Number.POSITIVE_INFINITY, 'cm', 'cm', {}, 'not-a-number'],
  ['7', 'cm', 'cm', {}, 'not-a-number'],
  [1e308, 'km', 'cm', {}, 'not-a-number'],
];

describe('toUnit', () => {
  for (const [value, from, to, options, expected] of converted) {
    it(`reads ${value} ${from} as ${expected} ${to}`, () => {
      const got = numberOf(convert(value, from, to, options));
      assert.ok(Math.abs(got - expected) <= 1e-5 * Math.abs(expected), `${got}`);
    });
  }

  for (const [value, from, to, options, reason] of refused) {
    it(`refuses ${String(value).slice(0, 20)} ${from.slice(0, 20)} for ${to} ${JSON.stringify(options)}: ${reason}`, () => {
      assert.equal(reasonOf(toUnit(quantity(value, from), to, options)), reason);
    });
  }

  it('refuses a bound and a number without unit', () => {
    assert.equal(reasonOf(toUnit({ value: 5, comparator: '<', unit: 'mg/dL' }, 'mg/dL')), 'comparator');
    assert.equal(reasonOf(toUnit({ value: 5 }, 'mg/dL')), 'no-unit');
    for (const odd of [undefined, null, 5, '5 mg/dL', [], {}])
      assert.equal(reasonOf(toUnit(odd, 'mg/dL')), 'not-a-number');
  });

  it('believes a UCUM code before the text beside it, and the text when the code is of another system', () => {
    assert.equal(unitOf({ unit: 'milligrams', code: 'mg/dL', system: ucum }), 'mg/dL');
    assert.equal(unitOf({ unit: 'mg/dL', code: '258797006', system: 'http://snomed.info/sct' }), 'mg/dL');
    assert.equal(unitOf({ unit: '{INR}' }), undefined);
  });

  it('leaves a value in the target unit exactly as it was sent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const conversion = convert(value, 'mg/dL', 'mg/dL', cholesterol);
        assert.ok(conversion.ok && Object.is(conversion.value, value) && !conversion.converted);
      }),
    );
  });

  const pairs = [
    ['mmol/L', 'mg/dL', cholesterol],
    ['umol/L', 'mg/dL', creatinine],
    ['[lb_av]', 'kg', {}],
    ['[degF]', 'Cel', {}],
    ['mg/mmol', 'mg/g', creatinine],
  ] as const;
  const anyPair = fc.constantFrom(...pairs);
  const anyValue = fc.double({ min: 0.001, max: 10_000, noNaN: true });

  it('comes back to the value when converted there and back', () => {
    fc.assert(
      fc.property(anyPair, anyValue, ([from, to, options], value) => {
        const back = numberOf(convert(numberOf(convert(value, from, to, options)), to, from, options));
        assert.ok(Math.abs(back - value) <= 1e-9 * Math.max(1, value), `${value} → ${back}`);
      }),
    );
  });

  it('keeps the order of values', () => {
    fc.assert(
      fc.property(anyPair, anyValue, anyValue, ([from, to, options], one, other) => {
        fc.pre(one < other);
        assert.ok(numberOf(convert(one, from, to, options)) <= numberOf(convert(other, from, to, options)));
      }),
    );
  });

  it('answers whatever unit text a chart holds', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 30 }),
        (unit) => typeof toUnit({ value: 1, unit }, 'mg/dL').ok === 'boolean',
      ),
    );
  });

  it('prints nothing of what a chart holds', () => {
    const printed: unknown[] = [];
    const { log, warn, error } = console;
    Object.assign(console, {
      log: (line: unknown) => printed.push(line),
      warn: (line: unknown) => printed.push(line),
      error: (line: unknown) => printed.push(line),
    });
    try {
      for (const unit of [
        'secret unit',
        'sec ret',
        '\u00b5 x',
        'mg/(',
        '[',
        'mg//dL',
        'dL^^3',
        '5e',
        '(mg',
        'x.y/z',
      ])
        toUnit({ value: 1, unit }, 'mg/dL');
    } finally {
      Object.assign(console, { log, warn, error });
    }
    assert.deepEqual(printed, []);
  });

  it('I: answers at once, however many braces a unit opens', () => {
    const startedAt = performance.now();
    const unit = '{'.repeat(50_000);
    assert.equal(reasonOf(toUnit({ value: 1, unit }, 'mg/dL')), 'unknown-unit');
    assert.ok(performance.now() - startedAt < 500);
  });

  it('costs microseconds once a pair of units is known', () => {
    const sent = quantity(5.2, 'mmol/L');
    toUnit(sent, 'mg/dL', cholesterol);
    const start = performance.now();
    for (let turn = 0; turn < 10_000; turn += 1) toUnit(sent, 'mg/dL', cholesterol);
    const each = ((performance.now() - start) / 10_000) * 1000;
    assert.ok(each < 50, `${each.toFixed(1)} µs`);
  });
});

describe('isKnownUnit', () => {
  it('knows UCUM and the indexed clearance, not spellings', () => {
    for (const unit of ['mg/dL', 'mm[Hg]', 'a', '1', '%', 'mL/min/{1.73_m2}'])
      assert.ok(isKnownUnit(unit), unit);
    for (const unit of ['mmHg', 'stone', '']) assert.ok(!isKnownUnit(unit), unit);
  });
});
