/** The kit on our own service: as the sandbox anybody may ask, and as production that knows its EHRs only. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { CdsService } from 'cds-hooks-types';
import { patientView, templatesOf } from '../../fixtures/requests.ts';
import { openTarget, type TargetOptions } from '../../src/conformance/open-target.ts';
import { summary } from '../../src/conformance/report.ts';
import { ruleChecks } from '../../src/conformance/rules/index.ts';
import { type Report, runChecks } from '../../src/conformance/run.ts';
import { startStubFhirServer } from '../../src/conformance/stub-fhir-server.ts';
import type { Body } from '../../src/conformance/target.ts';
import { publicUrl, registeredEhr } from '../registered-ehr.ts';
import { type Running, startAuscult } from '../running.ts';
import { issuer, kitKey } from './bench.ts';

/** Persona for whom the service has a card. */
const persona = 'high-risk-untreated';

/** One request per hook that `services` serve, with the union of their prefetch keys. */
function samples(services: readonly CdsService[]): readonly Body[] {
  const { prefetch = {} } = services.find(({ id }) => id === 'all-patient-view') ?? assert.fail();
  return [patientView(persona, new Date(), templatesOf(prefetch)) as unknown as Body];
}

async function report(options: TargetOptions, includeMay = false): Promise<Report> {
  const discovered = await openTarget(options);
  await discovered.close();
  const target = await openTarget({ ...options, requests: samples(discovered.services) });
  try {
    return await runChecks(ruleChecks, target, { includeMay });
  } finally {
    await target.close();
  }
}

const ids = ({ results }: Report, outcome: string): readonly string[] =>
  results.filter((result) => result.outcome === outcome).map(({ check }) => check.id);

const seen = ({ results }: Report): readonly string[] =>
  results.flatMap(({ check, verdict }) => (verdict.kind === 'failed' ? [`${check.id}: ${verdict.saw}`] : []));

/** Nothing on these services to hold the rule against. */
const absent = [
  ...['J1-tls', 'D2-usage', 'D3', 'D3-hook', 'D4-hooks'],
  ...['A4-icon', 'A4-image', 'A12-autolaunch', 'A9-delete', 'A9-update', 'A13', 'J4', 'J4-names'],
];
/** The sandbox may ask its own FHIR server only, so the kit's is not named to it. */
const needFhir = /^(Q3-(?!server)|Q4|Q5|Q8|Q9$|Q7-|K6$)/;
const needKey = /^K(?!9)/;
const optional = ruleChecks.filter(({ strength }) => strength === 'MAY').map(({ id }) => id);

describe('conformance: our own service', function () {
  this.timeout(120_000);
  let server: Running | undefined;
  const folders: { remove(): void }[] = [];
  after(async () => {
    await server?.stop();
    for (const folder of folders) folder.remove();
  });

  function holds(told: Report, skipped: readonly string[]): void {
    assert.deepEqual(seen(told), []);
    assert.deepEqual(ids(told, 'skipped').toSorted(), [...skipped].toSorted());
    assert.equal(told.counts.passed, ruleChecks.length - skipped.length);
    console.log(`      ${summary(told)}`);
  }

  it('the sandbox keeps every rule that can be seen without a key and without its FHIR server', async () => {
    server = await startAuscult({ DEADLINE_MS: '5000' });
    const told = await report({ baseUrl: server.url }, true);
    const closed = ruleChecks.map(({ id }) => id).filter((id) => needFhir.test(id) || needKey.test(id));
    holds(told, [...new Set([...closed, ...absent])]);
    await server.stop();
  });

  it('production keeps every rule towards an EHR that signs its calls and names its FHIR server', async () => {
    const ehr = await registeredEhr();
    folders.push(ehr);
    const fhirServer = await freeAddress();
    const { privateKey, jwks } = await kitKey();
    const entry = { id: issuer, name: 'Kit', fhirServers: [fhirServer], jwks, allowPrivateNetwork: true };
    writeFileSync(ehr.env.REGISTRATIONS ?? assert.fail(), JSON.stringify([entry]));
    server = await startAuscult(ehr.signedOn(), 'serve');
    const told = await report({ baseUrl: server.url, key: privateKey, issuer, publicUrl, fhirServer });
    holds(told, [...absent, ...optional]);
  });
});

/** An address of the kit's FHIR server that was free a moment ago: it must be registered before the kit starts it. */
async function freeAddress(): Promise<string> {
  const fhir = await startStubFhirServer();
  await fhir.close();
  return fhir.base;
}
