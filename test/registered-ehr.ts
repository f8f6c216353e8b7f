/** An EHR that is registered with `auscult serve`: a folder with the files a site keeps, and the key it signs with. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const publicUrl = 'https://auscult.example';
export const issuer = 'https://ehr.example/issuer';

export interface RegisteredEhr {
  /** Settings of a `serve` that knows this EHR. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** The Authorization header for one call of this path. */
  authorize(path: string, claims?: Readonly<Record<string, unknown>>): Promise<{ authorization: string }>;
  /** Settings with the site's clinical sign-on. */
  signedOn(): Readonly<Record<string, string>>;
  /** Every byte that the ledger left on disk. */
  ledgerBytes(): Buffer;
  remove(): void;
}

/**
 * @param fields of its registration beside id, name, FHIR server and keys: `profile`, `services`, `certificates`…
 */
export async function registeredEhr(
  fhirServer = 'https://ehr.example/fhir',
  fields: Readonly<Record<string, unknown>> = {},
): Promise<RegisteredEhr> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-serve-'));
  const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES384', use: 'sig' }] };
  const registration = { id: issuer, name: 'Test EHR', fhirServers: [fhirServer], jwks, ...fields };
  const file = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  const env = {
    HOST: '127.0.0.1',
    BASE_URL: publicUrl,
    REGISTRATIONS: file('registrations.json', [registration]),
    LEDGER_KEY: randomBytes(32).toString('base64'),
    LEDGER_FILE: join(folder, 'ledger', 'auscult.sqlite'),
    DEADLINE_MS: '5000',
    FHIR_DEADLINE_MS: '500',
  };
  return {
    env,
    folder,
    authorize: async (path, claims = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const told = {
        iss: issuer,
        aud: `${publicUrl}${path}`,
        iat: now,
        exp: now + 120,
        jti: randomUUID(),
        ...claims,
      };
      const token = new SignJWT(told).setProtectedHeader({ alg: 'ES384', typ: 'JWT', kid: 'k1' });
      return { authorization: `Bearer ${await token.sign(privateKey)}` };
    },
    signedOn: () => ({
      ...env,
      SIGN_ON: file('sign-on.json', {
        'cardiovascular-risk': { name: 'Site clinical lead', date: '2026-03-01' },
      }),
    }),
    ledgerBytes: () =>
      Buffer.concat(
        readdirSync(join(folder, 'ledger')).map((name) => readFileSync(join(folder, 'ledger', name))),
      ),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
