/** The page of every kind of decision beside the explained one: scores, several models, findings, benefit, cards. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { behind } from '../../smart-app/score.ts';
import { createShell } from '../../smart-app/shell.ts';
import type { Decision } from '../../src/ledger/decision.ts';
import type { AppShell } from '../../src/smart/shell.ts';
import { decision } from './decision-fixture.ts';
import { benefit, cardsAlone, fibrillation, findings, news, orders, readmission } from './decisions.ts';

const text = (markup: string): string => markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

const ends: Readonly<Record<string, string>> = {
  component: '</tr>',
  finding: '</article>',
  'shown-card': '</li>',
};

describe('smart-app/parts', () => {
  let shell: AppShell;
  before(async () => {
    shell = await createShell();
  });
  const page = (shown: Decision): string =>
    shell.page({
      decision: shown,
      needPatientBanner: false,
      banner: undefined,
      patientId: shown.patientId,
      fhirServer: 'https://ehr.example.org/fhir',
      viewId: 'v',
    });
  const rows = (markup: string, id: string): readonly string[] =>
    markup
      .split(`data-testid="${id}"`)
      .slice(1)
      .map((part) => text(part.slice(part.indexOf('>') + 1).split(ends[id] ?? '')[0] ?? ''));

  describe('a score', () => {
    it('is a sum with unit, scale and band', () => {
      const words = text(page(news));
      assert.match(words, /NEWS2 score 11 points on a scale of 0 to 20 High/);
      assert.match(words, /Scale 1\./);
    });

    it('says what scored first: points, their limit, and the value behind them', () => {
      const components = rows(page(news), 'component');
      assert.equal(components.length, 7);
      assert.match(components[0] ?? '', /Respiratory rate 3 of 3 .*26 \/min .*45 minutes ago .*Observation/);
      assert.match(components[1] ?? '', /Oxygen saturation 2 of 3 .*92 %.*SpO2 scale 1/);
      assert.match(components.at(-1) ?? '', /Temperature 0 of 3 .*37\.9 °C/);
    });

    it('adds up to its sum', () => {
      const sum = news.outputs.slice(1).reduce((total, { value }) => total + value, 0);
      assert.equal(sum, news.outputs[0]?.value);
      assert.match(text(page(news)), /Together 11/);
    });

    it('without points per item says what is present, measured and not present', () => {
      const words = text(page(fibrillation));
      assert.match(words, /CHA2DS2-VASc 5 points on a scale of 0 to 9/);
      assert.match(words, /Present Hypertension; Diabetes Measured Age: 76 years; Sex: female/);
      assert.match(words, /Not present Heart failure; Stroke or TIA; Vascular disease/);
      assert.match(words, /CHA2DS2-VA 4 points/);
    });

    it('does without what an older record lacks: ranges, labels, values of a model', () => {
      const outputs = news.outputs.map(({ model, name, label, unit, value }) => {
        return { model, name, label, unit, value };
      });
      const words = text(page({ ...news, outputs }));
      assert.match(words, /NEWS2 score 11 points High/);
      assert.doesNotMatch(words, /undefined|NaN/);
    });

    it('knows the values behind every component of every sealed model', () => {
      const folders = readdirSync('models').filter((name) => !name.includes('.'));
      const components = folders.flatMap((folder) => {
        const { inputs, outputs } = JSON.parse(readFileSync(`models/${folder}/manifest.json`, 'utf8'));
        const values: readonly string[] = inputs.map(({ value }: { value?: string }) => value);
        const names: readonly string[] = outputs.map(({ name }: { name: string }) => name);
        return names.flatMap((name) =>
          name.endsWith('_points') ? [{ folder, values, stem: name.slice(0, -'_points'.length) }] : [],
        );
      });
      assert.ok(components.length >= 40);
      for (const { folder, values, stem } of components) {
        assert.ok(
          behind[stem]?.some((name) => values.includes(name)),
          `${folder} ${stem}`,
        );
      }
    });
  });

  describe('several models', () => {
    const words = () => text(page(readmission));

    it('have a section each, and one without answer says why', () => {
      assert.match(words(), /LACE index 15 points/);
      assert.match(words(), /Expected probability of death .* 26\.7 %/);
      assert.match(words(), /HOSPITAL score \(Donzé 2013\): no answer That is not a low risk/);
      assert.match(words(), /Sodium below 135 at discharge : not on record/);
    });

    it('name the cards that were shown, gravity in words', () => {
      assert.deepEqual(rows(page(readmission), 'shown-card'), [
        ' Warning: LACE index 15 points: high risk of readmission ',
        ' Information: No visit is booked within 7 days ',
      ]);
    });

    it('abstaining together explain the silence', () => {
      const results = readmission.results.filter(({ kind }) => kind === 'abstention');
      const silent: Decision = {
        ...readmission,
        outcome: 'abstained',
        reason: 'missing: sodiumBelow135AtDischarge',
        results,
        outputs: [],
        cards: [],
      };
      assert.match(text(page(silent)), /No answer .*Reason: Missing: Sodium below 135 at discharge\./);
    });
  });

  describe('findings', () => {
    it('say what, why here, what is not known, what to do and who says so, gravest first', () => {
      const words = text(page(orders));
      assert.match(words, /2 findings in these orders: 1 critical, 1 warning/);
      const [first, second] = rows(page(orders), 'finding');
      for (const expected of [
        /Critical Interaction Ibuprofen and warfarin Major bleeding\./,
        /Why here .*Age 68 years raises the risk of bleeding\. .*INR 2\.8 three days ago\./,
        /Could not be told History of gastrointestinal bleeding/,
        /What to do Consider acetaminophen; .* check INR\./,
        /Rests on INR 2\.8 20 Nov 2026 Age 68 years/,
        /Order MedicationRequest\/draft-1 Source Label of warfarin sodium/,
      ])
        assert.match(first ?? '', expected);
      assert.match(
        second ?? '',
        /Warning Kidney function and dose Ibuprofen Kidney function may get worse\./,
      );
      assert.doesNotMatch(second ?? '', /Why here|Could not be told|What to do|Rests on/);
    });

    it('link a source only where it has a web address', () => {
      const markup = page(orders);
      assert.match(markup, /href="https:\/\/ehr\.example\.org\/fhir\/label"/);
      assert.doesNotMatch(markup, /href="javascript/);
    });

    it('escape what a rule or a chart says', () => {
      const [finding] = findings;
      assert.ok(finding);
      const hostile = { ...finding, because: ['<img src=x onerror=alert(1)>'] };
      assert.doesNotMatch(page({ ...orders, findings: [hostile] }), /<img/);
    });

    it('absent, the silence does not prove the orders safe', () => {
      const { findings: _, ...rest } = orders;
      const silent: Decision = { ...rest, outcome: 'silent', reason: 'nothing-found', cards: [] };
      assert.match(
        text(page(silent)),
        /No card was needed .*does not prove them safe\. Reason: Nothing found\./,
      );
    });
  });

  describe('benefit of treatment', () => {
    it('stands beside the explained risk, which stays the headline', () => {
      const words = text(page(benefit));
      assert.match(words, /10-year ASCVD risk 9\.9 %/);
      assert.match(words, /What drives it .*What treatment would change/);
    });

    it('compares risks, the reduction and the number needed to treat with its interval', () => {
      const words = text(page(benefit));
      assert.match(words, /None 12\.4 %/);
      assert.match(
        words,
        /Moderate intensity 9\.8 % 2\.6 in 100 95 % interval 2\.3 to 2\.9 38 95 % interval 35 to 43/,
      );
      assert.match(words, /10 affected even so .*2 spared by treatment .*88 not affected either way/);
    });

    it('is labelled as derived from trial averages', () => {
      assert.match(
        text(page(benefit)),
        /Derived from trial averages\. .*No trial measured what this patient/,
      );
    });

    it('says where a number needed to treat is too small to be given', () => {
      const outputs = benefit.outputs.filter(({ name }) => !name.startsWith('moderate_intensity_nnt'));
      assert.match(text(page({ ...benefit, outputs })), /Moderate intensity .*too small to say/);
    });

    it('gives every figure on the page a shape of its own', () => {
      const ids = [...page(benefit).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      assert.equal(new Set(ids).size, ids.length);
    });
  });

  it('rules alone: the cards are what the page is about', () => {
    assert.match(text(page(cardsAlone)), /The 2 cards shown in the chart .*no MRA and no SGLT2/);
    const [one] = cardsAlone.cards;
    assert.ok(one);
    assert.match(page({ ...cardsAlone, cards: [one] }), /<h1 id="headline">HFrEF: no MRA/);
  });

  it('a card that does not say the leading number is named beside it', () => {
    const [one] = cardsAlone.cards;
    assert.ok(one);
    assert.match(text(page({ ...decision, cards: [one] })), /The card shown in the chart .*HFrEF: no MRA/);
    assert.doesNotMatch(text(page(decision)), /shown in the chart/);
    assert.doesNotMatch(text(page(news)), /shown in the chart/);
  });

  it('every page has one headline, which the skip link leads to', () => {
    const kinds = [decision, news, readmission, fibrillation, orders, benefit, cardsAlone];
    for (const shown of kinds) {
      assert.equal(page(shown).split('<h1').length - 1, 1, shown.title);
      assert.equal(page(shown).split(' id="headline"').length - 1, 1, shown.title);
    }
  });
});
