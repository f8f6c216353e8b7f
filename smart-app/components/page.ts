import type { Decision } from '../../src/ledger/decision.ts';
import type { PageView } from '../../src/smart/shell.ts';
import { type Content, html } from '../html.ts';
import { leadOf, namesCards, partsOf } from '../parts.ts';
import { instantWords } from '../words.ts';
import { PatientBanner } from './banner.ts';
import { Drivers } from './drivers.ts';
import { FirstScreen } from './headline.ts';
import { Inputs } from './inputs.ts';
import { ModelFacts } from './model-facts.ts';
import { Outcomes } from './outcomes.ts';
import { OtherParts } from './parts.ts';
import { ShownCards } from './shown.ts';

/** Addresses of the bundled files. */
export interface Links {
  readonly script: string;
  readonly style: string;
}

export function Document({
  title,
  links,
  children,
}: {
  readonly title: string;
  readonly links: Links;
  readonly children?: Content;
}) {
  return html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href=${links.style} />
      <script type="module" src=${links.script}></script>
    </head>
    <body>${children}</body>
  </html>`;
}

/** The explanation of one decision, top to bottom. */
export function Page({ view, decision }: { readonly view: PageView; readonly decision: Decision }) {
  const parts = partsOf(decision);
  const lead = leadOf(decision, parts);
  const { fhirServer } = view;
  return html`<a class="skip" href="#headline">Skip to the result</a>
    <${TopBar} title=${decision.title} aside=${html`Decided <time datetime=${decision.decidedAt}>${instantWords(decision.decidedAt)}</time>`} />
    <${PatientBanner} view=${view} />
    <main>
      ${decision.clinicalReview === 'pending' && html`<p class="review" role="note" data-testid="review-pending"><b>Clinical review pending.</b> No clinician has signed off this service’s content yet. For evaluation only.</p>`}
      <${FirstScreen} decision=${decision} lead=${lead} fhirServer=${fhirServer} />
      ${namesCards(decision, lead) && html`<${ShownCards} decision=${decision} level=${2} />`}
      ${decision.explanation && html`<${Drivers} explanation=${decision.explanation} />`}
      <${OtherParts} decision=${decision} parts=${parts} lead=${lead} fhirServer=${fhirServer} />
      ${decision.values.length > 0 && html`<${Inputs} decision=${decision} fhirServer=${fhirServer} />`}
      ${lead.kind === 'risks' && lead.outputs.length > 1 && html`<${Outcomes} decision=${decision} outputs=${lead.outputs} />`}
      <${ModelFacts} decision=${decision} />
    </main>
    <footer>
      <p>These are the numbers of the card as it was recorded; nothing was computed again for this page.</p>
      <p>Decision <code>${decision.id}</code></p>
    </footer>`;
}

export function TopBar({ title, aside }: { readonly title: string; readonly aside?: Content }) {
  return html`<header class="top"><span class="brand" aria-hidden="true"><svg viewBox="0 0 32 14"><path d="M1 8h6l3-6 5 10 4-8 2 4h10" /></svg></span><span class="service">${title}</span>${aside && html`<span class="decided">${aside}</span>`}</header>`;
}
