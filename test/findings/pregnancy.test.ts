import assert from 'node:assert/strict';
import type { Condition, Patient, Resource } from '@medplum/fhirtypes';
import { extract } from '../../src/features/extract.ts';
import type { Chart, PatientId } from '../../src/fhir/chart.ts';
import { readOrders } from '../../src/findings/orders.ts';
import { pregnancy } from '../../src/findings/pregnancy.ts';
import { brief, faultsOf, order, type Parts, viewOf, vocabulary } from './caution-view.ts';

const [lisinopril, isotretinoin, warfarin, atenolol, valproate] = ['29046', '6064', '11289', '1202', '40254'];
const notSupplied = { kind: 'missing', reason: 'not-supplied', sources: [] } as const;
/** A woman of 30, whose lists came and hold nothing. */
const woman = {
  age: 30,
  sex: 'female',
  pregnancy: false,
  pregnancyStatus: false,
  hysterectomy: false,
  lactation: false,
  mechanicalHeartValve: false,
  activeCancer: false,
};

const find = (parts: Parts) => {
  const found = pregnancy.find(viewOf({ ...parts, values: { ...woman, ...parts.values } }));
  assert.deepEqual(faultsOf(found), []);
  return found;
};

describe('drugs in pregnancy', () => {
  it('needs only values that the vocabulary has', () => {
    assert.deepEqual(
      pregnancy.needs.filter((name) => !vocabulary.entries.has(name)),
      [],
    );
  });

  describe('pregnant', () => {
    for (const [title, drug, severity] of [
      ['lisinopril', lisinopril, 'ras-inhibitor critical'],
      ['losartan', '52175', 'ras-inhibitor critical'],
      ['isotretinoin', isotretinoin, 'isotretinoin-acitretin critical'],
      ['warfarin', warfarin, 'warfarin critical'],
      ['methotrexate', '6851', 'methotrexate critical'],
      ['mycophenolate mofetil', '68149', 'mycophenolate critical'],
      ['valproate', valproate, 'valproate critical'],
      ['bosentan', '75207', 'endothelin-receptor-antagonist critical'],
      ['riociguat', '1439816', 'guanylate-cyclase-stimulator critical'],
      ['lenalidomide', '342369', 'thalidomide-analog critical'],
      ['misoprostol', '42331', 'misoprostol critical'],
      ['ribavirin', '9344', 'ribavirin critical'],
      ['leflunomide', '27169', 'leflunomide critical'],
      ['atenolol', atenolol, 'atenolol warning'],
      ['spironolactone', '9997', 'mra warning'],
      ['atorvastatin', '83367', 'statin warning'],
      ['ibuprofen', '5640', 'nsaid warning'],
      ['apixaban', '1364430', 'doac info'],
    ] as const) {
      it(`${title}: ${severity}`, () => {
        assert.deepEqual(brief(find({ drafts: [drug], values: { pregnancy: true } })), [severity]);
      });
    }

    it('metformin, labetalol and low-dose aspirin are silent', () => {
      assert.deepEqual(find({ drafts: ['6809', '6185', '1191'], values: { pregnancy: true } }), []);
    });

    it('warfarin with a mechanical valve is weighed; where the valve is not known it is no more than a warning', () => {
      const valve = find({ drafts: [warfarin], values: { pregnancy: true, mechanicalHeartValve: true } });
      assert.deepEqual(brief(valve), ['warfarin-mechanical-valve warning']);
      const untold = find({
        drafts: [warfarin],
        values: { pregnancy: true, mechanicalHeartValve: notSupplied },
      });
      assert.deepEqual(brief(untold), ['warfarin warning']);
      assert.equal(untold[0]?.unknown.length, 1);
    });

    it('methotrexate for cancer is a warning', () => {
      const found = find({ drafts: ['6851'], values: { pregnancy: true, activeCancer: true } });
      assert.deepEqual(brief(found), ['methotrexate warning']);
    });

    it('says that the pregnancy is on record, and what else holds', () => {
      const [found] = find({ drafts: [lisinopril], values: { pregnancy: true } });
      assert.deepEqual(found?.because, ['Pregnancy is on record.']);
      assert.equal(found?.words.other, 'Pregnancy');
    });

    it('a pregnancy on record counts whatever age and sex say', () => {
      const found = find({ drafts: [lisinopril], values: { pregnancy: true, sex: 'male', age: 55 } });
      assert.deepEqual(brief(found), ['ras-inhibitor critical']);
    });
  });

  describe('pregnancy that cannot be told', () => {
    const undetermined = (parts: Parts) =>
      brief(find({ ...parts, values: { pregnancy: notSupplied, ...parts.values } }));

    it('contraindicated drugs are information, and the finding says what is unknown', () => {
      const found = find({ drafts: [lisinopril], values: { pregnancy: notSupplied } });
      assert.deepEqual(brief(found), ['ras-inhibitor info']);
      assert.deepEqual(found[0]?.unknown, ['Pregnancy: not-supplied']);
    });

    it('lesser cautions are silent', () => assert.deepEqual(undetermined({ drafts: [atenolol] }), []));

    for (const [title, values] of [
      ['a man', { sex: 'male' }],
      ['a girl of 11', { age: 11 }],
      ['a woman of 51', { age: 51 }],
      ['a hysterectomy', { hysterectomy: true }],
    ] as const) {
      it(`${title}: silent`, () => assert.deepEqual(undetermined({ drafts: [lisinopril], values }), []));
    }
  });

  describe('no pregnancy status on record', () => {
    it('what is tested for before the first dose is information', () => {
      const found = find({ drafts: [isotretinoin] });
      assert.deepEqual(brief(found), ['isotretinoin-acitretin info']);
      assert.equal(found[0]?.words.problem, 'pregnancy status is not on record');
    });

    for (const [title, values, count] of [
      ['11 years', { age: 11 }, 0],
      ['12 years', { age: 12 }, 1],
      ['50 years', { age: 50 }, 1],
      ['51 years', { age: 51 }, 0],
      ['age unknown', { age: notSupplied }, 0],
      ['a man', { sex: 'male' }, 0],
      ['sex unknown', { sex: notSupplied }, 0],
      ['after hysterectomy', { hysterectomy: true }, 0],
    ] as const) {
      it(`${title}: ${count}`, () => assert.equal(find({ drafts: [isotretinoin], values }).length, count));
    }

    it('a drug that she takes already, and one that needs no test, are silent', () => {
      assert.deepEqual(find({ drafts: [isotretinoin], active: [isotretinoin] }), []);
      assert.deepEqual(find({ drafts: [lisinopril, atenolol] }), []);
    });

    it('a list of medications that did not come does not make a first dose', () => {
      assert.deepEqual(find({ drafts: [isotretinoin], withoutList: true }), []);
    });
  });

  it('breastfeeding: codeine is a warning, acetaminophen is not', () => {
    const values = { lactation: true, sex: 'female' };
    assert.deepEqual(brief(find({ drafts: ['2670', '161'], values })), ['codeine-tramadol warning']);
  });

  it('one draft, one finding: the gravest', () => {
    const found = find({ drafts: ['214354', lisinopril], unselected: [0], values: { pregnancy: true } });
    assert.deepEqual(
      found.map((each) => each.order),
      ['MedicationRequest/draft-1'],
    );
  });

  describe('from the chart', () => {
    const now = new Date('2026-06-15T12:00:00Z');
    const patient: Patient = { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '1994-02-01' };
    const condition = (verification: string): Condition => ({
      resourceType: 'Condition',
      id: 'c1',
      subject: { reference: 'Patient/p1' },
      clinicalStatus: { coding: [{ code: 'active' }] },
      verificationStatus: { coding: [{ code: verification }] },
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z33.1' }] },
      onsetDateTime: '2026-04-01',
    });
    const read = (resources: readonly Resource[]) => {
      const draft = order(lisinopril);
      const lists = ['patient', 'conditions', 'medications', 'procedures', 'allergies', 'pregnancy'];
      const chart: Chart = {
        patientId: 'p1' as PatientId,
        now,
        patient,
        supply: new Map(lists.map((key) => [key, { state: 'supplied' }])),
        resources: [patient, ...resources],
        drafts: [draft],
        selected: new Set([`MedicationRequest/${draft.id}`]),
      };
      const features = extract(chart, vocabulary, pregnancy.needs);
      return brief(pregnancy.find(readOrders(chart, vocabulary, features)));
    };

    for (const [verification, expected] of [
      ['confirmed', ['ras-inhibitor critical']],
      ['unconfirmed', ['ras-inhibitor critical']],
      ['refuted', []],
      ['entered-in-error', []],
    ] as const) {
      it(`a ${verification} pregnancy`, () => assert.deepEqual(read([condition(verification)]), expected));
    }
  });
});
