import { halfUp, naturalFrequency, readablePercent } from '../../src/features/words.ts';
import type { Benefit as BenefitRecord, Estimate, Treatment } from '../benefit.ts';
import { html } from '../html.ts';
import { outcomeLabel } from '../reading.ts';
import { durationWords } from '../words.ts';
import { IconArray } from './icon-array.ts';

/** A risk without and with each treatment: bars on one scale, a hundred people each, and how many need it for one. */
export function Benefit({ benefit, level }: { readonly benefit: BenefitRecord; readonly level: 1 | 2 }) {
  const { untreated, treatments, model } = benefit;
  const id = level === 1 ? 'headline' : `benefit-${model}`;
  const within = untreated.horizon === undefined ? '' : ` in ${durationWords(untreated.horizon)}`;
  const title = `What treatment would change`;
  return html`<div class="benefit" data-testid="benefit" data-model=${model}>
    ${level === 1 ? html`<h1 id=${id}>${title}</h1>` : html`<h2 id=${id}>${title}</h2>`}
    <p class="lead">${outcomeLabel(untreated)} risk${within}, without and with each treatment.</p>
    <table class="grid paired">
      <caption class="sr">Risk without and with treatment</caption>
      <thead><tr><th scope="col">Treatment</th><th scope="col">Risk${within}</th><th scope="col">Fewer events</th><th scope="col">Needed to treat</th></tr></thead>
      <tbody>
        <tr><th scope="row">None</th><td><${Bar} risk=${untreated.value} whole=${untreated.value} kind="without" /></td><td class="none">–</td><td class="none">–</td></tr>
        ${treatments.map((each) => html`<${Row} key=${each.name} treatment=${each} whole=${untreated.value} />`)}
      </tbody>
    </table>
    <div class="crowds">${treatments.map(
      (each) => html`<div key=${each.name} class="crowd">
        ${level === 1 ? html`<h2>${each.label}</h2>` : html`<h3>${each.label}</h3>`}
        <${IconArray} id=${`${model}-${each.name}`} value=${each.risk.value} comparison=${untreated.value} words=${words} />
        <p class="in-words-small">${needed(each, within)}</p>
      </div>`,
    )}</div>
    <p class="derived" role="note"><b>Derived from trial averages.</b> The trials’ relative risk was put on this patient’s own risk. No trial measured what this patient would gain, and harms are not counted here.</p>
  </div>`;
}

const words = {
  both: 'affected even so',
  fewer: 'spared by treatment',
  rest: 'not affected either way',
  spoken: (mine: number, theirs: number) =>
    `Of 100 people with these values ${theirs} are affected without treatment and ${mine} with it.`,
};

function Row({ treatment, whole }: { readonly treatment: Treatment; readonly whole: number }) {
  const { label, defined, risk, reduction, needed: number } = treatment;
  return html`<tr>
    <th scope="row">${label}${defined && html`<small>${defined}</small>`}</th>
    <td><${Bar} risk=${risk.value} whole=${whole} kind="with" /></td>
    <td>${reduction === undefined ? '–' : html`<b class="value">${halfUp(reduction.value * 100, 1)}</b> in 100<small>${limits(reduction, (value) => halfUp(value * 100, 1))}</small>`}</td>
    <td>${number === undefined ? html`<span class="none">too small to say</span>` : html`<b class="value">${halfUp(number.value, 0)}</b><small>${limits(number, (value) => halfUp(value, 0))}</small>`}</td>
  </tr>`;
}

const limits = ({ limits: between }: Estimate, print: (value: number) => string): string =>
  between === undefined ? '' : `95 % interval ${print(between[0])} to ${print(between[1])}`;

interface BarProps {
  readonly risk: number;
  /** The untreated risk: the whole width. */
  readonly whole: number;
  readonly kind: 'with' | 'without';
}

function Bar({ risk, whole, kind }: BarProps) {
  const width = whole === 0 ? 0 : (risk / whole) * 100;
  return html`<span class="pair"><b class="value">${readablePercent(risk)}</b><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8" /><rect class=${kind} width=${width} height="8" /></svg></span>`;
}

function needed({ label, needed: number, risk }: Treatment, within: string): string {
  if (number === undefined) return `With it ${naturalFrequency(risk.value)} have an event${within}.`;
  return `About ${halfUp(number.value, 0)} people like this would take it (${label.toLowerCase()}) for one fewer to have an event${within}.`;
}
