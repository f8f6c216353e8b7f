/** The chart page as a clinician uses it, in Chromium, against a fake CDS service. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Browser, Page } from 'playwright-core';
import { createSandbox } from '../../sandbox/app.ts';
import { launchChromium } from '../browser/chromium.ts';
import { now } from './setup.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const statins = 'MedicationRequest?patient={{context.patientId}}&status=active';

interface FakeService {
  readonly feedback: Record<string, unknown>[];
  readonly requests: Record<string, unknown>[];
}

/** Shows one card unless an atorvastatin is active or the patient is low-risk. */
function fakeService(app: express.Express, origin: string): FakeService {
  const seen: FakeService = { feedback: [], requests: [] };
  const services = [
    { id: 'risk', hook: 'patient-view', title: 'Risk', description: 'x', prefetch: { medications: statins } },
  ];
  app.get('/cds-services', (_, response) => response.json({ services }));
  app.post('/cds-services/risk/feedback', express.json(), (request, response) => {
    seen.feedback.push(request.body.feedback[0]);
    response.json({});
  });
  app.post('/cds-services/risk', express.json({ limit: '2mb' }), (request, response) => {
    seen.requests.push(request.body);
    const { patientId } = request.body.context;
    const isSilent =
      patientId === 'low-risk' || JSON.stringify(request.body.prefetch).includes('atorvastatin');
    response.json({ cards: isSilent ? [] : [card(patientId, origin)] });
  });
  app.get('/app/launch', (_, response) =>
    response.type('html').send('<!doctype html><title>App</title><h1>App</h1>'),
  );
  return seen;
}

function card(patientId: string, origin: string) {
  const resource = {
    resourceType: 'MedicationRequest',
    status: 'draft',
    intent: 'order',
    medicationCodeableConcept: { text: 'atorvastatin 40 MG Oral Tablet' },
    subject: { reference: `Patient/${patientId}` },
  };
  return {
    uuid: `card-${patientId}`,
    summary: 'Risk is high',
    indicator: 'warning',
    detail: 'Risk **14.6 %** <script>document.title = "owned"</script>',
    source: { label: 'Fake' },
    selectionBehavior: 'at-most-one',
    suggestions: [
      { uuid: 's1', label: 'Order atorvastatin', actions: [{ type: 'create', description: 'x', resource }] },
    ],
    overrideReasons: [
      { code: 'later', system: 'urn:reasons', display: 'Will decide later' },
      {
        code: 'long',
        system: 'urn:reasons',
        display: 'A reason that is much longer than the panel is wide, as some are',
      },
    ],
    links: [{ label: 'Explain', type: 'smart', url: `${origin}/app/launch`, appContext: 'decision-1' }],
  };
}

