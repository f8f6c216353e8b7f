/** The risk under candidate treatments: trials' relative risks on PREVENT's own risk, and nothing of PREVENT changed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import type { Benefit } from '../../src/inference/benefit.ts';
import { manifestSchema } from '../../src/inference/manifest.ts';
import type { Model, Outputs, Result } from '../../src/inference/model.ts';
import { predict } from '../../src/inference/predict.ts';
import { type ModelRegistry, openRegistry } from '../../src/inference/registry.ts';
import type { InputValue } from '../../src/inference/row.ts';
import { models, patient, vectors } from './prevent.ts';

type Patient = Readonly<Record<string, InputValue>>;

const read = (path: string): string => readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');
const mmol = 0.02586;

interface Kind {
  readonly id: string;
  readonly folder: string;
  readonly outcome: string;
  /** How many units of the relative risk a treatment lowers. */
  units(lowers: Benefit['treatments'][number]['lowers'], patient: Patient): number;
}

const kinds: readonly Kind[] = [
  {
    id: 'statin-benefit',
    folder: 'statin_benefit',
    outcome: '10yr_ascvd',
    units: (lowers, { ldl_c }) =>
      'fraction' in lowers ? Number(ldl_c) * lowers.fraction * mmol : Number.NaN,
  },
  {
    id: 'bp-benefit',
    folder: 'bp_benefit',
    outcome: '10yr_total_cvd',
    units: (lowers) => ('amount' in lowers ? lowers.amount / 5 : Number.NaN),
  },
];

/** People inside every valid range, with a systolic pressure at which treatments apply. */
const people: fc.Arbitrary<Patient> = fc.record({
  age: fc.integer({ min: 30, max: 79 }),
  sex: fc.constantFrom('female', 'male'),
  total_c: fc.integer({ min: 170, max: 320 }),
  hdl_c: fc.integer({ min: 20, max: 100 }),
  sbp: fc.integer({ min: 120, max: 200 }),
  bp_tx: fc.boolean(),
  statin: fc.boolean(),
  dm: fc.boolean(),
  smoking: fc.boolean(),
  egfr: fc.double({ min: 15, max: 140, noNaN: true }),
  bmi: fc.double({ min: 18.5, max: 39.9, noNaN: true }),
  uacr: fc.option(fc.double({ min: 0.1, max: 25000, noNaN: true })),
  hba1c: fc.option(fc.double({ min: 3, max: 15, noNaN: true })),
  ldl_c: fc.double({ min: 70, max: 189, noNaN: true }),
});

const near = (a: number | undefined, b: number, within: number, what: string): void =>
  assert.ok(a !== undefined && Math.abs(a - b) <= within, `${what}: ${a} is not ${b}`);

