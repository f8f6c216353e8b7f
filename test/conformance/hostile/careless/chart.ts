/** The chart: prefetch first, then the caller's FHIR server; and everything that leads away from it. */
import { type House, isObject, type Json, listOf, Refused } from './house.ts';
import { matchPatient } from './patients.ts';
import { addressesIn, go } from './wire.ts';

export type Chart = ReadonlyMap<string, readonly Json[] | undefined>;

/** @throws Refused 412 without a Patient, 403 for a server that may not be asked, 422 for another patient's data */
export async function gather(
  house: House,
  templates: Readonly<Record<string, string>>,
  request: Json,
  text: string,
): Promise<Chart> {
  const call: Call = { house, request, patientId: Object(request.context).patientId };
  const base = await serverOf(call, text);
  const prefetch = isObject(request.prefetch) ? request.prefetch : {};
  const chart = new Map<string, readonly Json[] | undefined>();
  for (const [key, template] of Object.entries(templates)) {
    const sent = prefetch[key];
    const query = template.replace('{{context.patientId}}', encodeURIComponent(String(call.patientId)));
    const page = sent === undefined && base !== undefined ? await read(call, `${base}/${query}`, base) : sent;
    chart.set(key, await resourcesOf(call, page, base));
  }
  if (chart.get('patient') === undefined && !house.has('takes-anything')) throw new Refused(412);
  return chart;
}

interface Call {
  readonly house: House;
  readonly request: Json;
  readonly patientId: unknown;
}

const tokenOf = ({ request }: Call): unknown => Object(request.fhirAuthorization).access_token;

async function serverOf(call: Call, text: string): Promise<string | undefined> {
  const { has, fhirServers } = call.house;
  const { fhirServer } = call.request;
  if (has('two-parsers')) await go(String(/"fhirServer":"([^"]*)"/.exec(text)?.[1]), tokenOf(call));
  if (fhirServer === undefined || has('any-server')) return undefined;
  if (has('asks-any-server')) {
    const last = [fhirServer].flat().at(-1);
    await go(String(isObject(last) ? last.href : last), tokenOf(call));
  }
  if (typeof fhirServer !== 'string' || !fhirServers.includes(fhirServer)) throw new Refused(403);
  return fhirServer;
}

/** One GET with the token, below the base; undefined where it fails in any way. */
async function read(call: Call, address: string, base: string): Promise<unknown> {
  const { has } = call.house;
  if (!address.startsWith(`${base}/`)) {
    if (has('follows-anywhere')) await go(address, tokenOf(call));
    return undefined;
  }
  const authorization = `Bearer ${tokenOf(call)}`;
  const response = await fetch(address, {
    headers: { authorization },
    redirect: has('follows-redirects') ? 'follow' : 'manual',
    signal: AbortSignal.timeout(500),
  }).catch(() => undefined);
  if (response === undefined) return undefined;
  if (has('follows-headers')) {
    for (const told of addressesIn([...response.headers].join(' '))) await go(told, tokenOf(call));
  }
  if (response.status !== 200) return undefined;
  const body: unknown = await response.json().catch(() => undefined);
  if (!has('trusts-fetched')) matchPatient(call.house, [body], call.patientId);
  return body;
}

/** Every page of it, and the medications it refers to; half a list is no list. */
async function resourcesOf(
  call: Call,
  page: unknown,
  base: string | undefined,
): Promise<readonly Json[] | undefined> {
  if (page === null) return [];
  if (!isObject(page) || page.resourceType === 'OperationOutcome') return undefined;
  if (page.resourceType !== 'Bundle') return [page];
  const resources = listOf(page.entry).flatMap((entry) =>
    isObject(entry) && isObject(entry.resource) ? [entry.resource] : [],
  );
  for (const { medicationReference } of resources) {
    if (isObject(medicationReference))
      await read(call, String(medicationReference.reference), base ?? 'none');
  }
  for (const link of listOf(page.link)) {
    if (!isObject(link) || link.relation !== 'next') continue;
    const rest = await resourcesOf(call, await read(call, String(link.url), base ?? 'none'), base);
    if (rest === undefined && !call.house.has('follows-anywhere')) return undefined;
    resources.push(...(rest ?? []));
  }
  return resources;
}
