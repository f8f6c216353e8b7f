/** Production with TLS of its own: a client that sends no JWT is known by its certificate. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { command, endAll, run } from './command.ts';
import { type Identity, identity } from './hooks/identity.ts';
import { type RegisteredEhr, registeredEhr } from './registered-ehr.ts';

interface Said {
  readonly status: number;
  readonly text: string;
}

function ask(port: number, path: string, shown: Partial<Identity> = {}, headers = {}): Promise<Said> {
  const { cert, key } = shown;
  return new Promise((resolve, reject) => {
    const options = {
      port,
      path,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      agent: false,
      cert,
      key,
      headers,
    };
    const asked = request(options, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode ?? 0, text });
    });
    asked.on('error', reject).end();
  });
}

describe('serve with TLS of its own', function () {
  this.timeout(60_000);
  let server: Identity;
  let gateway: Identity;
  let stranger: Identity;
  let ehr: RegisteredEhr;
  let port: number;
  before(async () => {
    [server, gateway, stranger] = await Promise.all([
      identity('auscult'),
      identity('gateway'),
      identity('stranger'),
    ]);
    ehr = await registeredEhr('https://ehr.example/fhir', {
      profile: 'medplum',
      jwks: undefined,
      certificates: [gateway.sha256],
    });
    const file = (name: string, content: string): string => {
      writeFileSync(join(ehr.folder, name), content);
      return join(ehr.folder, name);
    };
    const env = {
      ...ehr.env,
      PORT: '0',
      TLS_CERT: file('cert.pem', server.cert),
      TLS_KEY: file('key.pem', server.key),
    };
    const [, found] = await command(['serve'], { env }).until(/"port":(\d+)/);
    port = Number(found);
    for (let tries = 0; tries < 400 && (await ask(port, '/health/ready')).status !== 200; tries++)
      await new Promise((resolve) => setTimeout(resolve, 25));
  });
  after(() => {
    endAll();
    ehr.remove();
  });

  it('J1, K8: the registered certificate is let in without a token, and sees the services', async () => {
    const { status, text } = await ask(port, '/cds-services', gateway);
    assert.equal(status, 200, text);
    assert.match(text, /cardiovascular-risk/);
  });

  it('K1, K8: no certificate, a foreign one or a token alone are the same bare 401', async () => {
    const answers = await Promise.all([
      ask(port, '/cds-services'),
      ask(port, '/cds-services', stranger),
      ask(port, '/cds-services', {}, await ehr.authorize('/cds-services')),
    ]);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([401]));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  });

  it('speaks no plain HTTP there', async () => {
    await assert.rejects(fetch(`http://127.0.0.1:${port}/health/live`));
  });

  it('refuses a certificate without its key before it starts', async () => {
    const { code, stderr } = await run(['serve'], {
      env: { ...ehr.env, PORT: '0', TLS_CERT: join(ehr.folder, 'cert.pem') },
    });
    assert.equal(code, 1);
    assert.match(stderr, /^auscult: TLS_CERT: /);
  });
});
