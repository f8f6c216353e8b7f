import assert from 'node:assert/strict';
import fc from 'fast-check';
import { html } from 'htm/preact';
import { renderToString } from 'preact-render-to-string';
import { readCards, readServices } from '../../sandbox/client/cards.ts';
import { ExchangeLog } from '../../sandbox/client/exchange-log.ts';
import {
  type Answer,
  discover,
  fire,
  resolveTokens,
  sendFeedback,
  subscribed,
} from '../../sandbox/client/hooks.ts';
import { markdown, webAddress } from '../../sandbox/client/markdown.ts';

const rendered = (text: string) =>
  renderToString(html`<div>${markdown(text)}</div>`).replace(/^<div>|<\/div>$/g, '');
const chart = {
  patientId: 'p1',
  userId: 'Practitioner/u1',
  fhirServer: 'http://localhost:3000/sandbox/fhir',
};

describe('card detail', () => {
  it('renders the markdown that cards use', () => {
    assert.equal(rendered('Risk **14.6 %**, *high*'), '<p>Risk <strong>14.6 %</strong>, <em>high</em></p>');
    assert.equal(
      rendered('- a\n- `b`\n\n1. c'),
      '<ul><li>a</li><li><code>b</code></li></ul><ol><li>c</li></ol>',
    );
    assert.equal(rendered('## Why\nbecause'), '<h4>Why</h4><p>because</p>');
    assert.match(
      rendered('| A | B |\n|---|---|\n| 1 | 2 |'),
      /<th scope="col">A<\/th>.*<tbody><tr><td>1<\/td><td>2<\/td>/,
    );
    assert.match(
      rendered('[source](https://doi.org/x)'),
      /<a href="https:\/\/doi.org\/x" target="_blank" rel="noopener noreferrer">source/,
    );
  });

  it('A5: shows escaped text and raw HTML as the text it is', () => {
    assert.equal(rendered('\\*not\\* &lt;b&gt; <b>x</b>'), '<p>*not* &lt;b> &lt;b>x&lt;/b></p>');
  });

  it('A5: never lets text become markup or a script address', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'<>"\'&[]()*_`|#-\\/ :aej\n', 'javascript:', 'https://x') }),
        (text) => {
          const tags = [...rendered(text).matchAll(/<(\w+)/g)].map(([, tag]) => tag);
          const known = [
            'p',
            'strong',
            'em',
            'code',
            'a',
            'ul',
            'ol',
            'li',
            'h4',
            'hr',
            'blockquote',
            'table',
            'thead',
            'tbody',
            'tr',
            'th',
            'td',
          ];
          assert.ok(
            tags.every((tag) => known.includes(tag ?? '')),
            rendered(text),
          );
          assert.doesNotMatch(rendered(text), /href="(?!https?:)/);
        },
      ),
      { numRuns: 1000 },
    );
    assert.ok(
      !webAddress('javascript:alert(1)') && !webAddress('/relative') && webAddress('https://x.example'),
    );
  });
});

describe('reading answers', () => {
  it('drops a card that breaks the specification and keeps the order of the answer', () => {
    const card = (indicator: string, summary = 's') => ({ summary, indicator, source: { label: 'x' } });
    const cards = [
      card('info'),
      card('hard-stop'),
      card('critical'),
      card('warning', ''),
      { ...card('info'), source: {} },
      null,
    ];
    assert.deepEqual(
      readCards({ cards }).map(({ indicator }) => indicator),
      ['info', 'critical'],
    );
    for (const body of [undefined, null, [], { cards: 'x' }, 'text']) {
      assert.deepEqual(readCards(body), []);
      assert.deepEqual(readServices(body), []);
    }
  });

  it('P1: fills known tokens and gives up on unknown ones', () => {
    assert.equal(resolveTokens('Condition?patient={{context.patientId}}', chart), 'Condition?patient=p1');
    assert.equal(resolveTokens('Practitioner/{{userPractitionerId}}', chart), 'Practitioner/u1');
    const encounter = 'Encounter/{{context.encounterId}}';
    assert.equal(resolveTokens(encounter, chart), undefined);
    assert.equal(resolveTokens(encounter, { ...chart, encounterId: 'e1' }), 'Encounter/e1');
  });
});

