import assert from 'node:assert/strict';
import type { Finding } from '../../src/findings/finding.ts';
import { interaction } from '../../src/findings/interaction.ts';
import { interactionRules } from '../../src/findings/interaction-rules.ts';
import { draft, request, type Scene, stopped, viewOf, vocabulary } from './ordering.ts';

const drug = {
  warfarin: '11289',
  ibuprofen: '5640',
  aspirin: '1191',
  diclofenac: '3355',
  omeprazole: '7646',
  prednisone: '8640',
  spironolactone: '9997',
  furosemide: '4603',
  naproxen: '7258',
  digoxin: '3407',
  cyclosporine: '3008',
  phenelzine: '8123',
  selegiline: '9639',
  fluoxetine: '4493',
  sertraline: '36437',
  meperidine: '6754',
  simvastatin: '36567',
  clarithromycin: '21212',
  diltiazem: '3443',
} as const;

const find = (scene: Scene): readonly Finding[] => interaction.find(viewOf(scene));
const brief = (found: readonly Finding[]) => found.map(({ rule, severity }) => `${rule} ${severity}`);
const yesterday = '2026-06-14';

/** One pair of each rule; the severity without any other fact of the chart; which side counts after it ended. */
const pairs: readonly (readonly [string, string, string, string, string])[] = [
  ['amphetamine-maoi', '725', drug.phenelzine, 'critical', 'other'],
  ['ssri-maoi', drug.sertraline, drug.phenelzine, 'critical', 'both'],
  ['tca-maoi', '704', '10734', 'critical', 'both'],
  ['opioid-maoi', drug.meperidine, drug.phenelzine, 'critical', 'other'],
  ['triptan-maoi', '37418', drug.phenelzine, 'critical', 'other'],
  ['maoi-maoi', '10734', '8702', 'critical', 'both'],
  ['atazanavir-ppi', '343047', drug.omeprazole, 'critical', 'none'],
  ['febuxostat-thiopurine', '73689', '1256', 'critical', 'none'],
  ['irinotecan-cyp3a4', '51499', '6135', 'critical', 'none'],
  ['statin-cyp3a4', drug.simvastatin, drug.clarithromycin, 'critical', 'none'],
  ['ergot-cyp3a4', '4025', drug.clarithromycin, 'critical', 'none'],
  ['protease-inhibitor-inducer', '343047', '9384', 'critical', 'none'],
  ['ramelteon-cyp1a2', '596205', '42355', 'critical', 'none'],
  ['tizanidine-cyp1a2', '57258', '2551', 'critical', 'none'],
  ['sacubitril-ace-inhibitor', '1656328', '29046', 'critical', 'both'],
  ['nitrate-pde5-inhibitor', '4917', '136411', 'critical', 'other'],
  ['warfarin-nsaid', drug.warfarin, drug.ibuprofen, 'warning', 'one'],
  ['digoxin-cyclosporine', drug.digoxin, drug.cyclosporine, 'warning', 'both'],
];

