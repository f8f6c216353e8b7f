import assert from 'node:assert/strict';
import { contexts, isHookName } from '../../src/hooks/context.ts';

const dispatch = { patientId: '1', dispatchedOrders: ['ServiceRequest/1'], performer: 'Organization/1' };
const order = contexts.reference['order-dispatch'];
const view = contexts.reference['patient-view'];

describe('hook contexts', () => {
  it('Q2: know the eleven hooks of the library and no other', () => {
    assert.equal(Object.keys(contexts.reference).length, 11);
    assert.deepEqual(Object.keys(contexts.optional), Object.keys(contexts.reference));
    for (const name of ['medication-prescribe', 'order-review', 'constructor', ''])
      assert.ok(!isHookName(name));
  });

  it('Q2: order-dispatch takes fulfillmentTasks; the misspelt fulfillment-tasks is ignored', () => {
    const task = { resourceType: 'Task' };
    assert.deepEqual(order.parse({ ...dispatch, fulfillmentTasks: [task] }).fulfillmentTasks, [task]);
    assert.ok(!order.safeParse({ ...dispatch, fulfillmentTasks: ['Task/1'] }).success);
    for (const misspelt of [[task], ['Task/1'], null])
      assert.equal(order.parse({ ...dispatch, 'fulfillment-tasks': misspelt }).fulfillmentTasks, undefined);
  });

  for (const userId of ['Practitioner/1', 'PractitionerRole/e-Q.k3', 'Patient/1', 'RelatedPerson/1']) {
    it(`Q2: takes ${userId} as a user`, () =>
      assert.equal(view.parse({ userId, patientId: '1' }).userId, userId));
  }
  for (const userId of [
    '1',
    'Practitioner/',
    '/1',
    'practitioner/1',
    'Practitioner/../1',
    'Practitioner/1/2',
  ]) {
    it(`Q2: refuses ${userId} as a user: a type and an id are asked for`, () =>
      assert.ok(!view.safeParse({ userId, patientId: '1' }).success));
  }

  it('Q2: refuses references that are not relative ones', () => {
    for (const reference of ['1', 'https://ehr.example/fhir/ServiceRequest/1', '#1', 'urn:uuid:1', ''])
      assert.ok(!order.safeParse({ ...dispatch, dispatchedOrders: [reference] }).success, reference);
  });

  it('a user may be left out only where the client is known to', () => {
    assert.ok(!view.safeParse({ patientId: '1' }).success);
    assert.ok(contexts.optional['patient-view'].safeParse({ patientId: '1' }).success);
    for (const userId of [null, '', '1'])
      assert.ok(!contexts.optional['patient-view'].safeParse({ userId, patientId: '1' }).success);
  });
});
