/**
 * What the public CDS Hooks Sandbox (github.com/cds-hooks/sandbox) does in the browser, call by call: same methods,
 * headers and bodies, from a page of another origin. Each function is run inside that page, so it stands alone.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';

/** One answer as the page could read it; `status` 0: the browser did not let it. */
export interface Seen {
  readonly status: number;
  readonly json: unknown;
}

export interface SandboxClient {
  /** Origin of the page. */
  readonly origin: string;
  /** `Accept` as axios sends it to FHIR servers. */
  read(url: string, accept?: string): Promise<Seen>;
  /** Prefetch by POST to `_search`, form-encoded. */
  search(url: string, form: string): Promise<Seen>;
  /** GET or POST of the CDS service with a JWT of the sandbox's own making for exactly this URL. */
  service(url: string, body?: unknown): Promise<Seen>;
  /** Such a JWT. */
  token(audience: string): Promise<string>;
  /** launch-context-retrieval.js: registers a launch and returns the link the app is opened with. */
  launchUrl(
    fhirServer: string,
    link: { url: string; appContext?: string },
    patientId: string,
  ): Promise<string>;
  close(): Promise<void>;
}

/** An empty page on an origin of its own, in this tab. */
export async function openSandboxClient(page: Page): Promise<SandboxClient> {
  const server = createServer((_, res) => {
    res
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>CDS Hooks Sandbox</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await page.goto(origin);
  const send = (request: Sending): Promise<Seen> => page.evaluate(sendFromPage, request);
  const token = (audience: string): Promise<string> => page.evaluate(signInPage, audience);
  return {
    origin,
    read: (url, accept = 'application/json+fhir') =>
      send({ method: 'GET', url, headers: { Accept: accept } }),
    search: (url, form) =>
      send({
        method: 'POST',
        url,
        headers: {
          Accept: 'application/json+fhir',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: form,
      }),
    service: async (url, body) =>
      send({
        method: body === undefined ? 'GET' : 'POST',
        url,
        headers: {
          Accept: 'application/json',
          Authorization: `Bearer ${await token(url)}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    token,
    launchUrl: async (fhirServer, link, patient) => {
      const { appContext } = link;
      const parameters = { patient, smart_messaging_origin: origin, ...(appContext ? { appContext } : {}) };
      const { json } = await send({
        method: 'POST',
        url: `${fhirServer}/_services/smart/Launch`,
        headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
        body: JSON.stringify({ launchUrl: link.url, parameters }),
      });
      const id = String(Object(json).launch_id);
      return `${link.url}${link.url.includes('?') ? '&' : '?'}launch=${id}&iss=${fhirServer}`;
    },
    close: () => closed(server),
  };
}

interface Sending {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

async function sendFromPage({ method, url, headers, body }: Sending): Promise<Seen> {
  try {
    const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
  } catch {
    return { status: 0, json: undefined };
  }
}

/** jwt-generator.js: ES384, the sandbox's issuer, key id and `jku`; here with a key made for the page. */
async function signInPage(audience: string): Promise<string> {
  const base64url = (bytes: Uint8Array): string =>
    btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
  const part = (value: unknown): string => base64url(new TextEncoder().encode(JSON.stringify(value)));
  const seconds = Math.round(Date.now() / 1000);
  const header = {
    alg: 'ES384',
    typ: 'JWT',
    kid: '44823f3d-0b01-4a6c-a80e-b9d3e8a7226f',
    jku: 'https://sandbox.cds-hooks.org/.well-known/jwks.json',
  };
  const iss = 'https://sandbox.cds-hooks.org';
  const claims = { iss, aud: audience, exp: seconds + 300, iat: seconds, jti: crypto.randomUUID() };
  const algorithm = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
  const { privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const signing = `${part(header)}.${part(claims)}`;
  const signature = await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(signing));
  return `${signing}.${base64url(new Uint8Array(signature))}`;
}

async function closed(server: Server): Promise<void> {
  const ended = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await ended;
}
