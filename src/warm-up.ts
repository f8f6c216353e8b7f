/**
 * First calls cost more: drug names are compiled, units read, code lists indexed. This is done once before the server is
 * ready, on a small made-up chart, so that no hook call pays for it out of its deadline.
 */
import type { Resource } from '@medplum/fhirtypes';
import type { Packages } from './assemble.ts';
import { extract } from './features/extract.ts';
import { listsFor } from './features/lists.ts';
import type { Chart, PatientId, Supply } from './fhir/chart.ts';
import { findingKinds } from './findings/finding.ts';
import { findAll } from './findings/findings.ts';

const subject = { reference: 'Patient/warm-up' };
const words = { text: 'not coded' };
const drug = (id: string, status: 'active' | 'draft') => ({
  resourceType: 'MedicationRequest' as const,
  id,
  status,
  intent: 'order' as const,
  subject,
  medicationCodeableConcept: words,
});

const resources: readonly Resource[] = [
  drug('taken', 'active'),
  { resourceType: 'AllergyIntolerance', id: 'allergy', patient: subject, code: words },
  { resourceType: 'Condition', id: 'condition', subject, code: words },
];

/** Extracts every value and looks for every finding once. */
export function warmUp({ vocabulary }: Pick<Packages, 'vocabulary'>): void {
  const names = [...vocabulary.entries.keys()];
  const lists = listsFor(
    vocabulary,
    names.map((name) => ({ name, required: false })),
  );
  const supplied: Supply = { state: 'supplied' };
  const draft = drug('draft', 'draft');
  const chart: Chart = {
    patientId: 'warm-up' as PatientId,
    now: new Date(),
    patient: { resourceType: 'Patient', id: 'warm-up' },
    supply: new Map(lists.map(({ key }) => [key, supplied])),
    resources,
    drafts: [draft],
    selected: new Set([`MedicationRequest/${draft.id}`]),
  };
  findAll(findingKinds, chart, vocabulary, extract(chart, vocabulary, names));
}
