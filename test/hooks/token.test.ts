import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fault } from '../../src/errors.ts';
import { readToken, timeRefusal } from '../../src/hooks/token.ts';
import { createAuthenticate } from '../../src/hooks/trust.ts';
import { claims, clock, hookPath, issuer, now, openWorld, publicUrl, unsigned } from './tokens/world.ts';

const read = (change: Readonly<Record<string, unknown>>): ReturnType<typeof readToken> =>
  readToken(`Bearer ${unsigned({ claims: change })}.AAAA`);

describe('token', () => {
  it('K4, K5: is read whole: header, claims, a single audience as a list', () => {
    const token = read({ sub: 's' });
    assert.ok(typeof token === 'object');
    assert.equal(token.claims.iss, issuer);
    assert.equal(token.claims.aud.length, 1);
    assert.equal(token.header.kid, 'es');
  });

  it('K5: whatever stands in the header, reading never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' })),
        fc.oneof(fc.string(), fc.json()),
        (one, other) => {
          const part = Buffer.from(other).toString('base64url');
          for (const text of [one, `Bearer ${one}`, `Bearer ${part}.${part}.${part}`]) {
            assert.ok(typeof readToken(text) === 'string');
          }
        },
      ),
    );
  });

  it('K5: a good token with one character changed is refused', async () => {
    const world = await openWorld();
    const authenticate = createAuthenticate({ ...world, clock });
    const audience = `${publicUrl}${hookPath}`;
    const bearing = (token: string) =>
      authenticate({ authorization: `Bearer ${token}`, certificate: undefined }, audience);
    const good = await world.sign();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.constantFrom('A', 'z', '0', '_', '.', '=', ' '),
        async (at, character) => {
          fc.pre(good[at] !== character);
          await assert.rejects(bearing(`${good.slice(0, at)}${character}${good.slice(at + 1)}`), Fault);
        },
      ),
    );
    await bearing(good);
  });

  describe('time', () => {
    const at = (change: Readonly<Record<string, unknown>>) => {
      const { exp, iat, nbf } = claims(change) as { exp: number; iat: number; nbf?: number };
      return timeRefusal({ ...tokenClaims(), exp, iat, nbf }, 300, now);
    };
    const tokenClaims = () => {
      const token = read({});
      assert.ok(typeof token === 'object');
      return token.claims;
    };
    const edges: readonly (readonly [Readonly<Record<string, unknown>>, ReturnType<typeof at>])[] = [
      [{ iat: now, exp: now + 300 }, undefined],
      [{ iat: now, exp: now + 300.5 }, 'lifetime'],
      [{ iat: now, exp: now }, 'lifetime'],
      [{ iat: now + 60, exp: now + 61 }, undefined],
      [{ iat: now + 60.5, exp: now + 61 }, 'not-yet-valid'],
      [{ nbf: now + 60 }, undefined],
      [{ nbf: now + 61 }, 'not-yet-valid'],
      [{ iat: now - 100, exp: now - 59 }, undefined],
      [{ iat: now - 100, exp: now - 60 }, 'expired'],
    ];
    for (const [change, refusal] of edges) {
      it(`K5: ${JSON.stringify(change).replaceAll(String(now), 'now')} is ${refusal ?? 'its time'}`, () =>
        assert.equal(at(change), refusal));
    }
  });
});
