/** SMART apps inside the chart: the app takes the chart's place, the patient banner stays above it. */
import type { Link } from './cards.ts';
import { type ExchangeLog, succeeded } from './exchange-log.ts';

/** EHR launch of a card's smart link, its appContext handed on. False when no launch id could be had. */
export async function openApp(
  log: ExchangeLog,
  link: Link,
  patientId: string,
  title: string,
): Promise<boolean> {
  const exchange = await log.send('launch', 'POST', '/sandbox/launch', {
    patientId,
    appContext: link.appContext,
  });
  const { launch, iss } = Object(exchange.response) as { launch?: string; iss?: string };
  if (!succeeded(exchange) || launch === undefined || iss === undefined) {
    return false;
  }
  const url = new URL(link.url);
  url.searchParams.set('iss', iss);
  url.searchParams.set('launch', launch);
  show(url.href, title);
  return true;
}

function show(url: string, title: string): void {
  const panel = document.getElementById('app');
  const frame = document.createElement('iframe');
  frame.src = url;
  frame.title = title;
  frame.dataset.testid = 'app-frame';
  const back = document.createElement('button');
  back.type = 'button';
  back.textContent = 'Back to chart';
  back.dataset.testid = 'app-close';
  back.addEventListener('click', close);
  const heading = document.createElement('h2');
  heading.textContent = title;
  const bar = document.createElement('div');
  bar.className = 'app-bar';
  bar.append(back, heading);
  panel?.replaceChildren(bar, frame);
  panel?.removeAttribute('hidden');
  document.getElementById('chart')?.setAttribute('hidden', '');
  back.focus();
}

function close(): void {
  const panel = document.getElementById('app');
  panel?.replaceChildren();
  panel?.setAttribute('hidden', '');
  const chart = document.getElementById('chart');
  chart?.removeAttribute('hidden');
  chart?.focus();
}
