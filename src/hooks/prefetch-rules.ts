import type { ClientProfile } from './profile.ts';

type Spec = ClientProfile['spec'];

/** Tokens that name the user by kind (R55, R56). */
const userTokens = ['userPractitionerId', 'userPractitionerRoleId', 'userPatientId', 'userRelatedPersonId'];
/** Context fields that the hook library lets a token name; `draftOrders`, `selections`, `appointments`... are not. */
const tokenFields = ['patientId', 'userId', 'encounterId', 'performer', 'dispatchedOrders'];

const token = /\{\{(.*?)\}\}/g;
const path = String.raw`(?:\.(?:ofType\([A-Z][A-Za-z]+\)|resolve\(\)|[a-z][A-Za-z0-9]*))*`;
/** 3.0 "Prefetch tokens containing simpler FHIRPath": one operand of a union. */
const simplerFhirPath = new RegExp(
  String.raw`^(?:context\.[a-z][A-Za-z0-9]*${path}|%[\w-]+${path}|today\(\)(?: ?[+-] ?\d+ days?)?)$`,
);

/**
 * Where a prefetch template leaves what a client of that version can be asked for (P1–P3): each violation is one
 * line that names rule and part.
 *
 * @param query as the template stands in discovery, with its tokens
 * @param spec version of CDS Hooks that the client speaks
 */
export function prefetchViolations(query: string, spec: Spec): readonly string[] {
  const tokens = tokensOf(query);
  const rest = query.replaceAll(token, '');
  return [
    ...(/\{\{|\}\}/.test(rest) ? ['P1 token: a brace without its partner'] : []),
    ...tokens.flatMap((each) => tokenViolations(each, spec)),
    ...queryViolations(query.replaceAll(token, 'x'), /^\{\{.*\}\}$/.test(query), spec),
  ];
}

/** What stands between the braces of a template, trimmed. */
export const tokensOf = (query: string): readonly string[] =>
  [...query.matchAll(token)].map(([, name = '']) => name.trim());

function tokenViolations(name: string, spec: Spec): readonly string[] {
  if (userTokens.includes(name)) return [];
  if (spec === '3.0') {
    const sound = name.split('|').every((operand) => simplerFhirPath.test(operand.trim()));
    return sound ? [] : [`P2 {{${name}}}: not simpler FHIRPath`];
  }
  const field = /^context\.([A-Za-z][A-Za-z0-9]*)$/.exec(name)?.[1];
  if (field !== undefined) {
    return tokenFields.includes(field) ? [] : [`P2 {{${name}}}: not a primitive field of the context`];
  }
  return name.startsWith('context.')
    ? [`P2 {{${name}}}: reaches below the root of the context (3.0)`]
    : [`P1 {{${name}}}: neither a context path nor a user token`];
}

/** P3: read, type search, token equality, dates with eq, lt, gt, ge, le, `_count`, `_sort` (`_maxresults` in 3.0). */
function queryViolations(query: string, isToken: boolean, spec: Spec): readonly string[] {
  if (isToken) return [];
  if (/^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]+$/.test(query)) return [];
  const [, parameters] = /^[A-Z][A-Za-z]+\?(.+)$/.exec(query) ?? [];
  if (parameters === undefined) return ['P3 query: neither a read nor a search of one type'];
  return parameters.split('&').flatMap((parameter) => parameterViolations(parameter, spec));
}

function parameterViolations(parameter: string, spec: Spec): readonly string[] {
  const at = parameter.indexOf('=');
  const [name, value] = [parameter.slice(0, at), parameter.slice(at + 1)];
  if (at < 1 || value === '') return ['P3 query: a parameter without a value'];
  if (name.startsWith('_')) {
    const known = ['_count', '_sort', '_id', ...(spec === '3.0' ? ['_maxresults'] : [])];
    return known.includes(name) ? [] : [`P3 ${name}: outside the subset`];
  }
  const [bare = '', modifier] = name.split(':');
  if (bare.includes('.')) return [`P3 ${bare}: a chained parameter`];
  if (modifier !== undefined && modifier !== 'in') return [`P3 ${name}: a modifier other than :in`];
  return isDate(bare) && /^(?:ne|sa|eb|ap)/.test(value) ? [`P3 ${name}: a prefix outside the subset`] : [];
}

const isDate = (name: string): boolean => /(?:^|-)date$|^(?:authoredon|period|issued)$/.test(name);
