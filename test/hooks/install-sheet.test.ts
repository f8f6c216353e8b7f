import assert from 'node:assert/strict';
import { offersOf } from '../../src/card/offer.ts';
import { sheetService } from '../../src/commands/install-sheet.ts';
import { installSheet } from '../../src/hooks/install-sheet.ts';
import { parseRegistrations } from '../../src/hooks/registration.ts';
import { services as packages } from '../card/package.ts';
import { profileOf, profiles } from '../clients/profiles.ts';

const services = [...offersOf(packages).values()].map(sheetService);
const baseUrl = 'https://cds.hospital.example';
const sheetOf = (id: string, more = {}) => installSheet(profileOf(id), services, { baseUrl, ...more });
const queries = services.flatMap(({ lists }) => lists);
const [service = assert.fail()] = services;

/** The text under one heading. */
function section(sheet: string, title: string): string {
  const [, text] = sheet.split(`\n## ${title}\n`);
  return (text ?? assert.fail(`no section ${title}`)).split('\n## ')[0] ?? '';
}

describe('install sheet', () => {
  for (const { id, title, sheet: facts, sources } of profiles.values()) {
    describe(title, () => {
      const sheet = sheetOf(id);
      it('has every service, and every prefetch key with its query on one line', () => {
        for (const { id } of services) assert.ok(sheet.includes(`\`${baseUrl}/cds-services/${id}\``));
        assert.ok(queries.length > 10);
        for (const { key, query } of queries) assert.match(sheet, rowOf(key, query));
      });
      it('has feedback, launch, redirect and key addresses', () => {
        assert.ok(section(sheet, 'Feedback').includes(`${baseUrl}/cds-services/${service.id}/feedback`));
        for (const path of ['/app/launch', '/app/callback', '/app/jwks.json'])
          assert.ok(section(sheet, 'SMART app').includes(`\`${baseUrl}${path}\``), path);
      });
      it('has every override reason and topic code', () => {
        for (const { code } of service.overrideReasons)
          assert.ok(section(sheet, 'Override reasons').includes(`\`${code}\``), code);
        for (const { code } of service.topics)
          assert.ok(section(sheet, 'Topics').includes(`\`${code}\``), code);
      });
      it('names the resources to be readable, Medication among them', () => {
        const lines = section(sheet, 'FHIR resources to be readable').trim().split('\n');
        assert.deepEqual(lines.toSorted(), [
          '- AllergyIntolerance',
          '- Condition',
          '- Encounter',
          '- Medication',
          '- MedicationRequest',
          '- Observation',
          '- Patient',
          '- Procedure',
          '- ServiceRequest',
        ]);
      });
      it('says what it cannot do and what is not verified', () => {
        for (const line of facts.cannot)
          assert.ok(section(sheet, 'What this client cannot do').includes(line));
        for (const { fact, status } of sources)
          assert.equal(section(sheet, 'Not verified').includes(fact), status === 'unverified', fact);
      });
      it('brings a registration of this profile that, filled in, is one; none where nothing is registered', () => {
        const trust = section(sheet, 'Trust');
        const [, json] = /```json\n([\s\S]*?)\n```/.exec(trust) ?? [];
        if (facts.needs.length === 0) {
          assert.deepEqual([json, /nothing; this client is not registered/.test(trust)], [undefined, true]);
          return;
        }
        const given: Record<string, string> = {
          iss: 'https://ehr.example/issuer',
          jku: 'https://ehr.example/keys',
          'FHIR base': 'https://ehr.example/fhir',
          'origin of its pages': 'https://ehr.example',
          'SHA-256 fingerprint of the client certificate': 'ab'.repeat(32),
        };
        const filled = json?.replaceAll(/<([^>]+)>/g, (_, name) => given[name] ?? 'x');
        assert.equal(parseRegistrations(`[${filled}]`, profiles)[0]?.profile, id);
        assert.match(section(sheet, 'What we need from you'), /For the app: its client id/);
      });
      it('is filled in: no placeholder word, no undefined', () =>
        assert.doesNotMatch(sheet, /undefined|\[object/));
    });
  }

  it('Epic: native triggers, RS384, fifteen minutes, one audience per address, no discovery', () => {
    const sheet = sheetOf('epic');
    assert.match(sheet, /Trigger: `patient-view`: Open patient chart \(60\)/);
    assert.match(sheet, /does not fetch discovery/);
    const trust = section(sheet, 'Trust');
    assert.match(trust, /RS384/);
    assert.match(trust, /at most 900 seconds/);
    assert.match(trust, /"maxTokenSeconds": 900/);
    assert.ok(!trust.includes('/cds-services`'));
    assert.ok(trust.includes(`\`${baseUrl}/cds-services/${service.id}/feedback\``));
    assert.match(section(sheet, 'Links to register'), /\/app\/launch`; unregistered, it is not shown/);
  });

  it('Epic: a service on admission is reached by its trigger, one on dispatch stays uncalled', () => {
    const on = (hook: string) => installSheet(profileOf('epic'), [{ ...service, hook }], { baseUrl });
    assert.match(on('encounter-start'), /Trigger: IP Admission OPA section \(26\), sent as `patient-view`/);
    assert.match(on('encounter-discharge'), /IP Discharge OPA section \(27\)/);
    assert.match(on('order-dispatch'), /Trigger: none: this client does not send `order-dispatch`/);
  });

  it('warns of a row whose token the client does not fill', () => {
    const list = { key: 'stay', query: 'Encounter/{{context.encounterId}}', required: false };
    const sheet = (id: string) =>
      installSheet(profileOf(id), [{ ...service, lists: [...service.lists, list] }], { baseUrl });
    assert.match(sheet('cds-hooks-sandbox'), /Leave out, since this client cannot fill their tokens: stay\./);
    assert.doesNotMatch(sheet('epic'), /Leave out/);
  });

  it('Medplum: mutual TLS in place of a JWT', () => {
    const trust = section(sheetOf('medplum'), 'Trust');
    assert.match(trust, /mutual TLS/);
    assert.match(trust, /"certificates"/);
    assert.doesNotMatch(trust, /jwksUrl|Algorithm/);
    assert.match(section(sheetOf('medplum'), 'Override reasons'), /shows none/);
  });

  it('names the base address first, and says that the rest is to be filled in', () => {
    const opening = section(sheetOf('cds-hooks-2.0'), 'Client profile');
    assert.ok(opening.includes(`Base address of auscult: \`${baseUrl}\``));
    assert.match(opening, /`<…>` is still to be filled in/);
  });

  it('Oracle Health: fixed issuer and keys, in the registration too, and a tenant', () => {
    const trust = section(sheetOf('oracle-health'), 'Trust');
    assert.match(trust, /"issuer": "https:\/\/cds-hooks\.cerner\.com"/);
    assert.match(trust, /"jwksUrl": "https:\/\/authorization\.cerner\.com\/jwk"/);
    assert.match(trust, /"tenant": "<tenant claim>"/);
    assert.doesNotMatch(section(sheetOf('epic'), 'Trust'), /"tenant"/);
  });

  it('carries what is known of the site', () => {
    const issuer = 'https://ehr.example/api/FHIR/R4';
    const sheet = sheetOf('epic', {
      issuer,
      jwksUrl: 'https://ehr.example/keys',
      clientId: 'abc',
      fhirServer: issuer,
      appUrl: 'https://app.example/launch',
    });
    for (const given of [
      `"issuer": "${issuer}"`,
      '"jwksUrl": "https://ehr.example/keys"',
      '"clientId": "abc"',
    ])
      assert.ok(sheet.includes(given), given);
    assert.match(section(sheet, 'Links to register'), /https:\/\/app\.example\/launch/);
  });
});

function rowOf(key: string, query: string): RegExp {
  const literal = query.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^key {4}${key}(?: {3}\\(required\\))?\nquery {2}${literal}$`, 'm');
}
