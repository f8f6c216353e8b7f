import assert from 'node:assert/strict';
import type { MedicationRequest } from '@medplum/fhirtypes';
import type { Card } from 'cds-hooks-types';
import { cardViolations } from '../../src/card/invariants.ts';
import { type RenderContext, renderCards } from '../../src/card/render.ts';
import type { Written } from '../../src/cases/case.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import { explainOf } from '../../src/inference/manifest.ts';
import type { Prediction, Result } from '../../src/inference/model.ts';
import { manifest } from '../inference/prevent.ts';
import {
  abstained,
  build,
  cardiovascular,
  countingUuids,
  featuresOf,
  files,
  now,
  predicted,
  vocabulary,
} from './package.ts';

const explanationOf = (
  prediction: Prediction,
  phis: readonly number[] = [0.6, -0.3, 0.2, 0.1],
): Explanation => ({
  model: 'prevent',
  digest: prediction.digest,
  output: '10yr_ascvd',
  method: 'exact-shapley',
  scale: 'logit',
  baseline: { label: 'a person', source: 'a paper', value: 0.0293 },
  peer: { label: 'same age and sex', value: 0.0714 },
  value: prediction.outputs['10yr_ascvd'] ?? Number.NaN,
  contributions: phis.map((phi, at) => ({
    group: `g${at}`,
    label: `G${at}`,
    inputs: [],
    phi,
    sentence: `Sentence ${at}.`,
  })),
});

interface Made {
  readonly values?: Readonly<Record<string, Written>>;
  readonly results?: readonly Result[];
  readonly explanation?: Explanation | undefined;
  readonly service?: typeof cardiovascular;
}

function render(template: string, risk: number, made: Made = {}): Card {
  const prediction = predicted(risk);
  const context: RenderContext = {
    id: 'q3nS1m8cR0y2b7Vd5Kx9Zw',
    chart: { patientId: 'pat-1', now },
    features: featuresOf(made.values),
    results: made.results ?? [prediction],
    explanation: 'explanation' in made ? made.explanation : explanationOf(prediction),
    models: [{ manifest }],
    vocabulary,
    appUrl: 'https://auscult.example/app/launch',
    uuid: countingUuids(),
  };
  const [card] = renderCards(made.service ?? cardiovascular, [{ template, indicator: 'warning' }], context);
  assert.ok(card);
  return card;
}

const ordersOf = (card: Card): readonly MedicationRequest[] =>
  (card.suggestions ?? []).flatMap(({ actions = [] }) =>
    actions.map(({ resource }) => resource as MedicationRequest),
  );

