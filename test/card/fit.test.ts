import assert from 'node:assert/strict';
import type { Card, Link, Suggestion, SystemAction } from 'cds-hooks-types';
import fc from 'fast-check';
import { type CardProfile, fitCards, fitSystemActions, profileViolations } from '../../src/card/fit.ts';
import { cardViolations } from '../../src/card/invariants.ts';
import { profileOf, profiles } from '../clients/profiles.ts';
import { cards } from './cards.ts';

const uuid = '7d3b8a0e-8a0e-4f57-9ac1-6fb2a2a9d4e1';
const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const drug = (code: string): Suggestion => ({
  label: code,
  uuid,
  actions: [
    {
      type: 'create',
      description: `Create ${code}`,
      resource: {
        resourceType: 'MedicationRequest',
        status: 'draft',
        intent: 'proposal',
        subject: { reference: 'Patient/1' },
        medicationCodeableConcept: { coding: [{ system: rxnorm, code }] },
      },
    },
  ],
});
const app: Link = { label: 'App', url: 'https://app.example/launch', type: 'smart', appContext: 'q3nS' };
const plain: Card = {
  uuid,
  summary: 'One sentence.',
  detail: 'More.',
  indicator: 'warning',
  source: { label: 'Guideline', topic: { code: 'Statin1' } },
};
const atMostOne: Card = {
  ...plain,
  suggestions: [drug('a'), drug('b')],
  selectionBehavior: 'at-most-one',
};

const standard = profileOf('cds-hooks-2.0').card;
const three = profileOf('cds-hooks-3.0').card;
const epic = profileOf('epic').card;
const athena = profileOf('athenahealth').card;
const fitOne = (card: Card, profile: CardProfile, agreed = {}) => {
  const { cards, dropped } = fitCards([card], profile, agreed);
  return { card: cards[0], dropped };
};
const labelsOf = ({ card }: { card?: Card | undefined }) => card?.suggestions?.map(({ label }) => label);

