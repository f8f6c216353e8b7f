/** The chart's sections, rendered on the server. All text goes through Preact, which escapes it. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { AllergyView, ChartView, MedicationView, PatientView, ProblemView } from './chart-view.ts';
import type { DatedView, EncounterView } from './encounters.ts';
import type { Measurement } from './measurements.ts';
import { ordersSection } from './orders-section.ts';
import { sparkline } from './sparkline.ts';

/** Identity and allergies: always in view, above the chart and above an app. */
export function patientBanner(
  patient: PatientView,
  allergies: readonly AllergyView[],
  stay: EncounterView | undefined,
): VNode {
  const real = allergies.filter(({ isNone }) => !isNone);
  const severe = real.some(({ isHigh }) => isHigh);
  return html`<section class="banner" aria-label="Patient" data-testid="patient-banner">
    <h1>${patient.name}</h1>
    <dl>
      <div><dt>Age</dt><dd>${patient.age ?? '?'} y</dd></div>
      <div><dt>Sex</dt><dd>${patient.sex}</dd></div>
      <div><dt>Born</dt><dd>${day(patient.birthDate)}</dd></div>
      <div><dt>MRN</dt><dd>${patient.recordNumber}</dd></div>
      <div class=${severe ? 'alert' : ''}>
        <dt>Allergies</dt>
        <dd>${real.length > 0 ? real.map(({ text }) => text).join(', ') : allergies.length > 0 ? 'none known' : 'not recorded'}</dd>
      </div>
    </dl>
    ${stay === undefined ? null : stayBar(patient, stay)}
  </section>`;
}

/** The hospital stay in progress, and how it ends. */
function stayBar(patient: PatientView, { id, detail, days }: EncounterView): VNode {
  return html`<form method="post" action="/sandbox/encounters/${id}/discharge" class="stay" data-testid="stay">
    <input type="hidden" name="patient" value=${patient.id} />
    <span><strong>Inpatient</strong> ${detail} · day ${days + 1}</span>
    <button class="small" name="do" value="discharge" data-testid="discharge">Discharge</button>
  </form>`;
}

export function chartSections(chart: ChartView): VNode {
  const isInpatient = chart.encounters.some((each) => each.isCurrent && each.isInpatient);
  return html`<div class="sections">
    <div class="column">
      ${ordersSection(chart.patient, chart.orders)} ${problemsSection(chart.problems)}
      ${medicationsSection(chart.medications)} ${allergiesSection(chart.allergies)}
      ${encountersSection(chart.encounters)} ${datedSection('Procedures', 'procedures', chart.procedures)}
      ${datedSection('Referrals and tests ordered', 'requests', chart.requests)}
    </div>
    <div class="column">
      ${measurementsSection('Vital signs', 'vitals', chart.vitals, isInpatient)}
      ${measurementsSection('Laboratory', 'labs', chart.labs, isInpatient)}
      ${measurementsSection('Social history', 'social', chart.social)}
    </div>
  </div>`;
}

function section(title: string, id: string, count: number, empty: string, body: VNode): VNode {
  return html`<section id=${id} data-testid=${id} aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}${count > 0 ? html` <span class="count">${count}</span>` : null}</h2>
    ${count > 0 ? body : html`<p class="empty">${empty}</p>`}
  </section>`;
}

function problemsSection(problems: readonly ProblemView[]): VNode {
  const items = problems.map(
    ({
      text,
      onset,
      status,
    }) => html`<li class=${status === 'resolved' || status === 'inactive' ? 'past' : ''}>
      <div>${text}${status ? html` <span class="tag">${status}</span>` : null}</div>
      ${onset ? html`<span class="aside">since ${onset.slice(0, 4)}</span>` : null}
    </li>`,
  );
  return section(
    'Problems',
    'problems',
    problems.length,
    'No problems recorded.',
    html`<ul class="rows">${items}</ul>`,
  );
}

