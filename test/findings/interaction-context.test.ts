import assert from 'node:assert/strict';
import type { FeatureValue } from '../../src/features/feature.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { interaction } from '../../src/findings/interaction.ts';
import { draft, request, type Scene, viewOf } from './ordering.ts';

const [warfarin, ibuprofen, aspirin, digoxin, cyclosporine] = ['11289', '5640', '1191', '3407', '3008'];
const [omeprazole, misoprostol, prednisone, spironolactone, naproxen, furosemide] = [
  '7646',
  '42331',
  '8640',
  '9997',
  '7258',
  '4603',
];
const find = (scene: Scene): readonly Finding[] => interaction.find(viewOf(scene));

describe('warfarin and an NSAID, as the HL7 guide weighs them', () => {
  const calm = { age: 50, gastrointestinalBleeding: false, pepticUlcer: false };
  const rows: readonly (readonly [
    string,
    Record<string, FeatureValue>,
    readonly string[],
    string,
    RegExp | undefined,
  ])[] = [
    ['nothing else', calm, [], 'warning', /No proton pump inhibitor and no misoprostol/],
    ['65 years', { ...calm, age: 65 }, [], 'warning', undefined],
    ['66 years', { ...calm, age: 66 }, [], 'critical', /older than 65/],
    ['a bleed', { ...calm, gastrointestinalBleeding: true }, [], 'critical', /bleeding is on record/],
    ['an ulcer', { ...calm, pepticUlcer: true }, [], 'critical', /ulcer is on record/],
    ['prednisone', calm, [prednisone], 'critical', /prednisone is taken too/],
    ['spironolactone', calm, [spironolactone], 'critical', /spironolactone is taken too/],
    ['another NSAID', calm, [naproxen], 'critical', /naproxen is taken too/],
    ['66 years with omeprazole', { ...calm, age: 66 }, [omeprazole], 'warning', /omeprazole may lower/],
    [
      'a bleed with misoprostol',
      { ...calm, gastrointestinalBleeding: true },
      [misoprostol],
      'warning',
      /misoprostol may lower/,
    ],
  ];
  for (const [name, values, others, severity, because] of rows) {
    it(`${name}: ${severity}`, () => {
      const resources = [request('2', warfarin), ...others.map((code, at) => request(`o${at}`, code))];
      const found = find({ drafts: [draft('1', ibuprofen)], resources, values });
      assert.deepEqual([found.length, found[0]?.severity, found[0]?.unknown], [1, severity, []]);
      if (because !== undefined) assert.match(found[0]?.because.join(' ') ?? '', because);
    });
  }

  it('never lowers for what is not known, and names it', () => {
    const [found] = find({
      drafts: [draft('1', ibuprofen), draft('2', warfarin)],
      selected: ['MedicationRequest/1'],
      values: { age: 70 },
      supply: { medications: { state: 'not-supplied' } },
    });
    assert.equal(found?.severity, 'critical');
    assert.match(found?.unknown.join() ?? '', /proton pump inhibitor or misoprostol is taken/);
    assert.match(found?.unknown.join() ?? '', /peptic ulcer ever occurred/);
  });

  it('does not take a drug that cannot be read for a proton pump inhibitor, nor for none', () => {
    const unread = request('3', '', { medicationCodeableConcept: { text: 'omeprazole' } });
    const resources = [request('2', warfarin), unread];
    const [found] = find({ drafts: [draft('1', ibuprofen)], resources, values: { ...calm, age: 70 } });
    assert.equal(found?.severity, 'critical');
    assert.match(found?.unknown.join() ?? '', /proton pump inhibitor/);
  });

  it('is silent about topical diclofenac', () => {
    const resources = [request('2', warfarin)];
    const topical = {
      dosageInstruction: [{ route: { coding: [{ system: 'http://snomed.info/sct', code: '6064005' }] } }],
    };
    assert.deepEqual(find({ drafts: [draft('1', '3355', topical)], resources }), []);
    assert.deepEqual(find({ drafts: [draft('1', '855633')], resources }), [], 'diclofenac 1 % gel');
    assert.equal(find({ drafts: [draft('1', '3355')], resources }).length, 1);
  });

  it('offers acetaminophen in place of the NSAID ordered, not of aspirin and not where warfarin is ordered', () => {
    const offered = (code: string, on: string) =>
      find({ drafts: [draft('1', code)], resources: [request('2', on)] })[0]?.actions.flatMap((each) =>
        each.type === 'create' ? each.resource.medicationCodeableConcept?.coding?.[0]?.code : [],
      );
    assert.deepEqual(offered(ibuprofen, warfarin), ['313782', '198440']);
    assert.deepEqual(offered(aspirin, warfarin), []);
    assert.deepEqual(offered(warfarin, ibuprofen), []);
  });
});

describe('digoxin and cyclosporine, as the HL7 guide weighs them', () => {
  const normal = { digoxinLevel: 0.7, potassium: 4.2, magnesium: 2, calcium: 9.5, creatinine: 0.9 };
  const start = { drafts: [draft('1', cyclosporine)], resources: [request('2', digoxin)] };
  const join = { drafts: [draft('1', digoxin)], resources: [request('2', cyclosporine)] };
  const rows: readonly (readonly [string, Scene, string, RegExp | undefined])[] = [
    ['cyclosporine is started, level unknown', start, 'critical', /no level from the last 30 days/],
    ['cyclosporine is started, low level', { ...start, values: normal }, 'warning', undefined],
    [
      'cyclosporine is started, high level',
      { ...start, values: { ...normal, digoxinLevel: 1.4 } },
      'critical',
      undefined,
    ],
    [
      'cyclosporine is started, an old level',
      { ...start, values: normal, at: { digoxinLevel: '2026-05-01T08:00:00Z' } },
      'critical',
      /no level from the last 30 days/,
    ],
    ['digoxin joins, all normal', { ...join, values: normal }, 'info', undefined],
    [
      'digoxin joins, low potassium',
      { ...join, values: { ...normal, potassium: 3.1 } },
      'warning',
      undefined,
    ],
    ['digoxin joins, poor kidney', { ...join, values: { ...normal, creatinine: 1.9 } }, 'warning', undefined],
    [
      'digoxin joins, old potassium',
      { ...join, values: normal, at: { potassium: '2025-05-01T08:00:00Z' } },
      'warning',
      /a recent potassium/,
    ],
    [
      'digoxin joins, furosemide',
      { ...join, resources: [...join.resources, request('3', furosemide)], values: normal },
      'warning',
      undefined,
    ],
    ['digoxin joins, nothing known', join, 'warning', /a recent magnesium/],
  ];
  for (const [name, scene, severity, unknown] of rows) {
    it(`${name}: ${severity}`, () => {
      const found = find(scene);
      assert.deepEqual([found.length, found[0]?.severity], [1, severity]);
      if (unknown !== undefined) assert.match(found[0]?.unknown.join(' ') ?? '', unknown);
    });
  }

  it('says the numbers that it rests on', () => {
    const [found] = find({ ...join, values: { ...normal, potassium: 3.1 } });
    assert.match(found?.because.join(' ') ?? '', /Potassium is 3.1 .*outside 3.5 to 5.0 mmol\/L/);
    assert.deepEqual(found?.values, ['digoxinLevel', 'potassium', 'magnesium', 'calcium', 'creatinine']);
  });
});
