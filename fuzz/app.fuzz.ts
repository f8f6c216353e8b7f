/** Any bytes as the body of a call to the whole app, over HTTP: never a 5xx, never more than a second. */
import assert from 'node:assert/strict';
import { chartNames } from '../fixtures/charts.ts';
import { feedbackPath, hookPath, now, openHouse, type Site, type TestHouse } from '../test/harness.ts';
import { edited, editSeeds } from './edits.ts';
import { bytes } from './target.ts';

const longestMs = 1000;
let opened: Promise<{ house: TestHouse; site: Site; bases: readonly unknown[] }> | undefined;

async function open() {
  const house = await openHouse();
  const site = await house.listen({ clock: () => now });
  return { house, site, bases: chartNames().map((name) => house.request(name)) };
}

export async function fuzz(data: Buffer): Promise<void> {
  opened ??= open();
  const { site, bases } = await opened;
  const body =
    data[0] === 0x7b ? data : bytes(edited(bases[(data[0] ?? 0) % bases.length], data.subarray(1)));
  const path = (data.at(-1) ?? 0) % 8 === 7 ? feedbackPath : hookPath;
  const slow = [];
  // Other work on the machine is no finding: it is slow only if it is slow three times.
  do {
    const started = performance.now();
    const { status, text } = await site.post(path, body);
    assert.ok(status < 500, `${status} ${text}`);
    slow.push(performance.now() - started);
  } while ((slow.at(-1) ?? 0) > longestMs && slow.length < 3);
  assert.ok(Math.min(...slow) <= longestMs, `${Math.round(Math.min(...slow))} ms`);
}

export const seeds = (): readonly Buffer[] => [
  ...[
    '{}',
    '{"feedback":[]}',
    '{"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"userId":"Practitioner/1","patientId":"1"}}',
  ].map(bytes),
  ...editSeeds(chartNames()),
];

export async function close(): Promise<void> {
  const house = opened;
  opened = undefined;
  await (await house)?.house.close();
}

export const dictionary = [
  '"hook":',
  '"context":',
  '"prefetch":',
  '"resourceType":',
  '"feedback":[',
  '\\u0000',
];