describe('interaction', () => {
  it('has a pair for every rule of the table', () => {
    assert.deepEqual(
      pairs.map(([rule]) => rule),
      interactionRules.map(({ id }) => id),
    );
  });

  for (const [rule, one, other, severity, lasts] of pairs) {
    describe(rule, () => {
      const starting = rule === 'digoxin-cyclosporine' ? 'critical' : severity;
      it('is found in both directions, against an active drug', () => {
        assert.deepEqual(brief(find({ drafts: [draft('1', one)], resources: [request('2', other)] })), [
          `${rule} ${severity}`,
        ]);
        assert.deepEqual(brief(find({ drafts: [draft('1', other)], resources: [request('2', one)] })), [
          `${rule} ${starting}`,
        ]);
      });

      it('is found once between two drafts, whichever stands first', () => {
        for (const [first, second] of [
          [one, other],
          [other, one],
        ] as const) {
          const found = find({ drafts: [draft('1', first), draft('2', second)] });
          assert.deepEqual(brief(found), [`${rule} ${starting}`]);
          assert.deepEqual(found[0]?.actions.filter(({ type }) => type === 'delete').length, 2);
        }
      });

      it('is found against a draft that was not selected, and not without a selected one', () => {
        const drafts = [draft('1', one), draft('2', other)];
        assert.equal(find({ drafts, selected: ['MedicationRequest/1'] })[0]?.order, 'MedicationRequest/1');
        assert.equal(find({ drafts, selected: ['MedicationRequest/2'] })[0]?.order, 'MedicationRequest/2');
        assert.deepEqual(find({ drafts, selected: [] }), []);
      });

      it(`counts what ended yesterday on side: ${lasts}`, () => {
        const oneEnded = find({ drafts: [draft('1', other)], resources: [stopped('2', one, yesterday)] });
        const otherEnded = find({ drafts: [draft('1', one)], resources: [stopped('2', other, yesterday)] });
        assert.equal(oneEnded.length === 1, lasts === 'one' || lasts === 'both');
        assert.equal(otherEnded.length === 1, lasts === 'other' || lasts === 'both');
      });

      it('is not found where the chart holds the two already, or one of them alone', () => {
        assert.deepEqual(find({ resources: [request('1', one), request('2', other)] }), []);
        assert.deepEqual(find({ drafts: [draft('1', one)] }), []);
        assert.deepEqual(find({ drafts: [draft('1', one)], resources: [request('2', '161')] }), []);
      });

      it('says what to do, in words of the table, and names its source', () => {
        const [found] = find({ drafts: [draft('1', one)], resources: [request('2', other)] });
        assert.ok(found !== undefined && found.source.label.length > 5 && found.words.advice.length > 10);
        const summary = `${found.words.subject} with ${found.words.other}: ${found.words.problem}`;
        assert.ok(summary.length < 140, summary);
        assert.deepEqual(found.actions[0], {
          type: 'delete',
          label: `Do not order ${found.words.subject}`,
          reference: 'MedicationRequest/1',
        });
      });
    });
  }

  it('needs only values of the vocabulary, in its units', () => {
    for (const factor of interactionRules.flatMap(({ factors }) => factors)) {
      if (factor.kind !== 'value') continue;
      assert.ok(vocabulary.entries.has(factor.value), factor.value);
      assert.equal(factor.unit, vocabulary.entries.get(factor.value)?.unit, factor.value);
    }
  });

  it('names only value sets and ingredients that the vocabulary has', () => {
    const sets = interactionRules.flatMap(({ one, other, factors }) => [
      one,
      other,
      ...factors.filter((each) => each.kind === 'drug'),
    ]);
    for (const id of sets.flatMap(({ classes }) => classes))
      assert.ok(vocabulary.valueSets.has(`urn:auscult:ValueSet:${id}`), id);
    for (const { code, name } of sets.flatMap(({ ingredients }) => ingredients))
      assert.equal(vocabulary.drugs.nameOf(code)?.toLowerCase(), name.toLowerCase(), code);
  });

  describe('after a drug was stopped', () => {
    const rows: readonly (readonly [string, string, string, string, boolean])[] = [
      ['phenelzine 13 days ago, then sertraline', drug.phenelzine, '2026-06-02', drug.sertraline, true],
      ['phenelzine 16 days ago, then sertraline', drug.phenelzine, '2026-05-30', drug.sertraline, false],
      ['sertraline 13 days ago, then phenelzine', drug.sertraline, '2026-06-02', drug.phenelzine, true],
      ['sertraline 16 days ago, then phenelzine', drug.sertraline, '2026-05-30', drug.phenelzine, false],
      ['fluoxetine 34 days ago, then phenelzine', drug.fluoxetine, '2026-05-12', drug.phenelzine, true],
      ['fluoxetine 37 days ago, then phenelzine', drug.fluoxetine, '2026-05-09', drug.phenelzine, false],
      ['meperidine yesterday, then phenelzine', drug.meperidine, yesterday, drug.phenelzine, false],
      ['warfarin 99 days ago, then ibuprofen', drug.warfarin, '2026-03-08', drug.ibuprofen, true],
      ['warfarin 102 days ago, then ibuprofen', drug.warfarin, '2026-03-05', drug.ibuprofen, false],
    ];
    for (const [name, before, on, after, expected] of rows) {
      it(`${name}: ${expected ? 'still counts' : 'no more'}`, () => {
        const found = find({ drafts: [draft('1', after)], resources: [stopped('2', before, on)] });
        assert.equal(found.length, expected ? 1 : 0);
        assert.equal(
          found.every(({ because }) => because.length > 0),
          true,
        );
      });
    }

    it('counts one that was stopped on an unknown day, and says so', () => {
      const unknown = request('2', drug.phenelzine, { status: 'stopped', authoredOn: '2026-04-01' });
      const [found] = find({ drafts: [draft('1', drug.sertraline)], resources: [unknown] });
      assert.equal(found?.severity, 'critical');
      assert.match(found?.unknown.join() ?? '', /when phenelzine was stopped/);
    });
  });

  describe('drugs of a rule that are milder', () => {
    it('is a warning with a moderate CYP3A4 inhibitor, and says why', () => {
      const [found] = find({
        drafts: [draft('1', drug.simvastatin)],
        resources: [request('2', drug.diltiazem)],
      });
      assert.equal(found?.severity, 'warning');
      assert.match(found?.because.join() ?? '', /diltiazem is not a strong CYP3A4 inhibitor/);
    });
    it('is a warning with selegiline and a stimulant, critical with selegiline and meperidine', () => {
      const resources = [request('2', drug.selegiline)];
      assert.deepEqual(brief(find({ drafts: [draft('1', '725')], resources })), ['amphetamine-maoi warning']);
      assert.deepEqual(brief(find({ drafts: [draft('1', drug.meperidine)], resources })), [
        'opioid-maoi critical',
      ]);
    });
  });

  const negatives: readonly (readonly [string, string, string])[] = [
    ['pravastatin and clarithromycin', '42463', drug.clarithromycin],
    ['atorvastatin and diltiazem', '83367', drug.diltiazem],
    ['naratriptan and phenelzine', '141366', drug.phenelzine],
    ['morphine and phenelzine', '7052', drug.phenelzine],
    ['apixaban and ibuprofen', '1364430', drug.ibuprofen],
    ['digoxin and tacrolimus', drug.digoxin, '42316'],
    ['allopurinol and azathioprine', '519', '1256'],
    ['two drugs that prolong QT', '703', '6813'],
    ['the same MAO inhibitor twice', drug.phenelzine, drug.phenelzine],
  ];
  for (const [name, one, other] of negatives) {
    it(`is silent about ${name}`, () => {
      assert.deepEqual(find({ drafts: [draft('1', one)], resources: [request('2', other)] }), []);
    });
  }

  it('makes one finding of the same pair ordered twice', () => {
    const resources = [
      request('2', drug.warfarin),
      request('3', '855332'),
      stopped('4', drug.warfarin, yesterday),
    ];
    assert.equal(find({ drafts: [draft('1', drug.ibuprofen)], resources }).length, 1);
  });
});