describe('treatment benefit', () => {
  let registry: ModelRegistry;
  before(async () => {
    registry = await openRegistry(models);
  });
  after(() => registry.close());

  const given = (model: Model, from: Patient): Patient => {
    const names = model.manifest.inputs.map(({ name }) => name);
    return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
  };
  const ask = (model: Model, from: Patient): Promise<Result> =>
    predict(model, new Map(Object.entries(given(model, from))));
  const outputsOf = async (model: Model, from: Patient): Promise<Outputs> => {
    const result = await ask(model, from);
    assert.ok(result.kind === 'prediction', JSON.stringify(result));
    return result.outputs;
  };
  const of = (outputs: Outputs, name: string): number => {
    const value = outputs[name];
    assert.ok(value !== undefined, `${name} is left out`);
    return value;
  };

  for (const { id, folder, outcome, units } of kinds) {
    describe(id, () => {
      let model: Model;
      let benefit: Benefit;
      before(() => {
        model = registry.get(id);
        const { benefit: table } = model.manifest;
        assert.ok(table !== undefined);
        benefit = table;
      });
      const forEveryone = (holds: (person: Patient, outputs: Outputs) => void): Promise<void> =>
        fc.assert(
          fc.asyncProperty(people, async (person) => holds(person, await outputsOf(model, person))),
          { numRuns: 60 },
        );

      it("gives PREVENT's own risk, bit for bit, in every variant", async () => {
        const prevent = registry.get('prevent');
        for (const { input } of vectors) {
          const [here, there] = [
            await outputsOf(model, { ...input, ldl_c: 130 }),
            await outputsOf(prevent, input),
          ];
          assert.equal(here[outcome], there[outcome]);
          assert.equal(here.model, there.model);
        }
      });

      it('is built from the cited table that its manifest seals', () => {
        const carried = JSON.parse(read(`training/${folder}/coefficients.json`));
        assert.deepEqual(carried.relative_risk, benefit.relativeRisk);
        assert.deepEqual(
          carried.treatments.map(({ name, fraction, amount }: Record<string, unknown>) => [
            name,
            fraction ?? amount,
          ]),
          benefit.treatments.map(({ name, lowers }) => [
            name,
            'fraction' in lowers ? lowers.fraction : lowers.amount,
          ]),
        );
        assert.equal(benefit.of, outcome);
      });

      it('answers risk × (1 − RR^units) for each treatment and each limit of the interval', () =>
        forEveryone((person, outputs) => {
          const risk = of(outputs, outcome);
          const { value, low, high } = benefit.relativeRisk;
          for (const { name, lowers } of benefit.treatments) {
            const cut = (rr: number): number => risk * (1 - rr ** units(lowers, person));
            near(outputs[`${name}_arr`], cut(value), 1e-14, `${name} reduction`);
            near(outputs[`${name}_arr_low`], cut(high), 1e-14, `${name} lower limit`);
            near(outputs[`${name}_arr_high`], cut(low), 1e-14, `${name} upper limit`);
            near(outputs[`${name}_${outcome}`], risk - cut(value), 1e-14, `${name} risk`);
          }
        }));

      it('keeps interval and number needed to treat in order, and never takes off more than there is', () =>
        forEveryone((_, outputs) => {
          for (const { name } of benefit.treatments) {
            const [low, mid, high] = ['arr_low', 'arr', 'arr_high'].map((each) =>
              of(outputs, `${name}_${each}`),
            );
            assert.ok(0 < Number(low) && Number(low) < Number(mid) && Number(mid) < Number(high));
            assert.ok(Number(high) <= of(outputs, outcome));
            assert.equal(
              outputs[`${name}_nnt`] !== undefined,
              Number(low) >= 1e-4,
              'a number needed to treat',
            );
            if (outputs[`${name}_nnt`] === undefined) continue;
            near(of(outputs, `${name}_nnt`) * Number(mid), 1, 1e-12, 'number needed to treat');
            near(of(outputs, `${name}_nnt_low`) * Number(high), 1, 1e-12, 'its lower limit');
            near(of(outputs, `${name}_nnt_high`) * Number(low), 1, 1e-12, 'its upper limit');
          }
        }));

      it('gives more for the stronger treatment', () =>
        forEveryone((_, outputs) => {
          const [weaker, stronger] = benefit.treatments.map(({ name }) => of(outputs, `${name}_arr`));
          assert.ok(Number(weaker) < Number(stronger));
        }));

      it("takes the same share off the risk whatever PREVENT's own treatment inputs say", () =>
        fc.assert(
          fc.asyncProperty(people, fc.constantFrom('statin', 'bp_tx'), async (person, input) => {
            const [off, on] = [
              await outputsOf(model, { ...person, [input]: false }),
              await outputsOf(model, { ...person, [input]: true }),
            ];
            assert.notEqual(off[outcome], on[outcome]);
            for (const { name } of benefit.treatments) {
              const share = of(off, `${name}_arr`) / of(off, outcome);
              near(of(on, `${name}_arr`) / of(on, outcome), share, 1e-14, `${name} share`);
            }
          }),
          { numRuns: 30 },
        ));

      it('speaks of ten years alone', () => {
        const horizons = model.manifest.outputs.map((output) =>
          'horizon' in output ? output.horizon : undefined,
        );
        assert.deepEqual([...new Set(horizons)].filter(Boolean), ['P10Y']);
      });

      it('says where the outcomes of trials and equation differ, and that the number is of averages', () => {
        const { cautions, outputs } = model.manifest;
        assert.ok(cautions.some((caution) => caution.toLowerCase().includes(benefit.mismatch.toLowerCase())));
        const counts = outputs.filter(({ name }) => /_nnt/.test(name));
        for (const { label } of counts) assert.match(label, /derived from trial averages$/);
      });

      it('agrees with the cases worked by hand', async () => {
        const cases = read(`training/${folder}/cases.md`)
          .split('\n')
          .filter((line) => /^\| \w+-hand-\d/.test(line))
          .map((line) =>
            line
              .split('|')
              .map((cell) => cell.trim())
              .slice(1, -1),
          );
        assert.equal(new Set(cases.map(([id]) => id)).size, 12);
        const parity = read(`models/${id}/parity.jsonl`).trimEnd().split('\n');
        const rows = new Map(parity.map((line) => JSON.parse(line)).map((row) => [row.id, row]));
        for (const [id, name, risk, ...rest] of cases) {
          const outputs = await outputsOf(model, rows.get(id).input);
          near(outputs[outcome], Number(risk), 1e-9, `${id} untreated`);
          const worked = rest.slice(-6).map(Number);
          ['arr', 'arr_low', 'arr_high', 'nnt', 'nnt_low', 'nnt_high'].forEach((output, at) => {
            near(
              outputs[`${name}_${output}`],
              Number(worked[at]),
              at < 3 ? 5.1e-7 : 5.1e-3,
              `${id} ${output}`,
            );
          });
        }
      });
    });
  }

  it('gives more for a higher LDL cholesterol', () =>
    fc.assert(
      fc.asyncProperty(people, fc.integer({ min: 70, max: 188 }), async (person, ldl_c) => {
        const model = registry.get('statin-benefit');
        const [lower, higher] = [
          await outputsOf(model, { ...person, ldl_c }),
          await outputsOf(model, { ...person, ldl_c: ldl_c + 1 }),
        ];
        assert.equal(lower['10yr_ascvd'], higher['10yr_ascvd'], 'LDL cholesterol is no input of the risk');
        for (const name of ['moderate_intensity_arr', 'high_intensity_arr'])
          assert.ok(of(lower, name) < of(higher, name), name);
      }),
      { numRuns: 40 },
    ));

  it('abstains without a measured LDL cholesterol', async () => {
    const result = await ask(registry.get('statin-benefit'), patient);
    assert.ok(result.kind === 'abstention');
    assert.deepEqual(
      result.because.map(({ input, value, reason }) => [input, value, reason]),
      [['ldl_c', 'ldlCholesterol', 'missing']],
    );
  });

  for (const { sbp, treated } of [
    { sbp: 119.9, treated: false },
    { sbp: 120, treated: true },
  ]) {
    it(`${treated ? 'evaluates' : 'leaves out'} a lower pressure at ${sbp} mmHg`, async () => {
      const outputs = await outputsOf(registry.get('bp-benefit'), { ...patient, sbp });
      assert.ok(outputs['10yr_total_cvd'] !== undefined);
      assert.equal(outputs.minus_5_mmhg_arr !== undefined, treated);
      assert.equal(outputs.minus_10_mmhg_nnt !== undefined, treated);
    });
  }
});

