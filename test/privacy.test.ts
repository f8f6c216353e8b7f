/**
 * P1–P10 (reliability.md §1, §5): canaries planted wherever patient data and tokens travel, through good and bad
 * requests. None may come out again in a log, a metric, an error, a header or the raw bytes of the ledger. The card
 * and the app may say the patient's values: that is what they are for.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { patientView } from '../fixtures/requests.ts';
import {
  type Answer,
  cardsOf,
  client,
  feedbackPath,
  fhirStub,
  hookPath,
  openHouse,
  type TestHouse,
} from './harness.ts';
import { type RegisteredEhr, registeredEhr } from './registered-ehr.ts';
import { type Running, startAuscult } from './running.ts';

const token = 'CanaryToken-4f1d';
const patientId = 'CanaryPatient-8c2e';
const canaries = [
  ...[token, patientId, 'CanaryFamily', 'CanaryGiven', 'CanaryDisplay', 'CanaryComment', 'CanaryRoute'],
  ...[
    'CanaryUser',
    'CanaryEncounter',
    'CanaryKey',
    'CanaryHeader',
    'CanaryQuery',
    'CanaryScope',
    'CanaryServer',
  ],
  ...['1957-08-19', '217.3182', '141.4142', '1234.5678'],
] as const;

/** A canary as it is, as base64 (whole groups of it) and as hex. */
const forms = (canary: string): readonly string[] => [
  canary,
  Buffer.from(canary.slice(0, 3 * Math.floor(canary.length / 3))).toString('base64'),
  Buffer.from(canary).toString('hex'),
];

const foundIn = (text: string): readonly string[] =>
  canaries.filter((canary) => forms(canary).some((form) => text.toLowerCase().includes(form.toLowerCase())));

function nowhereIn(place: string, text: string): void {
  assert.deepEqual(foundIn(text), [], place);
}

const headersOf = ({ headers }: Answer): string => JSON.stringify([...headers]);

