/** Orders as EHRs send them, from drafts to the cards of the three packages. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Card } from 'cds-hooks-types';
import { loadVocabulary } from '../../src/features/vocabulary.ts';
import { rxnorm } from '../../src/fhir/coding.ts';
import { answerOf, type OrderScene, packageOf } from './order-cards.ts';
import { allergyTo, coded, draft, request } from './ordering.ts';

const safety = packageOf('order-safety');
const opioids = packageOf('opioid-safety');
const older = packageOf('older-adults');

const said = (scene: OrderScene, service = safety): readonly string[] =>
  answerOf(service, scene).cards.map(({ summary }) => summary);
const removals = ({ suggestions = [] }: Card): readonly string[] =>
  suggestions.flatMap(({ actions = [] }) =>
    actions.flatMap((action) => (action.type === 'delete' ? [action.resourceId] : [])),
  );

const drug = {
  simvastatin: '198211',
  clarithromycin: '197517',
  warfarin: '855332',
  apixaban: '1364445',
  ibuprofen: '197806',
  oxycodone: '1049621',
  alprazolam: '308048',
  lorazepam: '197901',
  phenelzine: '312347',
  tranylcypromine: '313447',
} as const;

const ingredients = readFileSync(new URL('../../vocabulary/drugs.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.includes('\tIN\t'))
  .map((line) => ({ rxcui: line.split('\t')[0] ?? '', name: line.split('\t')[6] ?? '' }));

describe('cards about orders', () => {
  it('at order-select judge the selected draft alone, against the others too', () => {
    const drafts = [
      draft('1', drug.simvastatin),
      draft('2', drug.clarithromycin),
      draft('3', drug.ibuprofen),
    ];
    const resources = [request('w', drug.warfarin)];
    const select = (...ids: readonly string[]) =>
      said({ drafts, resources, selected: ids.map((id) => `MedicationRequest/${id}`) });
    assert.deepEqual(select('1'), ['simvastatin with clarithromycin: risk of myopathy and rhabdomyolysis.']);
    assert.deepEqual(select('3'), ['ibuprofen with warfarin: higher risk of bleeding.']);
    assert.equal(select('1', '2', '3').length, 2);
    assert.deepEqual(select('4'), []);
  });

  it('are written for drafts without id, which no suggestion can remove', () => {
    const bare = (rxcui: string) => ({
      resourceType: 'MedicationRequest',
      status: 'draft',
      intent: 'order',
      medicationCodeableConcept: coded(rxcui),
    });
    const drafts = [bare(drug.simvastatin), bare(drug.clarithromycin), bare(drug.ibuprofen)];
    const { cards } = answerOf(safety, { drafts, resources: [request('w', drug.warfarin)] });
    assert.deepEqual(
      cards.map(({ summary }) => summary.split(':')[0]),
      ['clarithromycin with simvastatin', 'ibuprofen with warfarin'],
    );
    assert.deepEqual(cards.flatMap(removals), []);
    assert.deepEqual(
      cards[1]?.suggestions?.map(({ label }) => label.split(' ').slice(0, 2).join(' ')),
      ['Order acetaminophen', 'Order acetaminophen'],
      'what it can do, it offers',
    );
  });

  it('count a draft without id beside others in the brain and QT rules', () => {
    const { id: _, ...bare } = draft('x', drug.lorazepam);
    const { id: __, ...second } = draft('x', '310431');
    const resources = [request('s', '312941')];
    const [card] = answerOf(older, { drafts: [bare, second], resources, values: { age: 80 } }).cards;
    assert.match(card?.detail ?? '', /three or more drugs that act on the brain/);
  });

  it('keep a summary short where RxNorm has a long name', () => {
    const long = ingredients.filter(({ name }) => name.length > 24);
    assert.ok(long.length > 20);
    for (const { rxcui } of long) {
      const [summary = ''] = said({
        drafts: [draft('1', rxcui)],
        resources: [allergyTo(coded(rxcui))],
      });
      assert.ok(summary.length > 0 && summary.length < 140 && summary.includes('…'), summary);
    }
  });

  const overlaps: readonly (readonly [string, string, string, Readonly<Record<string, string>>])[] = [
    ['two anticoagulants: the duplicate', drug.apixaban, drug.warfarin, { 'order-safety': 'duplicate' }],
    [
      'two MAO inhibitors: the pair',
      drug.phenelzine,
      drug.tranylcypromine,
      { 'order-safety': 'interaction' },
    ],
    ['sacubitril and an ACE inhibitor: the pair', '1656340', '314077', { 'order-safety': 'interaction' }],
    [
      'an opioid and a benzodiazepine: the opioid rules',
      drug.oxycodone,
      drug.alprazolam,
      { 'opioid-safety': 'opioid' },
    ],
    ['two benzodiazepines: the duplicate', drug.lorazepam, drug.alprazolam, { 'order-safety': 'duplicate' }],
  ];
  for (const [title, one, other, speaks] of overlaps) {
    it(`say a pair once, ${title}`, () => {
      const drafts = [draft('1', one)];
      const resources = [request('2', other), request('n', '1725059')];
      const found = [safety, opioids].flatMap((service) => {
        const { findings } = answerOf(service, { drafts, resources, values: { age: 50, sex: 'male' } });
        return findings
          .filter(({ kind }) => kind !== 'renal-dose')
          .map(({ kind }) => [service.package, kind]);
      });
      assert.deepEqual(found, Object.entries(speaks));
    });
  }

  it('say which drafts and lists could not be looked at, where nothing was found', () => {
    const unread = request('u', '0', { status: 'draft', medicationCodeableConcept: { text: 'pills' } });
    assert.deepEqual(answerOf(safety, { drafts: [unread] }).unchecked, ['an order that could not be read']);
    const absent = answerOf(safety, { drafts: [draft('1', drug.ibuprofen)], absent: ['medications'] });
    assert.deepEqual(absent.unchecked, ['medications (not-supplied)']);
  });
});

describe('QT cards with the list of a site', () => {
  const site = mkdtempSync(join(tmpdir(), 'auscult-site-'));
  const listed: Readonly<Record<string, string>> = { 26225: 'ondansetron', 6813: 'methadone' };
  mkdirSync(join(site, 'valuesets'));
  writeFileSync(join(site, 'valuesets/qt-prolonging.json'), JSON.stringify(valueSet()));
  const vocabulary = loadVocabulary(join(import.meta.dirname, '../../vocabulary'), site);
  const service = packageOf('order-safety', vocabulary);
  const well = { qtc: 430, potassium: 4.2, magnesium: 2, longQt: false };
  const pair = { drafts: [draft('1', '198052')], resources: [request('2', '864706')], vocabulary };
  after(() => rmSync(site, { recursive: true }));

  it('warn of two listed drugs, and are grave where something else prolongs QT', () => {
    const [card] = answerOf(service, { ...pair, values: well }).cards;
    assert.equal(card?.summary, 'ondansetron, methadone: both can prolong the QT interval.');
    assert.equal(card?.indicator, 'warning');
    const worse = answerOf(service, { ...pair, values: { ...well, potassium: 3.4 } }).cards[0];
    assert.equal(worse?.indicator, 'critical');
    assert.match(worse?.detail ?? '', /Potassium 3.4 mmol\/L: raises the risk/);
  });

  it('are silent for one listed drug in a healthy chart, and for two without the list', () => {
    assert.deepEqual(answerOf(service, { ...pair, resources: [], values: well }).cards, []);
    const { vocabulary: _, ...shipped } = pair;
    assert.deepEqual(said({ ...shipped, values: well }), []);
  });

  function valueSet() {
    const members = Object.entries(listed);
    return {
      resourceType: 'ValueSet',
      url: 'urn:auscult:ValueSet:qt-prolonging',
      version: '2026.1',
      name: 'QtProlonging',
      title: 'Drugs that prolong the QT interval, list of the site',
      description: 'Known risk, as licensed to the site.',
      copyright: 'The site holds the licence.',
      status: 'active',
      compose: { include: [{ system: rxnorm, concept: members.map(([code]) => ({ code })) }] },
      expansion: {
        timestamp: '2026-01-01T00:00:00Z',
        contains: members.map(([code, display]) => ({ system: rxnorm, code, display })),
      },
    };
  }
});