/** A CDS service and FHIR server in place of `fetch`: path → status and body. */
function serve(answers: Readonly<Record<string, readonly [number, unknown]>>) {
  const seen: { url: string; body: Record<string, unknown> }[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = async (url, init) => {
    seen.push({ url: String(url), body: init?.body ? JSON.parse(String(init.body)) : {} });
    const [status, body] = answers[String(url)] ?? [404, {}];
    if (status === 0) {
      throw new TypeError('unreachable');
    }
    return new Response(JSON.stringify(body), { status });
  };
  return { seen, restore: () => Object.assign(globalThis, { fetch: original }) };
}

describe('patient-view', () => {
  const card = { uuid: 'c1', summary: 's', indicator: 'info' as const, source: { label: 'x' } };
  const prefetch = {
    patient: 'Patient/{{context.patientId}}',
    gone: 'Patient/gone',
    failing: 'Condition?patient={{context.patientId}}',
    encounter: 'Encounter/{{context.encounterId}}',
  };
  const services = [
    { id: 'one', hook: 'patient-view', description: 'x', prefetch },
    {
      id: 'two',
      hook: 'patient-view',
      description: 'x',
      prefetch: { patient: 'Patient/{{context.patientId}}' },
    },
    { id: 'dead', hook: 'patient-view', description: 'x' },
    { id: 'signing', hook: 'order-sign', description: 'x' },
  ];
  let network: ReturnType<typeof serve>;
  beforeEach(() => {
    network = serve({
      '/cds-services': [200, { services }],
      '/sandbox/fhir/Patient/p1': [200, { resourceType: 'Patient', id: 'p1' }],
      '/sandbox/fhir/Condition?patient=p1': [500, { resourceType: 'OperationOutcome' }],
      '/cds-services/one': [200, { cards: [card] }],
      '/cds-services/two': [200, { cards: [] }],
      '/cds-services/dead': [0, undefined],
    });
  });
  afterEach(() => network.restore());

  it('fires each service of the hook once and reads equal prefetch queries once', async () => {
    const log = new ExchangeLog();
    const found = (await discover(log)) ?? [];
    const answers: Answer[] = [];
    await fire(log, { hook: 'patient-view' }, found, chart, (answer) => answers.push(answer));
    const said = answers.map((answer) => [
      answer.service.id,
      answer.kind === 'answered' ? answer.cards.length : answer.status,
    ]);
    assert.deepEqual(said.toSorted(), [
      ['dead', 0],
      ['one', 1],
      ['two', 0],
    ]);
    assert.equal(network.seen.filter(({ url }) => url.endsWith('Patient/p1')).length, 1);
    assert.ok(log.exchanges.every(({ milliseconds }) => milliseconds >= 0));
  });

  it('Q4, Q5: sends null for what is not there and leaves out what could not be read', async () => {
    const log = new ExchangeLog();
    await fire(log, { hook: 'patient-view' }, (await discover(log)) ?? [], chart, () => {});
    const body = network.seen.find(({ url }) => url === '/cds-services/one')?.body ?? {};
    assert.deepEqual(body.prefetch, { patient: { resourceType: 'Patient', id: 'p1' }, gone: null });
    assert.match(String(body.hookInstance), /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    assert.deepEqual(body.context, { userId: 'Practitioner/u1', patientId: 'p1' });
    assert.equal(body.fhirServer, chart.fhirServer);
  });

  it('fires another hook at its own services, with its context, and nothing where nobody listens', async () => {
    const log = new ExchangeLog();
    const found = (await discover(log)) ?? [];
    const draftOrders = { resourceType: 'Bundle', type: 'collection' };
    await fire(log, { hook: 'order-sign', context: { draftOrders } }, found, chart, () => {});
    const { hook, context } = Object(network.seen.at(-1)?.body);
    assert.equal(network.seen.at(-1)?.url, '/cds-services/signing');
    assert.deepEqual(
      [hook, context],
      ['order-sign', { userId: 'Practitioner/u1', patientId: 'p1', draftOrders }],
    );
    const sent = network.seen.length;
    await fire(log, { hook: 'order-select', context: { draftOrders } }, found, chart, () => {});
    assert.equal(network.seen.length, sent);
  });

  it('subscribes to the bundle of a hook where there is one, and to what no bundle holds', () => {
    const ids = ['one', 'all-patient-view', 'deterioration', 'deterioration-order-sign'];
    const listed = ids.map((id) => ({ id, hook: 'patient-view', description: 'x' }));
    const named = (services: typeof listed) => subscribed(services, 'patient-view').map(({ id }) => id);
    assert.deepEqual(named(listed), ['all-patient-view', 'deterioration', 'deterioration-order-sign']);
    assert.deepEqual(named(listed.slice(0, 1)), ['one']);
    assert.deepEqual(subscribed(listed, 'order-sign'), []);
  });

  it('names the encounter in progress in every context', async () => {
    const log = new ExchangeLog();
    const found = (await discover(log)) ?? [];
    await fire(log, { hook: 'patient-view' }, found, { ...chart, encounterId: 'e1' }, () => {});
    const contexts = network.seen.flatMap(({ body }) => ('hook' in body ? [body.context] : []));
    assert.equal(contexts.length, 3);
    for (const context of contexts) assert.equal(Object(context).encounterId, 'e1');
  });

  it('F2: sends feedback for a card with uuid, none for one without', async () => {
    const log = new ExchangeLog();
    const [service] = readServices({ services });
    assert.ok(service);
    await sendFeedback(log, service, card, {
      outcome: 'overridden',
      overrideReason: { reason: { code: 'later' } },
    });
    const { uuid: _, ...unnamed } = card;
    await sendFeedback(log, service, unnamed, { outcome: 'overridden' });
    const sent = network.seen.filter(({ url }) => url === '/cds-services/one/feedback');
    assert.equal(sent.length, 1);
    const [first] = Object(sent[0]?.body).feedback;
    assert.equal(first.card, 'c1');
    assert.ok(!Number.isNaN(Date.parse(String(first.outcomeTimestamp))));
  });
});
