/** A1–A14 and cds-resp-1 to -6 over every card that the shipped service and the test package can show. */
import assert from 'node:assert/strict';
import type { Card, CdsResponse } from 'cds-hooks-types';
import { chartNames } from '../../fixtures/charts.ts';
import { hookCall, hookNames } from '../../fixtures/hooks.ts';
import { cardViolations } from '../../src/card/invariants.ts';
import {
  type Answer,
  cardsOf,
  hookPath,
  json,
  now,
  openHouse,
  refused,
  type Site,
  type TestHouse,
} from '../harness.ts';
import { adultTemplates, offersWithAdult } from './adult.ts';
import { holds, holdsOf, responseInvariants } from './invariants.ts';

const persona = 'high-risk-untreated';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the answer (CDS Hooks 2.0, "CDS Service Response")', () => {
  let house: TestHouse;
  let site: Site;
  let answers: readonly Answer[];
  let cards: readonly Card[];
  before(async () => {
    house = await openHouse();
    site = await house.listen({ offers: offersWithAdult(house.packages.services) });
    answers = await Promise.all([
      ...chartNames().map((name) => site.post(hookPath, house.request(name))),
      ...hookNames.map((hook) =>
        site.post(`/cds-services/adult-${hook}`, hookCall(hook, persona, now, adultTemplates)),
      ),
    ]);
    cards = answers.flatMap(cardsOf);
  });
  after(() => house.close());

  it('A1: a 200 is an object with cards, some with and some without a card', () => {
    const bodies = answers.map((answer) => json(answer) as CdsResponse);
    for (const body of bodies) assert.ok(Array.isArray(body.cards));
    assert.ok(bodies.some(({ cards }) => cards.length === 0) && bodies.some(({ cards }) => cards.length > 0));
  });

  it('A1–A12: no card breaks what we hold every card to before it leaves', () => {
    assert.ok(cards.length > hookNames.length);
    assert.deepEqual(
      cards.flatMap((card) => cardViolations(card)),
      [],
    );
  });

  it('A2, A3: the summary is one sentence under 140 characters, the indicator one of three', () => {
    for (const { summary, indicator } of cards) {
      assert.ok(summary.length < 140 && /^[^\n]+\.$/.test(summary), summary);
      assert.ok(['info', 'warning', 'critical'].includes(indicator));
    }
  });

  it('A4: the source has a label, absolute addresses, and a topic with system and code as Inferno asks', () => {
    for (const { source } of cards) {
      assert.ok(source.label.trim().length > 0);
      for (const address of [source.url, source.icon]) {
        assert.ok(address === undefined || URL.parse(address)?.protocol === 'https:');
      }
      assert.ok(source.topic?.code && URL.canParse(source.topic.system ?? ''));
    }
  });

  it('A5: nothing that a chart says becomes markup: the same card, whatever its texts are', async () => {
    const plain = house.request(persona);
    const hostile = '<img src=x onerror=alert(1)> **bold** [l](javascript:x) `c`\\n# h';
    const prefetch = JSON.parse(
      JSON.stringify(plain.prefetch, (name, value) =>
        ['display', 'text', 'family'].includes(name) && typeof value === 'string' ? hostile : value,
      ),
    );
    const [expected] = cardsOf(await site.post(hookPath, plain));
    const [card] = cardsOf(await site.post(hookPath, { ...plain, prefetch }));
    assert.ok(card?.detail !== undefined && !card.detail.includes('<img'));
    assert.deepEqual([card.summary, card.detail], [expected?.summary, expected?.detail]);
  });

  it('A6: every card and suggestion has a uuid of its own, a new one each time', async () => {
    const again = cardsOf(await site.post(hookPath, house.request(persona)));
    const all = [...cards, ...again].flatMap((card) => [
      card.uuid,
      ...(card.suggestions ?? []).map((s) => s.uuid),
    ]);
    for (const each of all) assert.match(each ?? '', uuid);
    assert.equal(new Set(all).size, all.length);
  });

  it('A9: what an action creates is new, and about this patient', () => {
    const created = cards.flatMap(({ suggestions = [] }) =>
      suggestions.flatMap(({ actions = [] }) => actions),
    );
    assert.ok(created.length > 0);
    for (const { type, resource } of created) {
      assert.equal(type, 'create');
      assert.equal(resource?.id, undefined);
      assert.match(JSON.stringify(resource), /"subject":\{"reference":"Patient\/[\w-]+"/);
    }
  });

  it('A12: a SMART link is absolute and its appContext names the decision and nobody', () => {
    for (const { links = [] } of cards) {
      for (const link of links) {
        assert.equal(link.url, 'https://auscult.example/app/launch');
        assert.ok(link.type === 'smart' && link.appContext !== undefined);
        assert.ok(!chartNames().some((name) => link.appContext?.includes(name)));
      }
    }
  });

  it('A10, A13: nothing of 3.0 and no systemActions are sent unasked', () => {
    for (const { text } of answers) {
      assert.doesNotMatch(text, /"(actionSelectionBehavior|systemActions|autolaunchable)"/);
    }
  });

  it('A14: every refusal says what is wrong as an OperationOutcome', async () => {
    const { prefetch: _, ...bare } = house.request(persona);
    const stranger = { resourceType: 'Patient', id: 'somebody-else' };
    refused(await site.post(hookPath, 'null'), 400, 'malformed-json');
    refused(await site.post(hookPath, {}), 400, 'malformed-request');
    refused(await site.post(hookPath, { ...bare, hook: 'order-sign' }), 400, 'hook-mismatch');
    refused(
      await site.post(hookPath, { ...bare, fhirServer: 'https://e.example' }),
      403,
      'fhir-server-not-allowed',
    );
    refused(await site.post('/cds-services/nobody', bare), 404, 'unknown-service');
    refused(await site.get(hookPath), 405, 'method-not-allowed');
    refused(await site.post(hookPath, bare), 412, 'required-data-unavailable');
    refused(await site.post(hookPath, '{}', { 'content-type': 'text/xml' }), 415, 'unsupported-media-type');
    refused(await site.post(hookPath, { ...bare, prefetch: { patient: stranger } }), 422, 'wrong-patient');
  });

  it('cds-resp-1, cds-resp-2, cds-resp-3: hold of every card, by the expression that HL7 published', () =>
    proves(responseInvariants.slice(0, 3)));

  it('cds-resp-4, cds-resp-5, cds-resp-6: hold of every card, by the expression that HL7 published', () =>
    proves(responseInvariants.slice(3)));

  it('A7, A8, A11: the cards that were judged do hold suggestions, actions and reasons', () => {
    for (const { suggestions = [], selectionBehavior, overrideReasons = [] } of cards) {
      if (suggestions.length > 0) assert.match(selectionBehavior ?? '', /^(at-most-one|any)$/);
      for (const { label, actions = [] } of suggestions) {
        assert.ok(label.length > 0 && actions.every(({ type, description }) => type && description));
      }
      assert.ok(overrideReasons.length > 0);
      for (const { code, system, display } of overrideReasons) assert.ok(code && system && display);
    }
    assert.ok(cards.some(({ suggestions = [] }) => suggestions.length > 1));
  });

  const proves = (invariants: typeof responseInvariants): void => {
    for (const invariant of invariants) {
      assert.ok(holdsOf(invariant, { cards }), invariant.id);
      assert.ok(!holds(invariant.expression, invariant.counterExample), `${invariant.id} can fail`);
    }
  };
});
