import assert from 'node:assert/strict';
import { type AllowedOrigins, corsAnswer, originsOf } from '../../src/hooks/cors.ts';
import { parseRegistrations } from '../../src/hooks/registration.ts';
import { ehr, profiles } from './tokens/world.ts';

const page = 'https://ehr.example';
const some: AllowedOrigins = new Set([page, 'https://b.example:8443']);
const ask = (allowed: AllowedOrigins, origin: string | undefined, method = 'POST') =>
  corsAnswer(allowed, { method, origin });
const preflight = (allowed: AllowedOrigins, origin: string | undefined) => ask(allowed, origin, 'OPTIONS');

describe('CORS', () => {
  it('K9: the allowed origins are those of all registrations together', () => {
    const listed = [['https://a.example'], undefined, ['https://a.example', 'https://b.example']];
    const registrations = parseRegistrations(
      JSON.stringify(
        listed.map((origins, at) =>
          ehr({ id: `${at}`, profile: 'medplum', certificates: [`${at}`.repeat(64)], origins }),
        ),
      ),
      profiles,
    );
    assert.deepEqual(originsOf(registrations), new Set(['https://a.example', 'https://b.example']));
  });

  it('K9: a registered page gets its own origin back, and caches are told so', () => {
    assert.deepEqual(ask(some, page), {
      headers: { vary: 'origin', 'access-control-allow-origin': page },
      preflight: false,
    });
  });

  it('K9: a preflight is answered with methods and headers, never with credentials', () => {
    for (const allowed of [some, '*'] as const) {
      const { headers, preflight: ends } = preflight(allowed, page);
      assert.equal(ends, true);
      assert.equal(headers['access-control-allow-headers'], 'authorization, content-type, x-medplum');
      assert.match(headers['access-control-allow-methods'] ?? '', /POST/);
      assert.equal(headers['access-control-allow-credentials'], undefined);
    }
  });

  for (const stranger of [
    'https://evil.example',
    'null',
    'https://EHR.example',
    `${page}.evil.example`,
    `${page}/`,
  ]) {
    it(`K9: ${stranger} gets no permission, asked before or not`, () => {
      for (const answer of [ask(some, stranger), preflight(some, stranger)]) {
        assert.deepEqual(answer.headers, { vary: 'origin' });
      }
    });
  }

  it('K9: every page may call the sandbox', () => {
    assert.equal(ask('*', page).headers['access-control-allow-origin'], '*');
    assert.equal(ask('*', undefined).headers['access-control-allow-origin'], '*');
  });

  it('K9: a call without an origin is no business of CORS', () => {
    assert.deepEqual(ask(some, undefined).headers, { vary: 'origin' });
    assert.equal(ask(some, undefined).preflight, false);
  });

  it('K9: where nobody registered an origin there is no CORS', () => {
    assert.deepEqual(preflight(new Set(), page), { headers: {}, preflight: false });
  });
});
