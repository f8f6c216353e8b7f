import type { Contribution, Explanation } from '../../src/explain/explanation.ts';
import { readablePercent } from '../../src/features/words.ts';
import { html } from '../html.ts';
import { oddsFactor, readable } from '../words.ts';
import { Direction } from './marks.ts';

/** Contributions as diverging bars from the reference, each with its sentence, and the same as a table. */
export function Drivers({ explanation }: { readonly explanation: Explanation }) {
  const { baseline, peer, value, contributions } = explanation;
  const scale = scaleOf(contributions);
  return html`<section class="card drivers" id="drivers" aria-labelledby="drivers-title">
    <div class="card-head">
      <h2 id="drivers-title">What drives it</h2>
      <div data-island="view" data-target="drivers"></div>
    </div>
    <p class="lead">From <b>${readablePercent(baseline.value)}</b> in the reference person to <b>${readablePercent(value)}</b> in this patient. Each factor multiplies the odds.</p>
    <div class="chart">
      <div class="axis" aria-hidden="true"><span></span><span class="axis-ends"><span>${scale.zero > 8 && '◂ lowers'}</span><span>raises ▸</span></span><span>odds</span></div>
      <ul class="bars">${contributions.map((each) => html`<${Bar} key=${each.group} each=${each} scale=${scale} />`)}</ul>
    </div>
    <div class="twin"><${Twin} explanation=${explanation} /></div>
    <p class="aside">Exact Shapley values over clinical groups on the log-odds scale; sex is held at the patient’s own. They say what moved the model’s answer, not what treatment would change.</p>
    <p class="aside"><b>Reference person:</b> ${readable(baseline.label)}. ${readable(baseline.source)}.${peer && html` <b>Comparison above:</b> ${readable(peer.label)}; everything else as in the reference person.`}</p>
  </section>`;
}

interface Scale {
  /** Where "no difference" lies, in percent of the width. */
  readonly zero: number;
  readonly width: (phi: number) => number;
}

function scaleOf(contributions: readonly Contribution[]): Scale {
  const phis = contributions.map(({ phi }) => phi);
  const [low, high] = [Math.min(0, ...phis), Math.max(0, ...phis)];
  const span = high - low || 1;
  const zero = low === 0 ? 1 : Math.max(12, (-low / span) * 100);
  const unit = Math.min(low === 0 ? Infinity : zero / -low, high === 0 ? Infinity : (99 - zero) / high);
  return { zero, width: (phi) => Math.abs(phi) * unit };
}

function Bar({ each, scale }: { readonly each: Contribution; readonly scale: Scale }) {
  const { label, phi, sentence } = each;
  const width = Math.max(scale.width(phi), Math.abs(phi) < 0.005 ? 0 : 0.6);
  const kind = phi > 0 ? 'raises' : 'lowers';
  return html`<li class="bar-row" data-testid="driver">
    <span class="bar-label"><${Direction} phi=${phi} /><b>${label}</b></span>
    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class=${`bar-fill ${kind}`} x=${phi > 0 ? scale.zero : scale.zero - width} y="0" width=${width} height="10" />
      <rect class="bar-zero" x=${scale.zero - 0.15} y="0" width="0.3" height="10" />
    </svg>
    <span class="factor">${oddsFactor(phi)}</span>
    <span class="sentence">${readable(sentence)}</span>
  </li>`;
}

function Twin({ explanation }: { readonly explanation: Explanation }) {
  const { contributions } = explanation;
  const sum = contributions.reduce((total, { phi }) => total + phi, 0);
  const row = (_label: string, phi: number) =>
    html`<td class="num">${oddsFactor(phi)}</td><td class="num">${signed(phi)}</td>`;
  return html`<table class="grid">
    <caption class="sr">Contribution of each group to the log-odds</caption>
    <thead><tr><th scope="col">Group</th><th scope="col" class="num">Factor on the odds</th><th scope="col" class="num">Log-odds</th></tr></thead>
    <tbody>${contributions.map(({ group, label, phi }) => html`<tr key=${group}><th scope="row">${label}</th>${row(label, phi)}</tr>`)}</tbody>
    <tfoot><tr><th scope="row">Together</th>${row('Together', sum)}</tr></tfoot>
  </table>`;
}

const signed = (phi: number): string => `${phi < 0 ? '−' : '+'}${Math.abs(phi).toFixed(3)}`;
