import assert from 'node:assert/strict';
import type { Card } from 'cds-hooks-types';
import { cardProfile, profileViolations } from '../../src/card/profile.ts';
import { profileOf } from '../clients/profiles.ts';

const epic = profileOf('epic').card;
const card: Card = {
  summary: 'One sentence.',
  indicator: 'info',
  source: { label: 'Guideline', topic: { code: 'Statin1' } },
  detail: 'More.',
};
const create = {
  type: 'create',
  description: 'd',
  resource: { resourceType: 'Condition' } as never,
} as const;
const link = { label: 'App', url: 'https://app.example/launch', type: 'smart' } as const;
const suggested = (part: object): Card => ({
  ...card,
  suggestions: [{ label: 'l', actions: [create], ...part }],
  selectionBehavior: 'any',
});

/** What the client would not understand → the line that says so. */
const cases: Record<string, readonly [Card, RegExp]> = {
  'at-most-one': [{ ...suggested({}), selectionBehavior: 'at-most-one' } as Card, /^selectionBehavior: /],
  'two actions': [suggested({ actions: [create, create] }), /^suggestions: its actions/],
  'an action it does not know': [
    suggested({ actions: [{ type: 'delete', description: 'd', resourceId: 'Condition/1' }] }),
    /^suggestions: its actions/,
  ],
  'a choice of actions': [
    suggested({ actionSelectionBehavior: 'all' }),
    /^suggestions\.actionSelectionBehavior: /,
  ],
  'a code system by another name': [
    suggested({
      actions: [
        {
          ...create,
          resource: {
            resourceType: 'Condition',
            code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm' }] },
          },
        },
      ],
    }),
    /^suggestions\.actions\.resource: /,
  ],
  'an unregistered link': [{ ...card, links: [{ ...link, url: 'https://other.example' }] }, /^links: /],
  'autolaunch beside a detail': [
    { ...card, links: [{ ...link, autolaunchable: true }] },
    /^links\.autolaunchable: /,
  ],
  'a topic with a hyphen': [
    { ...card, source: { label: 'G', topic: { code: 'a-b' } } },
    /^source\.topic\.code: /,
  ],
};

describe('card profile', () => {
  it('a card the client understands breaks none', () => {
    assert.deepEqual(profileViolations(suggested({}), epic, { links: [link.url] }), []);
    assert.deepEqual(profileViolations({ ...card, links: [link] }, epic, { links: [link.url] }), []);
  });

  for (const [what, [bent, violation]] of Object.entries(cases)) {
    it(`names ${what}`, () => {
      const violations = profileViolations(bent, epic, { links: [link.url] });
      assert.equal(violations.length, 1, violations.join('; '));
      assert.match(violations[0] ?? '', violation);
    });
  }

  it('names suggestions on a hook without any, override reasons nobody takes, and a detail that is too long', () => {
    const strict = {
      ...epic,
      suggestions: { ...epic.suggestions, hooks: ['order-sign'] },
      overrideReasons: false,
    };
    const bent = { ...suggested({}), overrideReasons: [{ code: 'c', system: 's', display: 'd' }] };
    assert.deepEqual(profileViolations(bent, { ...strict, mostDetail: 4 }, { hook: 'patient-view' }), [
      'suggestions: not on this hook',
      'overrideReasons: not taken',
      'detail: too long',
    ]);
  });

  it('is strict about its own data', () => {
    assert.ok(!cardProfile.safeParse({ ...epic, selectionBehaviors: [] }).success);
    assert.ok(!cardProfile.safeParse({ ...epic, links: { ...epic.links, types: ['web'] } }).success);
  });
});
