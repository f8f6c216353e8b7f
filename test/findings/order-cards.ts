import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import type { Card } from 'cds-hooks-types';
import { judge } from '../../src/card/policy.ts';
import { renderCards } from '../../src/card/render.ts';
import { buildServices, type Service } from '../../src/card/service.ts';
import type { Feature, Features, FeatureValue } from '../../src/features/feature.ts';
import type { Vocabulary } from '../../src/features/vocabulary.ts';
import type { Chart, PatientId, Supply } from '../../src/fhir/chart.ts';
import { referenceTo } from '../../src/fhir/reference.ts';
import { type Found, findAll } from '../../src/findings/findings.ts';
import { now, vocabulary } from './ordering.ts';

/** The three packages about orders, from draft orders to cards, without a server between. */

const folder = join(import.meta.dirname, '../../cards');
const json = (at: string): unknown => JSON.parse(readFileSync(at, 'utf8'));

/** A shipped package as it answers order-sign. */
export function packageOf(name: string, over: Vocabulary = vocabulary): Service {
  const at = join(folder, name);
  const files = { service: json(join(at, 'service.json')), card: json(join(at, 'card.json')) };
  const service = buildServices(at, name, files, over, new Map()).find(({ hook }) => hook === 'order-sign');
  if (service === undefined) throw new Error(`${name} does not answer order-sign`);
  return service;
}

export interface OrderScene {
  readonly drafts: readonly object[];
  readonly resources?: readonly object[];
  /** References of the selected drafts; every draft where it is not said, as at order-sign. */
  readonly selected?: readonly string[];
  readonly values?: Readonly<Record<string, FeatureValue>>;
  /** Lists that did not come. */
  readonly absent?: readonly string[];
  readonly vocabulary?: Vocabulary;
}

/** What was found, and the cards of one package. @throws where a card breaks a rule of CDS Hooks */
export function answerOf(service: Service, scene: OrderScene): Found & { readonly cards: readonly Card[] } {
  const over = scene.vocabulary ?? vocabulary;
  const features = featuresOf(scene);
  const found = findAll(service.findings, chartOf(scene), over, features);
  const verdict = judge(service, { features, results: [], ...found });
  const context = { id: 'decision', chart: { patientId: 'p1', now }, features, results: [], models: [] };
  const more = { explanation: undefined, vocabulary: over, appUrl: 'https://auscult.example/app/launch' };
  const cards = verdict.kind === 'show' ? renderCards(service, verdict.cards, { ...context, ...more }) : [];
  return { ...found, cards };
}

function chartOf({ drafts, resources = [], selected, absent = [] }: OrderScene): Chart {
  const supplied = (key: string): [string, Supply] => [
    key,
    { state: absent.includes(key) ? 'not-supplied' : 'supplied' },
  ];
  return {
    patientId: 'p1' as PatientId,
    now,
    patient: undefined,
    supply: new Map(['medications', 'medicationHistory', 'allergies', 'conditions'].map(supplied)),
    resources: resources as readonly Resource[],
    drafts: drafts as readonly Resource[],
    selected: new Set(selected ?? (drafts as readonly Resource[]).map(referenceTo)),
  };
}

const featuresOf = ({ values = {} }: OrderScene): Features =>
  new Map(
    Object.entries({ deceased: false, ...values }).map(([name, value]): [string, Feature] => [
      name,
      { kind: 'observed', value, at: now.toISOString(), sources: [] },
    ]),
  );
