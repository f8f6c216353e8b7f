/** How checks of trust ask: the same token question put to discovery, to a hook call and to feedback. */
import { randomUUID } from 'node:crypto';
import { failed, passed, skipped, type Verdict } from '../check.ts';
import type { Answer, Body, Target, TokenChanges } from '../target.ts';
import { isOk, said } from './asking.ts';

/** One call that any client makes; its path is what a token must be for. */
interface Endpoint {
  readonly name: string;
  readonly path: string;
  readonly send: (authorization: string | null | undefined) => Promise<Answer>;
}

/** Discovery, one hook call, and feedback where the service takes it. */
export async function endpointsOf(target: Target): Promise<readonly Endpoint[]> {
  const service = target.services.find((item) => target.request(item) !== undefined);
  const discovery: Endpoint = {
    name: 'discovery',
    path: '/cds-services',
    send: (authorization) => target.send('/cds-services', { method: 'GET', authorization }),
  };
  if (service === undefined) return [discovery];
  const path = `/cds-services/${encodeURIComponent(service.id)}`;
  const hook: Endpoint = {
    ...{ name: 'a hook call', path },
    send: (authorization) => target.call(service, target.request(service), { authorization }),
  };
  const feedback: Endpoint = {
    ...{ name: 'feedback', path: `${path}/feedback` },
    send: (authorization) =>
      target.send(`${path}/feedback`, { method: 'POST', body: JSON.stringify(overridden()), authorization }),
  };
  const takesFeedback = isOk(await feedback.send(undefined));
  return takesFeedback ? [discovery, hook, feedback] : [discovery, hook];
}

const overridden = (): Body => ({
  feedback: [{ card: randomUUID(), outcome: 'overridden', outcomeTimestamp: new Date().toISOString() }],
});

type Sign = NonNullable<Target['sign']>;

export const withKey =
  (judge: (target: Target, sign: Sign) => Promise<Verdict>) =>
  async (target: Target): Promise<Verdict> =>
    target.sign === undefined ? skipped('no key: give one with --key') : judge(target, target.sign);

/** Each endpoint answers 401 to what `make` makes for it. */
export const refusesAll = (make: (sign: Sign, path: string) => Promise<string | null>) =>
  withKey(async (target, sign) => {
    for (const { name, path, send } of await endpointsOf(target)) {
      const { status } = await send(await make(sign, path));
      if (status !== 401) return failed(`${name}: ${said(status)}, not 401`);
    }
    return passed;
  });

export const refuses = (changes: () => TokenChanges) =>
  refusesAll(async (sign, path) => `Bearer ${await sign(path, changes())}`);

export const takes = (changes: (aud: unknown) => TokenChanges) =>
  withKey(async (target, sign) => {
    for (const { name, path, send } of await endpointsOf(target)) {
      const { aud } = claimsOf(await sign(path));
      const answer = await send(`Bearer ${await sign(path, changes(aud))}`);
      if (!isOk(answer)) return failed(`${name}: ${said(answer.status)}`);
    }
    return passed;
  });

export const claimsOf = (token: string): Body =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Body;

export const seconds = (): number => Math.floor(Date.now() / 1000);
