/** Orders and allergies of any shape: elements of a wrong type, odd ids, nonsense in dosage. Nothing throws. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cardViolations } from '../../src/card/invariants.ts';
import { answerOf, packageOf } from './order-cards.ts';
import { coded } from './ordering.ts';

const packages = ['order-safety', 'opioid-safety', 'older-adults'].map((name) => packageOf(name));

const json = fc.jsonValue({ maxDepth: 3 });
/** What no code can be made of: JSON may carry it. */
const hostile = fc.constantFrom({ toString: null }, [], {}, null, ' ', '../x', 0);
const any = fc.oneof(json, hostile);
const some = <Shape extends Readonly<Record<string, fc.Arbitrary<unknown>>>>(shape: Shape) =>
  fc.oneof(any, fc.record(shape, { requiredKeys: [] }));

const drug = fc.constantFrom('198211', '197517', '197806', '855332', '1049683', '308048', '314076', '723');
const concept = fc.oneof(drug.map(coded), any);
const repeat = some({ frequency: any, period: any, count: any, boundsDuration: any, boundsPeriod: any });
const amount = some({ doseQuantity: any, doseRange: any, rateQuantity: any });
const dosage = some({
  timing: some({ repeat, code: any }),
  route: any,
  asNeededBoolean: any,
  doseAndRate: fc.oneof(any, fc.array(amount, { maxLength: 2 })),
  maxDosePerPeriod: any,
});

const order = fc
  .record(
    {
      id: fc.oneof(fc.constantFrom('a', 'b', 'a b', 'a/b', 'urn:x', 'x'.repeat(80)), any),
      status: fc.oneof(fc.constantFrom('active', 'draft', 'stopped'), any),
      intent: any,
      medicationCodeableConcept: concept,
      medicationReference: fc.oneof(fc.constant(undefined), any),
      dosageInstruction: fc.oneof(any, fc.array(dosage, { maxLength: 2 })),
      dispenseRequest: some({
        validityPeriod: any,
        expectedSupplyDuration: any,
        numberOfRepeatsAllowed: any,
      }),
      priorPrescription: any,
      authoredOn: any,
      doNotPerform: any,
    },
    { requiredKeys: ['medicationCodeableConcept'] },
  )
  .map((each) => ({ resourceType: 'MedicationRequest', ...each }));

const allergy = fc
  .record(
    {
      id: any,
      code: concept,
      reaction: fc.oneof(any, fc.array(some({ substance: concept, manifestation: any, severity: any }))),
      clinicalStatus: any,
      verificationStatus: any,
      criticality: any,
    },
    { requiredKeys: ['code'] },
  )
  .map((each) => ({ resourceType: 'AllergyIntolerance', ...each }));

describe('orders of any shape', function () {
  this.timeout(120_000);

  it('throw nothing, and what is said of them keeps the rules of CDS Hooks', () => {
    let shown = 0;
    const drafts = fc.array(order, { minLength: 1, maxLength: 3 });
    const resources = fc.array(fc.oneof(order, allergy), { maxLength: 4 });
    fc.assert(
      fc.property(drafts, resources, (drafts, resources) => {
        for (const service of packages) {
          for (const card of answerOf(service, { drafts, resources, values: { age: 70 } }).cards) {
            shown++;
            assert.deepEqual(cardViolations(card), []);
          }
        }
      }),
      { numRuns: 2_000 },
    );
    assert.ok(shown > 100, `only ${shown} cards`);
  });
});
