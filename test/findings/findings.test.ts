import assert from 'node:assert/strict';
import type { Finder } from '../../src/findings/finder.ts';
import { finders } from '../../src/findings/finders.ts';
import { type Finding, findingKinds } from '../../src/findings/finding.ts';
import { findAll, judge, listsOf, needsOf, unreadOrders } from '../../src/findings/findings.ts';
import {
  allergyTo,
  chartOf,
  coded,
  draft,
  featuresOf,
  request,
  type Scene,
  viewOf,
  vocabulary,
} from './ordering.ts';

const [warfarin, ibuprofen, simvastatin, clarithromycin] = ['11289', '5640', '36567', '21212'];
const named = (id: string) => request(id, '', { medicationCodeableConcept: { text: 'something herbal' } });
const all = (scene: Scene) =>
  findAll(['allergy', 'interaction'], chartOf(scene), vocabulary, featuresOf(scene)).findings;
const uncheckedIn = (scene: Scene) =>
  findAll(['allergy', 'interaction'], chartOf(scene), vocabulary, featuresOf(scene)).unchecked;

const found = (rule: string, severity: Finding['severity'], other = ''): Finding => ({
  kind: 'interaction',
  rule,
  severity,
  order: 'MedicationRequest/1',
  words: { subject: 'a', other, problem: 'b', advice: 'c' },
  because: [],
  unknown: ['first'],
  values: [],
  source: { label: 'test' },
  actions: [],
});
const finding = (...findings: readonly Finding[]): Finder => ({
  kind: 'interaction',
  needs: [],
  lists: [],
  find: () => findings,
});

describe('findings', () => {
  it('has a finder of its own kind for every kind', () => {
    for (const kind of findingKinds) assert.equal(finders[kind].kind, kind);
  });

  it('needs each value and each list of its kinds once', () => {
    for (const names of [needsOf(findingKinds), listsOf(findingKinds)]) {
      assert.deepEqual(names, [...new Set(names)]);
    }
    assert.deepEqual(listsOf(['interaction', 'allergy', 'interaction']), [
      'medications',
      'medicationHistory',
      'allergies',
    ]);
    assert.deepEqual(needsOf([]), []);
  });

  it('puts the gravest first, then by rule, whatever order they are found in', () => {
    const some = [
      found('b', 'info'),
      found('c', 'critical'),
      found('a', 'warning', 'x'),
      found('a', 'critical'),
    ];
    for (const order of [some, some.toReversed()]) {
      assert.deepEqual(
        judge([finding(...order)], viewOf({})).map(({ rule, severity }) => `${severity} ${rule}`),
        ['critical a', 'critical c', 'warning a', 'info b'],
      );
    }
  });

  it('says one thing once for a rule and a pair: the gravest', () => {
    const once = judge(
      [finding(found('a', 'info', 'x'), found('a', 'critical', 'x'), found('a', 'info', 'y'))],
      viewOf({}),
    );
    assert.deepEqual(
      once.map(({ severity, words }) => [severity, words.other]),
      [
        ['critical', 'x'],
        ['info', 'y'],
      ],
    );
  });

  it('finds interactions and allergies of one call together', () => {
    const scene = {
      drafts: [draft('1', ibuprofen), draft('2', clarithromycin)],
      resources: [
        request('3', warfarin),
        request('4', simvastatin),
        allergyTo(coded(ibuprofen), { type: 'intolerance' }),
      ],
    };
    assert.deepEqual(
      all(scene).map(({ kind, rule, severity }) => [kind, rule, severity]),
      [
        ['interaction', 'statin-cyp3a4', 'critical'],
        ['interaction', 'warfarin-nsaid', 'warning'],
        ['allergy', 'same-ingredient', 'info'],
      ],
    );
  });

  describe('with a drug that cannot be read', () => {
    const scene = { drafts: [draft('1', ibuprofen)], resources: [request('3', warfarin)] };
    const unknown = (more: Partial<Scene>) => all({ ...scene, ...more })[0]?.unknown.join('; ') ?? '';

    it('says so in every finding', () => {
      assert.match(
        unknown({ resources: [...scene.resources, named('4')] }),
        /1 drug on the medication list .* was not/,
      );
      assert.match(
        unknown({ resources: [...scene.resources, named('4'), named('5')] }),
        /2 drugs .* were not/,
      );
      assert.match(unknown({ drafts: [...scene.drafts, named('6')] }), /1 order could not be read/);
      assert.doesNotMatch(unknown({}), /could not be read/);
    });

    it('stays silent about it alone, and hands it to the ledger', () => {
      const alone = { drafts: [named('6')] };
      assert.deepEqual(all(alone), []);
      assert.deepEqual(
        unreadOrders(viewOf(alone)).map(({ reference }) => reference),
        ['MedicationRequest/6'],
      );
      assert.deepEqual(unreadOrders(viewOf({ ...alone, selected: [] })), []);
    });

    it('names what could not be looked at', () => {
      const supply = { medications: { state: 'not-supplied' } } as const;
      assert.deepEqual(uncheckedIn({ ...scene, drafts: [named('6')], supply }), [
        'an order that could not be read',
        'medications (not-supplied)',
      ]);
      assert.deepEqual(uncheckedIn(scene), []);
    });

    it('says that the list did not come', () => {
      const supply = { medications: { state: 'not-supplied' } } as const;
      assert.match(unknown({ supply }), /medication list was not available/);
      const history = { medicationHistory: { state: 'not-supplied' } } as const;
      assert.match(unknown({ supply: history }), /stopped within the last 100 days/);
    });

    it('does not trouble an allergy with the medication list', () => {
      const resources = [allergyTo(coded(ibuprofen)), named('4')];
      assert.doesNotMatch(unknown({ resources }), /medication list/);
    });
  });
});
