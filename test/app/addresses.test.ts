/**
 * SSRF (reliability.md §2; R17): wherever an address can stand in what an EHR sends, none leads the server, or the
 * token it was given, anywhere but to the registered FHIR base. The cases are in test/fhir/addresses.
 */
import assert from 'node:assert/strict';
import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Bundle } from '@medplum/fhirtypes';
import { keySetOf } from '../../src/hooks/key-set.ts';
import { type Registration, sandboxRegistration } from '../../src/hooks/registration.ts';
import { closeAll, type Listening, listen } from '../fhir/listening.ts';
import { type Answer, hookPath, json, openHouse, type Site, type TestHouse } from '../harness.ts';

interface AddressCase {
  readonly id: string;
  readonly says: string;
  /** Where the address stands. */
  readonly way:
    | 'fhirServer'
    | 'redirect'
    | 'prefetched next'
    | 'fetched next'
    | 'reference'
    | 'name'
    | 'keys';
  /** `{canary}` and `{ehr}` are host and port. */
  readonly address: string;
  /** Status, and the error code or the diagnostics. */
  readonly answer: string;
  /** Of a redirect. */
  readonly status?: number;
  readonly resolvesTo?: readonly string[];
}

const cases: readonly AddressCase[] = JSON.parse(
  readFileSync(new URL('../fhir/addresses/corpus.json', import.meta.url), 'utf8'),
);
const fhirJson = { 'content-type': 'application/fhir+json' };
const token = 'CANARY-ACCESS-TOKEN';
const fhirAuthorization = {
  access_token: token,
  token_type: 'Bearer',
  expires_in: 300,
  scope: 'patient/*.rs',
  subject: 'auscult',
};

