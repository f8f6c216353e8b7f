import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { reference } from '../../smart-app/components/inputs.ts';
import { createShell } from '../../smart-app/shell.ts';
import type { Feature } from '../../src/features/feature.ts';
import type { Digest } from '../../src/inference/model.ts';
import type { Decision } from '../../src/ledger/decision.ts';
import type { AppShell, PageView } from '../../src/smart/shell.ts';
import { decision, values } from './decision-fixture.ts';

const fhirServer = 'https://ehr.example.org/fhir';
const viewOf = (shown: Decision | undefined, more: Partial<PageView> = {}): PageView => ({
  decision: shown,
  needPatientBanner: false,
  banner: undefined,
  patientId: decision.patientId,
  fhirServer,
  viewId: 'v',
  ...more,
});
const withFeature = (name: string, feature: Feature): Decision => ({
  ...decision,
  values: values.map((value) => (value.name === name ? { ...value, feature } : value)),
});
const text = (markup: string): string => markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

describe('smart-app/page', () => {
  let shell: AppShell;
  let page: string;
  before(async () => {
    shell = await createShell();
    page = shell.page(viewOf(decision));
  });

  it('says the number that the card says, in percent and in people', () => {
    const onCard = /[\d.]+ %/.exec(decision.cards[0]?.summary ?? '')?.[0];
    const headline = /data-testid="headline-risk">(.*?)<\/p>/.exec(page)?.[1] ?? '';
    assert.equal(text(headline).trim(), onCard);
    assert.match(text(page), /10-year ASCVD risk/);
    assert.match(
      text(page),
      /About 10 in 100 people with these values have a first heart attack or stroke within 10 years\./,
    );
    assert.match(text(page), /3\.6 % for comparison: same age and sex, no diabetes, smoking or treatment\./);
    assert.match(text(page), /From 2\.9 % in the reference person .*Reference person: a 55-year-old man/);
  });

  it('compares with the reference person where there is no peer', () => {
    const { explanation } = decision;
    assert.ok(explanation);
    const { peer: _, ...alone } = explanation;
    const markup = shell.page(viewOf({ ...decision, explanation: alone }));
    assert.match(text(markup), /2\.9 % for comparison: a 55-year-old man/);
    assert.doesNotMatch(text(markup), /Comparison above/);
  });

  it('says "just under" where the card says it of this number', () => {
    const [card] = decision.cards;
    assert.ok(card);
    const near = { ...decision, cards: [{ ...card, summary: '10-year ASCVD risk just under 9.9 %' }] };
    assert.match(text(shell.page(viewOf(near))), /10-year ASCVD risk just under 9\.9 %/);
    assert.doesNotMatch(text(page), /just under/);
  });

  it('draws one hundred people: those of the comparison, and how many more', () => {
    const count = (kind: string) => page.split(`class="person ${kind}" x=`).length - 1;
    assert.deepEqual([count('hit'), count('more'), count('rest')], [4, 6, 90]);
  });

  it('explains every group with a bar, a sentence and a row of the table; they add up', () => {
    const { contributions = [], value = 0, baseline } = decision.explanation ?? {};
    assert.equal(page.split('data-testid="driver"').length - 1, contributions.length);
    assert.match(text(page), /Current smoking raises the risk\./);
    const logit = (p: number) => Math.log(p / (1 - p));
    const sum = contributions.reduce((total, { phi }) => total + phi, 0);
    assert.ok(Math.abs(logit(value) - logit(baseline?.value ?? 0) - sum) < 1e-9);
    assert.match(text(page), /Together × 3\.64 \+1\.292/);
  });

  it('lists every input with value, unit, date, age, source and state', () => {
    assert.equal(page.split('data-testid="input-row"').length - 1, values.length);
    const row = rowOf(page, 'totalCholesterol');
    assert.match(text(row), /Total cholesterol 212 mg\/dL Converted from 5\.48 mmol\/L/);
    assert.match(text(row), /3 Jul 2026 4 months ago; limit 5 years/);
    assert.match(row, /href="https:\/\/ehr\.example\.org\/fhir\/Observation\/tc"/);
    assert.match(text(row), /Used/);
  });

  it('says used of what fed the model only, and checked of what did not', () => {
    assert.match(text(rowOf(page, 'totalCholesterol')), /Used/);
    for (const name of ['ldlCholesterol', 'ascvd']) {
      assert.match(text(rowOf(page, name)), /Checked/);
      assert.doesNotMatch(text(rowOf(page, name)), /Used/);
    }
    const unread: Feature = { kind: 'missing', reason: 'not-recorded', sources: [] };
    const row = text(rowOf(shell.page(viewOf(withFeature('ldlCholesterol', unread))), 'ldlCholesterol'));
    assert.match(row, /Missing Not checked\./);
  });

  it('says of a missing input why, since when, and how it mattered', () => {
    const row = text(rowOf(page, 'uacr'));
    assert.match(row, /Too old to use 9 Mar 2023 3 years ago; limit 12 months/);
    assert.match(row, /Optional: the “base” equation answered, which does without it\./);
    const imputed: Feature = {
      kind: 'imputed',
      value: 5.4,
      because: 'not-recorded',
      basis: 'The median of the derivation cohort.',
    };
    const assumed = text(rowOf(shell.page(viewOf(withFeature('hba1c', imputed))), 'hba1c'));
    assert.match(assumed, /5\.4 % .*Assumed Not on record\. The median of the derivation cohort\./);
  });

  it('links sources below the registered base only', () => {
    const link = (text: string) => JSON.stringify(reference({ reference: text }, fhirServer));
    assert.match(link('Observation/1'), /href/);
    for (const text of [
      'https://thief.example/Observation/1',
      '//thief.example/x',
      'javascript:alert(1)',
      '../x/y',
      '#',
    ]) {
      assert.doesNotMatch(link(text), /href/, text);
    }
  });

  it('shows all outcomes and says that they must not be added up', () => {
    assert.match(text(page), /ASCVD .*9\.9 % 25\.0 %/);
    assert.match(text(page), /Do not add these up/);
    const short = { ...decision, outputs: decision.outputs.filter(({ name }) => name !== '30yr_ascvd') };
    assert.match(text(shell.page(viewOf(short))), /9\.9 % does not apply/);
  });

  it('gives the model facts and says that clinical review is pending', () => {
    assert.match(text(page), /Khan SS et al\./);
    assert.match(page, /data-testid="review-pending"/);
    assert.doesNotMatch(shell.page(viewOf({ ...decision, clinicalReview: 'signed' })), /review-pending/);
  });

  it('explains silence, and that no answer is not a low risk', () => {
    const silent = text(
      shell.page(viewOf({ ...decision, outcome: 'silent', reason: 'already-treated', cards: [] })),
    );
    assert.match(silent, /No card was needed .* Reason: Already treated\./);
    const [result] = decision.results;
    const digest = (result?.digest ?? '') as Digest;
    const because = [
      { input: 'total_c', value: 'totalCholesterol', reason: 'missing', detail: 'unknown-unit' },
    ] as const;
    const { explanation: _, ...rest } = withFeature('totalCholesterol', {
      kind: 'missing',
      reason: 'unknown-unit',
      sources: [],
    });
    const abstained: Decision = {
      ...rest,
      outcome: 'abstained',
      reason: 'missing: totalCholesterol',
      outputs: [],
      cards: [],
      results: [{ kind: 'abstention', model: 'prevent', version: '1.0.0', digest, because }],
    };
    const words = text(shell.page(viewOf(abstained)));
    assert.match(words, /No answer .*not a low risk.* Reason: Missing: Total cholesterol\./);
    assert.match(words, /Needed: the model gave no answer without it\./);
    assert.doesNotMatch(words, /NaN|undefined|\d %/);
  });

  it('says plainly when there is no decision to show', () => {
    assert.match(
      text(shell.page(viewOf(undefined, { absence: 'not-found' }))),
      /no such decision for this patient.*not computed again/,
    );
    assert.match(text(shell.page(viewOf(undefined, { absence: 'no-context' }))), /Opened without a card/);
  });

  it('shows the patient banner only where the EHR asks for it', () => {
    const banner = { name: 'A <b>Name</b>', birthDate: '1968-03-02', gender: 'male' };
    const shown = shell.page(viewOf(decision, { needPatientBanner: true, banner }));
    assert.match(shown, /A &lt;b>Name/);
    assert.match(text(shown), /Born 2 Mar 1968 \(58 years\)/);
    const unread = text(shell.page(viewOf(decision, { needPatientBanner: true })));
    assert.match(unread, /Name could not be read Sex Male Age 58 years Record arthur-58/);
    assert.doesNotMatch(page, /patient-banner/);
  });

  it('escapes what comes from outside and holds nothing that the policy forbids', () => {
    const hostile: Feature = {
      kind: 'missing',
      reason: 'unsuitable',
      detail: '<script>alert(1)</script>',
      sources: [{ reference: '"><img src=x>' }],
    };
    const markup = shell.page(viewOf(withFeature('egfr', hostile)));
    assert.doesNotMatch(markup, /<script>alert|<img/);
    assert.doesNotMatch(markup, / style=| on[a-z]+=|<style|https?:\/\/(?!ehr\.example\.org)/);
    assert.equal(markup.split('<script').length - 1, 1);
  });

  it('keeps its budget: 30 KB of script and 8 KB of style, gzipped', () => {
    for (const [name, { body }] of shell.assets) {
      const limit = name.endsWith('.js') ? 30 : 8;
      assert.ok(gzipSync(body).length <= limit * 1024, name);
      assert.match(page, new RegExp(`/app/assets/${name}`));
    }
    assert.equal(shell.assets.size, 2);
  });
});

function rowOf(page: string, name: string): string {
  const from = page.indexOf(`data-value="${name}"`);
  return page.slice(page.lastIndexOf('<tr', from), page.indexOf('</tr>', from));
}
