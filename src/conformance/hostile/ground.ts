/** Where an attack is tried: a service that answers its correct request, so that a refusal means something. */
import type { CdsService } from 'cds-hooks-types';
import { cardsOf, control, nameOf, said } from '../rules/asking.ts';
import type { Answer, Body, Target } from '../target.ts';

export interface Ground {
  readonly service: CdsService;
  /** Path of its hook endpoint below `baseUrl`. */
  readonly path: string;
  /** A fresh correct request. */
  readonly request: () => Body;
  /** It answers the correct request with at least one card: only then do no cards tell anything. */
  readonly speaks: boolean;
}

/**
 * The first of these services that answers its correct request with cards; else the first that answers it with 200.
 * @returns why there is none
 */
export async function groundOf(
  target: Target,
  fits: (service: CdsService, request: Body) => boolean = () => true,
): Promise<Ground | string> {
  let silent: Ground | undefined;
  let why = 'the kit can make a correct request for none of the services (see --request)';
  for (const service of target.services) {
    const request = target.request(service);
    if (request === undefined || !fits(service, request)) continue;
    const answer = await control(target, service, request);
    const ground = { service, path: pathOf(service), request: () => target.request(service) ?? request };
    if (answer.status !== 200)
      why = `${nameOf(service)}: its correct request is not answered 200 but ${said(answer.status)}`;
    else if (cardsOf(answer).length > 0) return { ...ground, speaks: true };
    else silent ??= { ...ground, speaks: false };
  }
  return silent ?? why;
}

export const pathOf = ({ id }: CdsService): string => `/cds-services/${encodeURIComponent(id)}`;

/** The Authorization value of a correct call, for requests that the kit writes itself; undefined without a key. */
export async function authorizationFor(target: Target, path: string): Promise<string | undefined> {
  const token = await target.sign?.(path);
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** What is wrong with the service after an attack: it must answer a correct request as before. */
export async function harmDone(target: Target, { service, request }: Ground): Promise<string | undefined> {
  const { status } = await target.call(service, request());
  return status === 200 ? undefined : `afterwards its correct request is ${said(status)}`;
}

/** An answer that gave something away: a stack trace, a file of the server, what was sent. */
export function leakIn({ text }: Answer, planted?: string): string | undefined {
  if (planted !== undefined && text.includes(planted)) return 'the answer repeats what was sent';
  if (stackTrace.test(text)) return 'the answer holds a stack trace';
  return /root:[^\n]*:0:0:/.test(text) ? 'the answer holds a file of the server' : undefined;
}

/** JavaScript, Python, Java, .NET, Go, Ruby, PHP; line breaks as they are or escaped in JSON. */
const stackTrace =
  /(?:\n|\\n)(?:\s|\\t)*at \S.*?(?::\d+:\d+|\.(?:java|kt|cs):?(?:line )?\d+)|Traceback \(most recent call|Exception in thread|\bgoroutine \d+ \[|\.rb:\d+:in |#\d+ \S+\.php\(\d+\)/;
