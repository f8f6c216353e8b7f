import assert from 'node:assert/strict';
import { listsFor } from '../../src/features/lists.ts';
import { vocabulary } from './sample-chart.ts';
import { scan, smallVocabulary, statin } from './small-vocabulary.ts';

const from = (name: string, kind: string, valueSet: string, more: object = {}): object => ({
  name,
  from: { kind, valueSet, ...more },
  pick: 'any',
});
const small = smallVocabulary(
  from('recent', 'medication', statin, { within: 'P90D' }),
  from('atDischarge', 'medication', statin, { includes: ['discharge'] }),
  from('ofVisit', 'condition', scan, { encounter: 'current' }),
  from('scanned', 'procedure', scan),
  from('scanOrdered', 'ordered', scan),
  from('scanDeclined', 'declined', scan),
  from('statinDeclined', 'declined', statin),
  { ...from('statinDose', 'dose', statin), unit: 'mg/d', pick: 'latest' },
  { name: 'admitted', from: { kind: 'encounter', field: 'inpatient' }, pick: 'any' },
);

const need = (name: string, required = true): { name: string; required: boolean } => ({ name, required });
const listed = (...needs: readonly { name: string; required: boolean }[]) =>
  new Map(listsFor(vocabulary, needs).map((list) => [list.key, list]));

describe('listsFor', () => {
  it('always asks for the patient', () => {
    assert.deepEqual(listsFor(vocabulary, []), [
      { key: 'patient', query: 'Patient/{{context.patientId}}', required: false, values: [] },
    ]);
  });

  it('asks one Observation list per group, with the union of the codes its needed values have', () => {
    const lists = listed(need('hdlCholesterol'), need('totalCholesterol'));
    assert.equal(
      lists.get('lipids')?.query,
      'Observation?patient={{context.patientId}}&code=http://loinc.org|2093-3,http://loinc.org|14647-2,' +
        'http://loinc.org|2085-9,http://loinc.org|14646-4&_sort=-date&_count=100',
    );
    assert.deepEqual(lists.get('lipids')?.values, ['totalCholesterol', 'hdlCholesterol']);
  });

  it('asks for the panels that carry a blood pressure, and for encounters, which are never required', () => {
    const lists = listed(need('systolicBloodPressure'));
    assert.match(lists.get('bloodPressure')?.query ?? '', /85354-9.*55284-4.*8480-6/);
    assert.equal(lists.get('bloodPressure')?.required, true);
    assert.equal(lists.get('encounters')?.required, false);
  });

  it('is closed over the inputs of derived values, their guards included', () => {
    const lists = listed(need('egfr'));
    assert.deepEqual([...lists.keys()], ['patient', 'conditions', 'kidney']);
    assert.deepEqual(lists.get('kidney')?.values, ['egfrReported', 'creatinine']);
    assert.deepEqual(lists.get('conditions')?.values, ['kidneyFailure', 'acuteKidneyInjury']);
    assert.ok([...lists.values()].every((list) => list.required));
  });

  it('requires a list when any value it feeds is required', () => {
    const lists = listed(need('uacr', false), need('creatinine'), need('hba1c', false));
    assert.equal(lists.get('kidney')?.required, true);
    assert.equal(lists.get('diabetes')?.required, false);
  });

  it('asks for active prescriptions only', () => {
    const query = listed(need('statin')).get('medications')?.query;
    assert.equal(query, 'MedicationRequest?patient={{context.patientId}}&status=active');
  });

  it('asks for past prescriptions only where the past counts', () => {
    const past = 'MedicationRequest?patient={{context.patientId}}&status=on-hold,completed,stopped,cancelled';
    const lists = listsFor(small, [{ name: 'recent', required: true }]);
    assert.deepEqual(lists.map(({ key, query }) => [key, query]).slice(1), [
      ['medications', 'MedicationRequest?patient={{context.patientId}}&status=active'],
      ['medicationHistory', past],
    ]);
  });

  it('asks for encounters to place a record, and never requires them for that', () => {
    const lists = (name: string) =>
      listsFor(small, [{ name, required: true }]).map(({ key, required }) => [key, required]);
    assert.deepEqual(lists('atDischarge'), [
      ['patient', false],
      ['medications', true],
      ['medicationHistory', true],
      ['encounters', false],
    ]);
    assert.deepEqual(lists('ofVisit'), [
      ['patient', false],
      ['conditions', true],
      ['encounters', false],
    ]);
  });

  it('asks for procedures, orders and encounters where values come from them, and requires them then', () => {
    const keys = (name: string) => listsFor(small, [{ name, required: true }]).map(({ key }) => key);
    assert.deepEqual(keys('scanned'), ['patient', 'procedures']);
    assert.deepEqual(keys('scanOrdered'), ['patient', 'serviceRequests']);
    assert.deepEqual(keys('scanDeclined'), ['patient', 'procedures', 'serviceRequests']);
    assert.deepEqual(keys('statinDeclined'), ['patient', 'medications', 'medicationHistory']);
    assert.deepEqual(keys('statinDose'), ['patient', 'medications']);
    const [, encounters] = listsFor(small, [{ name: 'admitted', required: true }]);
    assert.deepEqual([encounters?.key, encounters?.required], ['encounters', true]);
  });

  it('P3: keeps to the simple query subset and to the one token', () => {
    for (const { query } of listsFor(
      vocabulary,
      [...vocabulary.entries.keys()].map((name) => need(name)),
    )) {
      assert.deepEqual([...new Set(query.match(/\{\{.*?\}\}/g))], ['{{context.patientId}}']);
      const parameters =
        query
          .split('?')[1]
          ?.split('&')
          .map((each) => each.split('=')[0]) ?? [];
      assert.ok(
        parameters.every((each) => ['patient', 'code', 'status', '_sort', '_count'].includes(each ?? '')),
        query,
      );
    }
  });

  it('refuses a name the vocabulary does not have', () => {
    assert.throws(() => listsFor(vocabulary, [need('nothing')]), /nothing is not a value/);
  });
});