describe('addresses', () => {
  let house: TestHouse;
  let site: Site;
  let ehr: Listening;
  let asked: string[];
  let base: string;
  let own: Registration;
  let canary: Listening;
  /** What the EHR answers to its next read: where to, or the next page's address. */
  let redirect: { status: number; location: string } | undefined;
  let next: string | undefined;
  /** The EHR that calls: the stub's, or with another base. */
  let registration: Registration;
  const { lookup } = dns;

  before(async () => {
    house = await openHouse();
    site = await house.listen({ authenticate: async () => registration });
  });
  after(async () => {
    await site.close();
    await house.close();
  });
  beforeEach(async () => {
    canary = await listen((_, res) => res.writeHead(200, fhirJson).end('{}'));
    asked = [];
    ehr = await listen((req, res) => {
      asked.push(req.url?.split('?')[0] ?? '');
      if (redirect === undefined) res.writeHead(200, fhirJson).end(JSON.stringify(page(next)));
      else res.writeHead(redirect.status, { location: redirect.location }).end();
    });
    base = `${ehr.origin}/fhir`;
    own = { ...sandboxRegistration(3000), fhirServers: [base] };
    registration = own;
    redirect = undefined;
    next = undefined;
    (site.logged as unknown[]).length = 0;
  });
  afterEach(() => {
    dns.lookup = lookup;
    syncBuiltinESMExports();
    closeAll();
  });

  const page = (url?: string): Bundle => ({
    resourceType: 'Bundle',
    type: 'searchset',
    ...(url === undefined ? {} : { link: [{ relation: 'next', url }] }),
  });
  const order = (reference: string) => ({
    resourceType: 'MedicationRequest',
    id: 'planted',
    status: 'active',
    intent: 'order',
    subject: { reference: `Patient/${house.request().context.patientId}` },
    medicationReference: { reference },
  });
  /** One name leads to these addresses; all others stay what they are. */
  function resolve(name: string, addresses: readonly string[]): void {
    const found = addresses.map((address) => ({ address, family: 4 }));
    const named = (host: string, ...rest: unknown[]) =>
      host === name
        ? (rest.at(-1) as (error: null, all: typeof found) => void)(null, found)
        : Reflect.apply(lookup, dns, [host, ...rest]);
    dns.lookup = named as typeof lookup;
    syncBuiltinESMExports();
  }
  const fill = (address: string): string =>
    address
      .replaceAll('{canaryPort}', String(canary.port))
      .replaceAll('{canary}', `127.0.0.1:${canary.port}`)
      .replaceAll('{ehr}', new URL(base).host);

  /** The call that carries the address. */
  function call({ way, status }: Pick<AddressCase, 'way' | 'status'>, address: string): Promise<Answer> {
    const full = house.request();
    const { lipids: _, ...others } = full.prefetch;
    const request = { ...full, fhirServer: base, fhirAuthorization, prefetch: others };
    const entry = [{ resource: order(address) }];
    switch (way) {
      case 'fhirServer':
        return site.post(hookPath, { ...request, fhirServer: address });
      case 'redirect':
        redirect = { status: status ?? 302, location: address };
        return site.post(hookPath, request);
      case 'prefetched next':
        return site.post(hookPath, { ...request, prefetch: { ...others, lipids: page(address) } });
      case 'fetched next':
        next = address;
        return site.post(hookPath, request);
      case 'reference':
        return site.post(hookPath, {
          ...full,
          ...request,
          prefetch: { ...full.prefetch, medications: { ...page(), entry } },
        });
      case 'name': {
        const { allowPrivateNetwork: __, ...registered } = own;
        registration = { ...registered, fhirServers: [address] };
        return site.post(hookPath, { ...request, fhirServer: address });
      }
      case 'keys':
        throw new Error('keys are not in a call');
    }
  }

  const saidBy = (answer: Answer): readonly (string | undefined)[] => {
    if (answer.status === 200) return ['200'];
    const [issue] = (json(answer) as { issue: readonly Issue[] }).issue;
    return [`${answer.status} ${issue?.details.coding[0]?.code}`, `${answer.status} ${issue?.diagnostics}`];
  };
  interface Issue {
    readonly details: { readonly coding: readonly { readonly code: string }[] };
    readonly diagnostics?: string;
  }

  for (const each of cases.filter(({ way }) => way !== 'keys')) {
    it(`${each.id}: ${each.way}: ${each.says}: ${each.answer}, and nobody else is asked`, async () => {
      const address = fill(each.address);
      if (each.resolvesTo !== undefined) resolve(new URL(address).hostname, each.resolvesTo);
      const answer = await call(each, address);
      assert.ok(saidBy(answer).includes(each.answer), `${answer.status} ${answer.text}`);
      assert.deepEqual([canary.connections(), canary.received().includes(token)], [0, false]);
      const reads = each.way === 'redirect' || each.way === 'fetched next' ? ['/fhir/Observation'] : [];
      assert.deepEqual(asked, reads, 'what the EHR was asked');
      const told = `${answer.status === 200 ? '' : answer.text}${JSON.stringify(site.logged)}`;
      assert.ok(!told.includes(token) && !told.includes(String(canary.port)), told);
    });
  }

  for (const { id, says, way, address, answer } of cases.filter((each) => each.way === 'keys')) {
    it(`${id}: ${way}: ${says}: ${answer}, and nobody is asked`, async () => {
      const { allowPrivateNetwork: _, ...registered } = own;
      const keys = keySetOf({ ...registered, jwksUrl: fill(address) });
      assert.equal(await keys({ kid: 'k', alg: 'ES384' }), answer);
      assert.equal(canary.connections(), 0);
    });
  }

  it('there are forty, each with its own number', () => {
    const numbers = Array.from({ length: 40 }, (_, at) => `S${String(at + 1).padStart(2, '0')}`);
    assert.deepEqual(
      cases.map(({ id }) => id),
      numbers,
    );
  });

  describe('control: the canary sees who comes, so the cases above can fail', () => {
    const isSeen = (): void => {
      assert.ok(canary.connections() > 0, 'a connection');
      assert.ok(canary.received().includes(token), 'the token');
    };

    for (const way of ['fhirServer', 'prefetched next', 'fetched next', 'reference'] as const) {
      it(`${way}: registered, it is asked, and given the token`, async () => {
        const there = fill('http://{canary}/fhir');
        registration = { ...own, fhirServers: [base, there] };
        await call(
          { way },
          { fhirServer: there, reference: `${there}/Medication/1` }[way as string] ?? `${there}?page=2`,
        );
        isSeen();
      });
    }

    it('name: allowed on a private network, the resolved address is asked', async () => {
      const there = fill('http://private.ehr.example:{canaryPort}/fhir');
      resolve('private.ehr.example', ['127.0.0.1']);
      registration = { ...own, fhirServers: [there] };
      await call({ way: 'fhirServer' }, there);
      isSeen();
    });

    it('redirect: a client that follows arrives', async () => {
      redirect = { status: 307, location: fill('http://{canary}/') };
      await fetch(base, { headers: { authorization: `Bearer ${token}` } });
      assert.ok(canary.connections() > 0);
    });

    it('keys: allowed on a private network, the address is asked', async () => {
      const keys = keySetOf({ ...own, jwksUrl: fill('https://127.0.0.1:{canaryPort}/jwks.json') });
      await keys({ kid: 'k', alg: 'ES384' });
      assert.ok(canary.connections() > 0);
    });
  });
});
