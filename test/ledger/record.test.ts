import assert from 'node:assert/strict';
import type { Resource } from '@medplum/fhirtypes';
import { memoryModel } from '../../src/inference/memory-model.ts';
import { type Circumstances, recordOf } from '../../src/ledger/record.ts';
import { featuresOf, predicted, vocabulary } from '../card/package.ts';
import { answer, manifest } from '../inference/prevent.ts';
import { decision } from '../smart-app/decision-fixture.ts';

const model = memoryModel(manifest, () => answer);
const { id, title, issuer, outcome, reason, clinicalReview, patientId } = decision;
const circumstances: Circumstances = {
  id,
  called: decision.service,
  service: { package: decision.package, title, clinicalReview: { status: clinicalReview } },
  request: { hook: decision.hook, hookInstance: decision.hookInstance, context: {} },
  issuer,
  chart: { patientId, now: new Date(decision.decidedAt) },
  verdict: { outcome, reason },
};
const recorded = (word: string, more: Partial<Circumstances> = {}) =>
  recordOf(
    { ...circumstances, ...more },
    {
      features: featuresOf(),
      vocabulary,
      models: [model],
      results: [{ ...predicted(0.2), labels: { model: word } }],
      explanation: undefined,
      cards: [],
    },
  );

describe('record of a decision', () => {
  it('says who asked what about whom, when, and what came of it', () => {
    const { values, results, outputs, models, explanation, cards, ...said } = recorded('base');
    const {
      values: _v,
      results: _r,
      outputs: _o,
      models: _m,
      explanation: _e,
      cards: _c,
      ...expected
    } = decision;
    assert.deepEqual(said, expected);
  });

  it('tells what feeds a model from what is only checked', () => {
    const roles = new Map(recorded('base').values.map(({ name, role }) => [name, role]));
    const fed = manifest.inputs.flatMap((input) => (input.kind === 'control' ? [] : [input.value]));
    for (const name of fed) assert.equal(roles.get(name), 'input', name);
    for (const name of ['ldlCholesterol', 'deceased', 'ascvd', 'statinAllergy'])
      assert.equal(roles.get(name), 'check', name);
  });

  it('names the variant that answered in the words of the manifest', () => {
    assert.equal(recorded('hba1c').models[0]?.variant, 'HbA1c');
    assert.equal(recorded('base').models[0]?.variant, 'base');
  });

  describe('who and where', () => {
    const at = (location: unknown, context: Circumstances['request']['context'] = { encounterId: 'e1' }) =>
      recorded('base', {
        request: { ...circumstances.request, context },
        chart: {
          ...circumstances.chart,
          resources: [
            { resourceType: 'Encounter', id: 'e0', location: [{ location: { display: 'Elsewhere' } }] },
            { resourceType: 'Encounter', id: 'e1', location },
          ] as Resource[],
        },
      });
    const place = (display: unknown, status?: string) => ({ location: { display }, status });

    it('keeps user and encounter as the hook named them', () => {
      const { userId, encounterId } = at([], { userId: 'Practitioner/1', encounterId: 'e1' });
      assert.deepEqual([userId, encounterId], ['Practitioner/1', 'e1']);
    });

    const cases: Record<string, readonly [unknown, string | undefined]> = {
      'the one location': [[place('Ward 3')], 'Ward 3'],
      'the active one of several': [
        [place('Emergency', 'completed'), place('Ward 3', 'active'), place('Ward 4', 'planned')],
        'Ward 3',
      ],
      'the last where none is active': [[place('Emergency'), place('Ward 3')], 'Ward 3'],
      'nothing without a display': [[{ location: { reference: 'Location/1' } }], undefined],
      'nothing for a blank display': [[place(' ')], undefined],
      'nothing of what is no list of places': [{ display: 'Ward 3' }, undefined],
      'nothing of broken entries': [[null, {}, { location: null }, place(7)], undefined],
    };
    for (const [what, [location, expected]] of Object.entries(cases))
      it(`keeps ${what}`, () => assert.equal(at(location).location, expected));

    it('takes no place from an encounter that is not this one', () => {
      assert.equal(at([place('Ward 3')], {}).location, undefined);
      assert.equal(at([place('Ward 3')], { encounterId: 'e2' }).location, undefined);
    });
  });
});
