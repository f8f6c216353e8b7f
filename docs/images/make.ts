/**
 * Makes the two screenshots of the README, card.png and app.png: 1440 × 900, light, at a fixed clock.
 * How to run, from the repository root: `npx -c 'node docs/images/make.ts'`. Fonts are the machine's own, so
 * the bytes are the same again on the same machine only.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../test/browser/chromium.ts';
import { startAuscult } from '../../test/running.ts';
import { palettePng } from './palette-png.ts';

const maxBytes = 250_000;

async function shoot(browser: Browser, page: Page, name: string): Promise<void> {
  const taken = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  const image = palettePng(await pixelsOf(browser, taken));
  if (image.length > maxBytes) throw new Error(`${name} has ${image.length} bytes, more than ${maxBytes}`);
  writeFileSync(fileURLToPath(new URL(name, import.meta.url)), image);
}

/** Decoded by the browser, on a page of its own. */
async function pixelsOf(browser: Browser, image: Buffer) {
  const page = await browser.newPage();
  const { width, height, base64 } = await page.evaluate(async (encoded) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.fromBase64(encoded)]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
    return { width: bitmap.width, height: bitmap.height, base64: new Uint8Array(pixels).toBase64() };
  }, image.toString('base64'));
  await page.close();
  return { width, height, rgba: Buffer.from(base64, 'base64') };
}

/** How long an answer took differs from run to run; a picture should not. */
const stillTimes = (page: Page): Promise<void> =>
  page.getByTestId('answer').evaluateAll((answers) => {
    for (const { lastElementChild: time } of answers)
      if (time !== null) time.textContent = (time.textContent ?? '').replace(/\d+ ms/, '20 ms');
  });

const auscult = await startAuscult({ CLOCK: '2026-11-02T09:00:00Z' });
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
  await page.goto(`${auscult.url}/?patient=high-risk-untreated`);
  await page.locator('[data-testid=cards][data-stage=done]').waitFor();
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted, 100))));
  await stillTimes(page);
  await shoot(browser, page, 'card.png');

  await page.getByTestId('smart-link').first().click();
  const app = page.frameLocator('[data-testid=app-frame]');
  await app.getByTestId('headline-risk').waitFor();
  await app.getByRole('button', { name: 'Table' }).waitFor();
  await page.getByTestId('app-close').evaluate((button) => button.blur());
  await page.mouse.move(0, 0);
  await shoot(browser, page, 'app.png');
} finally {
  await browser.close();
  await auscult.stop();
}
