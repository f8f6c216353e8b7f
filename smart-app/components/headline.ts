import { naturalFrequency, readablePercent } from '../../src/features/words.ts';
import type { Decision, ValueRecord } from '../../src/ledger/decision.ts';
import { html } from '../html.ts';
import type { Lead } from '../parts.ts';
import {
  drivers,
  type Headline,
  headlineOf,
  imputedOf,
  isOptional,
  isProportion,
  missingOf,
} from '../reading.ts';
import {
  dateWords,
  durationWords,
  missingWords,
  oddsFactor,
  percentNumber,
  readable,
  unitWords,
  valueWords,
} from '../words.ts';
import { Benefit } from './benefit.ts';
import { Findings } from './findings.ts';
import { IconArray } from './icon-array.ts';
import { Direction } from './marks.ts';
import { Quiet } from './quiet.ts';
import { Score } from './score.ts';
import { ShownCards } from './shown.ts';

interface Props {
  readonly decision: Decision;
  readonly lead: Lead;
  readonly fhirServer: string;
}

/** The first screen: what it comes to, why, what is missing. */
export function FirstScreen({ decision, lead, fhirServer }: Props) {
  const why = lead.kind === 'risks' && drivers(decision).length > 0;
  return html`<section class="first" aria-labelledby="headline">
    ${decision.outcome !== 'show' && html`<${Quiet} decision=${decision} level=${lead.kind === 'nothing' ? 1 : 2} />`}
    ${main({ decision, lead, fhirServer })}
    ${why && html`<${Why} decision=${decision} />`}
    ${decision.values.length > 0 && html`<${WhatIsMissing} decision=${decision} />`}
  </section>`;
}

function main({ decision, lead, fhirServer }: Props) {
  switch (lead.kind) {
    case 'findings':
      return html`<${Findings} decision=${decision} fhirServer=${fhirServer} />`;
    case 'cards':
      return html`<${ShownCards} decision=${decision} level=${1} />`;
    case 'score':
      return html`<${Score} score=${lead.score} level=${1} decidedAt=${decision.decidedAt} fhirServer=${fhirServer} />`;
    case 'benefit':
      return html`<${Benefit} benefit=${lead.benefit} level=${1} />`;
    case 'risks': {
      const headline = headlineOf(decision, lead.outputs);
      return headline && html`<${HowMuch} headline=${headline} />`;
    }
    case 'nothing':
      return null;
  }
}

function HowMuch({ headline }: { readonly headline: Headline }) {
  const { output, title, comparison, justUnder } = headline;
  if (!isProportion(output)) {
    return html`<div class="much"><h1 id="headline">${title}</h1>
      <p class="risk" data-testid="headline-risk"><span class="risk-number">${valueWords(output.value)}</span> <span class="risk-unit">${unitWords(output.unit)}</span></p></div>`;
  }
  return html`<div class="much">
    <div class="much-words">
      <h1 id="headline">${title}</h1>
      <p class="risk" data-testid="headline-risk">${justUnder && html`<span class="risk-near">just under </span>`}<span class="risk-number">${percentNumber(output.value)}</span> <span class="risk-unit">%</span></p>
      <p class="in-words">${inWords(headline)}</p>
      ${
        comparison &&
        html`<p class="comparison" data-testid="comparison-risk"><b>${readablePercent(comparison.value)}</b> for comparison: ${readable(comparison.label.replace(/\.$/, ''))}.</p>`
      }
    </div>
    <${IconArray} value=${output.value} comparison=${comparison?.value} />
  </div>`;
}

function inWords({ output, event }: Headline): string {
  const within = output.horizon === undefined ? '' : ` within ${durationWords(output.horizon)}`;
  const words = naturalFrequency(output.value);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} people with these values have ${event}${within}.`;
}

/** The drivers in words; the whole chart follows below. */
function Why({ decision }: { readonly decision: Decision }) {
  const all = drivers(decision);
  const top = all.slice(0, 4);
  return html`<div class="why">
    <h2>Why</h2>
    <ul class="reasons">
      ${top.map(
        ({ group, label, phi }) =>
          html`<li key=${group}><${Direction} phi=${phi} /><span>${label}</span><b class="factor">${oddsFactor(phi)}</b></li>`,
      )}
    </ul>
    <p class="aside">Each factor multiplies the odds of the reference person. <a href="#drivers">All drivers</a></p>
  </div>`;
}

function WhatIsMissing({ decision }: { readonly decision: Decision }) {
  const gaps = [...missingOf(decision), ...imputedOf(decision)];
  return html`<div class="gaps" data-testid="missing-summary">
    <h2>What is missing</h2>
    ${
      gaps.length === 0
        ? html`<p class="in-words-small">Nothing: every input was available and in date.</p>`
        : html`<ul class="gap-list">${gaps.map((value) => html`<li key=${value.name}><b>${value.label}</b><span class=${isOptional(decision, value) ? 'optional' : ''}>${gap(value)}${isOptional(decision, value) && ' (optional)'}</span></li>`)}</ul>`
    }
    <p class="aside"><a href="#inputs">All inputs</a></p>
  </div>`;
}

function gap({ feature, unit }: ValueRecord): string {
  if (feature.kind === 'imputed') return `Assumed ${valueWords(feature.value, unit)}`;
  if (feature.kind !== 'missing') return '';
  const at = feature.reason === 'stale' ? feature.sources[0]?.at : undefined;
  return at === undefined
    ? missingWords[feature.reason]
    : `${missingWords[feature.reason]} (${dateWords(at)})`;
}
