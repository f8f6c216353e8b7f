/** Who is taken, and in which order what is asked. What is refused: attacks.test.ts. */
import assert from 'node:assert/strict';
import { exportJWK } from 'jose';
import { Fault } from '../../src/errors.ts';
import { parseRegistrations, type Registration } from '../../src/hooks/registration.ts';
import { memoryReplayStore, type ReplayStore } from '../../src/hooks/replay.ts';
import { createAuthenticate, mayAskFhirServer, type Refusal } from '../../src/hooks/trust.ts';
import {
  type Change,
  clock,
  cloud,
  ehr,
  hookPath,
  issuer,
  jwksUrl,
  now,
  openWorld,
  other,
  profiles,
  publicUrl,
  type World,
} from './tokens/world.ts';

const audience = `${publicUrl}${hookPath}`;
const ours = 'ab'.repeat(32);
const theirs = 'cd'.repeat(32);

describe('trust', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
  });

  function trusting(registrations: readonly Registration[] = world.registrations, replays?: ReplayStore) {
    const refusals: (readonly [Refusal, string | undefined])[] = [];
    const authenticate = createAuthenticate({
      registrations,
      clock,
      fetchKeys: world.fetchKeys,
      onRefusal: (...refusal) => refusals.push(refusal),
      ...(replays === undefined ? {} : { replays }),
    });
    const bearing = (token: string, certificate?: string) =>
      authenticate({ authorization: `Bearer ${token}`, certificate }, audience);
    return { authenticate, bearing, refusals };
  }

  /** One EHR with its keys inline. */
  const registered = async (fields: object = {}): Promise<readonly Registration[]> => {
    const jwk = { ...(await exportJWK(world.keys.es.publicKey)), kid: 'es' };
    return parseRegistrations(
      JSON.stringify([ehr({ id: issuer, jwks: { keys: [jwk] }, ...fields })]),
      profiles,
    );
  };

  const refuses = (promise: Promise<unknown>): Promise<void> =>
    assert.rejects(promise, (thrown) => {
      assert.ok(thrown instanceof Fault);
      assert.deepEqual([thrown.code, thrown.details, thrown.cause], ['unauthorized', [], undefined]);
      return true;
    });

  describe('by token', () => {
    const good: Record<string, () => Change> = {
      ES384: () => ({}),
      RS384: () => ({ header: { alg: 'RS384', kid: 'rs' }, key: world.keys.rs.privateKey }),
      'the registered jku': () => ({ header: { jku: jwksUrl } }),
      'an audience list of this one URL': () => ({ claims: { aud: [audience, audience] } }),
      'a clock that is a minute ahead': () => ({ claims: { iat: now + 60, nbf: now + 60, exp: now + 200 } }),
      'one that ended within the skew': () => ({ claims: { iat: now - 280, exp: now - 59 } }),
      'exactly five minutes': () => ({ claims: { exp: now + 300 } }),
      'nbf, sub and an unregistered tenant (Epic)': () => ({ claims: { tenant: 't', nbf: now, sub: 's' } }),
      'a jti of 256 characters': () => ({ claims: { jti: 'x'.repeat(256) } }),
      'an x5c and a jwk, which nobody reads': () => ({
        header: { x5c: ['MIIB'], jwk: { kty: 'oct', k: 'AA' } },
      }),
    };
    for (const [what, change] of Object.entries(good)) {
      it(`K3–K5: takes ${what}`, async () => {
        const { bearing, refusals } = trusting();
        assert.equal((await bearing(await world.sign(change()))).id, issuer);
        assert.deepEqual(refusals, []);
      });
    }

    it('K1, K2: no header is refused on every call', async () => {
      const { authenticate, refusals } = trusting();
      await refuses(authenticate({ authorization: undefined, certificate: undefined }, audience));
      await refuses(authenticate({ authorization: '', certificate: undefined }, audience));
      assert.deepEqual(refusals, [
        ['no-credentials', undefined],
        ['malformed', undefined],
      ]);
    });

    it('K6: tenants of one issuer are told apart by their claim and their keys', async () => {
      const { bearing } = trusting();
      for (const [tenant, key, id] of [
        ['n', world.keys.north, 'north'],
        ['s', world.keys.south, 'south'],
      ] as const) {
        const change = { claims: { iss: cloud, tenant }, header: { kid: tenant }, key: key.privateKey };
        assert.equal((await bearing(await world.sign(change))).id, id);
      }
    });

    it('takes a registered longer life and a fixed audience', async () => {
      const long = trusting(await registered({ maxTokenSeconds: 900 }));
      await long.bearing(await world.sign({ claims: { exp: now + 900 } }));
      await refuses(long.bearing(await world.sign({ claims: { exp: now + 901 } })));
      const fixed = trusting(await registered({ audience: 'auscult' }));
      await fixed.bearing(await world.sign({ claims: { aud: 'auscult' } }));
      await refuses(fixed.bearing(await world.sign()));
    });

    it('K4: a jku beside inline keys is compared, and nothing is fetched', async () => {
      const before = world.asked.length;
      const { bearing } = trusting(await registered({ jwksUrl }));
      await bearing(await world.sign({ header: { jku: jwksUrl } }));
      await refuses(bearing(await world.sign({ header: { jku: `${jwksUrl}x` } })));
      assert.equal(world.asked.length, before);
    });

    it('K7: the reason goes to the metrics, with the id of the registration that was named', async () => {
      const { bearing, refusals } = trusting();
      await refuses(bearing(await world.sign({ key: world.keys.foreign.privateKey })));
      await refuses(bearing(await world.sign({ claims: { iss: 'https://evil.example' } })));
      assert.deepEqual(refusals, [
        ['signature', issuer],
        ['issuer', undefined],
      ]);
    });
  });

  it('R: of many bad tokens in the name of one EHR few are checked, and no other EHR waits for them', async () => {
    const { bearing } = trusting();
    const bad = await world.sign({ key: world.keys.foreign.privateKey });
    await refuses(bearing(bad));
    const done: string[] = [];
    const noted = (thrown: Fault) => done.push(thrown.code);
    const flood = Array.from({ length: 500 }, () => bearing(bad).catch(noted));
    const change = { claims: { iss: other }, header: { kid: 'b' }, key: world.keys.b.privateKey };
    assert.equal((await bearing(await world.sign(change))).id, other);
    assert.ok(done.filter((code) => code === 'unauthorized').length < 100);
    await Promise.all(flood);
    assert.equal(done.filter((code) => code === 'overloaded').length, 500 - 8 - 256);
  });

  describe('replay', () => {
    it('K7: takes a token once, also where it comes many times at once', async () => {
      const { bearing, refusals } = trusting();
      const token = await world.sign();
      const answers = await Promise.allSettled(Array.from({ length: 8 }, () => bearing(token)));
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
      assert.deepEqual(refusals, Array(7).fill(['replay', issuer]));
    });

    it('K7: the store is asked last: a token that is not good uses up no jti', async () => {
      const asked: string[] = [];
      const { bearing } = trusting(undefined, {
        useOnce: async (_, jti) => asked.push(jti) > 0,
      });
      const changes: Change[] = [
        { key: world.keys.foreign.privateKey },
        { header: { kid: 'x' } },
        { claims: { exp: now - 100, iat: now - 200 } },
        { claims: { aud: 'x' } },
      ];
      for (const change of changes) {
        await refuses(bearing(await world.sign({ ...change, claims: { ...change.claims, jti: 'j' } })));
      }
      assert.deepEqual(asked, []);
      await bearing(await world.sign({ claims: { jti: 'j' } }));
      assert.deepEqual(asked, ['j']);
    });

    it('K7: it is kept by registration, in whole seconds, until the token could not be used any more', async () => {
      const kept: unknown[] = [];
      const { bearing } = trusting(undefined, { useOnce: async (...of) => kept.push(of) > 0 });
      await bearing(await world.sign({ claims: { jti: 'j', exp: now + 100.5 } }));
      assert.deepEqual(kept, [[issuer, 'j', now + 101 + 60, now]]);
    });

    it('K7: one registration does not use up the jti of another', async () => {
      const { bearing } = trusting(undefined, memoryReplayStore());
      await bearing(await world.sign({ claims: { jti: 'j' } }));
      const change = { claims: { iss: other, jti: 'j' }, header: { kid: 'b' }, key: world.keys.b.privateKey };
      assert.equal((await bearing(await world.sign(change))).id, other);
    });

    it('a store that cannot answer is a 503, never a pass, and only for good tokens', async () => {
      const down = { useOnce: () => Promise.reject(new Error('disk')) };
      const { bearing } = trusting(undefined, down);
      await refuses(bearing(await world.sign({ key: world.keys.foreign.privateKey })));
      await assert.rejects(
        bearing(await world.sign()),
        (thrown) => thrown instanceof Fault && thrown.code === 'ledger-unavailable',
      );
    });
  });

  describe('by certificate', () => {
    const certified = () =>
      parseRegistrations(
        JSON.stringify([
          ehr({ id: 'gateway', profile: 'medplum', certificates: [theirs, ours.toUpperCase()] }),
        ]),
        profiles,
      );
    const show = (registrations: readonly Registration[], certificate?: string, authorization?: string) =>
      trusting(registrations).authenticate({ authorization, certificate }, audience);

    it('K8: an EHR without keys is known by a certificate that it lists, in any spelling', async () => {
      const colons = (ours.match(/../g) ?? []).join(':').toUpperCase();
      for (const certificate of [ours, theirs, colons]) {
        assert.equal((await show(certified(), certificate)).id, 'gateway');
      }
    });

    it('K8: and by nothing else', async () => {
      for (const certificate of [
        undefined,
        '',
        'ef'.repeat(32),
        ours.slice(2),
        `${ours}ab`,
        'zz'.repeat(32),
      ]) {
        await refuses(show(certified(), certificate));
        await refuses(
          show(certified(), certificate, `Bearer ${await world.sign({ claims: { iss: 'gateway' } })}`),
        );
      }
    });

    it('K8: the access token that Medplum sends besides is not read', async () => {
      for (const authorization of [
        'Bearer opaque',
        'Bearer a.b.c',
        `Bearer ${await world.sign({ header: { typ: 'at+jwt' } })}`,
      ]) {
        assert.equal((await show(certified(), ours, authorization)).id, 'gateway');
      }
    });

    it('K8: where keys and a certificate are registered, both are needed', async () => {
      const { authenticate, bearing, refusals } = trusting(await registered({ certificates: [ours] }));
      assert.equal((await bearing(await world.sign(), ours)).id, issuer);
      await refuses(bearing(await world.sign()));
      await refuses(bearing(await world.sign(), theirs));
      await refuses(authenticate({ authorization: undefined, certificate: ours }, audience));
      await refuses(bearing(await world.sign({ key: world.keys.foreign.privateKey }), ours));
      assert.deepEqual(
        refusals.map(([refusal]) => refusal),
        ['certificate', 'certificate', 'certificate', 'signature'],
      );
    });

    it('K8: a token that names an EHR with keys is judged as its token, whatever the certificate', async () => {
      const all = [...certified(), ...(await registered())];
      assert.equal((await show(all, ours, `Bearer ${await world.sign()}`)).id, issuer);
      await refuses(show(all, ours, `Bearer ${await world.sign({ key: world.keys.foreign.privateKey })}`));
    });
  });

  it('lets only registered FHIR servers be asked', () => {
    const [registration] = world.registrations;
    assert.ok(registration);
    for (const same of [
      'https://ehr.example/fhir',
      'https://EHR.example:443/fhir/',
      'https://ehr.example/x/../fhir',
    ]) {
      assert.equal(mayAskFhirServer(registration, same), 'https://ehr.example/fhir');
    }
    for (const foreign of [
      'https://fhir1.example/fhir',
      'http://ehr.example/fhir',
      'https://ehr.example/fhir2',
      'https://ehr.example/fhir/tenant',
      'https://ehr.example',
      'https://ehr.example@evil.example/fhir',
      'https://ehr.example.evil.example/fhir',
      'https://evil.example/https://ehr.example/fhir',
      'http://169.254.169.254/latest/meta-data',
      'http://127.1/fhir',
      'http://2130706433/fhir',
      'file:///fhir',
      'ehr',
    ]) {
      assert.throws(
        () => mayAskFhirServer(registration, foreign),
        (thrown) =>
          thrown instanceof Fault && thrown.code === 'fhir-server-not-allowed' && thrown.details.length === 0,
        foreign,
      );
    }
  });
});
