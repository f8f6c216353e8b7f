/** How checks ask: every service in turn, a correct request first, so that a refusal means what it seems to mean. */
import { randomUUID } from 'node:crypto';
import type { Card, CdsService } from 'cds-hooks-types';
import { failed, passed, skipped, type Verdict } from '../check.ts';
import type { Answer, Body, Exchange, Target } from '../target.ts';

export const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Members of an array; of anything else, none. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** How a service is named in a report: its id alone may serve several hooks. */
export const nameOf = ({ id, hook }: CdsService): string => `${id} (${hook})`;

/** The first failure; else passed where any passed; else the first reason to skip. */
export function together(verdicts: readonly Verdict[], none: string): Verdict {
  const first = (kind: Verdict['kind']) => verdicts.find((verdict) => verdict.kind === kind);
  return first('failed') ?? first('passed') ?? first('skipped') ?? skipped(none);
}

const controls = new WeakMap<Target, Map<string, Promise<Answer>>>();

/** What the service answers to its correct request; asked once per run. */
export function control(target: Target, service: CdsService, request: Body): Promise<Answer> {
  const known = controls.get(target) ?? new Map<string, Promise<Answer>>();
  controls.set(target, known);
  const answer = known.get(nameOf(service)) ?? target.call(service, request);
  known.set(nameOf(service), answer);
  return answer;
}

export type Judge = (service: CdsService, request: () => Body) => Promise<Verdict>;

/** Judges each service for which a request can be made, one after another, until one fails. */
export async function everyService(target: Target, judge: Judge): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const service of target.services) {
    const request = target.request(service);
    const verdict =
      request === undefined
        ? skipped(`${nameOf(service)}: give a request of this hook with --request`)
        : named(service, await judge(service, () => target.request(service) ?? request));
    verdicts.push(verdict);
    if (verdict.kind === 'failed') return verdict;
  }
  return together(verdicts, 'discovery named no service');
}

/** As `everyService`, but only services that answer their correct request with 200: else a refusal tells nothing. */
export function everyAnswering(target: Target, judge: Judge): Promise<Verdict> {
  return everyService(target, async (service, request) => {
    const { status } = await control(target, service, request());
    return status === 200 ? judge(service, request) : skipped(`its correct request is answered ${status}`);
  });
}

function named(service: CdsService, verdict: Verdict): Verdict {
  switch (verdict.kind) {
    case 'passed':
      return verdict;
    case 'failed':
      return failed(`${nameOf(service)}: ${verdict.saw}`);
    case 'skipped':
      return skipped(`${nameOf(service)}: ${verdict.why}`);
  }
}

/** A refusal: 4xx, and no card with it. */
export function refusal({ status, json }: Answer): Verdict {
  const cards = isObject(json) && 'cards' in json ? ' with cards' : '';
  const isRefused = status >= 400 && status < 500 && cards === '';
  return isRefused ? passed : failed(`${said(status)}${cards}, not a 4xx`);
}

/** How a status reads in a report. */
export const said = (status: number): string =>
  status === 0 ? 'no answer within 10 s' : `answered ${status}`;

export const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** The cards of a 200; none of anything else. */
export const cardsOf = ({ status, json }: Answer): readonly unknown[] =>
  status === 200 && isObject(json) ? listOf(json.cards) : [];

const tokens = new WeakMap<Target, string>();

/** The access token that the kit hands to the service: one per run, so that it can be looked for. */
export function accessToken(target: Target): string {
  const token = tokens.get(target) ?? `kit-${randomUUID()}`;
  tokens.set(target, token);
  return token;
}

/** `fhirServer` and `fhirAuthorization` of the kit's FHIR server. */
export const fhirAccess = (target: Target, request: Body): Body => ({
  fhirServer: target.fhir?.base,
  fhirAuthorization: {
    access_token: accessToken(target),
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'patient/*.read',
    subject: 'cds-hooks-conformance',
    patient: isObject(request.context) ? request.context.patientId : undefined,
  },
});

/** Everything the service said so far, after each service was called once with its correct request. */
export async function everythingSaid(target: Target): Promise<readonly Exchange[]> {
  await everyService(target, async (service, request) => {
    await control(target, service, request());
    return passed;
  });
  return target.said;
}

/** A card as it was said, not yet known to be right. */
export interface SaidCard {
  /** `greeting (patient-view): cards.0` */
  readonly where: string;
  readonly card: Body;
  readonly exchange: Exchange;
}

/** Every card of every 200 to a hook call. */
export async function cardsSaid(target: Target): Promise<readonly SaidCard[]> {
  const hooks = (await everythingSaid(target)).filter(({ service }) => service !== undefined);
  return hooks.flatMap((exchange) =>
    cardsOf(exchange.answer).map((card, at) => ({
      where: `${exchange.service === undefined ? '' : nameOf(exchange.service)}: cards.${at}`,
      card: isObject(card) ? card : {},
      exchange,
    })),
  );
}

/** Members of the named list in each of these, with where each stands. */
export interface Place {
  readonly where: string;
  readonly value: Body;
  readonly exchange: Exchange;
}

export const members = (places: readonly Place[], name: keyof Card | 'actions'): readonly Place[] =>
  places.flatMap(({ where, value, exchange }) =>
    listOf(value[name]).map((item, at) => ({
      where: `${where}.${name}.${at}`,
      value: isObject(item) ? item : {},
      exchange,
    })),
  );

/** Passed where no place is wrong; skipped where there is no place. */
export function judgePlaces(
  places: readonly Place[],
  wrong: (place: Place) => string | undefined,
  none: string,
): Verdict {
  for (const place of places) {
    const complaint = wrong(place);
    if (complaint !== undefined) return failed(`${place.where} ${complaint}`);
  }
  return places.length === 0 ? skipped(none) : passed;
}
