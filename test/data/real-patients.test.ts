/**
 * Every service over every patient of the open data sets, as an EHR would ask: one call for all services of a hook,
 * full prefetch, the clock at the patient's newest event. It must answer each one, crash for none, and say why where a
 * service stays silent.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import { answer } from '../../fixtures/requests.ts';
import { openPackages, type Packages } from '../../src/assemble.ts';
import { type Offer, offersOf } from '../../src/card/offer.ts';
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
  readonly service: string;
  readonly outcome: string;
  /** The reason without the parts that differ from patient to patient. */
  readonly reason: string;
  readonly predicted: boolean;
}

async function ask(patient: OpenPatient, offer: Offer, packages: Packages): Promise<readonly Answered[]> {
  const entries = offer.lists.map(({ key, query }) => {
    return [key, answer(patient.bundle, query.replaceAll('{{context.patientId}}', patient.id))];
  });
  const body = {
    hook: offer.hook,
    hookInstance: randomUUID(),
    context: { userId: 'Practitioner/open-data', patientId: patient.id, ...contextOf(patient, offer) },
    prefetch: Object.fromEntries(entries),
  };
  const call = {
    request: parseEnvelope(parseJsonObject(Buffer.from(JSON.stringify(body))), offer.hook),
    registration: nobody,
    profile: profileOf(nobody.profile),
    signal: new AbortController().signal,
  };
  try {
    const decisions = await decide(call, offer, {
      ...packages,
      clock: () => patient.newest,
      ledger: createMemoryLedger(),
      readerFor: () => undefined,
      mayShow: () => true,
      appUrl: 'http://localhost:3000/app/launch',
      settings: { FHIR_DEADLINE_MS: 250 },
    });
    return decisions.map(({ package: service, outcome, reason, results }) => {
      const predicted = results.some(({ kind }) => kind === 'prediction');
      return {
        service,
        outcome,
        reason: outcome === 'show' ? reason : reason.replace(/ also .*/, ''),
        predicted,
      };
    });
  } catch (thrown) {
    const fault = asFault(thrown);
    const reason = [fault.code, ...fault.details].join(': ');
    return [{ service: offer.id, outcome: `HTTP ${fault.status}`, reason, predicted: false }];
  }
}

/** The patient's newest visit, and at an order hook the newest prescription, written once more. */
function contextOf(patient: OpenPatient, { hook }: Offer): object {
  const resources = (patient.bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
  const newest = (type: Resource['resourceType']) =>
    resources
      .filter(({ resourceType }) => resourceType === type)
      .toSorted((one, other) => whenOf(other).localeCompare(whenOf(one)))[0];
  if (hook.startsWith('order-')) {
    const order = newest('MedicationRequest') as MedicationRequest | undefined;
    const subject = { reference: `Patient/${patient.id}` };
    const written = { resourceType: 'MedicationRequest', id: 'draft', status: 'draft', intent: 'order' };
    const draft = { subject, ...order, ...written };
    const draftOrders = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: draft }] };
    return { draftOrders, ...(hook === 'order-select' ? { selections: ['MedicationRequest/draft'] } : {}) };
  }
  return hook.startsWith('encounter-') ? { encounterId: newest('Encounter')?.id ?? 'none' } : {};
}

const whenOf = (resource: Resource): string => {
  const { authoredOn, period } = resource as { authoredOn?: string; period?: { start?: string } };
  return authoredOn ?? period?.start ?? '';
};

function table(title: string, answers: readonly Answered[]): string {
  const names = answers.map(({ service, outcome, reason }) => {
    return `${service.padEnd(22)} ${outcome.padEnd(13)} ${reason.slice(0, 110)}`;
  });
  const rows = [...Map.groupBy(names, (name) => name)].map(([name, all]) => [all.length, name] as const);
  return [
    `\n    ${title}`,
    ...rows
      .toSorted(([one, a], [other, b]) => a.slice(0, 22).localeCompare(b.slice(0, 22)) || other - one)
      .map(([count, name]) => `    ${String(count).padStart(5)}  ${name}`),
    '',
  ].join('\n');
}

describe('real patients (needs the data folder: AUSCULT_DATA, default ../shared/data)', function () {
  this.timeout(600_000);
  let packages: Packages;

  before(async function () {
    if (folder === undefined) {
      console.log('    the data folder is absent: skipped');
      this.skip();
    }
    packages = await openPackages();
  });

  after(() => packages?.models.close());

  it('answers every Synthea patient at every hook, and some of them with a prediction and a card', async () => {
    const answers = await askAll(syntheaPatients(folder ?? ''));
    console.log(table('Synthea', answers));
    assert.deepEqual(answers.filter(isBroken), []);
    assert.ok(answers.some(({ predicted }) => predicted));
    assert.ok(answers.some(({ outcome }) => outcome === 'show'));
  });

  it('answers every de-identified patient of the MIMIC-IV demo at every hook', async () => {
    const answers = await askAll(mimicPatients(folder ?? ''));
    console.log(table('MIMIC-IV on FHIR demo', answers));
    assert.deepEqual(answers.filter(isBroken), []);
  });

  async function askAll(patients: readonly OpenPatient[]): Promise<readonly Answered[]> {
    const offers = [...offersOf(packages.services.values()).values()];
    const together = new Set(
      offers.filter(isTogether).flatMap(({ services }) => services.map(({ id }) => id)),
    );
    const asked = offers.filter((offer) => isTogether(offer) || !together.has(offer.id));
    const answers: Answered[] = [];
    for (const patient of patients)
      for (const offer of asked) answers.push(...(await ask(patient, offer, packages)));
    return answers;
  }
});

const isTogether = ({ id }: Offer): boolean => id.startsWith('all-');

/** 4xx and 5xx alike: a whole chart that was sent whole is never refused. */
const isBroken = ({ outcome }: Answered): boolean => outcome.startsWith('HTTP');
