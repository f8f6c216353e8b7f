/** Mutual TLS with real certificates over real connections. */
import assert from 'node:assert/strict';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { Agent, createServer, request, type ServerOptions } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { callerOf } from '../../src/hooks/caller.ts';
import { certificateOf, fingerprint, isListed, mutualTls } from '../../src/hooks/certificate.ts';
import { parseRegistrations } from '../../src/hooks/registration.ts';
import { createAuthenticate } from '../../src/hooks/trust.ts';
import { from, type Identity, identity } from './identity.ts';
import { ehr, profiles } from './tokens/world.ts';

type Asking = {
  readonly cert?: string;
  readonly key?: string;
  readonly agent?: Agent;
  readonly maxVersion?: 'TLSv1.2';
};

/** What the server said: the fingerprint it saw, or `none`. */
function ask(port: number, asking: Asking = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false, agent: false, ...asking } as const;
    const asked = request(options, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve(text);
    });
    asked.on('error', reject).end();
  });
}

describe('client certificate', () => {
  let server: Identity;
  let known: Identity;
  const closing: (() => void)[] = [];
  before(async () => {
    [server, known] = await Promise.all([identity('auscult.example'), identity('ehr.example')]);
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  const registrations = () =>
    parseRegistrations(
      JSON.stringify([ehr({ id: 'gateway', profile: 'medplum', certificates: [known.sha256] })]),
      profiles,
    );

  async function listen(listener: RequestListener, more: ServerOptions = {}): Promise<number> {
    const options = { cert: server.cert, key: server.key, ...mutualTls(registrations()), ...more };
    const listening = createServer(options, listener);
    closing.push(() => listening.close().closeAllConnections());
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    return (listening.address() as AddressInfo).port;
  }
  const saying = (now?: Date) => listen((req, res) => void res.end(certificateOf(req.socket, now) ?? 'none'));

  for (const [version, asking] of [
    ['TLS 1.3', {}],
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
  ] as const) {
    it(`K8: is known by its fingerprint over ${version}, whoever issued it`, async () => {
      const port = await saying();
      assert.equal(
        await ask(port, { cert: known.cert, key: known.key, ...asking }),
        fingerprint(known.sha256),
      );
      assert.equal(await ask(port, asking), 'none');
    });
  }

  it('K8: is not lent to others: not as part of their chain, not by its name', async () => {
    const port = await saying();
    const [thief, namesake] = await Promise.all([identity('thief.example'), identity('ehr.example')]);
    const chained = { cert: `${thief.cert}\n${known.cert}`, key: thief.key };
    assert.equal(await ask(port, chained), fingerprint(thief.sha256));
    assert.equal(await ask(port, namesake), fingerprint(namesake.sha256));
  });

  it('K8: counts for nothing once it has expired, or before it is valid', async () => {
    const port = await saying();
    for (const outside of [
      await identity('old', from(-9), from(-1)),
      await identity('new', from(1), from(9)),
    ]) {
      assert.equal(await ask(port, outside), 'none');
    }
    const later = await saying(from(2));
    assert.equal(await ask(later, known), 'none');
  });

  it('K8: an expired one is not revived by a resumed session', async () => {
    let now = new Date();
    const port = await listen((req, res) => {
      res.setHeader('connection', 'close');
      const resumed = req.socket instanceof TLSSocket && req.socket.isSessionReused();
      res.end(`${certificateOf(req.socket, now) ?? 'none'} ${resumed ? 'resumed' : 'new'}`);
    });
    const agent = new Agent({ maxCachedSessions: 10 });
    closing.push(() => agent.destroy());
    const asking = { cert: known.cert, key: known.key, agent };
    assert.equal(await ask(port, asking), `${fingerprint(known.sha256)} new`);
    assert.equal(await ask(port, asking), `${fingerprint(known.sha256)} resumed`);
    now = from(2);
    assert.equal(await ask(port, asking), 'none resumed');
  });

  it('K8: lets an EHR without JWT in, over a real connection, and nobody else', async () => {
    const authenticate = createAuthenticate({ registrations: registrations(), clock: () => new Date() });
    const port = await listen(async (req, res) => {
      const answer = await authenticate(callerOf(req), 'https://auscult.example/cds-services').then(
        ({ id }) => id,
        ({ code }: { code: string }) => code,
      );
      res.end(answer);
    });
    assert.equal(await ask(port, known), 'gateway');
    assert.equal(await ask(port, await identity('stranger')), 'unauthorized');
    assert.equal(await ask(port), 'unauthorized');
  });

  it('K8: there is none over plain HTTP, whatever a header says', async () => {
    const plain = createHttpServer((req, res) => void res.end(certificateOf(req.socket) ?? 'none'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    closing.push(() => plain.close().closeAllConnections());
    const headers = { 'x-client-cert': known.sha256, 'x-ssl-client-fingerprint': known.sha256 };
    const answer = await fetch(`http://127.0.0.1:${(plain.address() as AddressInfo).port}`, { headers });
    assert.equal(await answer.text(), 'none');
    assert.equal(certificateOf(new Socket()), undefined);
  });

  it('nobody is asked for one where no registration lists one', () => {
    assert.equal(mutualTls(registrations()).requestCert, true);
    assert.equal(mutualTls([]).requestCert, false);
  });

  it('fingerprints are compared whole, in one spelling', () => {
    const hex = 'ab'.repeat(32);
    assert.equal(fingerprint('AB:'.repeat(31).concat('AB')), hex);
    for (const text of ['', hex.slice(1), `${hex}0`, 'g'.repeat(64), `${hex} `]) {
      assert.equal(fingerprint(text), undefined);
      assert.equal(isListed([hex], text), false);
    }
    assert.equal(isListed(['cd'.repeat(32), hex, 'ef'.repeat(32)], hex.toUpperCase()), true);
    assert.equal(isListed([], hex), false);
  });
});