describe('the table of a treatment benefit', () => {
  const manifest = (): Record<string, unknown> & { benefit: Benefit; outputs: Record<string, unknown>[] } =>
    JSON.parse(read('models/statin-benefit/manifest.json'));
  const { benefit } = manifest();
  const [moderate, high] = benefit.treatments;
  const broken: Readonly<Record<string, { readonly benefit: unknown; readonly rule: RegExp }>> = {
    'an estimate outside its interval': {
      benefit: { ...benefit, relativeRisk: { ...benefit.relativeRisk, low: 0.8 } },
      rule: /between low and high/,
    },
    'a risk that no output gives': { benefit: { ...benefit, of: '10yr_chd' }, rule: /is no output/ },
    'a treatment without outputs': {
      benefit: { ...benefit, treatments: [moderate, high, { ...high, name: 'other' }] },
      rule: /other has no output/,
    },
    'outputs of an unknown treatment': {
      benefit: { ...benefit, treatments: [moderate] },
      rule: /high_intensity is no treatment/,
    },
    'a treatment given twice': { benefit: { ...benefit, treatments: [moderate, high, high] }, rule: /twice/ },
    'a treatment that lowers no input': {
      benefit: { ...benefit, treatments: [moderate, { ...high, lowers: { input: 'ldl', fraction: 0.5 } }] },
      rule: /ldl is no input/,
    },
  };
  for (const [what, { benefit: bent, rule }] of Object.entries(broken)) {
    it(`refuses ${what}`, () => {
      const read = manifestSchema.safeParse({ ...manifest(), benefit: bent });
      assert.ok(!read.success);
      assert.match(read.error.issues.map(({ message }) => message).join('; '), rule);
    });
  }
});
