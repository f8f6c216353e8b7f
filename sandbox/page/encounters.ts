/** Visits, procedures and requests of a chart, as the page lists them. */
import type { Encounter, Procedure, ServiceRequest } from '@medplum/fhirtypes';
import type { ChartRepository } from '../fhir/repository.ts';

export interface EncounterView {
  readonly id: string;
  readonly text: string;
  /** Where and why. */
  readonly detail: string;
  readonly start: string;
  readonly end: string;
  readonly isInpatient: boolean;
  readonly isCurrent: boolean;
  /** Days since the start for one in progress, else its length. */
  readonly days: number;
}

export interface DatedView {
  readonly text: string;
  readonly date: string;
}

export interface CourseView {
  /** Newest first; the current one is the first in progress. */
  readonly encounters: readonly EncounterView[];
  readonly procedures: readonly DatedView[];
  readonly requests: readonly DatedView[];
}

export async function readCourse(
  repository: ChartRepository,
  patientId: string,
  now: Date,
): Promise<CourseView> {
  const [encounters, procedures, requests] = await Promise.all([
    repository.ofPatient<Encounter>('Encounter', patientId),
    repository.ofPatient<Procedure>('Procedure', patientId),
    repository.ofPatient<ServiceRequest>('ServiceRequest', patientId),
  ]);
  return {
    encounters: encounters
      .map((each) => encounterView(each, now))
      .toSorted((a, b) => b.start.localeCompare(a.start)),
    procedures: procedures
      .map(({ code, performedDateTime = '' }) => ({
        text: code?.text ?? 'not coded',
        date: performedDateTime,
      }))
      .toSorted(newestFirst),
    requests: requests
      .filter(({ status }) => status === 'active')
      .map(({ code, authoredOn = '' }) => ({
        text: code?.text ?? code?.coding?.[0]?.display ?? 'not coded',
        date: authoredOn,
      }))
      .toSorted(newestFirst),
  };
}

const newestFirst = (a: DatedView, b: DatedView): number => b.date.localeCompare(a.date);

function encounterView(encounter: Encounter, now: Date): EncounterView {
  const { id = '', period, type, reasonCode, location } = encounter;
  const ended = period?.end === undefined ? now.getTime() : Date.parse(period.end);
  const days = Math.max(0, Math.floor((ended - Date.parse(period?.start ?? '')) / 86_400_000));
  return {
    id,
    text: type?.[0]?.text ?? encounter.class?.display ?? 'Visit',
    detail: [location?.[0]?.location?.display, reasonCode?.[0]?.text].filter(Boolean).join(' · '),
    start: period?.start ?? '',
    end: period?.end ?? '',
    isInpatient: encounter.class?.code === 'IMP',
    isCurrent: encounter.status === 'in-progress',
    days,
  };
}
