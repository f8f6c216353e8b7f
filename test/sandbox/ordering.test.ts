/** Ordering on the chart page in Chromium: order-select and order-sign, with a service that listens and without. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Browser, Page } from 'playwright-core';
import { createSandbox } from '../../sandbox/app.ts';
import { launchChromium } from '../browser/chromium.ts';
import { now } from './setup.ts';

interface Fired {
  readonly hook: string;
  readonly context: Readonly<Record<string, unknown>>;
}

const orderOf = (patientId: string) => ({
  resourceType: 'MedicationRequest',
  status: 'draft',
  intent: 'order',
  medicationCodeableConcept: { text: 'atorvastatin 40 MG Oral Tablet' },
  subject: { reference: `Patient/${patientId}` },
});

const cardFor = (hook: string, patientId: string) => ({
  uuid: `card-${hook}`,
  summary: `Said on ${hook}`,
  indicator: 'warning',
  source: { label: 'Fake' },
  ...(hook === 'patient-view'
    ? {
        selectionBehavior: 'any',
        suggestions: ['one', 'two'].map((label) => ({
          uuid: label,
          label: `Order ${label}`,
          actions: [{ type: 'create', description: 'x', resource: orderOf(patientId) }],
        })),
      }
    : {}),
});

describe('ordering on the chart page', function () {
  this.timeout(60_000);
  let browser: Browser;
  let server: Server;
  let origin: string;
  let page: Page;
  const fired: Fired[] = [];
  const complaints: string[] = [];
  /** Hooks that a service listens to, and those whose service has a card. */
  let hooks: readonly string[];
  let speaking: readonly string[];

  before(async () => {
    const app = express();
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    app.get('/cds-services', (_, response) =>
      response.json({ services: hooks.map((hook) => ({ id: hook, hook, title: hook, description: 'x' })) }),
    );
    app.post('/cds-services/:id', express.json({ limit: '2mb' }), (request, response) => {
      const { hook, context } = request.body;
      fired.push({ hook, context });
      response.json({ cards: speaking.includes(hook) ? [cardFor(hook, context.patientId)] : [] });
    });
    app.post('/cds-services/:id/feedback', (_, response) => response.json({}));
    const keys = () => Promise.reject(new Error('no keys'));
    const client = { clientId: 'auscult', redirectUris: [`${origin}/app/callback`], keys };
    app.use(await createSandbox({ origin, now, client }));
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    server.close();
    server.closeAllConnections();
  });
  beforeEach(async () => {
    fired.length = 0;
    await fetch(`${origin}/sandbox/reset`, { method: 'POST', redirect: 'manual' });
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(() => page.context().close());

  const withDraft = async () => {
    await page.goto(`${origin}/?patient=high-risk-untreated`);
    await page.getByTestId('accept').first().click();
    await page.getByTestId('order').waitFor();
  };
  const sign = () => page.getByRole('button', { name: /^Sign atorvastatin/ }).first();
  const said = (hook: string) => page.getByTestId('card-summary').getByText(`Said on ${hook}`);
  const told = (hook: string): readonly Fired[] => fired.filter((each) => each.hook === hook);

  it('without a service nobody is asked, and Sign signs', async () => {
    [hooks, speaking] = [['patient-view'], ['patient-view']];
    await withDraft();
    await sign().click();
    await page.getByText('No unsigned orders.').waitFor();
    assert.deepEqual([...new Set(fired.map(({ hook }) => hook))], ['patient-view']);
  });

  it('order-select names the draft that was added, among all drafts', async () => {
    [hooks, speaking] = [
      ['patient-view', 'order-select'],
      ['patient-view', 'order-select'],
    ];
    await withDraft();
    await said('order-select').waitFor();
    const answered = page.waitForResponse((response) =>
      response.url().endsWith('/cds-services/order-select'),
    );
    await page.getByTestId('accept').nth(1).click();
    await answered;
    await said('order-select').waitFor();
    const [, { context }] = told('order-select') as [Fired, Fired];
    const { selections, draftOrders } = Object(context);
    const drafts = draftOrders.entry.map(({ resource }: { resource: { id: string } }) => resource.id);
    assert.deepEqual([drafts.length, selections.length], [2, 1]);
    assert.ok(drafts.map((id: string) => `MedicationRequest/${id}`).includes(selections[0]));
    assert.equal(await said('order-select').count(), 1, 'the later answer replaces the earlier');
  });

  it('order-sign holds the signature once where there is something to say', async () => {
    [hooks, speaking] = [
      ['patient-view', 'order-sign'],
      ['patient-view', 'order-sign'],
    ];
    await withDraft();
    await sign().click();
    await said('order-sign').waitFor();
    assert.match((await page.getByTestId('card-summary').first().innerText()) ?? '', /order-sign/);
    await sign().dblclick();
    const again = page.getByRole('button', { name: 'Sign atorvastatin 40 MG Oral Tablet anyway' });
    assert.equal(await again.innerText(), 'Sign anyway');
    const [{ context }] = told('order-sign') as [Fired];
    assert.equal(Object(context).draftOrders.entry[0].resource.status, 'draft');
    assert.equal(await page.getByTestId('order').count(), 1, 'a double click signs nothing');
    await page.locator('[data-asked=done]').waitFor();
    await again.click();
    await page.getByText('No unsigned orders.').waitFor();
    assert.equal(told('order-sign').length, 1);
  });

  it('order-sign without a card signs at one press', async () => {
    [hooks, speaking] = [['patient-view', 'order-sign'], ['patient-view']];
    await withDraft();
    await sign().click();
    await page.getByText('No unsigned orders.').waitFor();
    assert.equal(told('order-sign').length, 1);
  });

  it('a service that fails does not stand in the way', async () => {
    [hooks, speaking] = [['patient-view', 'order-sign'], ['patient-view']];
    await page.route('**/cds-services/order-sign', (route) => route.abort());
    await withDraft();
    await sign().click();
    await page.getByText('No unsigned orders.').waitFor();
  });

  it('had nothing to complain about in the console, but for the service that was cut off', () => {
    assert.deepEqual(
      complaints.filter((text) => !text.includes('net::ERR_FAILED')),
      [],
    );
  });
});
