import { isRecord, wordOf } from './coding.ts';

/** References and ids as charts send them; nothing here throws on odd input. */

/** `Observation/123`, or `#` where the resource has no id (what a Source names). */
export function referenceTo(resource: { readonly resourceType: string; readonly id?: unknown }): string {
  return typeof resource.id === 'string' && resource.id !== ''
    ? `${resource.resourceType}/${resource.id}`
    : '#';
}

/** The reference string of a Reference element, or undefined (an identifier-only reference has none). */
export function referenceOf(element: unknown): string | undefined {
  const reference = isRecord(element) ? element.reference : undefined;
  return typeof reference === 'string' && reference !== '' ? reference : undefined;
}

/**
 * The id a reference points to, if it points to that type: relative (`Encounter/1`), versioned
 * (`Encounter/1/_history/2`), absolute by its end, or `urn:uuid:1`. A contained one (`#x`) gives undefined.
 */
export function idIn(reference: string, type: string): string | undefined {
  if (reference.startsWith('urn:uuid:')) return reference.slice('urn:uuid:'.length);
  const path = reference.split(/[?#]/)[0]?.split('/_history/')[0] ?? '';
  const parts = path.split('/');
  return parts.at(-2) === type && parts.at(-1) !== '' ? parts.at(-1) : undefined;
}

/** The contained resource a `#id` reference means. */
export function containedIn(resource: { readonly contained?: unknown }, reference: string): unknown {
  const list = Array.isArray(resource.contained) ? resource.contained : [];
  return list.find((each: unknown) => isRecord(each) && `#${wordOf(each.id)}` === reference);
}
