/** The chart's sections, rendered on the server. All text goes through Preact, which escapes it. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { AllergyView, ChartView, MedicationView, PatientView, ProblemView } from './chart-view.ts';
import type { Measurement } from './measurements.ts';
import { sparkline } from './sparkline.ts';

/** Identity and allergies: always in view, above the chart and above an app. */
export function patientBanner(patient: PatientView, allergies: readonly AllergyView[]): VNode {
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
  </section>`;
}

export function chartSections(chart: ChartView): VNode {
  return html`<div class="sections">
    <div class="column">
      ${ordersSection(chart.patient, chart.orders)} ${problemsSection(chart.problems)}
      ${medicationsSection(chart.medications)} ${allergiesSection(chart.allergies)}
    </div>
    <div class="column">
      ${measurementsSection('Vital signs', 'vitals', chart.vitals)}
      ${measurementsSection('Laboratory', 'labs', chart.labs)}
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

function ordersSection(patient: PatientView, orders: readonly MedicationView[]): VNode {
  const items = orders.map(
    (order) => html`<li class="order" data-testid="order">
      <div>
        <strong>${order.text}</strong> <span class="tag">draft</span>
        <p>${order.dosage || 'No instructions'}</p>
      </div>
      <form method="post" action="/sandbox/orders/${order.kind}/${order.id}">
        <input type="hidden" name="patient" value=${patient.id} />
        <button name="do" value="sign" class="small primary" aria-label="Sign ${order.text}">Sign</button>
        <button name="do" value="cancel" class="small" aria-label="Cancel ${order.text}">Cancel</button>
      </form>
    </li>`,
  );
  return section(
    'Orders to sign',
    'orders',
    orders.length,
    'No unsigned orders.',
    html`<ul class="rows">${items}</ul>`,
  );
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

function measurementsSection(title: string, id: string, rows: readonly Measurement[]): VNode {
  const isDrawn = rows.some(({ trend }) => trend.length > 1);
  const table = html`<table>
    <thead class="visually-hidden">
      <tr>
        <th scope="col">Measure</th><th scope="col">Newest value</th>
        ${isDrawn ? html`<th scope="col">Trend</th>` : null}<th scope="col">Date</th>
      </tr>
    </thead>
    <tbody>${rows.map((row) => measurementRow(row, isDrawn))}</tbody>
  </table>`;
  return section(title, id, rows.length, 'Nothing recorded.', table);
}

function measurementRow(
  { label, value, unit, flag, isConflicting, trend, date }: Measurement,
  isDrawn: boolean,
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
    <td class="date">${day(date)}</td>
  </tr>`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The day as it was recorded, in no other time zone: 7 Nov 2026. */
export function day(date: string): string {
  const [, year, month, dayOfMonth] = /^(\d{4})-(\d{2})-(\d{2})/.exec(date) ?? [];
  return year === undefined
    ? date || 'undated'
    : `${Number(dayOfMonth)} ${months[Number(month) - 1]} ${year}`;
}