describe('the chart page in Chromium', function () {
  this.timeout(60_000);
  let browser: Browser;
  let server: Server;
  let origin: string;
  let service: FakeService;
  let page: Page;
  const complaints: string[] = [];

  before(async () => {
    const app = express();
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    service = fakeService(app, origin);
    const keys = () => Promise.reject(new Error('no keys'));
    app.use(
      await createSandbox({
        origin,
        now,
        client: { clientId: 'auscult', redirectUris: [`${origin}/app/callback`], keys },
      }),
    );
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    server.close();
    server.closeAllConnections();
  });
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(() => page.context().close());

  const open = (patient: string) => page.goto(`${origin}/?patient=${patient}`);
  const accessible = async () => {
    await page.evaluate(axe);
    const found = await page.evaluate(
      "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((r) => r.violations.map((v) => v.id))",
    );
    assert.deepEqual(found, []);
  };

  it('fires patient-view when a chart is picked from the list, and back again is history', async () => {
    await page.goto(`${origin}/`);
    await page.locator('[data-testid=patient-link][data-patient=high-risk-untreated]').click();
    await page.getByTestId('card-summary').getByText('Risk is high').waitFor();
    assert.equal(new URL(page.url()).search, '?patient=high-risk-untreated');
    const last = service.requests.at(-1);
    assert.equal(Object(last).fhirServer, `${origin}/sandbox/fhir`);
    assert.equal(Object(last).prefetch.medications.type, 'searchset');
    await accessible();
    const spill = await page
      .getByTestId('card')
      .evaluate((one) => one.getBoundingClientRect().right - innerWidth);
    assert.ok(spill < 0, 'the card fits its panel');
    await page.goBack();
    await page.getByRole('heading', { name: 'Open a chart' }).waitFor();
  });

  it('A5: shows the detail without running what it holds', async () => {
    await open('statin-allergy');
    assert.match((await page.getByTestId('card-detail').textContent()) ?? '', /<script>/);
    assert.doesNotMatch(await page.title(), /owned/);
  });

  it('places the order of an accepted suggestion at once, says so to the service, and is silent once signed', async () => {
    await open('high-risk-untreated');
    await page.getByTestId('accept').click();
    await page.getByTestId('order').getByText('atorvastatin 40 MG').waitFor();
    await page.getByText('Added to the orders to sign.').waitFor();
    assert.ok(await page.getByTestId('accept').isDisabled());
    await accessible();
    await page.waitForFunction(() =>
      document.querySelector('[data-testid=developer]')?.textContent?.includes('5'),
    );
    const { card: id, outcome, acceptedSuggestions } = Object(service.feedback.at(-1));
    assert.deepEqual(
      [id, outcome, acceptedSuggestions],
      ['card-high-risk-untreated', 'accepted', [{ id: 's1' }]],
    );
    await page.getByRole('button', { name: /^Sign/ }).click();
    await page.getByTestId('no-cards').waitFor();
    assert.equal(await page.getByTestId('order').count(), 0);
  });

  it('takes a dismissed card away and passes the reason on', async () => {
    await open('intermediate-risk');
    await page.getByTestId('dismiss-reason').selectOption({ label: 'Will decide later' });
    const told = page.waitForResponse((response) => response.url().endsWith('/feedback'));
    await page.getByTestId('dismiss').click();
    await page.getByTestId('card').waitFor({ state: 'detached' });
    await told;
    const { outcome, overrideReason } = Object(service.feedback.at(-1));
    assert.equal(outcome, 'overridden');
    assert.equal(overrideReason.reason.code, 'later');
  });

  it('opens the app in the chart with a launch of its own, by keyboard, and comes back', async () => {
    await open('intermediate-risk');
    await page.getByTestId('smart-link').focus();
    await page.keyboard.press('Enter');
    const source = new URL((await page.getByTestId('app-frame').getAttribute('src')) ?? '');
    assert.equal(source.searchParams.get('iss'), `${origin}/sandbox/fhir`);
    assert.match(source.searchParams.get('launch') ?? '', /^[\w-]{43}$/);
    assert.ok(await page.getByTestId('patient-banner').isVisible());
    await page.keyboard.press('Enter');
    await page.getByTestId('app-frame').waitFor({ state: 'detached' });
    assert.ok(await page.getByTestId('labs').isVisible());
  });

  it('says quietly when there is nothing to say, with the time it took', async () => {
    await open('low-risk');
    await page.getByTestId('no-cards').waitFor();
    assert.match((await page.getByTestId('answer').textContent()) ?? '', /Risk\s*silent · \d+ ms/);
  });

  it('shows an integration engineer what was sent and what came back', async () => {
    await open('low-risk');
    await page.getByTestId('no-cards').waitFor();
    await page.getByTestId('developer').click();
    const drawer = page.getByTestId('drawer');
    assert.match((await drawer.locator('pre').first().textContent()) ?? '', /"hook": "patient-view"/);
    assert.match((await drawer.locator('pre').last().textContent()) ?? '', /"cards": \[\]/);
    await page.keyboard.press('Escape');
    assert.ok(!(await drawer.isVisible()));
  });

  it('is accessible in the dark and on a phone, without sideways scrolling', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await open('conflicting-readings');
    await page.getByTestId('card').waitFor();
    await accessible();
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 });
      assert.equal(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        0,
        `${width} px`,
      );
    }
    await accessible();
  });

  it('had nothing to complain about in the console', () => {
    assert.deepEqual(complaints, []);
  });
});
