/**
 * Draft orders. Accepting a suggestion makes its actions FHIR writes, all or none, and the chart shows them at once.
 * Selecting and signing are told to whoever asked to hear of it, and to nobody otherwise.
 */
import type { Action, Suggestion } from './cards.ts';
import { type ExchangeLog, succeeded } from './exchange-log.ts';

const selected = 'orders-selected';

/** `listener` hears the references of draft orders that were just added to the chart. */
export function onOrdersSelected(listener: (references: readonly string[]) => void): void {
  document.addEventListener(selected, (event) => listener((event as CustomEvent<readonly string[]>).detail));
}

/** A double click is one press: the second cannot sign what the first was told about. */
const readMs = 1000;

/**
 * Before an order is signed `mayGo` is asked, once; where it says no, the button says "Sign anyway" and the next
 * press signs.
 */
export function beforeSigning(mayGo: (reference: string) => Promise<boolean>): void {
  document.addEventListener('submit', (event) => {
    const { target: form, submitter: button } = event;
    if (!(form instanceof HTMLFormElement) || !(button instanceof HTMLButtonElement)) return;
    const reference = referenceOf(form);
    if (reference === undefined || button.value !== 'sign' || button.dataset.asked === 'done') return;
    event.preventDefault();
    if (button.dataset.asked === undefined) {
      button.dataset.asked = 'waiting';
      void mayGo(reference).then((free) => (free ? sign(form, button) : hold(button)));
    }
  });
}

function sign(form: HTMLFormElement, button: HTMLButtonElement): void {
  button.dataset.asked = 'done';
  form.requestSubmit(button);
}

function hold(button: HTMLButtonElement): void {
  button.textContent = 'Sign anyway';
  button.ariaLabel = `${button.ariaLabel} anyway`;
  button.classList.remove('primary');
  setTimeout(() => {
    button.dataset.asked = 'done';
  }, readMs);
}

/** `Type/id` of the order that a form of the chart decides about. */
const referenceOf = ({ action }: HTMLFormElement): string | undefined =>
  /orders\/(\w+\/[\w.-]+)$/.exec(action)?.[1];

/** The orders under these references as one Bundle; those that cannot be read are left out. */
export async function bundleOf(log: ExchangeLog, references: readonly string[]): Promise<unknown> {
  const read = await Promise.all(references.map((at) => log.send('order', 'GET', `/sandbox/fhir/${at}`)));
  const entry = read.filter(succeeded).map(({ response }) => ({ resource: response }));
  return { resourceType: 'Bundle', type: 'collection', ...(entry.length > 0 ? { entry } : {}) };
}

/** References of all drafts on the chart, as the page shows them. */
export function draftReferences(): readonly string[] {
  const forms = [...document.querySelectorAll<HTMLFormElement>('#orders form')];
  return forms.flatMap((form) => referenceOf(form) ?? []);
}

/** True when every action of the suggestion was applied; nothing was written otherwise. */
export async function applySuggestion(log: ExchangeLog, suggestion: Suggestion): Promise<boolean> {
  const entry = (suggestion.actions ?? []).map(transactionEntry);
  if (entry.length === 0) {
    return true;
  }
  const exchange = await log.send('order', 'POST', '/sandbox/fhir', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry,
  });
  if (succeeded(exchange)) {
    const before = draftReferences();
    await refreshOrders();
    const added = draftReferences().filter((reference) => !before.includes(reference));
    if (added.length > 0) document.dispatchEvent(new CustomEvent(selected, { detail: added }));
  }
  return succeeded(exchange);
}

function transactionEntry({ type, resource, resourceId }: Action): unknown {
  switch (type) {
    case 'create':
      return { resource, request: { method: 'POST', url: resource?.resourceType } };
    case 'update':
      return { resource, request: { method: 'PUT', url: `${resource?.resourceType}/${resource?.id}` } };
    case 'delete':
      return { request: { method: 'DELETE', url: resourceId } };
  }
}

/** The orders section again, as the server renders it. */
async function refreshOrders(): Promise<void> {
  const page = await fetch(location.href).then((answer) => answer.text());
  const fresh = new DOMParser().parseFromString(page, 'text/html').getElementById('orders');
  if (fresh !== null) {
    fresh.classList.add('fresh');
    document.getElementById('orders')?.replaceWith(fresh);
  }
}
