import assert from 'node:assert/strict';
import { cardViolations, responseViolations } from '../../src/card/invariants.ts';

const uuid = '7d3b8a0e-8a0e-4f57-9ac1-6fb2a2a9d4e1';
const other = '0d7a1bb8-8a0e-4f57-9ac1-6fb2a2a9d4e1';
const order = {
  resourceType: 'MedicationRequest',
  status: 'draft',
  intent: 'proposal',
  subject: { reference: 'Patient/1' },
};

/** A card that keeps every rule; a test breaks one. */
// biome-ignore lint/suspicious/noExplicitAny: tests write what no type would allow
const card = (): any => ({
  uuid,
  summary: 'One sentence.',
  detail: 'More.',
  indicator: 'info',
  source: {
    label: 'Guideline',
    url: 'https://doi.org/10.1161/x',
    topic: { system: 's', code: 'c', display: 'd' },
  },
  overrideReasons: [{ code: 'c', system: 's', display: 'd' }],
  links: [{ label: 'App', url: 'http://localhost:3000/app/launch', type: 'smart', appContext: 'x' }],
  selectionBehavior: 'at-most-one',
  suggestions: [
    { label: 'Order', uuid: other, actions: [{ type: 'create', description: 'Create', resource: order }] },
  ],
});

// biome-ignore lint/suspicious/noExplicitAny: see above
const broken = (bend: (card: any) => void): readonly string[] => {
  const bent = card();
  bend(bent);
  return cardViolations(bent);
};
// biome-ignore lint/suspicious/noExplicitAny: see above
const breaks = (rule: string, bend: (card: any) => void): void => {
  const violations = broken(bend);
  assert.ok(
    violations.some((violation) => violation.startsWith(rule)),
    `${rule} not among ${violations.join('; ')}`,
  );
};

