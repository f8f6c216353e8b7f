/**
 * Draft orders. Accepting a suggestion makes its actions FHIR writes, all or none; adding, changing and cancelling go
 * through the chart's own forms. The chart shows each at once, and whoever asked to hear of it is told.
 */
import type { Action, Suggestion } from './cards.ts';
import { type ExchangeLog, succeeded } from './exchange-log.ts';
import type { Subject } from './hold.ts';

/** What became of the drafts. */
export interface OrderChange {
  /** References of drafts that were added or changed. */
  readonly selected: readonly string[];
  /** Some were taken away. */
  readonly isLess: boolean;
}

const changed = 'orders-changed';

export function onOrdersChanged(listener: (change: OrderChange) => void): void {
  document.addEventListener(changed, (event) => listener((event as CustomEvent<OrderChange>).detail));
}

/** The order that a form signs. */
export const signed: Subject = (form, { value }) => (value === 'sign' ? referenceOf(form) : undefined);

/** `Type/id` of the order that a form of the chart decides about. */
const referenceOf = ({ action }: HTMLFormElement): string | undefined =>
  /orders\/(\w+\/[\w.-]+)$/.exec(action)?.[1];

/** Sends the forms that add, change and cancel drafts without leaving the page. */
export function stayOnOrdering(): void {
  document.addEventListener('submit', (event) => {
    const { target: form, submitter: button } = event;
    if (!(form instanceof HTMLFormElement) || !(button instanceof HTMLButtonElement)) return;
    if (form.closest('#orders') === null || button.value === 'sign') return;
    event.preventDefault();
    void send(form, button);
  });
}

async function send(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const edited = button.value === 'edit' ? [referenceOf(form) ?? ''] : [];
  const body = new URLSearchParams(
    [...new FormData(form, button)].map(([name, value]) => [name, `${value}`]),
  );
  const answer = await fetch(form.action, { method: 'POST', body }).catch(() => undefined);
  if (answer?.ok) await tell(edited);
}

/** The orders under these references as one Bundle; those that cannot be read are left out. */
export async function bundleOf(log: ExchangeLog, references: readonly string[]): Promise<unknown> {
  const read = await Promise.all(references.map((at) => log.send('order', 'GET', `/sandbox/fhir/${at}`)));
  const entry = read.filter(succeeded).map(({ response }) => ({ resource: response }));
  return { resourceType: 'Bundle', type: 'collection', ...(entry.length > 0 ? { entry } : {}) };
}

/** References of all drafts on the chart, as the page shows them. */
export function draftReferences(): readonly string[] {
  const forms = [...document.querySelectorAll<HTMLFormElement>('#orders form')];
  return [...new Set(forms.flatMap((form) => referenceOf(form) ?? []))];
}

/** True when every action of the suggestion was applied; nothing was written otherwise. */
export async function applySuggestion(log: ExchangeLog, suggestion: Suggestion): Promise<boolean> {
  const actions = suggestion.actions ?? [];
  if (actions.length === 0) {
    return true;
  }
  const exchange = await log.send('order', 'POST', '/sandbox/fhir', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: actions.map(transactionEntry),
  });
  if (succeeded(exchange)) {
    await tell(actions.flatMap(updated));
  }
  return succeeded(exchange);
}

const updated = ({ type, resource }: Action): string[] =>
  type === 'update' && resource !== undefined ? [`${resource.resourceType}/${resource.id}`] : [];

/** Shows the orders as they are now and says what became of them. */
async function tell(edited: readonly string[]): Promise<void> {
  const before = draftReferences();
  await refreshOrders();
  const now = draftReferences();
  const added = now.filter((reference) => !before.includes(reference));
  const selected = [...added, ...now.filter((reference) => edited.includes(reference))];
  const isLess = before.some((reference) => !now.includes(reference));
  if (selected.length > 0 || isLess) {
    document.dispatchEvent(new CustomEvent<OrderChange>(changed, { detail: { selected, isLess } }));
  }
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
