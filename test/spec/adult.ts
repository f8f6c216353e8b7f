/**
 * A card package on every hook of the library: says that the patient is an adult and proposes one order. With it the
 * specification can be tested where no shipped package listens.
 */
import { resolve } from 'node:path';
import { hookNames } from '../../fixtures/hooks.ts';
import { type Offer, offerOf, offersOf } from '../../src/card/offer.ts';
import { buildServices, type Service } from '../../src/card/service.ts';
import { loadVocabulary } from '../../src/features/vocabulary.ts';

const service = {
  hooks: hookNames,
  title: 'Adult',
  description: 'Says that the patient is an adult.',
  thresholds: { adultAge: { value: 18, unit: 'a', appliesTo: 'age', source: 'Test' } },
  clinicalReview: { status: 'signed', by: 'Test', date: '2026-01-01' },
  owner: 'Test',
  reviewBy: '2027-01-01',
};

const coding = (code: string) => ({ system: 'urn:auscult:test', code, display: code });

const card = {
  source: { label: 'Test', url: 'https://auscult.example/about', topic: coding('Adult') },
  appLink: 'How this came about',
  overrideReasons: [coding('known'), coding('later')],
  suggestions: {
    vaccine: {
      label: 'Order one tablet',
      description: 'Create a draft order: one tablet',
      medication: {
        system: 'http://www.nlm.nih.gov/research/umls/rxnorm',
        code: '617311',
        display: 'atorvastatin 40 MG Oral Tablet',
      },
      dosage: 'Take 1 tablet by mouth once',
      reason: { text: 'Test' },
    },
  },
  detail: ['**Age** {{age}}. {{recommendation}}'],
  cards: [
    {
      id: 'adult',
      when: '%age >= %adultAge',
      indicator: 'info',
      summary: 'Age {{age}}: an adult.',
      recommendation: 'Nothing to do.',
      suggestions: ['vaccine'],
    },
  ],
};

const adultServices = buildServices(
  'test/adult',
  'adult',
  { service, card },
  loadVocabulary(resolve(import.meta.dirname, '../../vocabulary')),
  new Map(),
);

/** What is offered of the shipped services, and these, each by its own id: `adult-<hook>`. */
export const offersWithAdult = (shipped: ReadonlyMap<string, Service>): ReadonlyMap<string, Offer> =>
  new Map(
    [...offersOf(shipped.values()).values(), ...adultServices.map(offerOf)].map((offer) => [offer.id, offer]),
  );

/** What the package asks for, whatever the hook. */
export const adultTemplates = [{ key: 'patient', query: 'Patient/{{context.patientId}}' }] as const;
