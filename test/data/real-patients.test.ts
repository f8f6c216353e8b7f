/**
 * The service over every patient of the open data sets, as an EHR would ask: full prefetch, the clock at the
 * patient's newest event. It must answer each one, crash for none, and say why where it stays silent.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { answer } from '../../fixtures/requests.ts';
import { openPackages, type Packages } from '../../src/assemble.ts';
import type { Service } from '../../src/card/service.ts';
import { decide } from '../../src/decide.ts';
import { asFault } from '../../src/errors.ts';
import { parseJsonObject } from '../../src/fhir/json.ts';
import { parseEnvelope } from '../../src/hooks/envelope.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import { profileOf } from '../clients/profiles.ts';
import { mimicPatients, type OpenPatient, openData, syntheaPatients } from './patients.ts';

const folder = openData();
const nobody = { id: 'data', name: 'Open data', fhirServers: [], profile: 'cds-hooks-2.0' };

interface Answered {
  readonly outcome: string;
  /** The reason without the parts that differ from patient to patient. */
  readonly reason: string;
  readonly predicted: boolean;
}

async function ask(patient: OpenPatient, service: Service, packages: Packages): Promise<Answered> {
  const entries = service.lists.map(({ key, query }) => {
    return [key, answer(patient.bundle, query.replaceAll('{{context.patientId}}', patient.id))];
  });
  const body = {
    hook: service.hook,
    hookInstance: randomUUID(),
    context: { userId: 'Practitioner/open-data', patientId: patient.id },
    prefetch: Object.fromEntries(entries),
  };
  const call = {
    request: parseEnvelope(parseJsonObject(Buffer.from(JSON.stringify(body))), service.hook),
    registration: nobody,
    profile: profileOf(nobody.profile),
    signal: new AbortController().signal,
  };
  try {
    const decision = await decide(call, service, {
      ...packages,
      clock: () => patient.newest,
      ledger: createMemoryLedger(),
      readerFor: () => undefined,
      mayShow: () => true,
      appUrl: 'http://localhost:3000/app/launch',
      settings: { FHIR_DEADLINE_MS: 250 },
    });
    const predicted = decision.results.some(({ kind }) => kind === 'prediction');
    return { outcome: decision.outcome, reason: decision.reason, predicted };
  } catch (thrown) {
    const fault = asFault(thrown);
    return {
      outcome: `HTTP ${fault.status}`,
      reason: [fault.code, ...fault.details].join(': '),
      predicted: false,
    };
  }
}

function table(title: string, answers: readonly Answered[]): string {
  const groups = Map.groupBy(answers, ({ outcome, reason }) => `${outcome.padEnd(13)} ${reason}`);
  const rows = [...groups].map(([name, all]) => `${String(all.length).padStart(6)}  ${name}`);
  return [
    `\n    ${title}: ${answers.length} patients`,
    ...rows
      .sort()
      .reverse()
      .map((row) => `    ${row}`),
    '',
  ].join('\n');
}

describe('real patients (needs the data folder: AUSCULT_DATA, default ../shared/data)', function () {
  this.timeout(240_000);
  let packages: Packages;
  let service: Service;

  before(async function () {
    if (folder === undefined) {
      console.log('    the data folder is absent: skipped');
      this.skip();
    }
    packages = await openPackages();
    service = packages.services.get('cardiovascular-risk') ?? assert.fail('the service exists');
  });

  after(() => packages?.models.close());

  it('answers every Synthea patient, and some of them with a prediction', async () => {
    const answers = await askAll(syntheaPatients(folder ?? ''));
    console.log(table('Synthea', answers));
    assert.deepEqual(answers.filter(isBroken), []);
    assert.ok(answers.some(({ predicted }) => predicted));
    assert.ok(answers.some(({ outcome }) => outcome === 'show'));
  });

  it('answers every de-identified patient of the MIMIC-IV demo', async () => {
    const answers = await askAll(mimicPatients(folder ?? ''));
    console.log(table('MIMIC-IV on FHIR demo', answers));
    assert.equal(answers.length, 100);
    assert.deepEqual(answers.filter(isBroken), []);
  });

  async function askAll(patients: readonly OpenPatient[]): Promise<readonly Answered[]> {
    const answers: Answered[] = [];
    for (const patient of patients) answers.push(await ask(patient, service, packages));
    return answers;
  }
});

/** 4xx and 5xx alike: a whole chart that was sent whole is never refused. */
const isBroken = ({ outcome }: Answered): boolean => outcome.startsWith('HTTP');