describe('cards fitted to a client', () => {
  it('A7: a client of the specification is told everything', () =>
    assert.deepEqual(fitOne({ ...atMostOne, links: [app] }, standard), {
      card: { ...atMostOne, links: [app] },
      dropped: [],
    }));

  describe('A7: of at-most-one towards a client that lets any number be taken', () => {
    it('the recommended one is left', () => {
      const recommended = { ...atMostOne, suggestions: [drug('a'), { ...drug('b'), isRecommended: true }] };
      const fitted = fitOne(recommended as Card, epic);
      assert.deepEqual(labelsOf(fitted), ['b']);
      assert.equal(fitted.card?.selectionBehavior, 'any');
      assert.deepEqual(fitted.dropped, ['suggestion']);
    });
    it('the first is left where none is recommended', () =>
      assert.deepEqual(labelsOf(fitOne(atMostOne, epic)), ['a']));
    it('none is left where the recommended one cannot be said', () => {
      const unsayable = { ...drug('a'), isRecommended: true, actions: [] };
      const fitted = fitOne({ ...atMostOne, suggestions: [unsayable, drug('b')] } as Card, epic);
      assert.ok(fitted.card !== undefined && !('suggestions' in fitted.card));
      assert.ok(!('selectionBehavior' in fitted.card));
      assert.deepEqual(fitted.dropped, ['suggestion', 'suggestion']);
    });
  });

  it('A7: of any towards a client that lets one be taken all are left, one of them recommended', () => {
    const both = [drug('a'), drug('b')].map((each) => ({ ...each, isRecommended: true }));
    const fitted = fitOne({ ...plain, suggestions: both, selectionBehavior: 'any' }, athena);
    assert.deepEqual(labelsOf(fitted), ['a', 'b']);
    assert.equal(fitted.card?.selectionBehavior, 'at-most-one');
    assert.deepEqual(
      fitted.card?.suggestions?.map(({ isRecommended }) => isRecommended),
      [true, undefined],
    );
    assert.deepEqual(fitted.dropped, ['selectionBehavior', 'isRecommended']);
  });

  const create = drug('a').actions?.[0];
  const unsayable: Record<string, Partial<Suggestion>> = {
    'two actions in one': { actions: create === undefined ? [] : [create, create] },
    'no action, whose description is what the user reads': { actions: [] },
    'an update': {
      actions: [
        {
          type: 'update',
          description: 'd',
          resource: { resourceType: 'MedicationRequest', id: '1' } as never,
        },
      ],
    },
    'a type of resource it does not create': {
      actions: [{ type: 'create', description: 'd', resource: { resourceType: 'Task' } as never }],
    },
    'a type of resource it does not delete': {
      actions: [{ type: 'delete', description: 'd', resourceId: 'Condition/1' }],
    },
  };
  for (const [what, part] of Object.entries(unsayable)) {
    it(`A9: Epic is not told a suggestion with ${what}`, () => {
      const suggestions = [{ ...drug('a'), ...part }];
      const fitted = fitOne({ ...plain, suggestions, selectionBehavior: 'any' }, epic);
      assert.deepEqual(fitted, { card: plain, dropped: ['suggestion'] });
      assert.deepEqual(fitOne({ ...plain, suggestions, selectionBehavior: 'any' }, standard).dropped, []);
    });
  }

  it('A10: what asks the user to choose among actions goes to no client that would apply them all', () => {
    const one = { ...drug('a'), actionSelectionBehavior: 'any' as const };
    const two = { ...one, actions: [...(one.actions ?? []), ...(one.actions ?? [])] };
    const card = (suggestion: Suggestion): Card => ({
      ...plain,
      suggestions: [suggestion],
      selectionBehavior: 'any',
    });
    assert.deepEqual(fitOne(card(two), standard), { card: plain, dropped: ['suggestion'] });
    assert.deepEqual(fitOne(card(one), standard), {
      card: card(drug('a')),
      dropped: ['actionSelectionBehavior'],
    });
    assert.deepEqual(fitOne(card(two), three), { card: card(two), dropped: [] });
  });

  it('Epic is told the codes of orders by its own names for code systems', () => {
    const { card } = fitOne({ ...plain, suggestions: [drug('617310')], selectionBehavior: 'any' }, epic);
    assert.match(
      JSON.stringify(card?.suggestions),
      /"system":"urn:oid:2\.16\.840\.1\.113883\.6\.88","code":"617310"/,
    );
    assert.doesNotMatch(JSON.stringify(card), /nlm\.nih\.gov/);
  });

  it('suggestions go where the hook that is answered offers none', () => {
    const profile = { ...standard, suggestions: { ...standard.suggestions, hooks: ['order-sign'] } };
    assert.deepEqual(fitOne(atMostOne, profile, { hook: 'patient-view' }).dropped, [
      'suggestion',
      'suggestion',
    ]);
    assert.deepEqual(fitOne(atMostOne, profile, { hook: 'order-sign' }).dropped, []);
  });

  it('A12: links that must be registered go unless they are', () => {
    const page: Link = { label: 'Page', url: 'https://page.example/x', type: 'absolute' };
    const linked = { ...plain, links: [app, page] };
    assert.deepEqual(fitOne(linked, epic, { links: ['https://app.example/launch'] }).dropped, []);
    assert.deepEqual(fitOne(linked, epic, { links: ['https://app.example:444/'] }).card?.links, [page]);
    const oracle = profileOf('oracle-health').card;
    assert.deepEqual(fitOne(linked, oracle, { links: ['https://app.example'] }).card?.links, [app]);
    assert.deepEqual(fitOne(linked, oracle, { links: [] }), { card: plain, dropped: ['link', 'link'] });
  });

  it('A4: a topic of another form goes, whole', () => {
    for (const code of ['statin-1', 'x'.repeat(101)]) {
      const { card, dropped } = fitOne({ ...plain, source: { label: 'G', topic: { code } } }, epic);
      assert.deepEqual([card?.source, dropped], [{ label: 'G' }, ['topic']]);
    }
    assert.deepEqual(
      fitOne({ ...plain, source: { label: 'G', topic: { code: 'x'.repeat(100) } } }, epic).dropped,
      [],
    );
  });

  it('A11: override reasons go where nobody could be offered them', () => {
    const card = { ...plain, overrideReasons: [{ code: 'c', system: 's', display: 'd' }] };
    assert.deepEqual(fitOne(card, profileOf('medplum').card), { card: plain, dropped: ['overrideReasons'] });
  });

  describe('A12: autolaunchable', () => {
    const alone: Card = {
      uuid,
      summary: 'Open the app.',
      indicator: 'info',
      source: { label: 'G' },
      links: [{ ...app, autolaunchable: true }],
    };
    it('stays where the link is all there is', () =>
      assert.deepEqual(fitOne(alone, epic), { card: alone, dropped: [] }));
    it('goes beside a detail, suggestions, another link or another card', () => {
      const launch = { ...app, autolaunchable: true };
      for (const card of [
        { ...alone, detail: 'd' },
        { ...atMostOne, links: [launch] },
        { ...alone, links: [launch, app] },
      ])
        assert.ok(fitOne(card, epic).dropped.includes('autolaunchable'));
      assert.deepEqual(fitCards([alone, plain], epic).dropped, ['autolaunchable']);
    });
    it('goes towards a client of 2.0, stays towards one of 3.0', () => {
      assert.deepEqual(fitOne({ ...alone, detail: 'd' }, three).dropped, []);
      assert.deepEqual(fitOne(alone, standard).card?.links, [app]);
    });
  });

  it('a card is dropped whole rather than cut, or left without what it was for', () => {
    const short = { ...standard, mostDetail: 4 };
    assert.deepEqual(fitOne({ ...plain, detail: 'Five.' }, short), { card: undefined, dropped: ['card'] });
    assert.deepEqual(fitOne({ ...plain, detail: 'Four' }, short).dropped, []);
    const { detail: _, ...bare } = plain;
    const onlyLink = { ...bare, links: [app] };
    assert.deepEqual(fitOne(onlyLink, epic, { links: [] }), { card: undefined, dropped: ['card'] });
    assert.deepEqual(fitOne(bare, epic, { links: [] }).card, bare);
    assert.deepEqual(fitOne({ ...onlyLink, detail: 'x' }, epic, { links: [] }).dropped, ['link']);
  });

  it('A13: system actions go unless the client knows them and the site has agreed', () => {
    const update = { type: 'update', resource: { resourceType: 'ServiceRequest', id: '1' } } as SystemAction;
    const agreed = { systemActions: true };
    assert.deepEqual(fitSystemActions([update], epic, agreed), { value: [update], dropped: [] });
    assert.deepEqual(fitSystemActions([update], epic, {}), { value: undefined, dropped: ['systemAction'] });
    assert.deepEqual(fitSystemActions([update], athena, agreed).dropped, ['systemAction']);
    const remove: SystemAction = { type: 'delete', resourceId: 'ServiceRequest/1' };
    assert.deepEqual(fitSystemActions([remove, update], epic, agreed).dropped, ['systemAction']);
    assert.deepEqual(fitSystemActions([], epic, {}), { value: undefined, dropped: [] });
  });

  for (const { id, card: profile } of profiles.values()) {
    it(`any cards, fitted to ${id}, are understood, sound, and stay as they are when fitted again`, () => {
      const agreed = fc.constantFrom({}, { hook: 'order-sign', links: ['https://app.example'] });
      fc.assert(
        fc.property(cards, agreed, (made, agreed) => {
          const fitted = fitCards(made, profile, agreed);
          const documented = { actionSelectionBehavior: profile.suggestions.actionSelectionBehavior };
          for (const card of fitted.cards) {
            assert.deepEqual(profileViolations(card, profile, agreed), []);
            assert.deepEqual(cardViolations(card, documented), []);
            const sent = made.find(({ uuid }) => uuid === card.uuid);
            assert.deepEqual(
              [card.summary, card.detail, card.indicator],
              [sent?.summary, sent?.detail, sent?.indicator],
            );
          }
          assert.deepEqual(fitCards(fitted.cards, profile, agreed), { cards: fitted.cards, dropped: [] });
        }),
        { numRuns: 500 },
      );
    });
  }
});
