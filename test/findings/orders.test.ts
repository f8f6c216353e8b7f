import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { OrderedDrug } from '../../src/findings/finder.ts';
import { readOrders } from '../../src/findings/orders.ts';
import { chartOf, coded, draft, request, stopped, viewOf, vocabulary } from './ordering.ts';

const [warfarin, simvastatin, ibuprofen, diclofenac] = ['11289', '36567', '5640', '3355'];
const references = (drugs: readonly OrderedDrug[]) => drugs.map(({ reference }) => reference);
const names = (drugs: readonly OrderedDrug[]) =>
  drugs.map((each) => each.ingredients.map(({ name }) => name));

describe('readOrders', () => {
  const statuses: readonly (readonly [string, object, 'active' | 'recent' | 'none'])[] = [
    ['an active prescription', request('1', warfarin), 'active'],
    ['a proposal', request('1', warfarin, { intent: 'proposal' }), 'none'],
    ['a plan', request('1', warfarin, { intent: 'plan' }), 'none'],
    ['"do not give"', request('1', warfarin, { doNotPerform: true }), 'none'],
    ['a mistake', request('1', warfarin, { status: 'entered-in-error' }), 'none'],
    ['one stopped 99 days ago', stopped('1', warfarin, '2026-03-08'), 'recent'],
    ['one stopped 102 days ago', stopped('1', warfarin, '2026-03-05'), 'none'],
    ['one stopped without any date', request('1', warfarin, { status: 'stopped' }), 'recent'],
    [
      'one written 200 days ago and completed, who knows when',
      request('1', warfarin, { status: 'completed', authoredOn: '2025-11-27' }),
      'none',
    ],
    ['one withdrawn before it was given', request('1', warfarin, { status: 'cancelled' }), 'none'],
    [
      'an active statement',
      {
        resourceType: 'MedicationStatement',
        id: '1',
        status: 'active',
        medicationCodeableConcept: coded(warfarin),
      },
      'active',
    ],
    [
      'an active statement whose period is over',
      {
        resourceType: 'MedicationStatement',
        id: '1',
        status: 'active',
        medicationCodeableConcept: coded(warfarin),
        effectivePeriod: { start: '2026-01-01', end: '2026-06-01' },
      },
      'recent',
    ],
    [
      'a statement that it is not taken',
      {
        resourceType: 'MedicationStatement',
        id: '1',
        status: 'not-taken',
        medicationCodeableConcept: coded(warfarin),
      },
      'none',
    ],
    [
      'a dose given last week',
      {
        resourceType: 'MedicationAdministration',
        id: '1',
        status: 'completed',
        medicationCodeableConcept: coded(warfarin),
        effectiveDateTime: '2026-06-08T10:00:00Z',
      },
      'recent',
    ],
    [
      'a dispense last month',
      {
        resourceType: 'MedicationDispense',
        id: '1',
        status: 'completed',
        medicationCodeableConcept: coded(warfarin),
        whenHandedOver: '2026-05-15T10:00:00Z',
      },
      'recent',
    ],
  ];
  for (const [name, resource, where] of statuses) {
    it(`takes ${name} as ${where}`, () => {
      const { active, recent } = viewOf({ resources: [resource] });
      assert.deepEqual(
        [active.length, recent.length],
        [where === 'active' ? 1 : 0, where === 'recent' ? 1 : 0],
      );
    });
  }

  it('lets a draft replace the order of its id and the one it names as prior', () => {
    const view = viewOf({
      drafts: [
        draft('1', simvastatin),
        draft('9', simvastatin, { priorPrescription: { reference: 'MedicationRequest/2' } }),
      ],
      resources: [request('1', simvastatin), request('2', simvastatin), request('3', warfarin)],
    });
    assert.deepEqual(references(view.active), ['MedicationRequest/3']);
  });

  it('knows which drafts were selected, and leaves other resources out', () => {
    const view = viewOf({
      drafts: [draft('1', warfarin), draft('2', ibuprofen), { resourceType: 'MedicationOrder', id: '3' }],
      selected: ['MedicationRequest/2'],
    });
    assert.deepEqual(
      view.drafts.map(({ reference, selected }) => [reference, selected]),
      [
        ['MedicationRequest/1', false],
        ['MedicationRequest/2', true],
      ],
    );
  });

  it('reads a drug from a contained Medication, one of the chart and one sent among the drafts', () => {
    const medication = (id: string, code: string) => ({ resourceType: 'Medication', id, code: coded(code) });
    const byReference = (id: string, reference: string, more: object = {}) => {
      const { medicationCodeableConcept: _, ...rest } = draft(id, '');
      return { ...rest, medicationReference: { reference }, ...more };
    };
    const view = viewOf({
      drafts: [
        byReference('1', '#m', { contained: [medication('m', warfarin)] }),
        byReference('2', 'Medication/m2'),
        byReference('3', 'Medication/m3'),
        byReference('4', 'Medication/absent'),
        medication('m3', ibuprofen),
      ],
      resources: [medication('m2', simvastatin)],
    });
    assert.deepEqual(names(view.drafts), [['warfarin'], ['simvastatin'], ['ibuprofen'], []]);
    assert.deepEqual(
      view.drafts.map(({ unread }) => unread),
      [false, false, false, true],
    );
  });

  it('cannot read a drug that is only named or carries an unknown code', () => {
    const view = viewOf({
      drafts: [draft('1', '', { medicationCodeableConcept: { text: 'warfarin' } }), draft('2', '999999999')],
    });
    assert.deepEqual(
      view.drafts.map(({ unread, ingredients }) => [unread, ingredients]),
      [
        [true, []],
        [true, []],
      ],
    );
  });

  it('takes the route ordered for an ingredient that may be a gel or a tablet', () => {
    const by = (text: string) => draft('1', diclofenac, { dosageInstruction: [{ route: { text } }] });
    for (const [text, route, counts] of [
      ['Topical route', 'topical', false],
      ['Ophthalmic route', 'ophthalmic', false],
      ['Oral route', 'oral', true],
      ['Subcutaneous route', 'subcutaneous', true],
    ] as const) {
      const [drug] = viewOf({ drafts: [by(text)] }).drafts;
      assert.equal(drug?.route, route);
      assert.equal(drug?.is('nsaid'), counts, text);
    }
  });

  it('says that a drug is taken as needed only where every instruction does', () => {
    const taken = (...instructions: object[]) =>
      viewOf({ drafts: [draft('1', ibuprofen, { dosageInstruction: instructions })] }).drafts[0]?.prn;
    assert.equal(taken({ asNeededBoolean: true }), true);
    assert.equal(taken({ asNeededBoolean: true }, {}), false);
    assert.equal(taken(), false);
  });

  it('refuses a value set that the vocabulary does not have', () => {
    const [drug] = viewOf({ drafts: [draft('1', warfarin)] }).drafts;
    assert.throws(() => drug?.is('no-such-set'), /no-such-set/);
  });

  it('has a value that nobody asked for as missing', () => {
    const feature = viewOf({}).feature('age');
    assert.equal(feature.kind === 'missing' && feature.reason, 'not-supplied');
  });

  it('survives whatever stands in a request', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            'status',
            'dosageInstruction',
            'medicationReference',
            'dispenseRequest',
            'authoredOn',
            'contained',
            'priorPrescription',
            'medicationCodeableConcept',
          ),
          fc.jsonValue(),
        ),
        (odd) => {
          const chart = chartOf({
            drafts: [draft('1', warfarin, odd)],
            resources: [request('2', warfarin, odd)],
          });
          readOrders(chart, vocabulary, new Map());
        },
      ),
      { numRuns: 300 },
    );
  });
});
