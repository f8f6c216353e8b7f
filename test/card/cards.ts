import type { Action, Card, Link, Suggestion } from 'cds-hooks-types';
import fc from 'fast-check';

/** Cards that keep every rule of CDS Hooks 3.0, of every shape the specification allows. */

const word = fc.constantFrom('Statin', 'Kidney', 'Order', 'Review', 'a-b', 'Topic1');
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const types = ['MedicationRequest', 'ServiceRequest', 'Condition', 'Task', 'NutritionOrder'] as const;
const system = fc.constantFrom('http://www.nlm.nih.gov/research/umls/rxnorm', 'http://loinc.org', 'urn:x');

const resource = fc
  .record({ resourceType: fc.constantFrom(...types), system, code: word })
  .map(({ resourceType, ...coding }) => ({ resourceType, code: { coding: [coding] } }));

const action: fc.Arbitrary<Action> = fc.oneof(
  resource.map((each) => ({ type: 'create', description: 'Create', resource: each }) as unknown as Action),
  resource.map(
    (each) =>
      ({ type: 'update', description: 'Update', resource: { ...each, id: '1' } }) as unknown as Action,
  ),
  fc
    .constantFrom(...types)
    .map((type): Action => ({ type: 'delete', description: 'Delete', resourceId: `${type}/1` })),
);

const present = <Shape extends object>(shape: Shape): Shape =>
  Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as Shape;

const suggestion: fc.Arbitrary<Suggestion> = fc
  .record({
    label: word,
    uuid: fc.uuid({ version: 4 }),
    isRecommended: maybe(fc.boolean()),
    actions: maybe(fc.array(action, { minLength: 1, maxLength: 3 })),
    actionSelectionBehavior: maybe(fc.constantFrom('all' as const, 'any' as const, 'at-most-one' as const)),
  })
  .map(present);

const link: fc.Arbitrary<Link> = fc
  .record({
    label: word,
    url: fc.constantFrom('https://app.example/launch', 'https://other.example/page'),
    type: fc.constantFrom('absolute' as const, 'smart' as const),
    autolaunchable: maybe(fc.boolean()),
  })
  .map((each) => present({ ...each, ...(each.type === 'smart' ? { appContext: 'q3nS' } : {}) }) as Link);

const group = fc
  .record({
    suggestions: fc.uniqueArray(suggestion, { minLength: 1, maxLength: 4, selector: ({ uuid }) => uuid }),
    selectionBehavior: fc.constantFrom('at-most-one' as const, 'any' as const),
  })
  .map(({ suggestions, selectionBehavior }) => {
    if (selectionBehavior === 'any') return { suggestions, selectionBehavior };
    const best = suggestions.find(({ isRecommended }) => isRecommended === true);
    const ranked = suggestions.map((each) => (each === best ? each : { ...each, isRecommended: false }));
    return { suggestions: ranked, selectionBehavior };
  });

export const card: fc.Arbitrary<Card> = fc
  .record({
    fields: fc.record({
      uuid: fc.uuid({ version: 4 }),
      summary: word,
      detail: maybe(
        fc.string({ minLength: 1, maxLength: 40 }).map((text) => text.replace(/[<\s]/g, '') || 'x'),
      ),
      indicator: fc.constantFrom('info' as const, 'warning' as const, 'critical' as const),
      source: fc
        .record({ label: word, topic: maybe(fc.record({ code: word, system: word, display: word })) })
        .map(present),
      links: maybe(fc.array(link, { minLength: 1, maxLength: 3 })),
      overrideReasons: maybe(fc.constant([{ code: 'c', system: 's', display: 'd' }])),
    }),
    group: maybe(group),
  })
  .map(({ fields, group }) => ({ ...present(fields), ...group }));

export const cards: fc.Arbitrary<readonly Card[]> = fc.array(card, { maxLength: 3 });
