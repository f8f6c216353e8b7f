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
  [1, 'mmol/L', 'mg/dL', { substance: 'triglycerides', property: 'SCnc' }, 88.57],
  [5.5, 'mmol/L', 'mg/dL', { substance: 'glucose', property: 'SCnc' }, 99.0858],
  [17.104, 'umol/L', 'mg/dL', { substance: 'bilirubin', property: 'SCnc' }, 1],
  [20, 'mg/dL', 'mmol/L', { substance: 'urea-nitrogen', property: 'MCnc' }, 7.13929],
  [2.5, 'mmol/L', 'mg/dL', { substance: 'calcium', property: 'SCnc' }, 10.0195],
  [5, 'meq/L', 'mmol/L', { substance: 'calcium', property: 'SCnc' }, 2.5],
  [140, 'mEq/L', 'mmol/L', { substance: 'sodium', property: 'SCnc' }, 140],
  [130, 'g/L', 'g/dL', { property: 'MCnc' }, 13],
  [8, 'mmol/L', 'g/dL', { substance: 'hemoglobin', property: 'SCnc' }, 12.8916],
  [250, '10*3/uL', '10*9/L', { property: 'NCnc' }, 250],
  [250, 'K/uL', '10*9/L', { property: 'NCnc' }, 250],
  [250_000, '/uL', '10*9/L', { property: 'NCnc' }, 250],
  [72, '{beats}/min', '/min', { property: 'NRat' }, 72],
  [72, 'bpm', '/min', { property: 'NRat' }, 72],
  [16, 'breaths/min', '/min', { property: 'NRat' }, 16],
  [100.4, '[degF]', 'Cel', { property: 'Temp' }, 38],
  [311.15, 'K', 'Cel', { property: 'Temp' }, 38],
  [97, '%', '%', { property: 'SFr' }, 97],
  [40, '%', '1', { property: 'VFr' }, 0.4],
  [40, 'IU/L', 'U/L', { property: 'CCnc' }, 40],
  [2, 'uIU/mL', 'm[iU]/L', { property: 'ACnc' }, 2],
  [0.5, 'ug/mL FEU', 'ng/mL{FEU}', { property: 'MCnc' }, 500],
  [2.5, '{INR}', '{INR}', { property: 'RelTime' }, 2.5],
  [2.5, 'INR', '1', { property: 'RelTime' }, 2.5],
  [15, '{score}', '1', { property: 'Score' }, 15],
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
  [500, 'ng/mL{FEU}', 'ng/mL', {}, 'wrong-kind'],
  [80, '%', '{INR}', { property: 'RelTime' }, 'wrong-kind'],
  [80, '%', '{INR}', {}, 'wrong-kind'],
  [40, 'IU/L', 'U/L', {}, 'wrong-kind'],
  [5, 'meq/L', 'mmol/L', { property: 'SCnc' }, 'wrong-kind'],
  [5, '1', 'mg/dL', { property: 'MCnc' }, 'no-unit'],
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

  it('reads a number without unit where the target is none, and where the property says what it means', () => {
    const bare = (target: string, property?: string): string | number => {
      const conversion = toUnit({ value: 7.4 }, target, property === undefined ? {} : { property });
      return conversion.ok ? conversion.value : conversion.reason;
    };
    for (const target of ['1', '{INR}', '{score}']) assert.equal(bare(target), 7.4);
    assert.equal(bare('1', 'MCnc'), 'no-unit');
    assert.equal(bare('[pH]', 'LsCnc'), 7.4);
    assert.equal(bare('[pH]'), 'no-unit');
    assert.equal(bare('%', 'VFr'), 'no-unit');
  });

  it('lands on the limit itself: 100.4 [degF] is 38 Cel, 4000 /uL are 4 10*9/L', () => {
    assert.equal(numberOf(convert(100.4, '[degF]', 'Cel')), 38);
    assert.equal(numberOf(convert(95, '[degF]', 'Cel')), 35);
    assert.equal(numberOf(convert(4000, '/uL', '10*9/L')), 4);
    assert.equal(numberOf(convert(0.1, '10*3/uL', '10*9/L')), 0.1);
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
    for (const unit of ['mg/dL', 'mm[Hg]', 'a', '1', '%', 'mL/min/{1.73_m2}', '{INR}', 'm[iU]/L', '[pH]'])
      assert.ok(isKnownUnit(unit), unit);
    for (const unit of ['mmHg', 'stone', '']) assert.ok(!isKnownUnit(unit), unit);
  });
});
