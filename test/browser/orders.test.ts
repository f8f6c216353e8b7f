/** Ordering and going home as a person does it: order → card → order removed; stay → card → discharged. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Browser, Page } from 'playwright-core';
import { createSandbox } from '../../sandbox/app.ts';
import { launchChromium } from './chromium.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const now = new Date('2026-11-21T12:00:00Z');

interface Order {
  readonly id: string;
  readonly medicationCodeableConcept: { readonly text: string };
  readonly dosageInstruction: readonly { readonly text: string }[];
}
interface Fired {
  readonly service: string;
  readonly context: {
    readonly encounterId?: string;
    readonly selections?: readonly string[];
    readonly draftOrders?: { readonly entry?: readonly { readonly resource: Order }[] };
  };
}

const source = { label: 'Label' };
/** A card for each ibuprofen among the drafts, which offers to remove it and to ask for an INR. */
const interactions = ({ draftOrders }: Fired['context'], patientId: string) =>
  (draftOrders?.entry ?? [])
    .filter(({ resource }) => resource.medicationCodeableConcept?.text.startsWith('ibuprofen'))
    .map(({ resource }) => ({
      uuid: `card-${resource.id}`,
      summary: 'ibuprofen with warfarin: major bleeding',
      indicator: 'critical',
      source,
      selectionBehavior: 'any',
      suggestions: [
        {
          uuid: 'remove',
          label: 'Remove ibuprofen',
          actions: [{ type: 'delete', description: 'x', resourceId: `MedicationRequest/${resource.id}` }],
        },
        {
          uuid: 'inr',
          label: 'Order an INR',
          actions: [{ type: 'create', description: 'x', resource: inr(patientId) }],
        },
      ],
    }));
const inr = (patientId: string) => ({
  resourceType: 'ServiceRequest',
  status: 'draft',
  intent: 'proposal',
  code: { text: 'INR' },
  subject: { reference: `Patient/${patientId}` },
});
const hooks = ['order-select', 'order-sign', 'encounter-start', 'encounter-discharge', 'patient-view'];

