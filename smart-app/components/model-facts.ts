import type { Decision, ModelRecord } from '../../src/ledger/decision.ts';
import { html } from '../html.ts';
import { dateWords } from '../words.ts';

/** What a clinician may ask of a model before trusting it, on one screen. */
export function ModelFacts({ decision }: { readonly decision: Decision }) {
  const { models } = decision;
  if (models.length === 0) return null;
  return html`<section class="card facts" aria-labelledby="facts-title">
    <h2 id="facts-title">Model facts</h2>
    ${models.map((model) => html`<${Facts} key=${model.id} model=${model} />`)}
  </section>`;
}

function Facts({ model }: { readonly model: ModelRecord }) {
  const { title, variant, version, digest, citation, intendedUse, population, validation, cautions } = model;
  return html`<h3>${title}${variant && html` <span class="variant">${variant}</span>`}</h3>
    <dl class="fact-list">
      ${fact('Use', intendedUse)}
      ${fact('Made for', population)}
      ${fact('Validated', validation)}
      ${cautions.length > 0 && fact('Cautions', html`<ul>${cautions.map((caution) => html`<li key=${caution}>${caution}</li>`)}</ul>`)}
      ${fact('Source', citation)}
      ${fact('Version', html`${version}, digest <code title=${digest}>${digest.replace(/^sha256:/, '').slice(0, 12)}</code>`)}
      ${fact('Regulatory tier', model.regulatoryTier)}
      ${fact('Licence', model.license)}
      ${fact('Review due', dateWords(model.reviewBy))}
    </dl>`;
}

const fact = (name: string, words: unknown) => html`<div><dt>${name}</dt><dd>${words}</dd></div>`;