describe('card invariants', () => {
  it('a sound card breaks none', () => {
    assert.deepEqual(cardViolations(card()), []);
  });

  it('A2: the summary is one line under 140 characters', () => {
    assert.deepEqual(
      broken((bent) => (bent.summary = 'x'.repeat(139))),
      [],
    );
    breaks('A2', (bent) => (bent.summary = 'x'.repeat(140)));
    breaks('A2', (bent) => (bent.summary = 'a\nb'));
  });

  it('A3: the indicator is one of three', () => {
    for (const indicator of ['info', 'warning', 'critical'])
      assert.deepEqual(
        broken((bent) => (bent.indicator = indicator)),
        [],
      );
    breaks('A3', (bent) => (bent.indicator = 'hard-stop'));
  });

  it('A4: the source has a label and safe addresses', () => {
    breaks('A4 source.label', (bent) => (bent.source.label = ''));
    breaks('A4 source.url', (bent) => (bent.source.url = 'guideline.html'));
    breaks('A4 source.url', (bent) => (bent.source.url = 'http://guideline.example'));
    breaks('A4 source.icon', (bent) => (bent.source.icon = 'javascript:alert(1)'));
  });

  it('A6: card and suggestions carry their own RFC 4122 uuid, or no feedback would come', () => {
    breaks('A6 uuid', (bent) => delete bent.uuid);
    breaks('A6 uuid', (bent) => (bent.uuid = 'card-1'));
    breaks('A6 suggestions', (bent) => delete bent.suggestions[0].uuid);
    breaks('A6 suggestions', (bent) => bent.suggestions.push(bent.suggestions[0]));
  });

  it('A7: suggestions say how they combine, and at most one is recommended', () => {
    breaks('A7', (bent) => delete bent.selectionBehavior);
    breaks('A7', (bent) => (bent.selectionBehavior = 'all'));
    breaks('A7', (bent) => delete bent.suggestions);
    const two = (bent: { suggestions: object[] }) =>
      (bent.suggestions = [uuid, other].map((each) => ({
        ...bent.suggestions[0],
        uuid: each,
        isRecommended: true,
      })));
    breaks('A7 isRecommended', two);
    assert.deepEqual(
      broken((bent) => Object.assign(two(bent), { length: 1 })),
      [],
    );
  });

  it('A8: label and description are there', () => {
    breaks('A8', (bent) => (bent.suggestions[0].label = ''));
    breaks('A8', (bent) => delete bent.suggestions[0].actions[0].description);
  });

  it('A9: create brings a new resource, update a whole one, delete a relative id', () => {
    const action = (change: object) => (bent: { suggestions: { actions: object[] }[] }) => {
      const [suggestion] = bent.suggestions;
      if (suggestion !== undefined) suggestion.actions = [{ description: 'd', ...change }];
    };
    breaks('A9', action({ type: 'create' }));
    breaks('A9', action({ type: 'create', resource: { ...order, id: '1' } }));
    breaks('A9', action({ type: 'create', resource: order, resourceId: 'MedicationRequest/1' }));
    breaks('A9', action({ type: 'update', resource: order }));
    breaks('A9', action({ type: 'delete', resourceId: 'https://x.example/MedicationRequest/1' }));
    breaks('A9', action({ type: 'delete', resourceId: 'MedicationRequest/1', resource: order }));
    assert.deepEqual(broken(action({ type: 'update', resource: { ...order, id: '1' } })), []);
    assert.deepEqual(broken(action({ type: 'delete', resourceId: 'MedicationRequest/1' })), []);
  });

  it('A10: actionSelectionBehavior is not sent unasked', () => {
    breaks('A10', (bent) => (bent.suggestions[0].actionSelectionBehavior = 'any'));
  });

  it('A11: override reasons carry code, system and display', () => {
    for (const part of ['code', 'system', 'display'])
      breaks('A11', (bent) => delete bent.overrideReasons[0][part]);
  });

  it('A12: links are absolute, and only SMART ones carry appContext', () => {
    breaks('A12 links.label', (bent) => (bent.links[0].label = ''));
    breaks('A12 links.url', (bent) => (bent.links[0].url = '/app/launch'));
    breaks('A12 links.url', (bent) => (bent.links[0].url = 'http://app.example/launch'));
    breaks('A12 links.type', (bent) => (bent.links[0].type = 'web'));
    breaks('A12 links.appContext', (bent) => (bent.links[0].type = 'absolute'));
    assert.deepEqual(
      broken((bent) => (bent.links[0].url = 'https://app.example/launch')),
      [],
    );
  });

  it('A4: a topic has a code, and no empty words beside it', () => {
    breaks('A4 source.topic', (bent) => delete bent.source.topic.code);
    for (const part of ['code', 'system', 'display'])
      breaks('A4 source.topic', (bent) => (bent.source.topic[part] = ''));
    assert.deepEqual(
      broken((bent) => (bent.source.topic = { code: 'c' })),
      [],
    );
  });

  it('A5: the detail holds no HTML, which some clients would render', () => {
    for (const detail of ['<b>x</b>', 'a <img src=x onerror=y> b', '<script>', '</p>', '<br/>', '<!-- x -->'])
      breaks('A5', (bent) => (bent.detail = detail));
    for (const detail of ['5 < 6 and 7 > 6', '&lt;b&gt;', '<https://doi.org/10.1161/x>', '**x** <5 %'])
      assert.deepEqual(
        broken((bent) => (bent.detail = detail)),
        [],
      );
  });

  it('A10: is sent where the client has said that it understands it, as one of three', () => {
    const bent = card();
    bent.suggestions[0].actionSelectionBehavior = 'any';
    assert.deepEqual(cardViolations(bent, { actionSelectionBehavior: true }), []);
    bent.suggestions[0].actionSelectionBehavior = 'none';
    assert.match(cardViolations(bent, { actionSelectionBehavior: true }).join(), /^A10/);
  });

  it('A12: autolaunchable is true or false', () => {
    for (const wrong of ['true', 1])
      breaks('A12 links.autolaunchable', (bent) => (bent.links[0].autolaunchable = wrong));
    for (const right of [true, false])
      assert.deepEqual(
        broken((bent) => (bent.links[0].autolaunchable = right)),
        [],
      );
  });

  it('A13: system actions are actions, need no description, and are omitted rather than empty', () => {
    const said = (systemActions: unknown) =>
      responseViolations({ cards: [], systemActions } as never).map((line) => line.slice(0, 17));
    const update = { type: 'update', resource: { ...order, id: '1' } };
    assert.deepEqual(responseViolations({ cards: [card()] }), []);
    assert.deepEqual(said([update]), []);
    for (const wrong of [
      [],
      [{ type: 'create' }],
      [{ ...update, resource: order }],
      [{ ...update, type: 'merge' }],
    ])
      assert.equal(said(wrong)[0], 'A13 systemActions');
    assert.match(said([{ ...update, description: '' }]).join(), /^J2 systemActions/);
    assert.deepEqual(responseViolations({ cards: [{ ...card(), summary: '' }] }).length > 0, true);
  });

  // biome-ignore lint/suspicious/noExplicitAny: see above
  const invariants: Record<string, readonly [rule: string, (bent: any) => unknown]> = {
    'cds-resp-1: of at-most-one at most one is recommended': [
      'A7 isRecommended',
      (bent) =>
        (bent.suggestions = [uuid, other].map((each) => ({
          ...bent.suggestions[0],
          uuid: each,
          isRecommended: true,
        }))),
    ],
    'cds-resp-2: a delete names a resourceId, not a resource': [
      'A9',
      (bent) => (bent.suggestions[0].actions = [{ type: 'delete', description: 'd', resource: order }]),
    ],
    'cds-resp-3: appContext only for SMART apps': [
      'A12 links.appContext',
      (bent) => (bent.links[0].type = 'absolute'),
    ],
    'cds-resp-4: every override reason has a display': [
      'A11',
      (bent) => delete bent.overrideReasons[0].display,
    ],
    'cds-resp-5: every action of a suggestion has a description': [
      'A8',
      (bent) => delete bent.suggestions[0].actions[0].description,
    ],
    'cds-resp-6: suggestions come with a selectionBehavior': ['A7', (bent) => delete bent.selectionBehavior],
    'cds-resp-7: actionSelectionBehavior is all, any or at-most-one': [
      'A10',
      (bent) => (bent.suggestions[0].actionSelectionBehavior = 'some'),
    ],
  };
  for (const [what, [rule, bend]] of Object.entries(invariants)) {
    it(what, () => breaks(rule, bend));
  }

  it('J2: nothing in it is null or empty', () => {
    for (const empty of [null, '', [], {}]) {
      breaks('J2 extension', (bent) => (bent.extension = empty));
      breaks('J2 source.topic.code', (bent) => (bent.source.topic.code = empty));
      breaks(
        'J2 suggestions.0.actions.0.resource.note',
        (bent) => (bent.suggestions[0].actions[0].resource = { ...order, note: empty }),
      );
    }
    assert.deepEqual(
      broken((bent) => (bent.extension = undefined)),
      [],
    );
  });

  it('name rules and fields, never what stands in them', () => {
    const violations = broken((bent) => (bent.summary = `secret${'x'.repeat(140)}`));
    assert.ok(!violations.join().includes('secret'));
  });
});
