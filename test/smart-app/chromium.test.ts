/** The page in a real browser: a launch in a cross-site frame, two charts at once, and what WCAG asks for. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import express from 'express';
import type { Browser, BrowserContextOptions, FrameLocator, Page } from 'playwright-core';
import { createShell } from '../../smart-app/shell.ts';
import { newDecisionId } from '../../src/ledger/id.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import { generateClientKey } from '../../src/smart/client-key.ts';
import { smartRoutes } from '../../src/smart/routes.ts';
import { launchChromium } from '../browser/chromium.ts';
import { type Ehr, listen, startEhr } from '../smart/ehr.ts';
import { decision } from './decision-fixture.ts';
import { benefit, fibrillation, news, orders, readmission } from './decisions.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

describe('smart-app in Chromium', function () {
  this.timeout(60_000);
  let browser: Browser;
  let ehr: Ehr;
  let server: Server;
  let base: string;
  const made = { ...decision, id: newDecisionId(), issuer: 'ehr' };
  const others = [orders, news, readmission, fibrillation, benefit].map((each) => {
    return { ...each, id: newDecisionId(), issuer: 'ehr' };
  });

  before(async () => {
    [browser, ehr] = await Promise.all([launchChromium(), startEhr()]);
    const app = express();
    server = createServer(app);
    base = (await listen(server)).replace('127.0.0.1', 'localhost');
    const ledger = createMemoryLedger();
    for (const each of [made, ...others]) await ledger.record(each);
    const origin = new URL(ehr.fhir).origin;
    const registrations = [
      { id: 'ehr', fhirServers: [ehr.fhir], allowPrivateNetwork: true, app: { clientId: 'auscult', origin } },
    ];
    const [shell, clientKey] = await Promise.all([createShell(), generateClientKey()]);
    app.use(smartRoutes({ registrations, ledger, baseUrl: base, clientKey, shell }));
    Object.assign(ehr.behaviour.token, { patient: made.patientId, appContext: made.id });
    ehr.behaviour.patient = { resourceType: 'Patient', id: made.patientId, name: [{ text: 'Arthur' }] };
  });
  after(async () => {
    await browser?.close();
    ehr.close();
    server.close();
    server.closeAllConnections();
  });

  const launchUrl = (launch = 'x') =>
    `${base}/app/launch?iss=${encodeURIComponent(ehr.fhir)}&launch=${launch}`;
  async function open(options: BrowserContextOptions, url = launchUrl()): Promise<Page> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }
  const read = async (target: Page | FrameLocator, id: string): Promise<string> =>
    (await target.getByTestId(id).textContent()) ?? '';
  const violations = async (page: Page): Promise<string[]> => {
    await page.evaluate(axe);
    return page.evaluate(async (values) => {
      const { axe } = globalThis as unknown as {
        axe: { run(root: Document, options: object): Promise<{ violations: { id: string }[] }> };
      };
      return (await axe.run(document, { runOnly: values })).violations.map(({ id }) => id);
    }, rules);
  };
  const risk = (target: Page): Promise<string> => read(target, 'headline-risk');

  it('launches in a top window on http://localhost: the __Host- cookie holds', async () => {
    const page = await open({});
    assert.match(await risk(page), /^9\.9\s*%$/);
    const [cookie] = await page.context().cookies(base);
    assert.equal(cookie?.name, '__Host-auscult');
    assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite === 'None' && cookie.path === '/');
    await page.context().close();
  });

  it('launches in a cross-site frame, where only a partitioned cookie holds', async () => {
    const origin = new URL(ehr.fhir).origin;
    const page = await open({}, `${origin}/chart?app=${encodeURIComponent(launchUrl())}`);
    const frame = page.frameLocator('iframe');
    assert.match(await read(frame, 'headline-risk'), /^9\.9/);
    await page.context().close();
  });

  it('two charts in one browser: each tab keeps its own patient', async () => {
    const first = await open({});
    Object.assign(ehr.behaviour.token, { patient: 'another', appContext: undefined });
    ehr.behaviour.patient = { resourceType: 'Patient', id: 'another', name: [{ text: 'Another' }] };
    const second = await first.context().newPage();
    await second.goto(launchUrl('y'));
    assert.match(await read(second, 'patient-banner'), /Another/);
    await first.reload();
    assert.match(await read(first, 'patient-banner'), /Arthur/);
    assert.match(await risk(first), /^9\.9/);
    Object.assign(ehr.behaviour.token, { patient: made.patientId, appContext: made.id });
    ehr.behaviour.patient = { resourceType: 'Patient', id: made.patientId, name: [{ text: 'Arthur' }] };
    await first.context().close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 720, 320]) {
      it(`${colorScheme}, ${width} px: no WCAG violation, nothing wider than the screen`, async () => {
        const page = await open({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
        await page.getByRole('button', { name: /Show all/ }).click();
        assert.deepEqual(await violations(page), []);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
        await page.context().close();
      });
    }
  }

  for (const shown of others) {
    it(`${shown.title}: ${shown.package} launches, fits every screen and breaks no rule, light and dark`, async () => {
      Object.assign(ehr.behaviour.token, { appContext: shown.id });
      for (const [colorScheme, width] of [
        ['light', 1280],
        ['dark', 720],
        ['dark', 320],
      ] as const) {
        const page = await open({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
        assert.match(await page.locator('#headline').innerText(), /\w/);
        assert.deepEqual(await violations(page), [], `${colorScheme} ${width}`);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
        await page.context().close();
      }
      Object.assign(ehr.behaviour.token, { appContext: made.id });
    });
  }

  it('shows the findings of a decision: gravest first, each with its source', async () => {
    const [safety] = others;
    Object.assign(ehr.behaviour.token, { appContext: safety?.id });
    const page = await open({});
    const severities = await page
      .getByTestId('finding')
      .evaluateAll((all) => all.map(({ dataset }) => Object(dataset).severity));
    assert.deepEqual(severities, ['critical', 'warning']);
    assert.equal(await page.getByRole('link', { name: 'Label of warfarin sodium (FDA)' }).count(), 1);
    Object.assign(ehr.behaviour.token, { appContext: made.id });
    await page.context().close();
  });

  it('breaks no rule of its own content policy', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(launchUrl());
    await page.getByRole('button', { name: 'Table' }).waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it('reads whole without scripts: chart, table and every input', async () => {
    const page = await open({ javaScriptEnabled: false });
    assert.match(await risk(page), /^9\.9/);
    assert.equal(
      await page.getByTestId('input-row').filter({ visible: true }).count(),
      decision.values.length,
    );
    assert.ok(await page.locator('.twin').isVisible());
    await page.context().close();
  });

  it('works by keyboard: table instead of chart, all inputs', async () => {
    const page = await open({});
    const table = page.getByRole('button', { name: 'Table' });
    await table.focus();
    await page.keyboard.press('Enter');
    assert.equal(await table.getAttribute('aria-pressed'), 'true');
    assert.ok(await page.locator('.twin').isVisible());
    assert.equal(await page.locator('.chart').isVisible(), false);
    const more = page.getByRole('button', { name: /Show all/ });
    const before = await page.getByTestId('input-row').filter({ visible: true }).count();
    await more.focus();
    await page.keyboard.press('Space');
    assert.ok((await page.getByTestId('input-row').filter({ visible: true }).count()) > before);
    await page.context().close();
  });
});
