import assert from 'node:assert/strict';
import { prefetchViolations, tokensOf } from '../../src/hooks/prefetch-rules.ts';
import { services } from '../card/package.ts';
import { profiles } from '../clients/profiles.ts';

/** Template → rules it breaks towards a client of 2.0, and of 3.0. */
const cases: Record<string, readonly [two: readonly string[], three: readonly string[]]> = {
  'Patient/{{context.patientId}}': [[], []],
  'Patient/{{ context.patientId }}': [[], []],
  '{{context.userId}}': [[], []],
  'Practitioner/{{userPractitionerId}}': [[], []],
  'Condition?patient={{context.patientId}}&encounter={{context.encounterId}}': [[], []],
  'Observation?code=http://loinc.org|4548-4&_count=1&_sort=-date': [[], []],
  'Observation?patient=1&date=ge2024-01-01': [[], []],
  'Observation?code:in=http://example.org/ValueSet/a1c': [[], []],
  'Patient/{{patientId}}': [['P1'], ['P2']],
  'Patient/{{context.patientId': [
    ['P1', 'P3'],
    ['P1', 'P3'],
  ],
  'Patient/{{user}}': [['P1'], ['P2']],
  'Condition?patient={{context.draftOrders}}': [['P2'], []],
  'Medication/{{context.medication.id}}': [['P2'], []],
  'Observation?date=ge{{today() - 90 days}}': [['P1'], []],
  'Location/{{%encounter.location.resolve().id}}': [['P1'], []],
  'Medication/{{context.draftOrders.entry.resource.ofType(MedicationRequest).id}}': [['P2'], []],
  'Observation?patient=1&_maxresults=5': [['P3'], []],
  'Observation?date=ne2024-01-01': [['P3'], ['P3']],
  'Observation?patient.name=peter': [['P3'], ['P3']],
  'Observation?code:below=1': [['P3'], ['P3']],
  'Observation?patient=1&_include=Observation:subject': [['P3'], ['P3']],
  'Observation?patient=': [['P3'], ['P3']],
  'https://ehr.example/Patient/1': [['P3'], ['P3']],
  '/Patient/1': [['P3'], ['P3']],
  Patient: [['P3'], ['P3']],
};

const rulesOf = (query: string, spec: '2.0' | '3.0') =>
  prefetchViolations(query, spec).map((violation) => violation.slice(0, 2));

describe('prefetch templates', () => {
  for (const [query, [two, three]] of Object.entries(cases)) {
    const broken = (rules: readonly string[]) => rules.join(' and ') || 'nothing';
    it(`P1–P3: ${query} breaks ${broken(two)} in 2.0, ${broken(three)} in 3.0`, () => {
      assert.deepEqual(rulesOf(query, '2.0'), two);
      assert.deepEqual(rulesOf(query, '3.0'), three);
    });
  }

  it('P1–P3: every template of every service keeps the rules of 2.0 and of 3.0', () => {
    const queries = services.flatMap(({ lists }) => lists.map(({ query }) => query));
    assert.ok(queries.length > 10);
    for (const query of queries) {
      assert.deepEqual(prefetchViolations(query, '2.0'), []);
      assert.deepEqual(prefetchViolations(query, '3.0'), []);
    }
  });

  it('P2: every token of every service is one that every client fills', () => {
    const tokens = new Set(services.flatMap(({ lists }) => lists.flatMap(({ query }) => tokensOf(query))));
    for (const { id, sends } of profiles.values()) {
      const unfilled = [...tokens].filter(
        (token) => !sends.tokens.includes(token) && !sends.tokens.includes('context.*'),
      );
      assert.deepEqual(unfilled, [], id);
    }
  });
});
