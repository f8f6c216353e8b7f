import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadVocabulary } from '../../src/features/vocabulary.ts';
import { rxnorm } from '../../src/fhir/coding.ts';
import { createQt, qt } from '../../src/findings/qt.ts';
import { qtRules } from '../../src/findings/qt-rules.ts';
import { brief, faultsOf, type Parts, viewOf, vocabulary } from './caution-view.ts';

const [haloperidol, methadone, citalopram, dofetilide, sotalol, lisinopril] = [
  '5093',
  '6813',
  '2556',
  '49247',
  '9947',
  '29046',
];
/** Everything known and nothing amiss. */
const well = { qtc: 430, potassium: 4.2, magnesium: 2, longQt: false };

/** A site's list, loaded as a site loads it: a folder over ours. */
const ours = join(import.meta.dirname, '../../vocabulary');
const site = mkdtempSync(join(tmpdir(), 'auscult-site-'));
const list = {
  resourceType: 'ValueSet',
  url: 'urn:auscult:ValueSet:qt-prolonging',
  version: '2026.1',
  name: 'QtProlonging',
  title: 'Drugs that prolong the QT interval, list of the site',
  description: 'Known risk, as licensed to the site.',
  copyright: 'The site holds the licence.',
  status: 'active',
  compose: {
    include: [{ system: rxnorm, concept: [haloperidol, methadone, citalopram].map((code) => ({ code })) }],
  },
  expansion: {
    timestamp: '2026-01-01T00:00:00Z',
    contains: [
      { system: rxnorm, code: haloperidol, display: 'haloperidol' },
      { system: rxnorm, code: methadone, display: 'methadone' },
      { system: rxnorm, code: citalopram, display: 'citalopram' },
    ],
  },
};
mkdirSync(join(site, 'valuesets'));
writeFileSync(join(site, 'valuesets/qt-prolonging.json'), JSON.stringify(list));
const withList = loadVocabulary(ours, site);

const find = (parts: Parts) => {
  const found = qt.find(viewOf({ vocabulary: withList, ...parts, values: { ...well, ...parts.values } }));
  assert.deepEqual(faultsOf(found), []);
  return found;
};