describe('card', () => {
  it('keeps every rule of CDS Hooks, whichever template', () => {
    for (const { id } of cardiovascular.cards) {
      assert.deepEqual(cardViolations(render(id, 0.12, { values: { ldlCholesterol: 251 } })), [], id);
    }
  });

  it('is the same on every run, given the uuids', () => {
    assert.deepEqual(render('high-risk', 0.123), render('high-risk', 0.123));
  });

  it('makes its own random uuids where none are given', () => {
    const context = {
      id: 'x',
      chart: { patientId: 'p', now },
      features: featuresOf(),
      models: [{ manifest }],
      vocabulary,
    };
    const make = () =>
      renderCards(cardiovascular, [{ template: 'high-risk', indicator: 'warning' }], {
        ...context,
        results: [predicted(0.2)],
        explanation: explanationOf(predicted(0.2)),
        appUrl: 'https://auscult.example/app/launch',
      })[0]?.uuid;
    assert.notEqual(make(), make());
  });

  it('says the risk as a percentage, as a natural frequency and beside a comparator', () => {
    const { summary, detail = '' } = render('high-risk', 0.1234);
    assert.match(summary, /10-year ASCVD risk 12\.3 %/);
    assert.match(detail, /\*\*10-year risk 12\.3 %:\*\*/);
    assert.match(detail, /about 12 in 100 have a first heart attack or stroke; 88 do not/);
    assert.match(detail, /88 do not\. For comparison, about 7 in 100 \(same age and sex\)\./);
    assert.match(detail, /reference person \(a person: about 3 in 100\)/);
  });

  it('compares with the reference person where there is no peer', () => {
    const { peer: _, ...explanation } = explanationOf(predicted(0.1234));
    const { detail = '' } = render('high-risk', 0.1234, { explanation });
    assert.match(detail, /For comparison, about 3 in 100 \(a person\)\./);
  });

  it('prints the variant in the words of the manifest', () => {
    const results = [{ ...predicted(0.2), labels: { model: 'hba1c' } }];
    assert.match(render('high-risk', 0.2, { results }).detail ?? '', /, HbA1c variant, version/);
  });

  it('describes the reference person that the sealed model has', () => {
    const { hold, baseline } = explainOf(manifest);
    assert.ok(hold.includes('sex'));
    assert.deepEqual([baseline.inputs.age, baseline.inputs.dm, baseline.inputs.smoking], [55, false, false]);
    assert.deepEqual([baseline.inputs.bp_tx, baseline.inputs.statin], [false, false]);
    assert.equal(baseline.inputs.sbp, 130);
    assert.equal(baseline.label, 'same sex, aged 55, no diabetes, smoking or treatment');
    assert.match(baseline.source, /systolic blood pressure 130 mmHg/);
  });

  it('never lets rounding lift a risk onto the threshold it missed', () => {
    const { summary, detail = '' } = render('intermediate-risk', 0.09999999999999999);
    assert.ok(summary.includes('just under 10 %') && detail.includes('just under 10 %'));
    assert.ok(!/10\.0 %/.test(summary + detail));
    assert.match(render('high-risk', 0.1).summary, /10\.0 %/);
    assert.match(render('intermediate-risk', 0.0994).summary, /9\.9 %/);
  });

  it('gives the three drivers that matter most, and none that hardly matters', () => {
    const drivers = (phis: readonly number[]) =>
      render('high-risk', 0.2, { explanation: explanationOf(predicted(0.2), phis) }).detail?.match(
        /Sentence \d/g,
      );
    assert.deepEqual(drivers([0.6, -0.3, 0.2, 0.1]), ['Sentence 0', 'Sentence 1', 'Sentence 2']);
    assert.deepEqual(drivers([0.6, 0.04, 0.01]), ['Sentence 0']);
    assert.deepEqual(drivers([0.04, 0.01]), ['Sentence 0']);
  });

  it('says what is missing and what follows', () => {
    const { detail = '' } = render('high-risk', 0.2, { values: { hba1c: { missing: 'stale' } } });
    assert.match(detail, /Missing: HbA1c \(too old\), not part of this estimate\./);
    assert.match(detail, /Missing: LDL cholesterol \(none on record\), not checked\./);
    assert.match(
      detail,
      /Missing: .*Urine albumin\/creatinine ratio.* \(none on record\), not part of this estimate\./,
    );
    const whole = { hba1c: 5.4, uacr: 8, sdiDecile: 4, ldlCholesterol: 120 };
    assert.ok(!render('high-risk', 0.2, { values: whole }).detail?.includes('Missing'));
  });

  it('names several missing values in one breath', () => {
    const missing = { hba1c: { missing: 'stale' }, uacr: { missing: 'stale' } } as const;
    assert.match(
      render('high-risk', 0.2, { values: missing }).detail ?? '',
      /Missing: HbA1c and urine albumin\/creatinine ratio \(too old\), not part of this estimate\./,
    );
  });

  it('leaves to the app what only the site itself could send, until it is sent and unusable', () => {
    assert.doesNotMatch(render('high-risk', 0.2).detail ?? '', /deprivation/i);
    const sent = { sdiDecile: { missing: 'implausible' } } as const;
    assert.match(render('high-risk', 0.2, { values: sent }).detail ?? '', /Missing: Social deprivation/);
  });

  it('says what is over a year old, by date', () => {
    const at = (day: string) =>
      render('high-risk', 0.2, { values: { totalCholesterol: { value: 200, at: `${day}T08:00:00Z` } } });
    assert.match(at('2024-01-10').detail ?? '', /Over a year old: Total cholesterol, 2024-01-10\./);
    assert.ok(!at('2025-11-25').detail?.includes('Over a year old'));
  });

  it('says instead what was put in the place of a missing value', () => {
    const features = new Map(featuresOf());
    features.set('egfr', { kind: 'imputed', value: 90, because: 'stale', basis: 'eGFR 90' });
    const context = {
      id: 'x',
      chart: { patientId: 'p', now },
      features,
      results: [predicted(0.2)],
      models: [{ manifest }],
      vocabulary,
    };
    const [card] = renderCards(cardiovascular, [{ template: 'high-risk', indicator: 'warning' }], {
      ...context,
      explanation: undefined,
      appUrl: 'https://auscult.example/app/launch',
    });
    assert.match(card?.detail ?? '', /Missing: eGFR \(too old\), eGFR 90 was used instead\./);
  });

  it('says why there is no estimate, and claims none', () => {
    const because = {
      input: 'total_c',
      value: 'totalCholesterol',
      reason: 'out-of-range',
      detail: 'x',
    } as const;
    const { detail = '' } = render('severe-ldl', Number.NaN, {
      values: { ldlCholesterol: 240, totalCholesterol: 330 },
      results: [abstained(because)],
      explanation: undefined,
    });
    assert.match(
      detail,
      /No risk estimate:\*\* Total cholesterol \(outside the range the equation was made for\)\./,
    );
    assert.ok(!/in 100|\*\*Why|this estimate|version/.test(detail));
  });

  it('prints recommendation, source, model, variant, version, digest and review status', () => {
    const { detail = '', source } = render('intermediate-risk', 0.06);
    assert.match(
      detail,
      /\*\*Recommendation:\*\* .*5 % or more and below 10 %\. \(2026 ACC\/AHA dyslipidemia guideline\)/,
    );
    assert.match(
      detail,
      new RegExp(
        `base variant, version ${manifest.version.replaceAll('.', '\\.')}, ${manifest.digest.slice(7, 15)}`,
      ),
    );
    assert.match(detail, /Clinical review pending/);
    assert.equal(source.url, 'https://doi.org/10.1161/CIR.0000000000001423');
  });

  it('drops the review line once a clinician has signed', () => {
    const bent = files();
    bent.service.clinicalReview = { status: 'signed', by: 'Clinical lead', date: '2026-11-01' };
    const [service = cardiovascular] = build(bent);
    assert.ok(!render('high-risk', 0.2, { service }).detail?.includes('pending'));
  });

  it('follows a moved threshold in its words', () => {
    const bent = files();
    bent.service.thresholds.highRisk.value = 0.125;
    const [service = cardiovascular] = build(bent);
    assert.match(render('high-risk', 0.2, { service }).detail ?? '', /at a 10-year risk of 12\.5 % or more/);
  });

  it('opens the app with the opaque decision id and nothing else', () => {
    assert.deepEqual(render('high-risk', 0.2).links, [
      {
        label: 'How this risk came about',
        url: 'https://auscult.example/app/launch',
        type: 'smart',
        appContext: 'q3nS1m8cR0y2b7Vd5Kx9Zw',
      },
    ]);
  });

  it('offers the reasons for not following it', () => {
    const codes = render('high-risk', 0.2).overrideReasons?.map(({ code }) => code);
    assert.deepEqual(codes, [
      'patient-declined',
      'takes-statin',
      'statin-intolerance',
      'decision-pending',
      'not-now',
      'not-appropriate',
      'data-wrong',
    ]);
  });

  it('proposes draft orders of one clinical drug each, for this patient', () => {
    const card = render('high-risk', 0.2);
    assert.equal(card.selectionBehavior, 'at-most-one');
    const [first, second] = ordersOf(card);
    assert.deepEqual(first, {
      resourceType: 'MedicationRequest',
      status: 'draft',
      intent: 'proposal',
      medicationCodeableConcept: {
        coding: [
          {
            system: 'http://www.nlm.nih.gov/research/umls/rxnorm',
            code: '617311',
            display: 'atorvastatin 40 MG Oral Tablet',
          },
        ],
        text: 'atorvastatin 40 MG Oral Tablet',
      },
      subject: { reference: 'Patient/pat-1' },
      authoredOn: '2026-11-20T09:30:00.000Z',
      reasonCode: [{ text: 'Primary prevention of atherosclerotic cardiovascular disease' }],
      dosageInstruction: [{ text: 'Take 1 tablet (40 mg) by mouth once daily' }],
    });
    assert.equal(second?.medicationCodeableConcept?.coding?.[0]?.code, '859751');
    const uuids = [card.uuid, ...(card.suggestions ?? []).map(({ uuid }) => uuid)];
    assert.equal(new Set(uuids).size, 3);
  });

  it('proposes no drug by a borderline number alone', () => {
    const card = render('borderline-risk', 0.04);
    assert.ok(!('suggestions' in card) && !('selectionBehavior' in card));
  });

  it('shows no text of the chart: a coded answer with markup stays harmless', () => {
    const bent = files();
    bent.card.detail = ['{{sex}}'];
    bent.card.cards[0].summary = 'Sex {{sex}}';
    const [service = cardiovascular] = build(bent);
    const card = render('severe-ldl', 0.2, { service, values: { sex: '<img src=x>\n[a](b)' } });
    assert.equal(card.detail, '&lt;img src=x&gt; \\[a\\](b)');
    assert.equal(card.summary, 'Sex <img src=x> [a](b)');
  });

  it('is not sent when it breaks a rule', () => {
    const bent = files();
    bent.card.cards[0].summary = 'Sex {{sex}}';
    const [service = cardiovascular] = build(bent);
    assert.throws(() => render('severe-ldl', 0.2, { service, values: { sex: 'x'.repeat(200) } }), {
      code: 'internal',
    });
    assert.throws(() => render('no-such-card', 0.2), { code: 'internal' });
  });
});
