/** Groups of patients, the formulary, and what the chart's forms do: order, change a dose, discharge. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import request from 'supertest';
import { chartNames } from '../../fixtures/charts.ts';
import { dosageOf, doseOf, draftOf, formulary } from '../../sandbox/page/formulary.ts';
import { grouped, patientGroups } from '../../sandbox/page/patient-groups.ts';
import { now, sandbox } from './setup.ts';

const products = formulary.flatMap((group) => group.products);

describe('patient groups', () => {
  it('hold every persona once', () => {
    const named = patientGroups.flatMap(({ patients }) => patients);
    assert.deepEqual(named.toSorted(), chartNames());
  });

  it('keep a chart that no group names, and leave out a group without charts', () => {
    const groups = grouped([{ id: 'treated' }, { id: 'stranger' }]);
    assert.deepEqual(
      groups.map(({ title, patients }) => [title, patients.map(({ id }) => id)]),
      [
        ['Cardiovascular risk', ['treated']],
        ['More', ['stranger']],
      ],
    );
  });
});

describe('the formulary', () => {
  it('holds RxNorm products that the drug index knows, each once', () => {
    const known = new Set(
      readFileSync('vocabulary/drugs.tsv', 'utf8')
        .split('\n')
        .map((line) => line.split('\t')[0]),
    );
    const codes = products.map(({ code }) => code);
    assert.equal(new Set(codes).size, codes.length);
    assert.deepEqual(
      codes.filter((code) => !known.has(code)),
      [],
    );
  });

  it('orders with a dose that can be computed, and reads it back', () => {
    for (const product of products) {
      const order = draftOf(product, 'p1', now, undefined);
      const { amount, unit, frequency } = product;
      assert.deepEqual(doseOf(order), { amount, unit, frequency, asNeeded: false });
      assert.equal(order.dosageInstruction?.[0]?.timing?.repeat?.periodUnit, 'd');
    }
  });

  it('says a dose in words', () => {
    const words = (amount: number, frequency: number, asNeeded = false) =>
      dosageOf({ amount, unit: 'tablet', frequency, asNeeded }).text;
    assert.equal(words(1, 1), 'Take 1 tablet by mouth once daily');
    assert.equal(words(2, 4, true), 'Take 2 tablets by mouth 4 times daily as needed');
  });
});

describe('forms of the chart page', () => {
  const post = async (path: string, body: object, site = 'same-origin') =>
    request(await sandbox())
      .post(path)
      .set('Sec-Fetch-Site', site)
      .type('form')
      .send(body);
  const read = async (path: string) => (await request(await sandbox()).get(`/sandbox/fhir/${path}`)).body;
  const drafts = async (patient: string): Promise<readonly string[]> => {
    const { entry = [] } = await read(`MedicationRequest?patient=${patient}&status=draft`);
    return entry.map(({ resource }: { resource: { id: string } }) => resource.id);
  };

  it('order a product of the formulary in the encounter in progress, and nothing else', async () => {
    const patient = 'inpatient-stable';
    assert.equal((await post('/sandbox/orders', { patient, drug: '198440' })).status, 303);
    await post('/sandbox/orders', { patient, drug: 'not-listed' });
    assert.equal((await post('/sandbox/orders', { patient, drug: '198440' }, 'cross-site')).status, 403);
    const [id, ...rest] = await drafts(patient);
    assert.equal(rest.length, 0);
    const order = await read(`MedicationRequest/${id}`);
    assert.equal(order.encounter.reference, 'Encounter/inpatient-stable-encounter-1');
  });

  it('change the dose of a draft, and refuse one that is none', async () => {
    const [id] = await drafts('opioid-cancer');
    const path = `/sandbox/orders/MedicationRequest/${id}`;
    const dose = { patient: 'opioid-cancer', do: 'edit', unit: 'tablet', frequency: '3', asNeeded: 'yes' };
    await post(path, { ...dose, amount: '2' });
    const changed = (await read(`MedicationRequest/${id}`)).dosageInstruction[0];
    assert.deepEqual([changed.doseAndRate[0].doseQuantity.value, changed.asNeededBoolean], [2, true]);
    for (const amount of ['-1', 'many', '']) await post(path, { ...dose, amount });
    assert.deepEqual((await read(`MedicationRequest/${id}`)).dosageInstruction[0], changed);
  });

  it('end a stay in progress once, and no visit that has ended', async () => {
    const stay = 'stroke-discharge-no-antithrombotic-encounter-1';
    const visit = 'hfref-treated-encounter-1';
    const before = await read(`Encounter/${visit}`);
    for (const id of [stay, visit]) await post(`/sandbox/encounters/${id}/discharge`, { patient: 'x' });
    const { status, period } = await read(`Encounter/${stay}`);
    assert.deepEqual([status, period.end], ['finished', now.toISOString()]);
    assert.deepEqual((await read(`Encounter/${visit}`)).period, before.period);
  });

  it('show the stay, visits, procedures and drafts of a chart', async () => {
    const page = async (patient: string) => (await request(await sandbox()).get(`/?patient=${patient}`)).text;
    const stay = await page('inpatient-deteriorating');
    assert.match(stay, /Inpatient<\/strong> Ward 4 West · Community acquired pneumonia · day 3/);
    assert.match(stay, /data-encounter="inpatient-deteriorating-encounter-1"[^>]*data-stay="inpatient"/);
    assert.match(stay, /21 Nov, 11:15/);
    assert.match(await page('af-mechanical-valve'), /Mechanical prosthetic aortic valve replacement/);
    const outpatient = await page('penicillin-allergy');
    assert.match(outpatient, /data-testid="order"[^%]*amoxicillin 500 MG Oral Capsule/);
    assert.doesNotMatch(outpatient, /data-testid="discharge"/);
  });
});
