import assert from 'node:assert/strict';
import type { Resource } from '@medplum/fhirtypes';
import { absentMedications } from '../../src/hooks/medications.ts';

const order = (reference: unknown) =>
  ({ resourceType: 'MedicationRequest', medicationReference: { reference } }) as unknown as Resource;

describe('absent medications', () => {
  it('are the referenced ones that did not come along', () => {
    const came = { resourceType: 'Medication', id: 'b' } as Resource;
    const orders = [
      'Medication/a',
      'Medication/b',
      'https://e/fhir/Medication/b',
      'https://e/fhir/Medication/c',
      '#d',
      'urn:uuid:1',
      'Substance/e',
      7,
    ];
    assert.deepEqual(absentMedications([came, ...orders.map(order)]), [
      'Medication/a',
      'https://e/fhir/Medication/c',
    ]);
    assert.deepEqual(
      absentMedications([
        { resourceType: 'MedicationRequest', medicationReference: null } as unknown as Resource,
      ]),
      [],
    );
  });

  it('are at most fifty', () => {
    assert.equal(
      absentMedications(Array.from({ length: 80 }, (_, at) => order(`Medication/${at}`))).length,
      50,
    );
  });
});
