/** The main job, as a person does it: chart → card → app → the same number → accept → the order is there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { type Running, startAuscult } from '../running.ts';
import { launchChromium } from './chromium.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Violations of WCAG 2.0–2.2 A and AA as `rule: element`, none when accessible. */
async function violations(target: Page | Frame): Promise<string[]> {
  await target.evaluate(axeSource);
  const result = await target.evaluate(
    (tags) =>
      (
        globalThis as unknown as { axe: { run(root: Document, options: object): Promise<AxeResult> } }
      ).axe.run(document, {
        runOnly: { type: 'tag', values: tags },
      }),
    wcag,
  );
  return result.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`),
  );
}

const riskIn = (text: string): string | undefined => /\d+(?:\.\d)?\s?%/.exec(text)?.[0]?.replace(/\s/g, '');

describe('the main job in a browser', function () {
  this.timeout(90_000);
  let auscult: Running;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const foreign: string[] = [];

  before(async () => {
    auscult = await startAuscult();
    browser = await launchChromium();
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    context.on('request', (request) => {
      if (!request.url().startsWith(auscult.url) && !request.url().startsWith('data:'))
        foreign.push(request.url());
    });
    page = await context.newPage();
  });

  after(async () => {
    await browser?.close();
    await auscult?.stop();
  });

  /** Several services answer for one chart: the card that speaks of the risk. */
  const riskCard = () =>
    page.getByTestId('card').filter({ has: page.getByTestId('card-summary').getByText(/10-year .*\d\s?%/) });
  const onTheCard = () => riskCard().getByTestId('card-summary').innerText();

  it('a chart is opened and the card appears by itself', async () => {
    await page.goto(`${auscult.url}/?patient=high-risk-untreated`);
    await riskCard().waitFor();
    assert.match(await onTheCard(), /10-year .*\d\s?%/);
    assert.deepEqual(await violations(page), []);
  });

  it('the app opens inside the chart and says the number that the card says', async () => {
    const onCard = riskIn(await onTheCard());
    await riskCard().getByTestId('smart-link').click();
    const frame = await appFrame(page);
    const inApp = riskIn(await frame.getByTestId('headline-risk').innerText());
    assert.equal(inApp, onCard);
    assert.ok((await frame.getByTestId('driver').count()) >= 3, 'drivers are explained');
    assert.ok((await frame.getByTestId('input-row').count()) >= 11, 'every input is listed');
    assert.deepEqual(await violations(frame), []);
  });

  it('accepting the suggestion puts the order into the chart', async () => {
    await page.goto(`${auscult.url}/?patient=high-risk-untreated`);
    const accept = riskCard().getByTestId('accept').first();
    await accept.waitFor();
    await accept.click();
    await page
      .getByTestId('order')
      .filter({ hasText: /statin/i })
      .first()
      .waitFor();
  });

  it('a dismissal asks for a reason and takes the card away', async () => {
    await page.goto(`${auscult.url}/?patient=intermediate-risk`);
    const card = riskCard();
    await card.waitFor();
    await card.getByTestId('dismiss').first().click();
    await card.waitFor({ state: 'detached' });
  });

  it('where there is nothing to say the chart stays quiet', async () => {
    await page.goto(`${auscult.url}/?patient=low-risk`);
    await page.getByTestId('no-cards').waitFor();
    assert.equal(await page.getByTestId('card').count(), 0);
  });

  it('the whole path works by keyboard', async () => {
    await page.goto(`${auscult.url}/?patient=high-risk-untreated`);
    const link = riskCard().getByTestId('smart-link');
    await link.waitFor();
    const focused = () => link.evaluate((element) => element === document.activeElement);
    for (let presses = 0; presses < 150 && !(await focused()); presses++) await page.keyboard.press('Tab');
    assert.ok(await focused(), 'Tab leads to the link');
    await page.keyboard.press('Enter');
    const frame = await appFrame(page);
    await frame.getByTestId('headline-risk').waitFor();
  });

  it('no page asks any other origin for anything', () => {
    assert.deepEqual(foreign, []);
  });
});

/** The frame in which the app's own page stands, once its headline is there. */
async function appFrame(page: Page): Promise<Frame> {
  const element = await page.getByTestId('app-frame').elementHandle();
  const frame = await element?.contentFrame();
  assert.ok(frame, 'the app opens in a frame');
  await frame.getByTestId('headline-risk').waitFor();
  return frame;
}