describe('privacy', function () {
  this.timeout(60_000);
  let house: TestHouse;
  before(async () => {
    house = await openHouse();
  });
  let server: Running | undefined;
  afterEach(() => server?.stop());
  after(() => house.close());

  /** The untreated persona, real time, with canaries for everything that is somebody's. */
  function planted(): { context: object; prefetch: Record<string, Resource | null> } {
    const { context, prefetch } = patientView('high-risk-untreated', new Date(), house.templates);
    const own = context.patientId;
    const renamed = JSON.stringify(prefetch).replaceAll(own, patientId);
    const lists = JSON.parse(renamed) as Record<string, Resource | null>;
    const patient = {
      ...lists.patient,
      birthDate: '1957-08-19',
      name: [{ family: 'CanaryFamily', given: ['CanaryGiven'], text: 'CanaryGiven CanaryFamily' }],
      telecom: [{ system: 'phone', value: 'CanaryGiven' }],
    } as Resource;
    const lipids = alter(lists.lipids, /(?<before>2093-3".*?"value":)[\d.]+/, '$<before>217.3182');
    const bloodPressure = alter(lists.bloodPressure, /"value":\d+(\.\d+)?/g, '"value":141.4142');
    const body = alter(lists.body, /"display":"[^"]*"|"text":"[^"]*"/, '"display":"CanaryDisplay"');
    return {
      context: { userId: 'Practitioner/CanaryUser', patientId, encounterId: 'CanaryEncounter' },
      prefetch: { ...lists, patient, lipids, bloodPressure, body },
    };
  }

  const alter = (list: Resource | null | undefined, what: RegExp, into: string): Resource =>
    JSON.parse(JSON.stringify(list).replace(what, into));

  const envelope = (more: object = {}) => ({
    hook: 'patient-view',
    hookInstance: crypto.randomUUID(),
    ...planted(),
    ...more,
  });

  const authorization = {
    access_token: token,
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'patient/*.rs CanaryScope',
    subject: 'CanaryUser',
    patient: patientId,
  };

  /** Requests that must be refused, each with canaries where it breaks. */
  function badRequests(fhirServer: string): readonly [string, unknown][] {
    const { context, prefetch } = planted();
    const impossible = alter(prefetch.lipids, /"value":[\d.]+/, '"value":1234.5678');
    const foreign = {
      resourceType: 'Patient',
      id: 'CanaryPatient-other',
      name: [{ family: 'CanaryFamily' }],
    };
    const { lipids: _, ...incomplete } = prefetch;
    return [
      [hookPath, `{"hook":"CanaryKey",${JSON.stringify(envelope())}`],
      [hookPath, `{"CanaryKey":1,"CanaryKey":"${patientId}"}`],
      [hookPath, envelope({ hook: 'CanaryKey' })],
      [hookPath, envelope({ hookInstance: 'CanaryKey' })],
      [hookPath, envelope({ context: { ...context, userId: '' } })],
      [hookPath, envelope({ context: { ...context, patientId: `${patientId}/../CanaryRoute` } })],
      [hookPath, envelope({ prefetch: { ...prefetch, 'CanaryKey CanaryFamily': 'CanaryGiven' } })],
      [hookPath, envelope({ prefetch: { ...prefetch, 'CanaryKey 1957-08-19': foreign } })],
      [hookPath, envelope({ prefetch: { ...prefetch, patient: foreign } })],
      [hookPath, envelope({ prefetch: incomplete })],
      [hookPath, envelope({ prefetch: { ...prefetch, lipids: outcome } })],
      [
        hookPath,
        envelope({ fhirServer: 'https://CanaryServer.example/fhir', fhirAuthorization: authorization }),
      ],
      [hookPath, envelope({ fhirServer: 'CanaryServer', fhirAuthorization: authorization })],
      [
        hookPath,
        envelope({ fhirAuthorization: { ...authorization, access_token: `${token} x` }, fhirServer }),
      ],
      [hookPath, envelope({ prefetch: incomplete, fhirServer, fhirAuthorization: authorization })],
      [hookPath, envelope({ prefetch: { ...prefetch, lipids: { ...impossible, resourceType: 7 } } })],
      ['/cds-services/CanaryRoute', envelope()],
      ['/cds-services/CanaryRoute/feedback', { feedback: [] }],
      ['/CanaryRoute/CanaryPatient-8c2e?name=CanaryQuery', envelope()],
      [feedbackPath, { feedback: [{ card: 'CanaryKey', outcome: 'CanaryComment' }] }],
      [feedbackPath, '{"feedback":[{"card":"CanaryKey","userComment":"CanaryComment"'],
    ];
  }

  const outcome = {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'exception', diagnostics: `${patientId} CanaryFamily ${token}` }],
  };

  const badPaths = [
    '/cds-services/CanaryRoute?patient=CanaryQuery',
    '/api/decisions/CanaryRouteCanaryRoute0',
    `/app/launch?iss=https://CanaryServer.example/fhir&launch=CanaryQuery`,
    '/app/callback?state=CanaryQuery&code=CanaryToken-4f1d',
    '/app/assets/CanaryRoute.js',
    '/app/?view=CanaryQuery',
    '/CanaryRoute/%E0%A4%A/CanaryQuery',
    '/health/live?x=CanaryQuery',
  ];

  type Authorize = (path: string) => Promise<Readonly<Record<string, string>>>;

  async function everything(server: Running, fhirServer: string, authorize: Authorize): Promise<void> {
    const { get, post } = client(server.url);
    const noise = { 'x-request-id': 'CanaryHeader', cookie: 'CanaryHeader=CanaryHeader' };
    const signed = async (path: string) => ({ ...noise, ...(await authorize(path.split('?')[0] ?? '')) });
    const good = await post(
      hookPath,
      envelope({ fhirServer, fhirAuthorization: authorization }),
      await signed(hookPath),
    );
    const [card] = cardsOf(good);
    assert.match(JSON.stringify(card), /\b217 mg/, `the canaries were read: ${card?.detail}`);
    nowhereIn('headers of a card', headersOf(good));

    const feedback = {
      card: card?.uuid,
      outcome: 'overridden',
      outcomeTimestamp: new Date().toISOString(),
      overrideReason: {
        reason: { code: 'CanaryKey', display: 'CanaryDisplay' },
        userComment: 'CanaryComment',
      },
    };
    const body = { feedback: [feedback, { ...feedback, card: 'CanaryKey' }] };
    const told = await post(feedbackPath, body, await signed(feedbackPath));
    assert.equal(told.status, 200);
    nowhereIn('answer to feedback', told.text + headersOf(told));

    for (const [path, bad] of badRequests(fhirServer)) {
      const answer = await post(path, bad, await signed(path));
      assert.ok(
        answer.status >= 400 && answer.status < 500,
        `${answer.status} ${JSON.stringify(bad).slice(0, 80)}`,
      );
      nowhereIn(`answer ${answer.status} of ${path}`, answer.text + headersOf(answer));
      const stranger = await post(path, bad, { ...noise, authorization: `Bearer ${token}` });
      nowhereIn('answer to a stranger', stranger.text + headersOf(stranger));
    }
    for (const path of badPaths) {
      const answer = await get(path, {
        headers: { ...noise, ...(await authorize(path)) },
        redirect: 'manual',
      });
      nowhereIn(`answer ${answer.status} of ${path}`, answer.text + headersOf(answer));
    }
    nowhereIn('metrics', (await get('/metrics')).text);
  }

  it('the search itself finds what is there: plain, any case, base64, hex', () => {
    for (const form of forms(patientId)) assert.deepEqual(foundIn(`..${form}..`), [patientId]);
    assert.deepEqual(foundIn('level 30 CANARYFAMILY'), ['CanaryFamily']);
    assert.deepEqual(foundIn('nothing here'), []);
  });

  it('serve: nothing in logs, metrics, errors, headers; nothing legible in the ledger', async () => {
    const fhir = await fhirStub((_, send) => send(500, outcome));
    const ehr: RegisteredEhr = await registeredEhr(fhir.base, { allowPrivateNetwork: true });
    server = await startAuscult({ ...ehr.signedOn(), LOG_LEVEL: 'debug' }, 'serve');
    const tokens: string[] = [];
    await everything(server, fhir.base, async (path) => {
      const header = await ehr.authorize(path);
      tokens.push(header.authorization.split('.')[2] ?? '');
      return header;
    });
    assert.ok(
      fhir.asked.some(({ headers }) => headers.authorization === `Bearer ${token}`),
      'the token did travel',
    );
    const whileRunning = ehr.ledgerBytes().toString('latin1');
    await server.stop();
    const afterwards = ehr.ledgerBytes().toString('latin1');
    assert.ok(afterwards.includes('cardiovascular-risk'), 'the ledger was written');
    for (const bytes of [whileRunning, afterwards]) nowhereIn('ledger', bytes);
    assert.match(server.output(), /"event":"hook-answered"/);
    assert.match(server.output(), /"event":"request-failed"/);
    nowhereIn('logs', server.output());
    for (const signature of tokens) {
      assert.ok(
        !server.output().includes(signature) && !afterwards.includes(signature),
        'K7: no JWT is kept',
      );
    }
    await fhir.close();
    ehr.remove();
  });

  it('start: the sandbox, its child processes and its throw-away ledger keep quiet as well', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'auscult-privacy-'));
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    server = await startAuscult({ TMPDIR: temporary, LOG_LEVEL: 'debug', DEADLINE_MS: '5000' });
    await everything(server, `${server.url}/sandbox/fhir`, async () => ({}));
    await fetch(`${server.url}/sandbox/fhir/Patient/CanaryRoute?name=CanaryQuery`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await fetch(`${server.url}/sandbox/token`, {
      method: 'POST',
      body: new URLSearchParams({ code: token }),
    });
    const ledger = readdirSync(temporary, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('ledger.sqlite'))
      .map((name) => readFileSync(join(temporary, name), 'latin1'))
      .join('');
    assert.ok(ledger.includes('cardiovascular-risk'), 'the ledger was read');
    nowhereIn('ledger', ledger);
    await server.stop();
    nowhereIn('logs', server.output());
    assert.deepEqual(
      readdirSync(temporary).filter((name) => name.startsWith('auscult-')),
      [],
      'the ledger is gone with its process',
    );
    rmSync(folder, { recursive: true });
  });
});
