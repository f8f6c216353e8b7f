import assert from 'node:assert/strict';
import request from 'supertest';
import { chartNames, loadChart } from '../../fixtures/charts.ts';
import { createSandbox } from '../../sandbox/app.ts';
import { laboratory, vitalSigns } from '../../sandbox/page/measurements.ts';
import { now, origin, sandbox } from './setup.ts';

async function page(path: string): Promise<string> {
  return (
    await request(await sandbox())
      .get(path)
      .expect(200)
  ).text;
}

describe('the chart page', () => {
  it('is served with a policy that lets nothing foreign in', async () => {
    const answer = await request(await sandbox())
      .get('/')
      .expect(200);
    const policy = answer.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.doesNotMatch(
      answer.text,
      /<script(?![^>]*src="\/sandbox\/assets)|style=|https?:\/\/(?!localhost)/,
    );
    assert.match(answer.text, /^<!doctype html><html lang="en">/);
  });

  it('answers an address there is not with an OperationOutcome that does not repeat it', async () => {
    const answer = await request(await sandbox())
      .get('/sandbox/nowhere/Patient/canary')
      .expect(404);
    assert.equal(answer.body.resourceType, 'OperationOutcome');
    assert.doesNotMatch(answer.text, /canary/);
  });

  it('lists every persona with age and sex', async () => {
    const text = await page('/');
    for (const name of chartNames()) {
      assert.ok(text.includes(`href="/?patient=${name}"`), name);
    }
    assert.match(text, /Testberg, Arthur<\/span><span class="age">67 M/);
  });

  it('opens every chart: identity, problems, medications, values with unit and date', async () => {
    for (const name of chartNames()) {
      const text = await page(`/?patient=${name}`);
      assert.ok(text.includes(loadChart(name, now).shows), name);
    }
    const text = await page('/?patient=high-risk-untreated');
    for (const expected of [
      'Essential hypertension',
      'stopped',
      '150/90',
      'mmHg',
      '9 Nov 2026',
      '248',
      'Smokes tobacco daily',
    ]) {
      assert.ok(text.includes(expected), expected);
    }
  });

  it('names medications that are coded, contained or referenced', async () => {
    assert.match(await page('/?patient=known-ascvd'), /rosuvastatin calcium 20 MG Oral Tablet/);
    assert.match(await page('/?patient=diabetes-ckd'), /metformin hydrochloride 500 MG Oral Tablet/);
  });

  it('shows what is odd as it is: no unit, two values at once, a severe allergy', async () => {
    assert.match(await page('/?patient=unit-less-lab'), /231[^%]*no unit/);
    assert.match(await page('/?patient=conflicting-readings'), /118\/72, 176\/98[^%]*two at once/);
    assert.match(await page('/?patient=statin-allergy'), /class="alert"[^%]*atorvastatin/);
  });

  it('answers an unknown patient with 404 and the list', async () => {
    const answer = await request(await sandbox())
      .get('/?patient=nobody')
      .expect(404);
    assert.match(answer.text, /Testberg/);
  });

  it('escapes what a chart says', async () => {
    const app = await sandbox();
    const code = { text: '<img src=x onerror=alert(1)>' };
    await request(app)
      .post('/sandbox/fhir/Condition')
      .send({ resourceType: 'Condition', code, subject: { reference: 'Patient/stale-labs' } })
      .expect(201);
    const text = await page('/?patient=stale-labs');
    assert.ok(!text.includes('<img') && text.includes('&lt;img src=x'));
  });

  it('serves its script and style sheet from itself', async () => {
    const app = await sandbox();
    const script = await request(app).get('/sandbox/assets/chart.js').expect(200);
    assert.match(script.get('content-type') ?? '', /javascript/);
    assert.match((await request(app).get('/sandbox/assets/chart.css').expect(200)).text, /light-dark/);
  });
});

describe('draft orders', () => {
  const draft = {
    resourceType: 'MedicationRequest',
    status: 'draft',
    intent: 'order',
    medicationCodeableConcept: { text: 'atorvastatin 20 MG Oral Tablet' },
    subject: { reference: 'Patient/borderline' },
  };
  const place = async () =>
    (
      await request(await sandbox())
        .post('/sandbox/fhir/MedicationRequest')
        .send(draft)
    ).body.id as string;
  const decide = async (id: string, what: string, site = 'same-origin') =>
    request(await sandbox())
      .post(`/sandbox/orders/MedicationRequest/${id}`)
      .set('Sec-Fetch-Site', site)
      .type('form')
      .send({ patient: 'borderline', do: what });

  it('appear on the chart, become active when signed and go when cancelled', async () => {
    const [signed, cancelled] = [await place(), await place()];
    assert.equal((await page('/?patient=borderline')).split('data-testid="order"').length, 3);
    const answer = await decide(signed, 'sign');
    assert.deepEqual([answer.status, answer.get('location')], [303, '/?patient=borderline']);
    await decide(cancelled, 'cancel');
    const app = await sandbox();
    assert.equal((await request(app).get(`/sandbox/fhir/MedicationRequest/${signed}`)).body.status, 'active');
    await request(app).get(`/sandbox/fhir/MedicationRequest/${cancelled}`).expect(404);
    assert.ok(!(await page('/?patient=borderline')).includes('data-testid="order"'));
  });

  it('cannot be signed by another site, nor anything that is no draft be removed', async () => {
    const id = await place();
    assert.equal((await decide(id, 'sign', 'cross-site')).status, 403);
    await decide(id, 'sign');
    await decide(id, 'cancel');
    assert.equal(
      (await request(await sandbox()).get(`/sandbox/fhir/MedicationRequest/${id}`)).body.status,
      'active',
    );
  });
});

describe('reset', () => {
  it('brings the charts back as they were, dated as at the start', async () => {
    const client = { clientId: 'auscult', redirectUris: [], keys: () => Promise.reject(new Error('none')) };
    const app = await createSandbox({ origin, now: new Date('2024-02-29T00:00:00Z'), client });
    await request(app).delete('/sandbox/fhir/Patient/treated').expect(200);
    await request(app).post('/sandbox/reset').expect(303);
    const { body } = await request(app).get('/sandbox/fhir/Patient/treated').expect(200);
    assert.equal(
      body.birthDate,
      loadChart('treated', new Date('2024-02-29T00:00:00Z')).bundle.entry?.flatMap(({ resource }) =>
        resource?.resourceType === 'Patient' ? (resource.birthDate ?? []) : [],
      )[0],
    );
  });
});

describe('measurements', () => {
  const observations = (name: string) =>
    (loadChart(name, now).bundle.entry ?? []).flatMap(({ resource }) =>
      resource?.resourceType === 'Observation' ? resource : [],
    );

  it('join stand-alone systolic and diastolic values of one instant', () => {
    const [pressure] = vitalSigns(observations('borderline'));
    assert.deepEqual(
      [pressure?.label, pressure?.value, pressure?.trend],
      ['Blood pressure', '138/82', [134, 136, 138]],
    );
  });

  it('flag by the range printed with the value, and draw no trend over different units', () => {
    const cholesterol = laboratory(observations('high-risk-untreated')).find(
      ({ label }) => label === 'Total cholesterol',
    );
    assert.deepEqual([cholesterol?.flag, cholesterol?.trend], ['high', [231, 239, 248]]);
    const [one] = laboratory([
      {
        resourceType: 'Observation',
        status: 'final',
        category: [{ coding: [{ code: 'laboratory' }] }],
        code: { text: 'X' },
        effectiveDateTime: '2026-01-01',
        valueQuantity: { value: 1, unit: 'a' },
      },
      {
        resourceType: 'Observation',
        status: 'final',
        category: [{ coding: [{ code: 'laboratory' }] }],
        code: { text: 'X' },
        effectiveDateTime: '2026-02-01',
        valueQuantity: { value: 2, unit: 'b' },
      },
    ]);
    assert.deepEqual([one?.value, one?.unit, one?.trend], ['2', 'b', [2]]);
  });
});
