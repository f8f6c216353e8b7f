/**
 * The embedded EHR as a child process. The parent forks this file, waits for `{ready: true, port}` and
 * proxies `/` and `/sandbox` to 127.0.0.1:port; when the parent goes, so does this.
 *
 * Environment: PUBLIC_ORIGIN (default http://localhost:3000), CLOCK (an instant; default: now), CLIENT_ID
 * (default auscult), CLIENT_REDIRECT_URIS (space-separated; default <origin>/app/callback), CLIENT_JWKS
 * (JWK set as JSON; default: read from <origin>/app/jwks.json).
 */
import { createServer } from 'node:http';
import { z } from 'zod';
import { createSandbox } from './app.ts';
import { clientKeys } from './smart/authorization-server.ts';

const environment = z.object({
  PUBLIC_ORIGIN: z.url().default('http://localhost:3000'),
  /** An empty variable counts as absent. */
  CLOCK: z
    .literal('')
    .transform(() => new Date())
    .or(z.iso.datetime({ offset: true }).transform((text) => new Date(text)))
    .default(() => new Date()),
  CLIENT_ID: z.string().default('auscult'),
  CLIENT_REDIRECT_URIS: z.string().optional(),
  CLIENT_JWKS: z.string().optional(),
});

const { PUBLIC_ORIGIN, CLOCK, CLIENT_ID, CLIENT_REDIRECT_URIS, CLIENT_JWKS } = environment.parse(process.env);
const origin = PUBLIC_ORIGIN.replace(/\/+$/, '');
const client = {
  clientId: CLIENT_ID,
  redirectUris: CLIENT_REDIRECT_URIS?.split(' ') ?? [`${origin}/app/callback`],
  keys: clientKeys(origin, CLIENT_JWKS),
};

const server = createServer(await createSandbox({ origin, now: CLOCK, client }));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) {
    // The service may have ended meanwhile.
    process.send?.({ ready: true, port: address.port }, () => {});
  }
});
process.on('disconnect', () => process.exit(0));
