/** A FHIR server that may be asked, and that answers with the address of another one. */
import type { StubReply } from '../target.ts';
import { type AddressAttack, type Lure, redirect } from './address-attack.ts';

const misled = (
  id: string,
  rule: string,
  reply: (lure: Lure) => StubReply,
  source = redirect,
): AddressAttack => ({
  ...{ id, rule, source, asksFhir: true },
  bend: ({ prefetch: _, ...request }, lure) => {
    const { fhir } = lure.target;
    if (fhir === undefined) return 'the kit has no FHIR server that the service may ask';
    fhir.forget();
    fhir.answer(/./, reply(lure));
    return { body: { ...request, fhirServer: fhir.base, fhirAuthorization: lure.authorization } };
  },
});

const redirected = (id: string, status: number): AddressAttack =>
  misled(
    id,
    `A redirect (${status}) of the FHIR server is not followed.`,
    ({ host }) => ({ status, headers: { location: `http://${host}/fhir/Patient/1` } }),
    'OWASP ASVS 5.0, 15.3.2: no redirects; CVE-2023-45143, CVE-2024-30260: headers kept across redirects',
  );

const empty = { resourceType: 'Bundle', type: 'searchset', total: 0 };

export const redirectAttacks: readonly AddressAttack[] = [
  redirected('ssrf-69', 301),
  redirected('ssrf-70', 302),
  redirected('ssrf-71', 303),
  redirected('ssrf-72', 307),
  redirected('ssrf-73', 308),
  misled('ssrf-74', 'A redirect without scheme is not followed.', ({ host }) => ({
    status: 302,
    headers: { location: `//${host}/fhir` },
  })),
  misled(
    'ssrf-75',
    'A next page that the FHIR server itself names elsewhere is not fetched.',
    ({ host }) => ({
      body: { ...empty, link: [{ relation: 'next', url: `http://${host}/fhir?page=2` }] },
    }),
  ),
  misled('ssrf-76', 'Content-Location and Location beside data are not followed.', ({ host }) => ({
    headers: {
      'content-location': `http://${host}/fhir/Patient/1`,
      location: `http://${host}/fhir/Patient/1`,
    },
    body: empty,
  })),
  misled('ssrf-77', 'Refresh and Link headers of the FHIR server are not followed.', ({ host }) => ({
    headers: { refresh: `0; url=http://${host}/fhir`, link: `<http://${host}/fhir?page=2>; rel="next"` },
    body: empty,
  })),
  misled(
    'ssrf-78',
    'An asynchronous answer (202) that names another address is not polled.',
    ({ host }) => ({
      status: 202,
      headers: { 'content-location': `http://${host}/fhir/$async/1` },
    }),
    'FHIR R4, Asynchronous Request Patterns',
  ),
  misled('ssrf-79', 'A 401 that names an authorization server is not followed.', ({ host }) => ({
    status: 401,
    headers: {
      'www-authenticate': `Bearer authorization_uri="http://${host}/authorize", resource_metadata="http://${host}/.well-known/x"`,
    },
  })),
];
