import type { Decision } from '../../src/ledger/decision.ts';
import type { PageView } from '../../src/smart/shell.ts';
import { html } from '../html.ts';
import { ago, dateWords, valueWords } from '../words.ts';

/** Who this page is about, where the EHR asks the app to say so (SMART `need_patient_banner`). */
export function PatientBanner({ view }: { readonly view: PageView }) {
  if (!view.needPatientBanner) return null;
  const { banner, patientId, decision } = view;
  const sex = banner?.gender ?? observed(decision, 'sex');
  return html`<aside class="patient" aria-label="Patient" data-testid="patient-banner">
    <strong class="patient-name">${banner?.name ?? 'Name could not be read'}</strong>
    <dl>
      ${sex && html`<div><dt>Sex</dt><dd>${valueWords(sex)}</dd></div>`}
      ${birth(view)}
      <div><dt>Record</dt><dd>${patientId}</dd></div>
    </dl>
  </aside>`;
}

function birth({ banner, decision }: PageView) {
  const age = observed(decision, 'age');
  if (banner?.birthDate === undefined) return age && html`<div><dt>Age</dt><dd>${age} years</dd></div>`;
  const years = decision === undefined ? '' : ago(banner.birthDate, decision.decidedAt).replace(' ago', '');
  return html`<div><dt>Born</dt><dd>${dateWords(banner.birthDate)}${years && ` (${years})`}</dd></div>`;
}

function observed(decision: Decision | undefined, name: string): string | undefined {
  const feature = decision?.values.find((value) => value.name === name)?.feature;
  return feature?.kind === 'observed' ? String(feature.value) : undefined;
}
