/** The whole page: patient list, chart, decision support. It reads without JavaScript; deciding needs it. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { ChartView, PatientView } from './chart-view.ts';
import { grouped } from './patient-groups.ts';
import { chartSections, day, patientBanner } from './sections.ts';

export interface ListedPatient extends PatientView {
  readonly title: string;
  readonly shows: string;
}

export interface PageView {
  readonly now: Date;
  readonly fhirBase: string;
  readonly userId: string;
  readonly patients: readonly ListedPatient[];
  /** The open chart; undefined: none is open. */
  readonly chart: ChartView | undefined;
}

/** The document as text. */
export function renderPage(view: PageView): string {
  const title = view.chart === undefined ? 'auscult sandbox' : `${view.chart.patient.name} – auscult sandbox`;
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href="/sandbox/assets/chart.css" />
      <script type="module" src="/sandbox/assets/chart.js"></script>
    </head>
    <body>
      <a class="skip" href="#main">Skip to the chart</a>
      ${topBar(view.now)}
      <div class="frame">${patientList(view)} ${chartArea(view)}</div>
    </body>
  </html>`;
  return `<!doctype html>${renderToString(page)}`;
}

function topBar(now: Date): VNode {
  return html`<header class="top">
    <a class="brand" href="/"><svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true"><path d="M5 2v5a4 4 0 0 0 8 0V2M9 11v2a4 4 0 0 0 8 0v-2" /><circle cx="17" cy="9" r="2" /></svg>auscult <span>sandbox EHR</span></a>
    <p class="synthetic">Synthetic patients, no real data</p>
    <p class="clock">Chart date <time datetime=${now.toISOString()}>${day(now.toISOString())}</time></p>
    <form method="post" action="/sandbox/reset"><button class="ghost">Reset charts</button></form>
    <div id="developer"></div>
  </header>`;
}

function patientList({ patients, chart }: PageView): VNode {
  const item = (patient: ListedPatient) => {
    const isOpen = patient.id === chart?.patient.id;
    return html`<li>
      <a href="/?patient=${patient.id}" data-testid="patient-link" data-patient=${patient.id} aria-current=${isOpen ? 'page' : undefined} title=${patient.shows}>
        <span class="who">${patient.name}</span>
        <span class="age">${patient.age} ${patient.sex.slice(0, 1).toUpperCase()}</span>
        <span class="what">${patient.title}</span>
      </a>
    </li>`;
  };
  const groups = grouped(patients).map(
    (group) => html`<h3>${group.title}</h3><ul aria-label=${group.title}>${group.patients.map(item)}</ul>`,
  );
  return html`<nav class="patients" aria-label="Patients">
    <details open>
      <summary><h2>Patients</h2><span class="count">${patients.length}</span></summary>
      ${groups}
    </details>
  </nav>`;
}

/** Where a newcomer starts: a card, a silence, a value that must not be guessed; an order, a stay and its end. */
const starters: readonly (readonly [patientId: string, why: string])[] = [
  ['high-risk-untreated', 'A card to act on'],
  ['treated', 'Nothing to say'],
  ['wrong-unit', 'No guess'],
  ['warfarin-new-nsaid', 'An order to think over'],
  ['inpatient-deteriorating', 'Getting worse'],
  ['discharge-readmission', 'Going home'],
];

function welcome(patients: readonly ListedPatient[]): VNode {
  const items = starters.flatMap(([patientId, why]) => {
    const patient = patients.find(({ id }) => id === patientId);
    return patient === undefined
      ? []
      : [
          html`<li><a href="/?patient=${patientId}"><strong>${why}</strong><span class="who">${patient.name}, ${patient.age}</span><span class="what">${patient.shows}.</span></a></li>`,
        ];
  });
  return html`<main id="main" class="welcome" tabindex="-1">
    <h1>Open a chart</h1>
    <p>Opening one fires the CDS Hook <code>patient-view</code>, as an EHR does; ordering, signing and discharging fire theirs. auscult reads the facts and answers beside the chart: with a card that explains itself, or with silence.</p>
    <ul class="starters">${items}</ul>
    <p>Every patient in the list shows one thing that decision support must get right.</p>
  </main>`;
}

function chartArea({ chart, patients, fhirBase, userId }: PageView): VNode {
  if (chart === undefined) {
    return welcome(patients);
  }
  const listed = patients.find(({ id }) => id === chart.patient.id);
  const current = chart.encounters.find(({ isCurrent }) => isCurrent);
  const stay = current?.isInpatient ? current : undefined;
  return html`<div class="open">
    ${patientBanner(chart.patient, chart.allergies, stay)}
    <div class="work">
      <main id="main" tabindex="-1">
        <div id="chart" class="chart" role="region" aria-label="Chart" tabindex="0">
          ${listed ? html`<p class="shows"><strong>${listed.title}.</strong> ${listed.shows}.</p>` : null}
          ${chartSections(chart)}
        </div>
        <section id="app" class="app" aria-label="App" hidden></section>
      </main>
      <aside
        id="decision-support"
        class="support"
        aria-label="Decision support"
        data-patient=${chart.patient.id}
        data-user=${userId}
        data-fhir=${fhirBase}
        data-encounter=${current?.id}
        data-stay=${stay === undefined ? undefined : 'inpatient'}
      >
        <h2>Decision support</h2>
        <noscript><p class="empty">Decision support needs JavaScript.</p></noscript>
      </aside>
    </div>
  </div>`;
}