function medicationsSection(medications: readonly MedicationView[]): VNode {
  const items = medications.map(
    ({ text, dosage, since, status }) => html`<li class=${status === 'active' ? '' : 'past'}>
      <div>
        ${text}${status === 'active' ? null : html` <span class="tag">${status}</span>`}
        <p>${dosage}</p>
      </div>
      <span class="aside">since ${since.slice(0, 4)}</span>
    </li>`,
  );
  return section(
    'Medications',
    'medications',
    medications.length,
    'No medications.',
    html`<ul class="rows">${items}</ul>`,
  );
}

function allergiesSection(allergies: readonly AllergyView[]): VNode {
  const items = allergies.map(
    ({ text, reaction, isHigh }) => html`<li>
      <div>
        ${text}${isHigh ? html`<span class="tag critical">high criticality</span>` : null}
        ${reaction ? html`<p>${reaction}</p>` : null}
      </div>
    </li>`,
  );
  return section(
    'Allergies',
    'allergies',
    allergies.length,
    'Not recorded.',
    html`<ul class="rows">${items}</ul>`,
  );
}

function encountersSection(encounters: readonly EncounterView[]): VNode {
  const items = encounters.map(
    ({ text, detail, start, isCurrent, isInpatient, days }) => html`<li class=${isCurrent ? '' : 'past'}>
      <div>
        ${text}${isCurrent ? html` <span class="tag">in progress</span>` : null}
        ${detail ? html`<p>${detail}${isInpatient && !isCurrent ? `, ${days} ${days === 1 ? 'day' : 'days'}` : null}</p>` : null}
      </div>
      <span class="aside">${day(start)}</span>
    </li>`,
  );
  return section(
    'Visits',
    'encounters',
    encounters.length,
    'No visits recorded.',
    html`<ul class="rows">${items}</ul>`,
  );
}

function datedSection(title: string, id: string, rows: readonly DatedView[]): VNode | null {
  if (rows.length === 0) return null;
  const items = rows.map(
    ({ text, date }) => html`<li><div>${text}</div><span class="aside">${day(date)}</span></li>`,
  );
  return section(title, id, rows.length, '', html`<ul class="rows">${items}</ul>`);
}

function measurementsSection(
  title: string,
  id: string,
  rows: readonly Measurement[],
  isTimed = false,
): VNode {
  const isDrawn = rows.some(({ trend }) => trend.length > 1);
  const table = html`<table>
    <thead class="visually-hidden">
      <tr>
        <th scope="col">Measure</th><th scope="col">Newest value</th>
        ${isDrawn ? html`<th scope="col">Trend</th>` : null}<th scope="col">Date</th>
      </tr>
    </thead>
    <tbody>${rows.map((row) => measurementRow(row, isDrawn, isTimed))}</tbody>
  </table>`;
  return section(title, id, rows.length, 'Nothing recorded.', table);
}

function measurementRow(
  { label, value, unit, flag, isConflicting, trend, date }: Measurement,
  isDrawn: boolean,
  isTimed: boolean,
): VNode {
  return html`<tr>
    <th scope="row">${label}</th>
    <td class="value ${unit ? 'number' : ''}">
      ${value}
      ${unit ? html` <span class="unit ${unit === 'no unit' ? 'lacking' : ''}">${unit}</span>` : null}
      ${flag ? html`<abbr title=${flag === 'high' ? 'above the reference range' : 'below the reference range'}>${flag === 'high' ? 'H' : 'L'}</abbr>` : null}
      ${isConflicting ? html` <span class="tag">two at once</span>` : null}
    </td>
    ${isDrawn ? html`<td class="trend">${sparkline(trend)}</td>` : null}
    <td class="date">${isTimed ? moment(date) : day(date)}</td>
  </tr>`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** In hospital the minute counts: 7 Nov, 08:10. */
function moment(date: string): string {
  const time = /T(\d{2}:\d{2})/.exec(date)?.[1];
  return time === undefined ? day(date) : `${day(date).replace(/ \d{4}$/, '')}, ${time}`;
}

/** The day as it was recorded, in no other time zone: 7 Nov 2026. */
export function day(date: string): string {
  const [, year, month, dayOfMonth] = /^(\d{4})-(\d{2})-(\d{2})/.exec(date) ?? [];
  return year === undefined
    ? date || 'undated'
    : `${Number(dayOfMonth)} ${months[Number(month) - 1]} ${year}`;
}
