/** CDS Hooks 2.0 answers as this EHR reads them: what breaks the specification is not shown. */

export interface Coding {
  readonly system?: string;
  readonly code: string;
  readonly display?: string;
}

export interface Action {
  readonly type: 'create' | 'update' | 'delete';
  readonly description?: string;
  readonly resource?: { readonly resourceType: string; readonly id?: string };
  readonly resourceId?: string;
}

export interface Suggestion {
  readonly label: string;
  readonly uuid?: string;
  readonly isRecommended?: boolean;
  readonly actions?: readonly Action[];
}

export interface Link {
  readonly label: string;
  readonly url: string;
  readonly type: 'absolute' | 'smart';
  readonly appContext?: string;
}

export interface Card {
  readonly uuid?: string;
  readonly summary: string;
  readonly detail?: string;
  readonly indicator: 'info' | 'warning' | 'critical';
  readonly source: { readonly label: string; readonly url?: string };
  readonly suggestions?: readonly Suggestion[];
  readonly selectionBehavior?: 'at-most-one' | 'any';
  readonly overrideReasons?: readonly Coding[];
  readonly links?: readonly Link[];
}

export interface Service {
  readonly id: string;
  readonly hook: string;
  readonly title?: string;
  readonly description: string;
  readonly prefetch?: Readonly<Record<string, string>>;
}

/** The `services` of a discovery answer; none when it is not one. */
export function readServices(body: unknown): readonly Service[] {
  return list(body, 'services').filter((one): one is Service => hasText(one, 'id') && hasText(one, 'hook'));
}

/** The `cards` of an answer, ranked as answered; a card without summary, indicator or source is dropped. */
export function readCards(body: unknown): readonly Card[] {
  return list(body, 'cards').filter(
    (one): one is Card =>
      hasText(one, 'summary') &&
      indicators.includes(String(property(one, 'indicator'))) &&
      hasText(property(one, 'source'), 'label'),
  );
}

const indicators = ['critical', 'warning', 'info'];

function list(body: unknown, name: string): readonly unknown[] {
  const value = property(body, name);
  return Array.isArray(value) ? value : [];
}

function hasText(value: unknown, name: string): boolean {
  const text = property(value, name);
  return typeof text === 'string' && text !== '';
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