describe('drugs and the QT interval', () => {
  after(() => rmSync(site, { recursive: true }));

  it('ships no list of drugs', () => {
    assert.deepEqual(qtRules.list.drugs, []);
    assert.equal(vocabulary.valueSets.has(list.url), false);
  });

  it('needs only values that the vocabulary has, in its units', () => {
    assert.deepEqual(
      qt.needs.filter((name) => !vocabulary.entries.has(name)),
      [],
    );
    for (const { value, unit } of qtRules.thresholds)
      assert.equal(vocabulary.entries.get(value)?.unit, unit, value);
  });

  describe('without a list', () => {
    const silent = (parts: Parts) => find({ vocabulary, ...parts });

    it('two drugs of any list are silent, even at a long QTc', () => {
      assert.deepEqual(silent({ drafts: [haloperidol], active: ['5093'], values: { qtc: 520 } }), []);
    });

    for (const [title, drug, values, expected] of [
      ['dofetilide at 440 ms', dofetilide, { qtc: 440 }, []],
      ['dofetilide above 440 ms', dofetilide, { qtc: 440.5 }, ['dofetilide warning']],
      ['dofetilide at 500 ms', dofetilide, { qtc: 500 }, ['dofetilide warning']],
      ['dofetilide above 500 ms', dofetilide, { qtc: 501 }, ['dofetilide critical']],
      ['sotalol at 450 ms', sotalol, { qtc: 450 }, []],
      ['sotalol above 450 ms', sotalol, { qtc: 451 }, ['sotalol warning']],
      ['sotalol in long QT', sotalol, { longQt: true }, ['sotalol critical']],
      ['dronedarone at 499 ms', '233698', { qtc: 499 }, []],
      ['dronedarone at 500 ms', '233698', { qtc: 500 }, ['dronedarone critical']],
      ['citalopram above 500 ms', citalopram, { qtc: 501 }, ['citalopram warning']],
      ['a drug that no label row names', lisinopril, { qtc: 560, longQt: true }, []],
    ] as const) {
      it(title, () => assert.deepEqual(brief(silent({ drafts: [drug], values })), expected));
    }

    it('a QTc that is not on record says nothing', () => {
      const values = { qtc: { kind: 'missing', reason: 'stale', sources: [] } } as const;
      assert.deepEqual(silent({ drafts: [dofetilide], values }), []);
    });
  });

  describe("with the site's list", () => {
    it('one listed drug alone is silent', () => {
      assert.deepEqual(find({ drafts: [haloperidol] }), []);
    });

    it('two are a warning, said once, with the way out', () => {
      const found = find({ drafts: [haloperidol], active: [methadone] });
      assert.deepEqual(brief(found), ['qt-prolonging-pair warning']);
      assert.deepEqual(found[0]?.words.subject, 'haloperidol');
      assert.deepEqual(found[0]?.words.other, 'methadone');
      assert.deepEqual(found[0]?.unknown, []);
      assert.deepEqual(found[0]?.actions[0], {
        type: 'delete',
        label: 'Remove the order for haloperidol',
        reference: 'MedicationRequest/draft-0',
      });
      assert.equal(find({ drafts: [haloperidol, methadone] }).length, 1, 'two drafts, one finding');
    });

    it('the same ingredient twice is no pair', () => {
      assert.deepEqual(find({ drafts: [haloperidol], active: [haloperidol] }), []);
    });

    for (const [title, values, severity] of [
      ['QTc 499 ms', { qtc: 499 }, 'warning'],
      ['QTc 500 ms', { qtc: 500 }, 'critical'],
      ['potassium 3.5 mmol/L', { potassium: 3.5 }, 'warning'],
      ['potassium 3.4 mmol/L', { potassium: 3.4 }, 'critical'],
      ['magnesium 1.6 mg/dL', { magnesium: 1.6 }, 'warning'],
      ['magnesium 1.5 mg/dL', { magnesium: 1.5 }, 'critical'],
      ['long QT', { longQt: true }, 'critical'],
    ] as const) {
      it(`two with ${title}: ${severity}`, () => {
        const found = find({ drafts: [haloperidol], active: [methadone], values });
        assert.deepEqual(brief(found), [`qt-prolonging-pair ${severity}`]);
        assert.equal(
          found[0]?.because.some((each) => each.includes('raises the risk')),
          severity === 'critical',
        );
      });
    }

    it('one with a risk factor speaks: QTc critical, potassium a warning', () => {
      assert.deepEqual(brief(find({ drafts: [haloperidol], values: { qtc: 500 } })), [
        'qt-prolonging critical',
      ]);
      const low = find({ drafts: [haloperidol], values: { potassium: 3.1 } });
      assert.deepEqual(brief(low), ['qt-prolonging warning']);
      assert.equal(low[0]?.words.other, 'Potassium 3.1 mmol/L');
    });

    it('an unknown potassium raises nothing and is said', () => {
      const values = { potassium: { kind: 'missing', reason: 'not-recorded', sources: [] } } as const;
      const found = find({ drafts: [haloperidol], active: [methadone], values });
      assert.deepEqual(brief(found), ['qt-prolonging-pair warning']);
      assert.deepEqual(found[0]?.unknown, ['Potassium: not-recorded']);
    });

    it('says the label instead where that is graver', () => {
      const found = find({ drafts: [citalopram], active: [methadone], values: { qtc: 510 } });
      assert.deepEqual(brief(found), ['qt-prolonging-pair critical']);
      assert.deepEqual(brief(find({ drafts: [dofetilide], active: [methadone], values: { qtc: 510 } })), [
        'dofetilide critical',
      ]);
    });

    it('judges no draft that was not chosen, but pairs with it', () => {
      const found = find({ drafts: [haloperidol, methadone], unselected: [0] });
      assert.deepEqual(
        found.map(({ order }) => order),
        ['MedicationRequest/draft-1'],
      );
      assert.equal(found[0]?.words.other, 'haloperidol');
    });

    it('a list written into the table works alike', () => {
      const drugs = [
        { code: haloperidol, name: 'haloperidol' },
        { code: methadone, name: 'methadone' },
      ];
      const own = createQt({ ...qtRules, list: { ...qtRules.list, drugs } });
      const view = viewOf({ drafts: [haloperidol], active: [methadone], values: well });
      assert.deepEqual(brief(own.find(view)), ['qt-prolonging-pair warning']);
    });
  });
});
