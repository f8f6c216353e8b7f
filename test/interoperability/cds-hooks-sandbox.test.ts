/**
 * The public CDS Hooks Sandbox against a real `auscult start`: its calls, in its order, from a browser page of
 * another origin, so that the browser itself judges CORS. Its source was read at github.com/cds-hooks/sandbox.
 */
import assert from 'node:assert/strict';
import type { Card, Discovery, Feedback } from 'cds-hooks-types';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../browser/chromium.ts';
import { registeredEhr } from '../registered-ehr.ts';
import { type Running, startAuscult } from '../running.ts';
import { openSandboxClient, type SandboxClient } from './sandbox-client.ts';

const persona = 'high-risk-untreated';
const userId = 'Practitioner/COREPRACTITIONER1';

describe('the public CDS Hooks Sandbox', function () {
  this.timeout(90_000);
  let auscult: Running;
  let browser: Browser;
  let page: Page;
  let sandbox: SandboxClient;
  let fhirServer: string;
  let serviceUrl: string;
  let prefetch: Readonly<Record<string, string>>;
  let card: Card;
  /** Paths for which the browser asked leave before it called. */
  const preflights = new Set<string>();

  before(async () => {
    [auscult, browser] = await Promise.all([startAuscult(), launchChromium()]);
    const context = await browser.newContext();
    page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    session.on('Network.requestWillBeSent', ({ request, initiator }) => {
      if (initiator.type === 'preflight') preflights.add(new URL(request.url).pathname);
    });
    sandbox = await openSandboxClient(page);
    fhirServer = `${auscult.url}/sandbox/fhir`;
  });
  after(async () => {
    await browser?.close();
    await Promise.all([sandbox?.close(), auscult?.stop()]);
  });

  it('finds an open FHIR R4 server with patients and users: /metadata, /Patient, /Practitioner', async () => {
    const metadata = await sandbox.read(`${fhirServer}/metadata`, 'application/json');
    assert.equal(Object(metadata.json).fhirVersion, '4.0.1');
    for (const type of ['Patient', 'Practitioner']) {
      const { status, json } = await sandbox.read(`${fhirServer}/${type}`, 'application/json');
      assert.equal(status, 200);
      assert.ok(Object(json).total > 0 && Object(json).entry[0].resource.name[0].given.length > 0, type);
    }
  });

  it('opens the patient it was given in its URL, and the problems it offers as reasons', async () => {
    const patient = await sandbox.read(`${fhirServer}/Patient/${persona}`);
    assert.equal(Object(patient.json).resourceType, 'Patient');
    const { json } = await sandbox.read(`${fhirServer}/Condition?patient=${persona}`);
    assert.ok(Object(json).entry.every((entry: unknown) => Object(entry).resource.code.coding[0].code));
  });

  it('D1: discovers the services with its token, which nobody reads here', async () => {
    const url = `${auscult.url}/cds-services`;
    const { status, json } = await sandbox.service(url);
    assert.equal(status, 200);
    const { services } = json as Discovery;
    const found = services.find(({ id }) => id === 'cardiovascular-risk');
    assert.equal(found?.hook, 'patient-view');
    serviceUrl = `${url}/${found?.id}`;
    prefetch = found?.prefetch ?? {};
  });

  it('D4: no two of our hooks share an id: the Sandbox keeps one service per address', async () => {
    const { json } = await sandbox.service(`${auscult.url}/cds-services`);
    const ids = (json as Discovery).services.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('P3: fills every prefetch key, searches by POST to _search', async () => {
    const filled = await prefetched(sandbox, fhirServer, prefetch);
    assert.deepEqual(Object.keys(filled), Object.keys(prefetch));
    assert.ok(Object(filled.lipids).entry.length > 0);
  });

  it('Q4: a token it cannot resolve is asked for all the same, and no empty list comes of it', async () => {
    const lie = { visit: 'Observation?encounter={{context.encounterId}}&patient={{context.patientId}}' };
    assert.deepEqual(await prefetched(sandbox, fhirServer, lie), {});
  });

  it('A1: fires patient-view with prefetch and token, and is answered one card', async () => {
    const { status, json } = await sandbox.service(serviceUrl, await patientView());
    assert.equal(status, 200, JSON.stringify(json));
    const { cards } = json as { readonly cards: readonly Card[] };
    assert.equal(cards.length, 1);
    card = cards[0] as Card;
    assert.match(card.summary, /10-year ASCVD risk \d/);
  });

  it('Q4: fires it without prefetch, and we read its FHIR server ourselves', async () => {
    const { prefetch: _, ...bare } = await patientView();
    const { json } = await sandbox.service(serviceUrl, bare);
    const [read] = (json as { readonly cards: readonly Card[] }).cards;
    assert.equal(read?.summary, card.summary);
  });

  it('A12: registers a launch and opens the app, which shows the same decision', async () => {
    const link = card.links?.find(({ type }) => type === 'smart');
    assert.ok(link?.type === 'smart' && link.appContext !== undefined);
    const url = await sandbox.launchUrl(fhirServer, link, persona);
    const [app] = await Promise.all([page.waitForEvent('popup'), page.evaluate((to) => open(to), url)]);
    const headline = await app.getByTestId('headline-risk').innerText();
    const onCard = /\d+(?:\.\d)? ?%/.exec(card.summary)?.[0].replace(/\s/g, '');
    assert.equal(/\d+(?:\.\d)?\s?%/.exec(headline)?.[0].replace(/\s/g, ''), onCard);
    await app.close();
  });

  it('A12: a launch of another patient does not open this decision', async () => {
    const link = card.links?.find(({ type }) => type === 'smart');
    assert.ok(link?.type === 'smart');
    const app = await page.context().newPage();
    await app.goto(await sandbox.launchUrl(fhirServer, link, 'treated'));
    await app.getByRole('heading').first().waitFor();
    assert.equal(await app.getByTestId('headline-risk').count(), 0);
    await app.close();
  });

  it('F1, F2: takes an accepted suggestion and a dismissal, with and without a reason', async () => {
    const when = { card: card.uuid ?? '', outcomeTimestamp: new Date().toISOString() };
    const [reason] = card.overrideReasons ?? [];
    const told: readonly Feedback[] = [
      { ...when, outcome: 'accepted', acceptedSuggestions: [{ id: card.suggestions?.[0]?.uuid ?? '' }] },
      { ...when, outcome: 'overridden' },
      {
        ...when,
        outcome: 'overridden',
        overrideReason: { reason: { code: reason?.code ?? '', system: reason?.system ?? '' } },
      },
    ];
    for (const feedback of told) {
      const { status } = await sandbox.service(`${serviceUrl}/feedback`, { feedback: [feedback] });
      assert.equal(status, 200, feedback.outcome);
    }
    const counted = await fetch(`${auscult.url}/metrics`).then((answer) => answer.text());
    assert.match(counted, /auscult_feedback_total\{result="joined"\} [1-9]/);
    assert.match(counted, /auscult_feedback_total\{result="quarantined"\} 0/);
  });

  it('A14, K9: the page may read a refusal too', async () => {
    const { status, json } = await sandbox.service(serviceUrl, { hook: 'patient-view' });
    assert.equal(status, 400);
    assert.equal(Object(json).resourceType, 'OperationOutcome');
  });

  it('K9: the browser asked leave for each of these calls, and got it', () => {
    const { pathname } = new URL(serviceUrl);
    for (const path of ['/cds-services', pathname, `${pathname}/feedback`])
      assert.ok(preflights.has(path), path);
    assert.ok(preflights.has('/sandbox/fhir/_services/smart/Launch'));
  });

  it('K6: production refuses its token, whose key everybody has', async () => {
    const ehr = await registeredEhr();
    const serving = await startAuscult(ehr.env, 'serve');
    try {
      const url = `${serving.url}/cds-services`;
      assert.equal((await sandbox.service(url)).status, 0, 'its page may not even read the refusal');
      const authorization = `Bearer ${await sandbox.token(`${ehr.env.BASE_URL}/cds-services`)}`;
      assert.equal((await fetch(url, { headers: { authorization } })).status, 401);
    } finally {
      await serving.stop();
      ehr.remove();
    }
  });

  const patientView = async () => ({
    hookInstance: crypto.randomUUID(),
    hook: 'patient-view',
    fhirServer,
    context: { patientId: persona, userId },
    prefetch: await prefetched(sandbox, fhirServer, prefetch),
  });
});

/** service-exchange.js: tokens replaced, values encoded, a failed key left out. */
async function prefetched(
  sandbox: SandboxClient,
  fhirServer: string,
  templates: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  const tokens = { '{{context.patientId}}': persona, '{{context.userId}}': userId };
  const filled = await Promise.all(
    Object.entries(templates).map(async ([key, template]) => {
      const [path = '', query] = Object.entries(tokens)
        .reduce((text, [token, value]) => text.replaceAll(token, value), template)
        .split('?');
      if (query === undefined) return [key, await sandbox.read(`${fhirServer}/${path}`)] as const;
      const form = new URLSearchParams(query).toString();
      const posted = await sandbox.search(`${fhirServer}/${path}/_search`, form);
      return [
        key,
        posted.status === 200 ? posted : await sandbox.read(`${fhirServer}/${path}?${form}`),
      ] as const;
    }),
  );
  return Object.fromEntries(
    filled.filter(([, { status }]) => status === 200).map(([key, { json }]) => [key, json]),
  );
}
