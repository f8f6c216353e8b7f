import assert from 'node:assert/strict';
import fc from 'fast-check';
import { capped, type Opinion } from '../../src/card/ranking.ts';
import type { Service } from '../../src/card/service.ts';
import { type Chosen, type Indicator, ranked, show, silent } from '../../src/card/verdict.ts';
import { cardiovascular } from './package.ts';

/** A service of which only ids and topics matter here: one card for each word, on the topic of that word. */
const service = (name: string, topics: readonly string[]): Service => ({
  ...cardiovascular,
  id: name,
  package: name,
  cards: cardiovascular.cards.slice(0, 1).flatMap((rule) =>
    topics.map((code) => ({
      ...rule,
      id: code.toLowerCase(),
      source: { label: 'Guideline', topic: { system: 'urn:t', code, display: code } },
    })),
  ),
});
const card = (template: string, indicator: Indicator = 'info'): Chosen => ({ template, indicator });
const says = (
  name: string,
  cards: readonly Chosen[],
  topics = cards.map(({ template }) => template.toUpperCase()),
) => ({ service: service(name, topics), verdict: show(cards) }) satisfies Opinion;
const quiet = (name: string): Opinion => ({ service: service(name, []), verdict: silent('treated') });

const told = (opinions: readonly Opinion[]) =>
  capped(opinions).map(({ verdict }) =>
    verdict.kind === 'show' ? verdict.cards.map(({ template }) => template).join(' ') : verdict.reason,
  );

describe('ranking', () => {
  it('keeps three cards of one answer: the most urgent, then those of earlier services', () => {
    const opinions = [
      says('a', [card('a')]),
      says('b', [card('b', 'critical')]),
      says('c', [card('c', 'warning')]),
      says('d', [card('d')]),
    ];
    assert.deepEqual(told(opinions), ['a', 'b', 'c', 'outranked']);
  });

  it('keeps what it can of a service with several cards', () => {
    const opinions = [
      says('a', [card('x'), card('y'), card('z', 'warning')]),
      says('b', [card('b', 'warning')]),
    ];
    assert.deepEqual(told(opinions), ['z x', 'b']);
  });

  it('says what two services advise on one topic once, in the more urgent words', () => {
    const opinions = [
      says('kidney', [card('sglt2')]),
      says('diabetes', [card('gliflozin', 'warning')], ['SGLT2']),
    ];
    const both = opinions.map((opinion) => ({ ...opinion }));
    const [kidney, diabetes] = both;
    assert.ok(kidney !== undefined && diabetes !== undefined);
    const renamed = {
      ...diabetes,
      service: {
        ...diabetes.service,
        cards: diabetes.service.cards.map((rule) => ({ ...rule, id: 'gliflozin' })),
      },
    };
    assert.deepEqual(told([kidney, renamed]), ['said-by-another-service', 'gliflozin']);
  });

  it('leaves silence and its reason alone', () => {
    assert.deepEqual(told([quiet('a'), says('b', [card('b')])]), ['treated', 'b']);
  });

  it('never shows more than three, never invents, and never drops a more urgent card for a lesser one', () => {
    const indicator = fc.constantFrom<Indicator>('info', 'warning', 'critical');
    const opinions = fc.array(fc.array(indicator, { maxLength: 4 }), { maxLength: 6 }).map((all) =>
      all.map((cards, at) =>
        cards.length === 0
          ? quiet(`s${at}`)
          : says(
              `s${at}`,
              cards.map((each, n) => card(`s${at}c${n}`, each)),
            ),
      ),
    );
    const order = ['critical', 'warning', 'info'];
    const all = (list: readonly Opinion[]) =>
      list.flatMap(({ verdict }) => (verdict.kind === 'show' ? verdict.cards : []));
    fc.assert(
      fc.property(opinions, (given) => {
        const [before, after] = [all(given), all(capped(given))];
        assert.equal(after.length, Math.min(3, before.length));
        const best = before.map((each) => order.indexOf(each.indicator)).toSorted();
        assert.deepEqual(after.map((each) => order.indexOf(each.indicator)).toSorted(), best.slice(0, 3));
      }),
    );
  });

  it('lists the cards of an answer with the most urgent first', () => {
    const cards = ['info', 'critical', 'warning'].map((indicator) => ({ indicator: indicator as Indicator }));
    assert.deepEqual(
      ranked(cards).map(({ indicator }) => indicator),
      ['critical', 'warning', 'info'],
    );
  });
});