describe('ordering and discharge in a browser', function () {
  this.timeout(90_000);
  let browser: Browser;
  let server: Server;
  let origin: string;
  let page: Page;
  const fired: Fired[] = [];
  const complaints: string[] = [];

  before(async () => {
    const app = express();
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const services = hooks.flatMap((hook) =>
      [`all-${hook}`, `a-part-of-it-${hook}`].map((id) => ({ id, hook, title: id, description: 'x' })),
    );
    app.get('/cds-services', (_, response) => response.json({ services }));
    app.post('/cds-services/:id/feedback', (_, response) => response.json({}));
    app.post('/cds-services/:id', express.json({ limit: '2mb' }), ({ params, body }, response) => {
      fired.push({ service: params.id, context: body.context });
      const leaving = {
        uuid: 'going',
        summary: 'LACE index 15 points',
        indicator: 'warning',
        source,
      };
      const cards = params.id.includes('discharge')
        ? [leaving]
        : interactions(body.context, body.context.patientId);
      response.json({ cards });
    });
    const keys = () => Promise.reject(new Error('no keys'));
    const client = { clientId: 'auscult', redirectUris: [`${origin}/app/callback`], keys };
    app.use(await createSandbox({ origin, now, client }));
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  after(async () => {
    await browser?.close();
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    fired.length = 0;
  });

  const told = (service: string) => fired.filter((each) => each.service === service);
  const drafts = ({ context }: Fired) => (context.draftOrders?.entry ?? []).map(({ resource }) => resource);
  const warned = () => page.getByTestId('card-summary').getByText('ibuprofen with warfarin');
  const order = (drug: string) => page.getByTestId('order').filter({ hasText: drug });
  const settled = () => page.locator('[data-testid=cards][data-stage=done]').waitFor();
  const accessible = async () => {
    await page.evaluate(axe);
    const found = await page.evaluate(
      "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((r) => r.violations.map((v) => v.id))",
    );
    assert.deepEqual(found, []);
  };

  it('a chart that opens with a draft selects it, and the card names the danger', async () => {
    await page.goto(`${origin}/?patient=warfarin-new-nsaid`);
    await warned().waitFor();
    await settled();
    assert.deepEqual(
      [...new Set(fired.map(({ service }) => service))].toSorted(),
      ['all-order-select', 'all-patient-view'],
      'the bundle alone is asked',
    );
    assert.deepEqual(told('all-order-select')[0]?.context.selections, [
      'MedicationRequest/warfarin-new-nsaid-draft-1',
    ]);
    await accessible();
  });

  it('the card removes the order, and goes with it', async () => {
    await page.getByTestId('accept').filter({ hasText: 'Remove ibuprofen' }).click();
    await page.getByText('No unsigned orders.').waitFor();
    await warned().waitFor({ state: 'detached' });
    assert.equal(await page.getByTestId('order').count(), 0);
  });

  it('a drug that is picked becomes a draft with a structured dose and is selected at once', async () => {
    await page.getByTestId('new-drug').selectOption('197806');
    await page.getByRole('button', { name: 'Add order' }).click();
    await warned().waitFor();
    const [select] = told('all-order-select');
    assert.ok(select);
    const [draft] = drafts(select);
    assert.deepEqual(select.context.selections, [`MedicationRequest/${draft?.id}`]);
    assert.equal(draft?.dosageInstruction[0]?.text, 'Take 1 tablet by mouth 3 times daily');
  });

  it('a changed dose is told again, by keyboard', async () => {
    await order('ibuprofen').locator('summary').focus();
    await page.keyboard.press('Enter');
    await order('ibuprofen').getByRole('spinbutton', { name: 'times a day' }).fill('2');
    await page.keyboard.press('Enter');
    await order('ibuprofen').getByText('twice daily').waitFor();
    await page.waitForFunction(() => document.querySelectorAll('[data-testid=card]').length === 1);
    const last = told('all-order-select').at(-1);
    assert.ok(last);
    assert.match(drafts(last)[0]?.dosageInstruction[0]?.text ?? '', /twice daily/);
  });

  it('a proposed test is accepted beside it and stands among the orders', async () => {
    await page.getByTestId('accept').filter({ hasText: 'Order an INR' }).click();
    await order('INR').waitFor();
    assert.equal(await order('ibuprofen').count(), 1);
  });

  it('signing asks once more and holds the order', async () => {
    await page.getByRole('button', { name: /^Sign ibuprofen/ }).click();
    await page.getByRole('button', { name: /^Sign ibuprofen .* anyway$/ }).waitFor();
    assert.equal(told('all-order-sign').length, 1);
    assert.equal(await order('ibuprofen').count(), 1);
  });

  it('a hospital stay is begun, held by a card at discharge, and ended', async () => {
    const encounterId = 'discharge-readmission-encounter-7';
    await page.goto(`${origin}/?patient=discharge-readmission`);
    await settled();
    assert.deepEqual(fired.map(({ service, context }) => [service, context.encounterId]).toSorted(), [
      ['all-encounter-start', encounterId],
      ['all-patient-view', encounterId],
    ]);
    await page.getByTestId('discharge').click();
    await page.getByTestId('card-summary').getByText('LACE index 15 points').waitFor();
    await accessible();
    assert.equal(told('all-encounter-discharge')[0]?.context.encounterId, encounterId);
    await page.locator('[data-asked=done]').waitFor();
    await page.getByRole('button', { name: 'Discharge anyway' }).click();
    await page.getByTestId('stay').waitFor({ state: 'detached' });
    const read = await fetch(`${origin}/sandbox/fhir/Encounter/${encounterId}`).then((answer) =>
      answer.json(),
    );
    assert.equal(Object(read).status, 'finished');
  });

  it('had nothing to complain about', () => {
    assert.deepEqual(complaints, []);
  });
});
