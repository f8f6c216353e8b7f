import assert from 'node:assert/strict';
import { judge } from '../../src/card/policy.ts';
import type { Service } from '../../src/card/service.ts';
import type { Written } from '../../src/cases/case.ts';
import type { Finding, FindingKind, Severity } from '../../src/findings/finding.ts';
import type { Result } from '../../src/inference/model.ts';
import { abstained, build, cardiovascular, featuresOf, files, predicted } from './package.ts';

const decide = (values: Readonly<Record<string, Written>>, ...results: readonly Result[]) =>
  judge(cardiovascular, { features: featuresOf(values), results });

const missingCholesterol = {
  input: 'total_c',
  value: 'totalCholesterol',
  reason: 'missing',
  detail: 'not-recorded',
} as const;
const wideBmi = {
  input: 'bmi',
  value: 'bmi',
  reason: 'out-of-range',
  detail: 'BMI 44 kg/m2 is above 39.9',
} as const;

/** Everything the cards test is in the cases; here is the order of the rules. */
const show = (template: string, indicator: 'info' | 'warning' = 'warning') => ({
  kind: 'show',
  outcome: 'show',
  reason: template,
  cards: [{ template, indicator }],
});

describe('policy', () => {
  it('lets a certain exclusion win over an undetermined one, whichever comes first', () => {
    for (const unknown of ['deceased', 'statin']) {
      const verdict = decide({ [unknown]: { missing: 'fetch-failed' }, cirrhosis: true }, predicted(0.2));
      assert.deepEqual(verdict, {
        kind: 'silent',
        outcome: 'silent',
        reason: 'cirrhosis',
        values: ['cirrhosis'],
      });
    }
  });

  it('names the first exclusion of the package that holds', () => {
    const verdict = decide({ statin: true, pregnancy: true, ascvd: true }, predicted(0.2));
    assert.equal(verdict.kind === 'silent' && verdict.reason, 'known-ascvd');
  });

  it('is undetermined, naming each value once, before it asks what the model said', () => {
    const verdict = decide(
      { age: { missing: 'not-recorded' }, statin: { missing: 'fetch-failed' } },
      abstained(missingCholesterol),
    );
    assert.deepEqual(verdict, {
      kind: 'silent',
      outcome: 'undetermined',
      reason: 'undetermined: statin (fetch-failed), age (not-recorded)',
      values: ['statin', 'age'],
    });
  });

  it('abstains with the model, naming every input and no value', () => {
    const verdict = decide(
      { totalCholesterol: { missing: 'not-recorded' }, bmi: 44 },
      abstained(missingCholesterol, wideBmi),
    );
    assert.deepEqual(verdict, {
      kind: 'silent',
      outcome: 'abstained',
      reason: 'missing: totalCholesterol (not-recorded); out-of-range: bmi',
      values: ['totalCholesterol', 'bmi'],
    });
  });

  it('shows a card that does not rest on the model although the model abstained', () => {
    const verdict = decide({ ldlCholesterol: 240 }, abstained(missingCholesterol));
    assert.deepEqual(verdict, show('severe-ldl'));
  });

  it('does not show a later card while an earlier one is open', () => {
    const verdict = decide({ diabetes: true }, abstained(missingCholesterol));
    assert.equal(verdict.kind === 'silent' && verdict.outcome, 'abstained');
  });

  it('is undetermined when a card rests on a value that is missing and no model abstained', () => {
    const verdict = decide({ diabetes: { missing: 'not-supplied' } }, predicted(0.06));
    assert.deepEqual(verdict, {
      kind: 'silent',
      outcome: 'undetermined',
      reason: 'undetermined: diabetes (not-supplied)',
      values: ['diabetes'],
    });
  });

  it('is undetermined when the model has no such output for this patient', () => {
    const verdict = decide({}, { ...predicted(0.2), outputs: {} });
    assert.equal(verdict.kind === 'silent' && verdict.reason, 'undetermined: prevent_10yr_ascvd');
  });

  it('shows the first card that holds', () => {
    assert.deepEqual(decide({ ldlCholesterol: 200, diabetes: true }, predicted(0.2)), show('severe-ldl'));
    assert.deepEqual(decide({ diabetes: true }, predicted(0.2)), show('high-risk'));
    assert.deepEqual(decide({ diabetes: true }, predicted(0.06)), show('diabetes', 'info'));
  });

  it('says what it compared when nothing reached a threshold', () => {
    const verdict = decide({}, predicted(0.01));
    assert.deepEqual(verdict, {
      kind: 'silent',
      outcome: 'silent',
      reason: 'below-threshold',
      values: ['ascvd', 'ldlCholesterol', 'diabetes', 'age', 'statin', 'statinBelowHigh'],
    });
  });

  it('counts an imputed value as known', () => {
    const features = new Map(featuresOf({}));
    features.set('cirrhosis', { kind: 'imputed', value: true, because: 'not-supplied', basis: 'a test' });
    const verdict = judge(cardiovascular, { features, results: [predicted(0.2)] });
    assert.equal(verdict.kind === 'silent' && verdict.reason, 'cirrhosis');
  });

  it('follows a site that moves a threshold', () => {
    const bent = files();
    bent.service.thresholds.highRisk.value = 0.2;
    const [service = cardiovascular] = build(bent);
    assert.deepEqual(
      judge(service, { features: featuresOf({}, service), results: [predicted(0.15)] }),
      show('intermediate-risk', 'info'),
    );
  });

  describe('with several problems', () => {
    /** The package with its cards of higher risk as one problem and the LDL rule as another, told by a fact of its own. */
    const apart = (change: (bent: ReturnType<typeof files>) => void = () => {}) => {
      const bent = files();
      bent.card.cards[0].problem = 'severe-ldl';
      change(bent);
      const [service = cardiovascular] = build(bent);
      return service;
    };
    const verdictOf = (service: Service, values: Readonly<Record<string, Written>>, ...results: Result[]) =>
      judge(service, { features: featuresOf(values, service), results });

    it('shows one card for each, the more urgent first', () => {
      const service = apart((bent) => {
        bent.card.cards[0].indicator = 'info';
      });
      const verdict = verdictOf(service, { ldlCholesterol: 200 }, predicted(0.2));
      assert.deepEqual(verdict.kind === 'show' && verdict.cards, [
        { template: 'high-risk', indicator: 'warning' },
        { template: 'severe-ldl', indicator: 'info' },
      ]);
    });

    it('shows what it can tell, whatever another problem lacks', () => {
      const verdict = verdictOf(apart(), { ldlCholesterol: 200 }, abstained(missingCholesterol));
      assert.equal(verdict.kind === 'show' && verdict.reason, 'severe-ldl');
    });

    it('says what could not be told where it shows nothing', () => {
      const verdict = verdictOf(apart(), {}, abstained(missingCholesterol));
      assert.equal(verdict.outcome, 'abstained');
    });

    it('requires of the chart only what no problem can do without', () => {
      const required = (service: Service) =>
        service.needed.filter((need) => need.required).map(({ name }) => name);
      assert.ok(required(cardiovascular).includes('totalCholesterol'));
      assert.ok(!required(apart()).includes('totalCholesterol'));
      assert.ok(required(apart()).includes('cirrhosis'));
    });
  });

  describe('for findings', () => {
    const finding = (kind: FindingKind, severity: Severity, rule: string): Finding => ({
      ...{
        kind,
        rule,
        severity,
        order: 'MedicationRequest/1',
        because: [],
        unknown: [],
        values: [],
        actions: [],
      },
      words: { subject: 'naproxen', other: 'warfarin', problem: 'bleeding', advice: 'Choose another.' },
      source: { label: 'A guideline' },
    });
    const service = () => {
      const bent = files();
      const [first] = bent.card.cards;
      bent.service.findings = ['interaction'];
      const { summary, recommendation } = first;
      bent.card.cards.push({ id: 'pair', forEach: 'interaction', summary, recommendation });
      const [built = cardiovascular] = build(bent);
      return built;
    };
    const judged = (...findings: readonly Finding[]) =>
      judge(service(), { features: featuresOf({}, service()), results: [predicted(0.01)], findings });

    it('shows a card for each of its kind, as severe as the finding', () => {
      const [one, other] = [finding('interaction', 'info', 'a'), finding('interaction', 'critical', 'b')];
      const verdict = judged(one, other, finding('allergy', 'critical', 'c'));
      assert.deepEqual(verdict.kind === 'show' && verdict.cards, [
        { template: 'pair', indicator: 'critical', finding: other },
        { template: 'pair', indicator: 'info', finding: one },
      ]);
    });

    it('is silent where there is none', () => {
      assert.equal(judged().outcome, 'silent');
    });

    it('gives no clearance where something could not be looked at', () => {
      const evidence = { features: featuresOf({}, service()), results: [predicted(0.01)], findings: [] };
      const verdict = judge(service(), { ...evidence, unchecked: ['medications (not-supplied)'] });
      assert.deepEqual(
        [verdict.outcome, verdict.reason],
        ['undetermined', 'undetermined: medications (not-supplied)'],
      );
    });
  });
});
