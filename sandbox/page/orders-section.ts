/** Orders to sign: each with its dose, editable, and the form that adds one. Works without JavaScript. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { MedicationView, PatientView } from './chart-view.ts';
import { formulary } from './formulary.ts';

export function ordersSection(patient: PatientView, orders: readonly MedicationView[]): VNode {
  const count = orders.length > 0 ? html` <span class="count">${orders.length}</span>` : null;
  return html`<section id="orders" data-testid="orders" aria-labelledby="orders-title">
    <h2 id="orders-title">Orders to sign${count}</h2>
    ${orders.length > 0 ? html`<ul class="rows">${orders.map((order) => orderRow(patient, order))}</ul>` : html`<p class="empty">No unsigned orders.</p>`}
    ${newOrder(patient)}
  </section>`;
}

function orderRow(patient: PatientView, order: MedicationView): VNode {
  const { kind, id, text, dosage } = order;
  const action = `/sandbox/orders/${kind}/${id}`;
  return html`<li class="order" data-testid="order">
    <div>
      <strong>${text}</strong> <span class="tag">draft</span>
      <p>${dosage || (kind === 'ServiceRequest' ? 'Referral or test' : 'No instructions')}</p>
    </div>
    <form method="post" action=${action}>
      <input type="hidden" name="patient" value=${patient.id} />
      <button name="do" value="sign" class="small primary" aria-label="Sign ${text}">Sign</button>
      <button name="do" value="cancel" class="small" aria-label="Cancel ${text}">Cancel</button>
    </form>
    ${kind === 'MedicationRequest' ? editor(patient, order, action) : null}
  </li>`;
}

function editor(patient: PatientView, { text, dose }: MedicationView, action: string): VNode {
  const { amount, unit, frequency, asNeeded } = dose;
  return html`<details class="edit" data-testid="edit">
    <summary aria-label="Change dose of ${text}">Change dose</summary>
    <form method="post" action=${action}>
      <input type="hidden" name="patient" value=${patient.id} />
      <input type="hidden" name="unit" value=${unit} />
      <label>Dose <input type="number" name="amount" min="0.25" max="2000" step="any" required value=${amount} /> ${unit}</label>
      <label><input type="number" name="frequency" min="1" max="24" step="1" required value=${frequency} /> times a day</label>
      <label><input type="checkbox" name="asNeeded" value="yes" checked=${asNeeded} /> as needed</label>
      <button name="do" value="edit" class="small">Save</button>
    </form>
  </details>`;
}

function newOrder(patient: PatientView): VNode {
  return html`<form method="post" action="/sandbox/orders" class="new-order" data-testid="new-order">
    <input type="hidden" name="patient" value=${patient.id} />
    <label class="visually-hidden" for="new-drug">Medicine to order</label>
    <select id="new-drug" name="drug" data-testid="new-drug">
      ${formulary.map(({ title, products }) => html`<optgroup label=${title}>${products.map(({ code, name }) => html`<option value=${code}>${name}</option>`)}</optgroup>`)}
    </select>
    <button name="do" value="order" class="small">Add order</button>
  </form>`;
}
