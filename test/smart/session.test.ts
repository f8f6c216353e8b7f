import assert from 'node:assert/strict';
import type { PendingLaunch } from '../../src/smart/authorization.ts';
import { createSessions, type View } from '../../src/smart/session.ts';

const launcher = {
  ...{ issuer: 'ehr', fhirServer: 'https://ehr.example/fhir', allowPrivateNetwork: false },
  ...{ clientId: 'auscult', scope: undefined, frameAncestors: "'none'" },
};
const configuration = {
  ...{ issuer: undefined, scopesV2: true },
  ...{ authorizationEndpoint: 'https://ehr.example/auth', tokenEndpoint: 'https://ehr.example/token' },
};
const launch = (state: string): PendingLaunch => ({
  ...{
    state,
    launcher,
    configuration,
    codeVerifier: 'v',
    redirectUri: 'https://auscult.example/app/callback',
  },
});
const view = (id: string): View => ({
  ...{ id, launcher, patientId: 'p', decisionId: undefined, needPatientBanner: false, banner: undefined },
});

describe('smart/session', () => {
  it('R: launches that anybody can begin close no chart that is open', () => {
    const sessions = createSessions(() => 0);
    const open = sessions.admit(sessions.begin(undefined, launch('mine')), view('chart'));
    for (let count = 0; count < 10_001; count++) sessions.begin(undefined, launch(`${count}`));
    assert.deepEqual(
      sessions.views(open).map(({ id }) => id),
      ['chart'],
    );
  });

  it('R: of launches under way and of open charts only so many are kept, the newest', () => {
    const sessions = createSessions(() => 0);
    const first = sessions.begin(undefined, launch('first'));
    const charts = Array.from({ length: 10_001 }, (_, index) => sessions.admit('', view(`${index}`)));
    for (let count = 0; count < 10_000; count++) sessions.begin(undefined, launch(`${count}`));
    assert.equal(sessions.take(first, 'first'), undefined);
    assert.deepEqual(sessions.views(charts[0]), []);
    assert.equal(sessions.views(charts.at(-1)).length, 1);
  });

  it('S: an id is worth nothing once its launch was let in, nor a launch once it was taken', () => {
    const sessions = createSessions(() => 0);
    const before = sessions.begin(undefined, launch('one'));
    assert.ok(sessions.take(before, 'one'));
    assert.equal(sessions.take(before, 'one'), undefined);
    const after = sessions.admit(before, view('chart'));
    assert.deepEqual(sessions.views(before), []);
    assert.equal(sessions.begin(after, launch('two')), after);
    assert.equal(sessions.views(after).length, 1);
  });
});
