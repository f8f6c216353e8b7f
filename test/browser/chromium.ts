/** A headless Chromium: the machine's own, else the one inside npm's @sparticuz/chromium. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

/** Switches off everything with which a browser calls home. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: installed ?? (await packaged()), args: quiet });
}

/** Only the binary: the package's own arguments switch web security off and put everything into one process. */
async function packaged(): Promise<string> {
  // It unpacks the shared libraries that a bare Debian lacks only where it believes it must.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs24.x';
  const { default: chromiumPackage } = await import('@sparticuz/chromium');
  return chromiumPackage.executablePath();
}
