/** Every row of the input table (reliability.md §3) on the wire: refused by name, never a 500, never a card. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import {
  type Answer,
  cardsOf,
  feedbackPath,
  hookPath,
  openHouse,
  refused,
  type Site,
  type TestHouse,
} from '../harness.ts';

describe('input', () => {
  let house: TestHouse;
  let site: Site;
  before(async () => {
    house = await openHouse();
    site = await house.listen();
  });
  after(async () => {
    await site.close();
    await house.close();
  });

  const text = () => JSON.stringify(house.request());
  /** The request with one more member, written as raw JSON. */
  const withRaw = (raw: string) => `${text().slice(0, -1)},${raw}}`;
  const post = (body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer> =>
    site.post(hookPath, body, headers);

  describe('size', () => {
    it('more than 2 MiB: 413, for hook and feedback', async () => {
      const large = withRaw(`"x":"${'a'.repeat(2 ** 21)}"`);
      refused(await post(large), 413, 'too-large');
      refused(await site.post(feedbackPath, large), 413, 'too-large');
    });

    it('a small gzip that inflates to more than 2 MiB: 413, soon and without the memory', async () => {
      const bomb = gzipSync(Buffer.alloc(100 * 2 ** 20, 0x20));
      const before = process.memoryUsage.rss();
      refused(await post(bomb, { 'content-encoding': 'gzip' }), 413, 'too-large');
      assert.ok(process.memoryUsage.rss() - before < 60 * 2 ** 20);
    });

    it('more than 5,000 entries: 413', async () => {
      const entry = Array.from({ length: 5001 }, () => ({}));
      const request = house.request();
      const prefetch = { ...request.prefetch, conditions: { resourceType: 'Bundle', entry } };
      refused(await post({ ...request, prefetch }), 413, 'too-large', 'prefetch');
    });

    it('deeper than 64 levels: 400; 400,000 levels as well', async () => {
      for (const depth of [65, 400_000]) {
        const deep = withRaw(`"x":${'['.repeat(depth)}${']'.repeat(depth)}`);
        refused(await post(deep), 400, 'unsafe-json', 'deeper than 64 levels');
      }
      const bearable = withRaw(`"x":${'['.repeat(40)}1${']'.repeat(40)}`);
      assert.equal(cardsOf(await post(bearable)).length, 1);
    });
  });

  describe('type, charset and encoding', () => {
    it('another content type, or none: 415', async () => {
      for (const type of [
        'text/plain',
        'application/fhir+json',
        'application/jsonp',
        'multipart/form-data',
        '',
      ]) {
        refused(await post(text(), { 'content-type': type }), 415, 'unsupported-media-type');
      }
    });

    it('another charset: 415; UTF-8 however it is spelled is read', async () => {
      for (const charset of ['utf-16', 'iso-8859-1', '"utf-16le"']) {
        const answer = await post(text(), { 'content-type': `application/json; charset=${charset}` });
        refused(answer, 415, 'unsupported-media-type');
      }
      for (const charset of ['utf-8', 'UTF-8', '"utf-8"', 'utf8']) {
        const answer = await post(text(), { 'content-type': `application/json;charset=${charset}` });
        assert.equal(cardsOf(answer).length, 1, charset);
      }
    });

    it('an unknown or repeated content encoding: 415; gzip, deflate and br are read', async () => {
      for (const encoding of ['compress', 'gzip, gzip', 'zip', 'identity, gzip']) {
        refused(await post(text(), { 'content-encoding': encoding }), 415, 'unsupported-media-type');
      }
      const bytes = Buffer.from(text());
      for (const [encoding, body] of [
        ['gzip', gzipSync(bytes)],
        ['deflate', deflateSync(bytes)],
        ['br', brotliCompressSync(bytes)],
      ] as const) {
        assert.equal(cardsOf(await post(body, { 'content-encoding': encoding })).length, 1, encoding);
      }
    });

    it('a body that does not decompress, or breaks off: 400', async () => {
      refused(await post('no gzip at all', { 'content-encoding': 'gzip' }), 400, 'malformed-json');
      const half = gzipSync(Buffer.from(text())).subarray(0, 200);
      refused(await post(half, { 'content-encoding': 'gzip' }), 400, 'malformed-json');
    });

    it('bytes that are not UTF-8, a byte order mark, UTF-16: 400', async () => {
      const latin = Buffer.from(withRaw('"x":"\u00e9"'), 'latin1');
      const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text())]);
      const overlong = Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]);
      for (const body of [latin, marked, overlong, Buffer.from(text(), 'utf16le')]) {
        refused(await post(body), 400, 'malformed-json');
      }
    });
  });

  describe('JSON', () => {
    it('Q1: null, an array, a string, a number, nothing, half of it: 400', async () => {
      for (const body of [
        'null',
        '[]',
        `[${text()}]`,
        '"x"',
        '1',
        '',
        ' ',
        text().slice(0, -1),
        `${text()}x`,
      ]) {
        refused(await post(body), 400, 'malformed-json');
      }
    });

    it('a repeated key: 400, at the top and deep inside', async () => {
      refused(await post(withRaw('"hook":"patient-view"')), 400, 'unsafe-json', 'a key is repeated');
      refused(await post(withRaw('"x":{"a":1,"\\u0061":2}')), 400, 'unsafe-json', 'a key is repeated');
    });

    it('a key that could reach a prototype: 400', async () => {
      for (const key of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__']) {
        refused(
          await post(withRaw(`"x":{"${key}":{"polluted":1}}`)),
          400,
          'unsafe-json',
          'a key is forbidden',
        );
      }
      assert.equal(Reflect.get({}, 'polluted'), undefined);
    });

    it('a number that is no finite one: 400; NaN is no JSON', async () => {
      refused(await post(withRaw('"x":1e999')), 400, 'unsafe-json', 'a number is too large');
      refused(await post(withRaw('"x":-1e999')), 400, 'unsafe-json');
      refused(await post(withRaw('"x":NaN')), 400, 'malformed-json');
    });

    it('a value of 1e999 in an Observation never becomes a score', async () => {
      const raw = text().replace(/("value":)\d+(\.\d+)?/, '$11e999');
      assert.notEqual(raw, text());
      refused(await post(raw), 400, 'unsafe-json');
    });
  });

  describe('a list that is damaged', () => {
    const damaged: Record<string, unknown> = {
      'entries that are none': { resourceType: 'Bundle', entry: [null, 'x', 7] },
      'an entry without resource': { resourceType: 'Bundle', entry: [{ fullUrl: 'AllergyIntolerance/1' }] },
      'a total without entries': { resourceType: 'Bundle', total: 5, entry: [] },
    };
    for (const [name, allergies] of Object.entries(damaged)) {
      it(`Q6: ${name} is not an empty list: the allergy that it hides yields no card`, async () => {
        const sent = house.request('statin-allergy');
        const answer = await site.post(hookPath, { ...sent, prefetch: { ...sent.prefetch, allergies } });
        assert.ok(answer.status === 412 || cardsOf(answer).length === 0, answer.text);
      });
    }

    it('an allergy that nothing describes yields no card', async () => {
      const sent = house.request('high-risk-untreated');
      const patient = { reference: `Patient/${sent.context.patientId}` };
      const resource = { resourceType: 'AllergyIntolerance', id: 'a', patient, code: 7 };
      const allergies = { resourceType: 'Bundle', entry: [{ resource }] };
      const answer = await site.post(hookPath, { ...sent, prefetch: { ...sent.prefetch, allergies } });
      assert.equal(cardsOf(answer).length, 0);
    });
  });

  describe('envelope', () => {
    const without = (name: string) => {
      const { [name]: _, ...rest } = house.request() as unknown as Record<string, unknown>;
      return rest;
    };
    const withContext = (context: unknown) => ({ ...house.request(), context });

    it('Q2: a missing member: 400 that names it', async () => {
      for (const name of ['hook', 'hookInstance', 'context']) {
        refused(await post(without(name)), 400, 'malformed-request', name);
      }
    });

    it('Q2: another hook than the service serves: 400', async () => {
      for (const hook of ['order-sign', 'patient-view ', 'PATIENT-VIEW', 'toString']) {
        refused(await post({ ...house.request(), hook }), 400, 'hook-mismatch');
      }
    });

    it('Q2: a hookInstance that is no UUID: 400', async () => {
      for (const hookInstance of ['1', 'd1577c69-dfbe-44ad-ba6d-3e05e953b2e', 7]) {
        refused(await post({ ...house.request(), hookInstance }), 400, 'malformed-request', 'hookInstance');
      }
    });

    it('context without userId or patientId, null, empty or of a wrong type: 400, never 500', async () => {
      const { context } = house.request();
      const { userId, patientId } = context;
      const bad: readonly [unknown, string | RegExp][] = [
        [{ patientId }, 'context.userId'],
        [{ userId }, 'context.patientId'],
        [{ userId, patientId: null }, 'context.patientId'],
        [{ userId, patientId: '' }, 'context.patientId'],
        [{ userId: '', patientId }, 'context.userId'],
        [{ userId, patientId: ['a'] }, 'context.patientId'],
        [{ userId, patientId: '../Patient/1' }, 'context.patientId'],
        [{ userId, patientId: '..' }, 'context.patientId'],
        [{ ...context, encounterId: '' }, 'context.encounterId'],
        [{}, /context\.patientId/],
        [null, 'context'],
        ['x', 'context'],
      ];
      for (const [wrong, field] of bad) {
        refused(await post(withContext(wrong)), 400, 'malformed-request', field);
      }
    });

    it('Q3: fhirAuthorization without fhirServer, fhirServer that is no http(s) URL: 400', async () => {
      const fhirAuthorization = {
        access_token: 'secret-token',
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'patient/*.rs',
        subject: 'auscult',
      };
      refused(await post({ ...house.request(), fhirAuthorization }), 400, 'malformed-request', 'fhirServer');
      for (const fhirServer of [
        'file:///etc/passwd',
        'javascript:1',
        'ehr',
        'https://a.example/fhir?x=1',
        '',
      ]) {
        refused(await post({ ...house.request(), fhirServer }), 400, 'malformed-request', 'fhirServer');
      }
      const injected = { ...fhirAuthorization, access_token: 'secret-token\r\nx-evil: 1' };
      const answer = await post({
        ...house.request(),
        fhirServer: 'https://a.example',
        fhirAuthorization: injected,
      });
      refused(answer, 400, 'malformed-request', 'fhirAuthorization.access_token');
      assert.ok(!answer.text.includes('secret-token'));
    });

    it('prefetch that is no object of resources: 400', async () => {
      for (const prefetch of [[], 'x', { patient: 'Patient/1' }, { patient: [] }, { patient: { id: '1' } }]) {
        refused(await post({ ...house.request(), prefetch }), 400, 'malformed-request', /^prefetch/);
      }
    });

    it('a field name that could be a value is not repeated', async () => {
      const answer = await post({ ...house.request(), prefetch: { 'Mrs. Secret 1950-01-01': 'x' } });
      refused(answer, 400, 'malformed-request', 'prefetch.?');
    });
  });

  it('a client that hangs up in the middle of a body costs nobody else anything', async () => {
    const { hostname, port } = new URL(site.url);
    for (let times = 0; times < 5; times++) {
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST ${hookPath} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"hook"`,
      );
      await new Promise((resolve) => setTimeout(resolve, 10));
      socket.destroy();
    }
    assert.equal(cardsOf(await post(house.request())).length, 1);
  });
});
