/**
 * What a search may ask here. The router answers an unknown parameter, modifier or type of parameter with
 * an empty Bundle; an EHR must not say "nothing found" when it did not look (FHIR R4 search.html#errors).
 */
import { badRequest, getSearchParameters, OperationOutcomeError } from '@medplum/core';
import type { Bundle, BundleLink } from '@medplum/fhirtypes';

/** Query of one search as the router gives it: repeated parameters come as a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export const defaultCount = 50;
const maximumCount = 1000;

const resultParameters = [
  '_sort',
  '_count',
  '_offset',
  '_total',
  '_summary',
  '_include',
  '_revinclude',
  '_format',
  '_pretty',
];
const modifiersByType: Readonly<Record<string, readonly string[]>> = {
  token: ['', 'not', 'missing'],
  string: ['', 'contains', 'missing'],
  reference: ['', 'missing'],
  date: ['', 'missing'],
  uri: ['', 'missing'],
};

/** Search parameters of a type that are answered here, by code. */
export function supportedParameters(resourceType: string): ReadonlyMap<string, string> {
  const known = Object.values(getSearchParameters(resourceType) ?? {});
  return new Map(
    known.flatMap(({ code, type }) =>
      type in modifiersByType && code !== '_compartment' ? [[code, type]] : [],
    ),
  );
}

/** @throws OperationOutcomeError (400) for a parameter, modifier, sort rule or count that is not supported. */
export function checkQuery(resourceType: string, query: Query): void {
  const parameters = supportedParameters(resourceType);
  for (const [name, value] of pairs(query)) {
    if (resultParameters.includes(name.split(':')[0] ?? '')) {
      checkResultParameter(name, value, parameters);
    } else {
      checkFilter(resourceType, name, value, parameters);
    }
  }
}

function checkFilter(
  resourceType: string,
  name: string,
  value: string,
  parameters: ReadonlyMap<string, string>,
): void {
  const [code = '', modifier = ''] = name.split(':');
  const type = parameters.get(code);
  if (type === undefined) {
    refuse(`The search parameter ${code} of ${resourceType} is not supported`);
  } else if (!modifiersByType[type]?.includes(modifier)) {
    refuse(`The modifier :${modifier} of ${code} is not supported`);
  } else if (type === 'reference' && code !== 'patient' && modifier === '' && !value.includes('/')) {
    refuse(`The reference ${code} needs a type: ${code}=Type/id`);
  }
}

function checkResultParameter(name: string, value: string, parameters: ReadonlyMap<string, string>): void {
  const problem = resultProblem(name, value, parameters);
  if (problem !== undefined) {
    refuse(problem);
  }
}

function resultProblem(
  name: string,
  value: string,
  parameters: ReadonlyMap<string, string>,
): string | undefined {
  switch (name) {
    case '_sort': {
      const unknown = value.split(',').find((rule) => !parameters.has(rule.replace(/^-/, '')));
      return unknown === undefined ? undefined : `Sorting by ${unknown} is not supported`;
    }
    case '_count':
    case '_offset':
      return /^\d{1,6}$/.test(value) ? undefined : `${name} is not a whole number`;
    case '_summary':
      return ['count', 'false'].includes(value) ? undefined : `_summary=${value} is not supported`;
    default:
      return undefined;
  }
}

/** `self` and, where there is more, `next` and `previous`; absolute under `base`. */
export function pageLinks(base: string, resourceType: string, query: Query, total: number): BundleLink[] {
  const { count, offset } = page(query);
  const link = (relation: string, at: number): BundleLink => {
    const parameters = new URLSearchParams(
      pairs(query).filter(([name]) => name !== '_offset' && name !== '_count'),
    );
    parameters.set('_count', String(count));
    if (at > 0) {
      parameters.set('_offset', String(at));
    }
    return { relation, url: `${base}/${resourceType}?${parameters}` };
  };
  return [
    link('self', offset),
    ...(count > 0 && offset + count < total ? [link('next', offset + count)] : []),
    ...(count > 0 && offset > 0 ? [link('previous', Math.max(0, offset - count))] : []),
  ];
}

/** The query with its page made explicit. */
export function withPage(query: Query): Query {
  const { count, offset } = page(query);
  return { ...query, _count: String(count), _offset: String(offset) };
}

/** Adds what the router leaves out of a searchset: absolute `fullUrl` and paging links. */
export function completeSearchset(bundle: Bundle, base: string, resourceType: string, query: Query): Bundle {
  const entry = bundle.entry?.map((one) => ({
    fullUrl: `${base}/${one.resource?.resourceType}/${one.resource?.id}`,
    ...one,
  }));
  return {
    ...bundle,
    link: pageLinks(base, resourceType, query, bundle.total ?? 0),
    ...(entry ? { entry } : {}),
  };
}

function page(query: Query): { count: number; offset: number } {
  const only = (name: string) => pairs(query).find(([key]) => key === name)?.[1];
  const asked = only('_summary') === 'count' ? 0 : Number(only('_count') ?? defaultCount);
  return { count: Math.min(asked, maximumCount), offset: Number(only('_offset') ?? 0) };
}

function pairs(query: Query): [string, string][] {
  return Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one): [string, string] => [name, one]),
  );
}

function refuse(text: string): never {
  throw new OperationOutcomeError(badRequest(text));
}
