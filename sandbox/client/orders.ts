/** Accepting a suggestion: its actions become FHIR writes, all or none, and the chart shows them at once. */
import type { Action, Suggestion } from './cards.ts';
import { type ExchangeLog, succeeded } from './exchange-log.ts';

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
    await refreshOrders();
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
