/** What the stages before the verdict find, for one service and for many. */
import assert from 'node:assert/strict';
import { loadChart } from '../fixtures/charts.ts';
import { evidenceFor, evidenceOf } from '../src/evidence.ts';
import type { Chart, PatientId } from '../src/fhir/chart.ts';
import { chartBefore } from '../src/fhir/chart.ts';
import { now, openHouse, service as serviceId, type TestHouse } from './harness.ts';

describe('evidence', () => {
  let house: TestHouse;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  const service = () => house.packages.services.get(serviceId) ?? assert.fail();
  const chartOf = (persona: string): Chart => {
    const { bundle, patientId } = loadChart(persona, now);
    const resources = (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
    const patient = resources.find((each) => each.resourceType === 'Patient');
    const supply = new Map(service().lists.map(({ key }) => [key, { state: 'supplied' } as const]));
    const drafts = { drafts: [], selected: new Set<string>() };
    return { patientId: patientId as PatientId, now, patient, supply, resources, ...drafts };
  };
  const evidenceAt = (persona: string, services = [service()]) =>
    evidenceOf(chartOf(persona), services, house.packages, {});

  it('holds every value the service needs and an answer of every model it names', async () => {
    const { features, results } = await evidenceAt('high-risk-untreated');
    assert.deepEqual(new Set(features.keys()), new Set(service().needed.map(({ name }) => name)));
    assert.deepEqual(new Set(results.map(({ model }) => model)), new Set(service().models));
  });

  it('runs a model once for two services that name it, and gives each only its own', async () => {
    const other = { ...service(), id: 'other', models: [], needed: service().needed.slice(0, 2) };
    const evidence = await evidenceAt('high-risk-untreated', [service(), other]);
    assert.equal(evidence.results.length, service().models.length);
    const own = evidenceFor(other, evidence);
    assert.deepEqual([own.features.size, own.results.length, own.findings.length], [2, 0, 0]);
  });

  it('asks no model for a service that is excluded whatever it would say', async () => {
    assert.deepEqual(
      (await evidenceAt('known-ascvd')).results.map(({ model }) => model),
      [],
    );
    assert.equal((await evidenceAt('low-risk')).results.length, service().models.length);
  });

  it('knows nothing of what was observed since, where it looks back', () => {
    const chart = chartOf('high-risk-untreated');
    const before = chartBefore(chart, 'P3000D');
    assert.ok(chart.resources.some(({ resourceType }) => resourceType === 'Observation'));
    assert.ok(before.resources.every(({ resourceType }) => resourceType !== 'Observation'));
    assert.ok(before.now < chart.now);
  });
});
