/** A FHIR Bundle in, a RiskAssessment out: the real vocabulary, models and charts, over real HTTP. */
import assert from 'node:assert/strict';
import { validateResource } from '@medplum/core';
import type { Bundle, OperationOutcome, Resource, RiskAssessment } from '@medplum/fhirtypes';
import { loadChart } from '../../fixtures/charts.ts';
import { loadDefinitions } from '../../sandbox/fhir/definitions.ts';
import { extract } from '../../src/features/extract.ts';
import { predictAll } from '../../src/inference/predict.ts';
import { chartOf, valuesOf } from '../../src/serving/bundle.ts';
import { type Answer, now, openServed, type Served, type Site } from './served.ts';

const fhir = { 'content-type': 'application/fhir+json' };

/** Of the R4 StructureDefinitions that are loaded; an OperationOutcome is not among them. */
const violations = (resource: RiskAssessment | OperationOutcome): readonly unknown[] =>
  resource.resourceType === 'OperationOutcome'
    ? []
    : validateResource(resource).filter(({ severity }) => severity === 'error');

describe('infer on a FHIR Bundle', () => {
  let served: Served;
  let site: Site;
  before(async () => {
    served = await openServed();
    loadDefinitions();
    site = await served.listen();
  });
  after(async () => {
    await site.close();
    await served.close();
  });

  const ask = (model: string, body: unknown, query = '?record=whole'): Promise<Answer> =>
    site.post(`/v2/models/${model}/infer${query}`, body, fhir);
  const chart = (name = 'high-risk-untreated'): Bundle => loadChart(name, now).bundle;
  const without = (bundle: Bundle, keep: (resource: Resource) => boolean): Bundle => ({
    ...bundle,
    entry: (bundle.entry ?? []).filter(({ resource }) => resource !== undefined && keep(resource)),
  });

  it('gives the probabilities as percentages, the same as predict, with horizon, method and basis', async () => {
    const answer = await ask('prevent', chart());
    assert.equal(answer.status, 200, answer.bytes.toString());
    assert.match(String(answer.header('content-type')), /^application\/fhir\+json/);
    const risk = answer.json<RiskAssessment>();
    const model = served.models.get('prevent');
    const options = { vocabulary: served.vocabulary, now, whole: true };
    const parsed = chartOf(JSON.parse(JSON.stringify(chart())), model.manifest, options);
    const features = extract(parsed, served.vocabulary, valuesOf(model.manifest));
    const [result] = await predictAll([model], features);
    assert.ok(result?.kind === 'prediction');
    assert.deepEqual(
      [risk.resourceType, risk.status, risk.occurrenceDateTime],
      ['RiskAssessment', 'final', now.toISOString()],
    );
    assert.equal(risk.subject?.reference, `Patient/${parsed.patientId}`);
    assert.equal(risk.method?.text, `${model.manifest.title}, version 1.0.0, ${model.digest}`);
    for (const output of model.manifest.outputs) {
      const given = risk.prediction?.find(({ outcome }) => outcome?.text === output.label);
      const value: number | undefined = result.outputs[output.name];
      if (output.kind === 'label') assert.equal(typeof given?.qualitativeRisk?.text, 'string');
      else assert.equal(given?.probabilityDecimal, value === undefined ? undefined : value * 100);
    }
    assert.deepEqual(risk.prediction?.[0]?.whenPeriod, {
      start: now.toISOString(),
      end: '2036-03-15T10:00:00.000Z',
    });
    const records = new Set(
      chart().entry?.map(({ resource }) => `${resource?.resourceType}/${resource?.id}`),
    );
    assert.ok((risk.basis ?? []).length > 3);
    for (const { reference = '' } of risk.basis ?? []) assert.ok(records.has(reference), reference);
  });

  it('a score is a contained Observation with its unit, a band a qualitative risk', async () => {
    const answer = await ask('news2', chart('inpatient-deteriorating'));
    assert.equal(answer.status, 200, answer.bytes.toString());
    const risk = answer.json<RiskAssessment>();
    const score = risk.contained?.find(({ id }) => id === 'news2');
    assert.ok(score?.resourceType === 'Observation' && Number(score.valueQuantity?.value) > 0);
    assert.equal(score.valueQuantity?.system, 'http://unitsofmeasure.org');
    assert.ok(risk.basis?.some(({ reference }) => reference === '#news2'));
    assert.ok(risk.prediction?.some(({ qualitativeRisk }) => qualitativeRisk?.text !== undefined));
  });

  it('what is missing or out of range is 422 with each reason, and no value', async () => {
    const answer = await ask('prevent', chart('missing-cholesterol'));
    assert.equal(answer.status, 422, answer.bytes.toString());
    const outcome = answer.json<OperationOutcome>();
    const issue = outcome.issue?.find(({ diagnostics }) => diagnostics === 'total_c');
    assert.deepEqual([issue?.severity, issue?.code], ['error', 'incomplete']);
    assert.match(issue?.details?.text ?? '', /^Total cholesterol: (not-recorded|stale)$/);
    const old = (await ask('prevent', chart('age-80'))).json<OperationOutcome>();
    assert.match(JSON.stringify(old.issue), /Age: age out-of-range \(30 to 79 a\)/);
  });

  it('what the Bundle does not hold is unknown, unless it is the whole record', async () => {
    const slice = without(chart(), ({ resourceType }) => resourceType !== 'Condition');
    assert.equal((await ask('prevent', slice)).status, 200);
    const refused = await ask('prevent', slice, '');
    assert.equal(refused.status, 422);
    assert.match(refused.bytes.toString(), /Diabetes: not-supplied/);
  });

  it('refuses data of another patient, in either place', async () => {
    const bundle = chart();
    const other =
      chart('treated').entry?.filter(({ resource }) => resource?.resourceType === 'Observation') ?? [];
    const second =
      chart('treated').entry?.filter(({ resource }) => resource?.resourceType === 'Patient') ?? [];
    for (const extra of [other, second]) {
      const mixed = { ...bundle, entry: [...(bundle.entry ?? []), ...extra] };
      const answer = await ask('prevent', mixed);
      assert.equal(answer.status, 422, answer.bytes.toString());
      const outcome = answer.json<OperationOutcome>();
      assert.equal(outcome.resourceType, 'OperationOutcome');
      assert.match(outcome.issue?.[0]?.details?.text ?? '', /another patient/);
    }
  });

  const unreadable: readonly (readonly [string, (bundle: Bundle) => unknown, number])[] = [
    [
      'a Patient alone',
      (bundle) => bundle.entry?.find(({ resource }) => resource?.resourceType === 'Patient')?.resource,
      422,
    ],
    ['no patient', (bundle) => without(bundle, ({ resourceType }) => resourceType !== 'Patient'), 422],
    ['a page', (bundle) => ({ ...bundle, link: [{ relation: 'next', url: 'https://a.example/2' }] }), 422],
    ['entries that are none', (bundle) => ({ ...bundle, entry: [1, null] }), 422],
    [
      'an error among the entries',
      (bundle) => ({
        ...bundle,
        entry: [...(bundle.entry ?? []), { resource: { resourceType: 'OperationOutcome' } }],
      }),
      422,
    ],
    ['no JSON', () => '{', 400],
    ['an array', () => '[]', 400],
  ];
  for (const [what, body, status] of unreadable) {
    it(`refuses ${what} in FHIR's words`, async () => {
      const answer = await ask('prevent', body(chart()));
      assert.equal(answer.status, status, answer.bytes.toString());
      assert.equal(answer.json<OperationOutcome>().resourceType, 'OperationOutcome');
    });
  }

  it('every chart and every model: a valid FHIR R4 RiskAssessment, or reasons', async () => {
    for (const id of served.models.ids()) {
      for (const name of ['high-risk-untreated', 'inpatient-stable', 'diabetes-ckd', 'unit-less-lab']) {
        const answer = await ask(id, chart(name));
        assert.ok(answer.status === 200 || answer.status === 422, `${id} ${name} ${answer.bytes}`);
        assert.deepEqual(violations(answer.json<RiskAssessment | OperationOutcome>()), [], `${id} ${name}`);
        const { issue } = answer.json<OperationOutcome>();
        if (answer.status === 422) assert.ok((issue ?? []).length > 0);
      }
    }
  }).timeout(60_000);
});
